-- The server's keys that devices seal their outbox files to. Read by the owner at start; the app role cannot see them.
create table sealing_keys (
    kid text primary key,
    -- The scalar of a P-256 key.
    private_key bytea not null check (octet_length(private_key) = 32),
    created_at timestamptz not null default now(),
    retired_at timestamptz
);

-- Lines of outbox files that somebody handed in, each once: who did, and what became of it then.
create table sync_imports (
    tid uuid not null,
    -- SHA-256 of what was sealed.
    digest bytea not null check (octet_length(digest) = 32),
    -- As the file says.
    device uuid not null,
    exported_at timestamptz not null,
    part integer not null check (part > 0),
    parts integer not null check (parts >= part),
    accepted integer not null check (accepted >= 0),
    waiting integer not null check (waiting >= 0),
    held integer not null check (held >= 0),
    refused integer not null check (refused >= 0),
    known integer not null check (known >= 0),
    imported_by uuid not null,
    imported_at timestamptz not null,
    primary key (tid, digest)
);
call tenant_table('sync_imports');
