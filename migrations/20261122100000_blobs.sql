-- Blobs: what facts name by SHA-256. The bytes lie in files; see server/src/blobs.

-- Those that are here whole, and were what they were said to be.
create table blobs (
    tid uuid not null references tenants,
    sha256 bytea not null check (octet_length(sha256) = 32),
    bytes integer not null check (bytes between 1 and 10485760),
    media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    primary key (tid, sha256)
);
call tenant_table('blobs');

-- Who has shown to have the bytes: the account that sent all of them, and those with a grant on the device that it sent them from. To know a hash shows nothing.
create table blob_holders (
    tid uuid not null,
    account uuid not null,
    sha256 bytea not null,
    primary key (tid, account, sha256),
    foreign key (tid, sha256) references blobs
);
call tenant_table('blob_holders');
create index blob_holders_blob on blob_holders (tid, sha256);

-- Begun and not yet here whole, each account for itself: nobody spoils another's.
create table blob_uploads (
    tid uuid not null references tenants,
    account uuid not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    bytes integer not null check (bytes between 1 and 10485760),
    media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    -- How many have come and are durable in the file.
    received integer not null check (received between 0 and bytes),
    primary key (tid, account, sha256)
);
call tenant_table('blob_uploads');
create index blob_uploads_age on blob_uploads (tid, modified_at);

-- Which documents name a blob, in whose words, and who gets the document: written when it is projected.
create table blob_names (
    tid uuid not null,
    document uuid not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    named_by uuid not null,
    audiences text[] not null,
    primary key (tid, document, sha256, named_by)
);
call tenant_table('blob_names');
create index blob_names_blob on blob_names (tid, sha256);

alter table sales_till_sessions add column photos jsonb not null default '[]';
create index sales_till_sessions_closed on sales_till_sessions (site, closed_at);
