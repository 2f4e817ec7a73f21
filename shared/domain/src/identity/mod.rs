//! Who may do what: sign-in, devices, grants. These types are both the API's bodies and what the screens hold.

mod access;
mod account_name;
mod device;
mod own_roles;
mod permission;
mod person;
mod profile;
mod roles;
mod session;
mod site;
mod standing;
mod till;
mod within;

pub use access::{Access, FieldRules};
pub use account_name::AccountName;
pub use device::{ConfirmedKey, DeviceEnrolled, DeviceEnrolment, GrantClaims, GrantIssued, GrantRequest, KeyAlgorithm, KeyConfirmation};
pub use own_roles::{
    EDIT_ROLES, LONGEST_ROLE_NAME, MOST_ROLES, NewRole, RoleChange, RoleList, RoleTerms, RoleView, RoleWasDefined, is_own_role, own_role_code,
};
pub use permission::Permission;
pub use person::Person;
pub use profile::{HeldRole, Profile};
pub use roles::{GIVE_ROLES, GiveRole, READ_ROLES, RoleGiven, RoleHolder, RoleOffer, RoleWasEnded, RoleWasGiven, RolesPage};
pub use session::{SessionView, SignIn, SiteKind, SiteView, TillView};
pub use site::Site;
pub use standing::{Arrived, DeviceReport, DeviceRevoked, DeviceStanding, DevicesPage, GrantHolder, GrantRevoked, Revocation, Revoke};
pub use till::TillRecord;
pub use within::{Condition, MOST_CONDITIONS, Operator, Scope, Within};

/// See which devices the company has, and who may act on them.
pub static READ_DEVICES: Permission = Permission::new("identity.device.read");
/// Take devices and grants back.
pub static REVOKE: Permission = Permission::new("identity.device.revoke");
