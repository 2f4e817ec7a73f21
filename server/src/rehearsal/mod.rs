//! People and tills without a browser, against the real router: what benches and tests act with. A [`Client`] keeps a session; a [`Till`]
//! runs the replica's operations over records in memory, with a real key. Both panic where the server does not do its part.

mod client;
mod rabbitmq;
mod sealed;
mod till;

pub use client::{Client, Response};
pub use rabbitmq::RabbitMq;
pub use sealed::seal;
pub use till::{Till, device_key, grant_request, prove};
