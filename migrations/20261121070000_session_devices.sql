-- Every device that a session ever worked on: whoever takes a stolen session to another device does not outlive the revocation of the first.
create table session_devices (
    tid uuid not null,
    token_hash bytea not null,
    device uuid not null,
    primary key (tid, token_hash, device),
    foreign key (tid, token_hash) references sessions on delete cascade,
    foreign key (tid, device) references devices
);
call tenant_table('session_devices');
create index session_devices_device on session_devices (tid, device);

insert into session_devices (tid, token_hash, device) select tid, token_hash, device from sessions where device is not null;
