-- The ground that every tenant table stands on, and the tables of identity.
-- Run by the owner role. The app role owns nothing and cannot bypass row-level security.

revoke create on schema public from public;
grant usage on schema public to holdfast_app;

-- The instant of the running transaction, as the server's clock told it.
create function app_now() returns timestamptz language sql stable
    return coalesce(to_timestamp(nullif(current_setting('app.now_ms', true), '')::bigint / 1000.0), now());

-- Who acts; null for the server itself.
create function app_account() returns uuid language sql stable
    return nullif(current_setting('app.account', true), '')::uuid;

create function touch_row() returns trigger language plpgsql as $$
begin
    new.modified_at := app_now();
    new.modified_by := app_account();
    return new;
end
$$;

-- Makes a table a tenant table: created/modified at and by, row-level security enabled and forced, the policy on `tid`, the policy on the
-- site where the table has one, and the app role's rights. `site_column` defaults to `site` where there is such a column.
create procedure tenant_table(relation regclass, site_column name default null) language plpgsql as $$
begin
    if not exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                   where i.indrelid = relation and i.indisprimary and a.attname = 'tid') then
        raise exception 'the primary key of % does not begin with tid', relation;
    end if;
    if site_column is null and exists (select from pg_attribute where attrelid = relation and attname = 'site' and not attisdropped) then
        site_column := 'site';
    end if;
    execute format('alter table %s
        add column created_at timestamptz not null default app_now(), add column created_by uuid default app_account(),
        add column modified_at timestamptz not null default app_now(), add column modified_by uuid default app_account()', relation);
    execute format('create trigger touch before update on %s for each row execute function touch_row()', relation);
    execute format('alter table %s enable row level security', relation);
    execute format('alter table %s force row level security', relation);
    execute format('create policy tenant on %s
        using (tid = nullif(current_setting(''app.tid'', true), '''')::uuid)
        with check (tid = nullif(current_setting(''app.tid'', true), '''')::uuid)', relation);
    if site_column is not null then
        execute format('create policy site on %1$s as restrictive
            using (%2$I is null or current_setting(''app.all_sites'', true) = ''on''
                   or %2$I = any (nullif(current_setting(''app.sites'', true), '''')::uuid[]))
            with check (%2$I is null or current_setting(''app.all_sites'', true) = ''on''
                   or %2$I = any (nullif(current_setting(''app.sites'', true), '''')::uuid[]))', relation, site_column);
    end if;
    execute format('grant select, insert, update, delete on %s to holdfast_app', relation);
end
$$;

create table tenants (
    tid uuid primary key,
    slug text not null constraint tenants_slug_unique unique check (slug ~ '^[a-z][a-z0-9-]{1,39}$'),
    name text not null check (length(name) between 1 and 200),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    -- The life of the tenant's feed; a new one is drawn when the server is restored from a backup.
    epoch uuid not null
);
call tenant_table('tenants');

-- Which tenants there are. No role but the owner reads it; two functions answer the questions that come before a tenant is known.
create table tenant_directory (
    slug text primary key,
    tid uuid not null unique
);

create function tenant_directory_keep() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into tenant_directory (slug, tid) values (new.slug, new.tid)
        on conflict (tid) do update set slug = excluded.slug;
    return new;
end
$$;
create trigger directory after insert or update of slug on tenants for each row execute function tenant_directory_keep();

create function tenant_by_slug(wanted text) returns uuid language sql stable security definer set search_path = public, pg_temp
    return (select tid from tenant_directory where slug = wanted);

create function tenant_ids() returns setof uuid language sql stable security definer set search_path = public, pg_temp
begin atomic select tid from tenant_directory order by tid; end;

revoke all on function tenant_by_slug(text), tenant_ids(), tenant_directory_keep() from public;
grant execute on function tenant_by_slug(text), tenant_ids() to holdfast_app;

create table sites (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    kind text not null check (kind in ('shop', 'warehouse', 'venue')),
    time_zone text not null,
    primary key (tid, id),
    constraint sites_name_unique unique (tid, name)
);
call tenant_table('sites', 'id');

create table tills (
    tid uuid not null,
    id uuid not null,
    site uuid not null,
    name text not null check (length(name) between 1 and 200),
    primary key (tid, id),
    foreign key (tid, site) references sites,
    constraint tills_name_unique unique (tid, site, name)
);
call tenant_table('tills');

create table people (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    primary key (tid, id)
);
call tenant_table('people');

create table accounts (
    tid uuid not null references tenants,
    id uuid not null,
    email text not null check (email = lower(email) and length(email) between 3 and 254),
    name text not null check (length(name) between 1 and 200),
    person uuid,
    -- PHC string of argon2id.
    password_hash text not null,
    disabled_at timestamptz,
    primary key (tid, id),
    foreign key (tid, person) references people,
    constraint accounts_email_unique unique (tid, email)
);
call tenant_table('accounts');

create table account_roles (
    tid uuid not null,
    account uuid not null,
    -- One of the roles in the server's table of roles.
    role text not null check (role ~ '^[a-z_]{1,40}$'),
    -- Where it holds; everywhere when null.
    site uuid,
    id uuid not null,
    primary key (tid, id),
    foreign key (tid, account) references accounts,
    foreign key (tid, site) references sites,
    constraint account_roles_unique unique nulls not distinct (tid, account, role, site)
);
call tenant_table('account_roles');

create table sessions (
    tid uuid not null,
    -- SHA-256 of the token; the token itself is only in the cookie.
    token_hash bytea not null check (octet_length(token_hash) = 32),
    account uuid not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tid, token_hash),
    foreign key (tid, account) references accounts
);
call tenant_table('sessions');
create index sessions_account on sessions (tid, account);

create table devices (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    algorithm text not null check (algorithm in ('ed25519', 'p256')),
    public_key bytea not null,
    till uuid,
    revoked_at timestamptz,
    primary key (tid, id),
    foreign key (tid, till) references tills
);
call tenant_table('devices');

create table device_chains (
    tid uuid not null,
    device uuid not null,
    chain uuid not null,
    primary key (tid, device, chain),
    foreign key (tid, device) references devices
);
call tenant_table('device_chains');

create table grants (
    tid uuid not null,
    id uuid not null,
    account uuid not null,
    device uuid not null,
    sites uuid[] not null,
    permissions text[] not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tid, id),
    foreign key (tid, account) references accounts,
    foreign key (tid, device) references devices
);
call tenant_table('grants');
create index grants_account_device on grants (tid, account, device);

-- Failed sign-ins. It is asked before a tenant is known, so it belongs to none; its key is a hash and names nobody.
create table sign_in_attempts (
    key bytea primary key check (octet_length(key) = 32),
    failures integer not null check (failures >= 0),
    last_at timestamptz not null,
    blocked_until timestamptz not null
);
grant select, insert, update, delete on sign_in_attempts to holdfast_app;

-- The server's signing keys. Read by the owner at start; the app role cannot see them.
create table server_keys (
    kid text primary key,
    -- PKCS #8 of an Ed25519 key.
    private_key bytea not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz
);
