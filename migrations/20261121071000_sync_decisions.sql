-- What people decided about held envelopes; never changed, never taken back.
create table sync_decisions (
    tid uuid not null,
    intent_id uuid not null,
    verdict text not null check (verdict in ('released', 'rejected')),
    -- Why it was held.
    held_code text not null,
    -- The reasons that were set aside.
    waived text[] not null,
    reason text not null check (reason <> ''),
    decided_by uuid not null,
    decided_at timestamptz not null,
    primary key (tid, intent_id),
    foreign key (tid, intent_id) references envelopes
);
call tenant_table('sync_decisions');
create index sync_decisions_newest on sync_decisions (tid, decided_at, intent_id);

-- A fork that was released is in its document, but not in its device's chain: the place there belongs to the change that had it first.
alter table envelopes add column forked boolean not null default false;
drop index envelopes_chain;
create unique index envelopes_chain on envelopes (tid, device, chain, device_seq) where standing = 'accepted' and chain is not null and not forked;
