//! Which fields whoever is here reaches: what the server leaves out or would refuse is not offered. It is asked of the session with the code that the server decides by.

use crate::shell::Shell;
use holdfast_domain::identity::{Access, Permission};
use holdfast_domain::kernel::resource::{Field, Resource};
use leptos::prelude::WithUntracked;

/// How far they get with a field by doing that.
fn access(permission: &Permission, field: &Field) -> Access {
    access_in(Shell::expect(), permission, field)
}

fn access_in(shell: Shell, permission: &Permission, field: &Field) -> Access {
    shell.session.with_untracked(|session| session.view().map_or(Access::None, |view| view.access(permission, field.whole())))
}

/// Whether anything of it is told.
pub fn shows(resource: &Resource, field: &Field) -> bool {
    access(&resource.rights.read, field).shows()
}

/// Whether it is told whole, so that lists are sorted and narrowed by it.
pub fn reads(resource: &Resource, field: &Field) -> bool {
    access(&resource.rights.read, field).reads()
}

/// Whether it may be changed in many records at once.
pub fn changes_many(shell: Shell, resource: &Resource, field: &Field) -> bool {
    let rights = &resource.rights;
    [&rights.bulk_edit, &rights.update].into_iter().all(|permission| access_in(shell, permission, field).writes())
}

/// Whether a file may say it. The shell is brought along: a file is read when somebody has chosen it, and then no component is being built that could be asked.
pub fn brings_in(shell: Shell, resource: &Resource, field: &Field) -> bool {
    let rights = &resource.rights;
    [&rights.bulk_edit, &rights.create, &rights.update].into_iter().all(|permission| access_in(shell, permission, field).writes())
}

/// Whether a new record may say the field of that name.
pub fn writes_new(shell: Shell, resource: &Resource, name: &str) -> bool {
    resource.field(name).is_some_and(|field| access_in(shell, &resource.rights.create, field).writes())
}

/// How far they get with it on a form.
pub fn on_form(resource: &Resource, is_new: bool, field: &Field) -> Access {
    let writing = access(if is_new { &resource.rights.create } else { &resource.rights.update }, field);
    if is_new || writing.writes() { writing } else { access(&resource.rights.read, field).min(Access::Read) }
}
