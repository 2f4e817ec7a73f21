-- What sync keeps: documents, the envelopes that made them, and the feed that everybody follows.

-- One counter per tenant, taken last before commit: the order of positions is the order of commits, without gaps.
create table feed_heads (
    tid uuid primary key references tenants,
    position bigint not null check (position >= 0)
);
call tenant_table('feed_heads');

create table feed (
    tid uuid not null,
    position bigint not null check (position > 0),
    -- Who gets it, such as `tenant`, `site:…`, `till:…`, `person:…`. Empty where `device` alone is meant.
    audiences text[] not null,
    -- The one device it is meant for: what became of its envelope.
    device uuid,
    -- CBOR; see server/src/sync/feed.rs.
    body bytea not null,
    primary key (tid, position)
);
call tenant_table('feed');

create table documents (
    tid uuid not null,
    id uuid not null,
    kind text not null,
    -- Automerge save format.
    saved bytea not null,
    facts integer not null check (facts >= 0),
    audiences text[] not null,
    -- Feed position of its last change.
    position bigint not null,
    primary key (tid, id)
);
call tenant_table('documents');
create index documents_audiences on documents using gin (audiences);

-- Every envelope that was signed by one of the tenant's devices or by the server, whatever came of it: the record that proves who did what.
create table envelopes (
    tid uuid not null,
    intent_id uuid not null,
    document uuid not null,
    kind text not null,
    device uuid not null,
    chain uuid,
    device_seq bigint not null check (device_seq >= 0),
    change_hash bytea not null check (octet_length(change_hash) = 32),
    header_hash bytea not null check (octet_length(header_hash) = 32),
    actor bytea not null,
    intent text not null,
    author text not null,
    header bytea not null,
    change bytea not null,
    signature bytea not null,
    standing text not null check (standing in ('accepted', 'held', 'refused', 'waiting')),
    code text,
    position bigint,
    effective_at timestamptz not null,
    clock_clamped boolean not null,
    after_expiry boolean not null,
    arrived_at timestamptz not null,
    primary key (tid, intent_id),
    check ((standing = 'accepted') = (position is not null)),
    check ((standing in ('held', 'refused')) = (code is not null))
);
call tenant_table('envelopes');
create index envelopes_document on envelopes (tid, document);
-- A chain holds each number once. A second envelope with the same number is a fork, kept and held.
create unique index envelopes_chain on envelopes (tid, device, chain, device_seq) where standing = 'accepted' and chain is not null;
create index envelopes_device on envelopes (tid, device, chain, device_seq);
create index envelopes_undecided on envelopes (tid, standing, arrived_at) where standing in ('held', 'refused');

-- Which device an Automerge actor belongs to: the one whose envelope brought it first.
create table sync_actors (
    tid uuid not null,
    actor bytea not null,
    device uuid not null,
    primary key (tid, actor)
);
call tenant_table('sync_actors');

-- What cannot be filed under an intent because nobody vouches for it: unreadable headers, wrong signatures.
create table sync_rejects (
    tid uuid not null,
    id uuid not null,
    code text not null,
    header bytea not null,
    primary key (tid, id)
);
call tenant_table('sync_rejects');

-- Events, written in the transaction of their cause and in the order of the feed.
create table events (
    tid uuid not null,
    -- The feed position of the cause, then the order within it.
    position bigint not null,
    ordinal integer not null,
    -- CloudEvents `id`: derived from its cause, so that nothing is published under two ids.
    id uuid not null,
    type text not null check (type ~ '^[a-z]+(\.[a-z_0-9]+){1,3}$'),
    subject text not null,
    -- The site it happened at; none where it belongs to the whole company.
    at_site uuid,
    occurred_at timestamptz not null,
    correlation uuid,
    traceparent text,
    data jsonb not null,
    primary key (tid, position, ordinal),
    constraint events_id_unique unique (tid, id)
);
call tenant_table('events');

-- Up to where a module has worked through the events. Moved in the transaction of the module's effect.
create table event_cursors (
    tid uuid not null references tenants,
    consumer text not null,
    position bigint not null,
    ordinal integer not null,
    primary key (tid, consumer)
);
call tenant_table('event_cursors');

-- Which events a module has worked through: the idempotence key of its effect.
create table event_effects (
    tid uuid not null,
    consumer text not null,
    event uuid not null,
    primary key (tid, consumer, event)
);
call tenant_table('event_effects');
