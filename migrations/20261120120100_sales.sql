-- The books: what merged tickets and till sessions mean, projected from their facts. Each row can be computed again from its document.

create table sales_tickets (
    tid uuid not null,
    -- The document.
    id uuid not null,
    site uuid not null,
    till uuid not null,
    till_session uuid not null,
    status text not null check (status in ('open', 'completed', 'abandoned')),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    opened_at timestamptz not null,
    -- An account's id, or `system:<module>`.
    opened_by text not null,
    -- Paid or put away.
    ended_at timestamptz,
    -- What lists are sorted by and days are made of: when it ended, or else when it was opened.
    listed_at timestamptz not null,
    receipt_block uuid,
    -- Whatever the device said: it fits its block, or a ruling says that it does not.
    receipt_number numeric(20),
    gross_minor bigint not null,
    tax_minor bigint not null,
    paid_minor bigint not null,
    -- Lines that stand.
    lines integer not null check (lines >= 0),
    -- Codes of its rulings, sorted, without repeats.
    rulings text[] not null,
    primary key (tid, id),
    check ((status = 'open') = (ended_at is null)),
    check ((status = 'completed') = (receipt_number is not null)),
    check ((receipt_number is null) = (receipt_block is null))
);
call tenant_table('sales_tickets');
create index sales_tickets_site on sales_tickets (tid, site, listed_at desc, id desc);
create index sales_tickets_till on sales_tickets (tid, till, listed_at desc, id desc);

create table sales_ticket_lines (
    tid uuid not null,
    ticket uuid not null,
    -- The fact that added it.
    id uuid not null,
    site uuid not null,
    -- Its place on the receipt, from 0.
    place integer not null check (place >= 0),
    product uuid not null,
    name text not null,
    barcode text,
    quantity numeric(16, 6) not null,
    unit_price_minor bigint not null,
    price_row uuid not null,
    price_version numeric(20) not null,
    tax_row uuid not null,
    tax_version numeric(20) not null,
    -- In per cent.
    tax_rate numeric(7, 4) not null,
    -- The part that is waived.
    discount numeric(5, 4) not null,
    gross_minor bigint not null,
    removed boolean not null,
    added_at timestamptz not null,
    primary key (tid, ticket, id)
);
call tenant_table('sales_ticket_lines');

create table sales_payments (
    tid uuid not null,
    -- The fact.
    id uuid not null,
    ticket uuid not null,
    site uuid not null,
    till uuid not null,
    till_session uuid not null,
    method text not null check (method in ('cash')),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    amount_minor bigint not null,
    tendered_minor bigint not null,
    change_minor bigint not null,
    received_at timestamptz not null,
    primary key (tid, id)
);
call tenant_table('sales_payments');
create index sales_payments_ticket on sales_payments (tid, ticket);
create index sales_payments_till_session on sales_payments (tid, till_session);

-- Orders of every channel. One that was made at a till bears its ticket's id.
create table sales_orders (
    tid uuid not null,
    id uuid not null,
    site uuid not null,
    channel text not null check (channel in ('till')),
    fulfilment text not null check (fulfilment in ('none')),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    gross_minor bigint not null,
    tax_minor bigint not null,
    ordered_at timestamptz not null,
    primary key (tid, id)
);
call tenant_table('sales_orders');

create table sales_till_sessions (
    tid uuid not null,
    -- The document.
    id uuid not null,
    site uuid not null,
    till uuid not null,
    status text not null check (status in ('open', 'closed')),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    float_minor bigint not null,
    opened_at timestamptz not null,
    opened_by text not null,
    counted_minor bigint,
    -- What the device reckoned, and from how many tickets.
    expected_minor bigint,
    tickets bigint check (tickets >= 0),
    closed_at timestamptz,
    -- What the closing device's own clock said: sales of the same device are compared with it.
    closed_wall_at timestamptz,
    rulings text[] not null,
    primary key (tid, id),
    check ((status = 'closed') = (closed_at is not null)),
    check (num_nonnulls(counted_minor, expected_minor, tickets, closed_at, closed_wall_at) in (0, 5))
);
call tenant_table('sales_till_sessions');
create index sales_till_sessions_till on sales_till_sessions (tid, till, opened_at desc);

-- The last receipt number that was given away, per tenant; it jumps when the feed's epoch changes, so that numbers given away after the
-- backup was taken are never given again.
create table sales_receipt_heads (
    tid uuid primary key references tenants,
    epoch uuid not null,
    last bigint not null check (last >= 0)
);
call tenant_table('sales_receipt_heads');

create table sales_receipt_blocks (
    tid uuid not null,
    id uuid not null,
    site uuid not null,
    till uuid not null,
    device uuid not null,
    chain uuid not null,
    first bigint not null check (first > 0),
    last bigint not null,
    primary key (tid, id),
    check (last >= first),
    constraint sales_receipt_blocks_first_unique unique (tid, first)
);
call tenant_table('sales_receipt_blocks');
create index sales_receipt_blocks_device on sales_receipt_blocks (tid, device, chain);

-- Which ticket bears a number: the first to bring it.
create table sales_receipt_numbers (
    tid uuid not null,
    number numeric(20) not null,
    block uuid not null,
    ticket uuid not null,
    primary key (tid, number)
);
call tenant_table('sales_receipt_numbers');
create index sales_receipt_numbers_ticket on sales_receipt_numbers (tid, ticket);
create index sales_receipt_numbers_block on sales_receipt_numbers (tid, block, number desc);

-- Tasks of the office, opened by rulings.
create table sales_exceptions (
    tid uuid not null,
    -- The ruling's fact.
    id uuid not null,
    site uuid not null,
    till uuid not null,
    kind text not null check (kind in ('sales.ticket', 'sales.till_session')),
    document uuid not null,
    code text not null check (code ~ '^[a-z_]{1,60}$'),
    -- The ruling as it stands in the document.
    ruling jsonb not null,
    opened_at timestamptz not null,
    -- Who sees to it.
    owner uuid,
    resolved_at timestamptz,
    resolved_by uuid,
    primary key (tid, id),
    check (resolved_by is null or resolved_at is not null)
);
call tenant_table('sales_exceptions');
create index sales_exceptions_open on sales_exceptions (tid, site, opened_at) where resolved_at is null;
create index sales_exceptions_document on sales_exceptions (tid, document);
