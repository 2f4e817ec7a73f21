-- Events that a consumer did not work through in their turn: it failed on them, or they wait behind one that it failed on.
create table event_setbacks (
    tid uuid not null references tenants,
    consumer text not null,
    position bigint not null,
    ordinal integer not null,
    id uuid not null,
    -- Events of one lane reach the consumer in order: the first of a lane is tried, the others wait.
    lane text not null,
    tries integer not null check (tries >= 0),
    first_failed_at timestamptz,
    last_failed_at timestamptz,
    error text,
    -- When the consumer tries it again; none where it is parked, or waits behind another.
    next_try_at timestamptz,
    -- Since when it waits for a person.
    parked_at timestamptz,
    primary key (tid, consumer, position, ordinal),
    foreign key (tid, position, ordinal) references events,
    constraint event_setbacks_id_unique unique (tid, id),
    check (parked_at is null or next_try_at is null),
    check ((tries = 0) = (last_failed_at is null) and (tries = 0) = (first_failed_at is null) and (tries = 0) = (error is null)),
    check (parked_at is null or tries > 0)
);
call tenant_table('event_setbacks');
create index event_setbacks_lane on event_setbacks (tid, consumer, lane, position, ordinal);
create index event_setbacks_due on event_setbacks (tid, consumer, next_try_at) where next_try_at is not null;
create index event_setbacks_parked on event_setbacks (tid, parked_at, id) where parked_at is not null;
