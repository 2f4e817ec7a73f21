-- When a device last spoke to the server: it pulled, pushed or listened. Apart from `devices`, since to speak is not to change.
create table device_contacts (
    tid uuid not null,
    device uuid not null,
    at timestamptz not null,
    primary key (tid, device),
    foreign key (tid, device) references devices
);
call tenant_table('device_contacts');

-- Who took a device or a grant back, and why.
alter table devices
    add column revoked_by uuid,
    add column revocation_reason text check (length(revocation_reason) between 1 and 500),
    add check (num_nonnulls(revoked_at, revoked_by, revocation_reason) in (0, 3));
alter table grants
    add column revoked_by uuid,
    add column revocation_reason text check (length(revocation_reason) between 1 and 500),
    add check (num_nonnulls(revoked_at, revoked_by, revocation_reason) in (0, 3));

-- The device a session works on, once it has enrolled one or asked for a grant on one: revoking the device ends what the session may do.
alter table sessions add column device uuid, add foreign key (tid, device) references devices;
create index sessions_device on sessions (tid, device) where device is not null;
