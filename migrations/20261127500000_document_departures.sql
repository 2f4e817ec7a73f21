-- Which documents left which audience, and when: whoever follows that and has not heard of it, since the feed has forgotten or is entered anew, learns that they
-- did. A document that is with the audience again has no row for it.
create table document_departures (
    tid uuid not null references tenants,
    audience text not null,
    document uuid not null,
    position bigint not null,
    left_at timestamptz not null,
    primary key (tid, audience, document)
);
call tenant_table('document_departures');
create index document_departures_in_order on document_departures (tid, audience, position);
