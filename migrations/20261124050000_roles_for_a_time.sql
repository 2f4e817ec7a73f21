-- A role is given by somebody, for a reason, and where that is meant for a time; what was given is kept when it ends.

alter table account_roles
    drop constraint account_roles_unique,
    -- Holds from then on; from its giving where null.
    add column valid_from timestamptz,
    -- Holds before then; for good where null.
    add column valid_until timestamptz,
    -- Why it was given. None for what a company began with.
    add column reason text check (length(reason) between 1 and 500),
    add column ended_at timestamptz,
    add column ended_by uuid,
    add column ended_reason text check (length(ended_reason) between 1 and 500),
    add constraint account_roles_period check (valid_from < valid_until),
    add constraint account_roles_ended_whole check ((ended_at is null) = (ended_by is null) and (ended_at is null) = (ended_reason is null)),
    add foreign key (tid, ended_by) references accounts;
create unique index account_roles_unique on account_roles (tid, account, role, site, valid_from, valid_until) nulls not distinct where ended_at is null;
