-- Views of lists that people keep under a name, each its owner's, some of them shared with the company.
create table saved_views (
    tid uuid not null references tenants,
    id uuid not null,
    account uuid not null,
    kind text not null check (length(kind) between 1 and 100),
    name text not null check (length(name) between 1 and 80),
    shared boolean not null,
    query text not null check (length(query) <= 2000),
    columns text[],
    primary key (tid, id),
    foreign key (tid, account) references accounts
);
call tenant_table('saved_views');
create index saved_views_account on saved_views (tid, account);
create index saved_views_shared on saved_views (tid) where shared;

-- What somebody's own list of a kind begins with.
create table saved_view_defaults (
    tid uuid not null,
    account uuid not null,
    kind text not null,
    view uuid not null,
    primary key (tid, account, kind),
    foreign key (tid, account) references accounts,
    foreign key (tid, view) references saved_views on delete cascade
);
call tenant_table('saved_view_defaults');
create index saved_view_defaults_view on saved_view_defaults (tid, view);
