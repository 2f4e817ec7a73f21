-- Envelopes that another one of their intent stands for: the device rebuilt a document of which something had been refused or held, and sent what
-- rested on it anew. Kept as evidence; what rests on their changes is refused.
create table replaced_envelopes (
    tid uuid not null,
    document uuid not null,
    change_hash bytea not null check (octet_length(change_hash) = 32),
    intent_id uuid not null,
    device uuid not null,
    chain uuid,
    device_seq bigint not null check (device_seq >= 0),
    header bytea not null,
    change bytea not null,
    signature bytea not null,
    -- What it had been answered; none where it waited, or came late.
    code text,
    arrived_at timestamptz not null,
    primary key (tid, document, change_hash)
);
call tenant_table('replaced_envelopes');
create index replaced_envelopes_intent on replaced_envelopes (tid, intent_id);
