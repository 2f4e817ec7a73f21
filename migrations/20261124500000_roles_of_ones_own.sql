-- Roles of a company's own: a name in its words, what they let do, and how far that reaches the fields of records. None is ever deleted, for what was given names it.
create table roles (
    tid uuid not null references tenants,
    id uuid not null,
    -- As `account_roles` names it.
    code text not null check (code ~ '^own_[a-p]{32}$'),
    name text not null check (length(name) between 1 and 60),
    -- `RoleTerms`: checked against the program's own lists when it is written, and once more when it is read.
    terms jsonb not null,
    version bigint not null default 1 check (version > 0),
    archived_at timestamptz,
    primary key (tid, id),
    constraint roles_code_unique unique (tid, code),
    constraint roles_name_unique unique (tid, name)
);
call tenant_table('roles');
