//! Who may do what: sign-in, devices, grants. These types are both the API's bodies and what the screens hold.

mod device;
mod permission;
mod session;

pub use device::{DeviceEnrolled, DeviceEnrolment, GrantClaims, GrantIssued, GrantRequest, KeyAlgorithm};
pub use permission::Permission;
pub use session::{SessionView, SignIn, SiteKind, SiteView, TillView};
