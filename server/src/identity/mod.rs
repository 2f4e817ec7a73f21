//! Who may do what: sign-in and sessions, devices and their keys, grants.
//!
//! A person signs in with the tenant's short name, an e-mail address and a password, and holds a session in a cookie that scripts cannot
//! read. Each request proves it again: [`SignedIn`] is an extractor, so a handler that names it cannot run without. A device enrols its
//! public key once; a grant, signed by the server, says what an account may do on that device while nobody can be asked.
//!
//! Rights come from [`Role`]s, which are a table in the code, and from roles of a company's own (`own_roles`); [`rights`] says which records they reach, and [`fields`] is the one place that says what of a record; an account holds a role everywhere or at a site, for good or for a time, because somebody gave it.
//!
//! Deliberately absent here: invitations, password reset, API keys.

#[cfg(test)]
mod algebra;
mod contact;
mod device;
mod device_key;
mod fields;
mod giving;
mod grant;
mod keys;
mod own_roles;
mod passwords;
mod provision;
mod queries;
mod revocation;
mod rights;
mod role;
mod sealing;
mod session;
mod sign_in;
mod signed_in;
mod throttle;
mod token;
mod ways;

pub use device::{EnrolledDevice, device_key};
pub use device_key::{BadKey, DeviceKey};
pub use grant::{GrantError, StoredGrant, grant};
pub use keys::{ServerKey, ServerKeys};
pub use passwords::Passwords;
pub use provision::{
    NewAccount, NewPerson, NewSite, NewTenant, NewTill, begin_epoch, create_account, create_person, create_site, create_tenant, create_till,
    give_role,
};
pub use rights::Rights;
pub use role::Role;
use sealing::SharedSealingKeys;
pub use sealing::{SealingKeys, Unopened};
pub use signed_in::{Carrier, SignedIn};

pub(crate) use contact::{note_contact, note_report};
pub(crate) use device::queries::{
    Vouching, accounts_on, chain_is_live, device_names, is_revoked, last_contacts, seen_sites, seen_tills, site_of_till, till_is_seen, vouching,
};
pub(crate) use device::revoked as device_revoked;
pub(crate) use device::taken_up::{Returning, take_up};
pub(crate) use fields::{Fields, published_by};
pub(crate) use grant::{issue_again, keep_proven};
pub(crate) use queries::{FeedLife, account_names, currency, days_at, feed_life, sites};
pub(crate) use rights::{Reached, rights_of};
pub(crate) use ways::Subject;

use crate::environment::Environment;
use crate::failure::Fault;
use crate::http::Routes;
use crate::openapi::About;
use crate::tenancy::Database;
use holdfast_domain::identity::{GrantClaims, SessionView};
use holdfast_sync::outbox_file::SealedPart;
use std::sync::Arc;

/// What identity keeps in memory. Cloning it is cheap.
#[derive(Clone)]
pub struct Identity {
    passwords: Passwords,
    keys: Arc<ServerKeys>,
    sealing: Arc<SharedSealingKeys>,
    verified: Arc<grant::VerifiedGrants>,
}

impl Identity {
    /// Loads the server's keys, making the first one where there is none.
    pub async fn start(database: &Database, environment: &Environment) -> Result<Self, Fault> {
        let keys = ServerKeys::load(database, environment).await?;
        let sealing = SealingKeys::load(database, environment).await?;
        let passwords = Passwords::new(environment.clone())?;
        Ok(Self { passwords, keys: Arc::new(keys), sealing: Arc::new(SharedSealingKeys::new(sealing)), verified: Arc::default() })
    }

    /// The server's signing keys.
    pub fn keys(&self) -> &ServerKeys {
        &self.keys
    }

    /// The keys that outbox files are sealed to.
    pub fn sealing_keys(&self) -> Arc<SealingKeys> {
        self.sealing.current()
    }

    /// Opens a line of an outbox file, if need be with a key that another server has made since this one started.
    pub async fn unseal(&self, (database, environment): (&Database, &Environment), sealed: &SealedPart) -> Result<Result<Vec<u8>, Unopened>, Fault> {
        match self.sealing_keys().open(sealed) {
            Err(Unopened::KeyUnknown) if self.sealing.may_look_again(environment) => {
                self.sealing.replace(SealingKeys::load(database, environment).await?);
                Ok(self.sealing_keys().open(sealed))
            }
            opened => Ok(opened),
        }
    }

    /// Hashes and checks passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// What a grant says, if this server signed it. Whether it has expired, was revoked or fits what it is used for is for the caller to ask.
    pub fn verify_grant(&self, jwt: &str) -> Result<Arc<GrantClaims>, GrantError> {
        self.verified.verify(&self.keys, jwt)
    }
}

/// `/api/v1/identity/…`
pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/identity/sessions", sign_in::sign_in)
        .told(
            About::new("identity.session.open", "Signs in")
                .detail("Sets the session's cookie. Wrong passwords are slowed down.")
                .answers::<SessionView>(201)
                .with_header("set-cookie", "`hf_session`, which every other request sends back.")
                .with_header("location", "Of the session.")
                .refuses(&[(401, "sign_in_failed"), (429, "sign_in_throttled")]),
        )
        .get("/api/v1/identity/session", session::show)
        .told(
            About::new("identity.session.read", "Who is signed in, and what they may do")
                .answers::<SessionView>(200)
                .with_header("set-cookie", "The session's cookie again, where this request made the session last longer: any does, once an hour."),
        )
        .delete("/api/v1/identity/session", session::sign_out)
        .told(About::new("identity.session.close", "Signs out").answers_nothing(204).with_header("set-cookie", "Takes the cookie away."))
        .get("/api/v1/identity/roles", giving::list)
        .told(About::new("identity.role.list", "Who holds which role, by account").refuses(&[(400, "limit_out_of_range")]))
        .post("/api/v1/identity/roles", giving::give)
        .told(
            About::new("identity.role.give", "Gives a role")
                .detail("Nobody gives what they do not have there themselves. 200 where the same stands already.")
                .statuses(&[200, 201])
                .refuses(&[(403, "role_beyond_yours"), (404, "account_unknown"), (404, "site_unknown")])
                .refuses(&[(422, "role_unknown"), (422, "period_reversed"), (422, "period_over"), (422, "reason_missing")]),
        )
        .post("/api/v1/identity/roles/{giving}/end", giving::end)
        .told(About::new("identity.role.end", "Ends a role, now").refuses(&[
            (403, "role_beyond_yours"),
            (404, "giving_unknown"),
            (409, "last_owner"),
            (422, "reason_missing"),
        ]))
        .merge(own_roles::routes())
        .get("/api/v1/identity/devices", device::list::devices)
        .told(
            About::new("identity.device.list", "Devices, who may act on them and what arrived of their work").refuses(&[(400, "limit_out_of_range")]),
        )
        .post("/api/v1/identity/devices", device::enrol)
        .told(
            About::new("identity.device.enrol", "Enrols a device with its key, or one that is known again")
                .statuses(&[200, 201])
                .refuses(&[(403, "not_at_this_till"), (404, "till_unknown"), (404, "device_unknown")])
                .refuses(&[(409, "device_key_differs"), (409, "till_archived"), (409, "too_many_chains")])
                .refuses(&[(422, "device_reserved"), (422, "device_name_invalid"), (422, "device_key_invalid"), (422, "device_proof_wrong")]),
        )
        .post("/api/v1/identity/devices/{device}/revocation", revocation::revoke_device)
        .told(
            About::new("identity.device.revoke", "Takes a device back, with all grants on it")
                .detail("What it still sends is held for a decision, never lost.")
                .refuses(&[(404, "device_unknown"), (422, "reason_missing")]),
        )
        .post("/api/v1/identity/grants/{grant}/revocation", revocation::revoke_grant)
        .told(About::new("identity.grant.revoke", "Takes an account's grants on a device back").refuses(&[
            (404, "grant_unknown"),
            (404, "device_unknown"),
            (422, "reason_missing"),
        ]))
        .post("/api/v1/identity/grants", grant::issue)
        .told(
            About::new("identity.grant.issue", "Renews or adds a grant: what the account may do on a device without a network")
                .statuses(&[201])
                .refuses(&[(403, "not_at_this_till"), (404, "device_unknown"), (422, "device_proof_wrong")]),
        )
}
