-- A lane's statements are planned once per connection, maybe while the tables are still empty, when any index that begins with `tid` looks as good as another
-- and the wrong one would be kept. So only the keys begin with it; every other index begins with what is looked for.
drop index envelopes_document;
create index envelopes_document on envelopes (document, tid);
drop index envelopes_chain;
create unique index envelopes_chain on envelopes (device, chain, device_seq, tid) where standing = 'accepted' and chain is not null and not forked;
-- What is in no chain's place; with `envelopes_chain` these are all numbers of a device. Two indexes of which one is nearly empty, instead of each number twice.
drop index envelopes_device;
create index envelopes_astray on envelopes (device, chain, device_seq, tid) where not (standing = 'accepted' and chain is not null and not forked);

drop index replaced_envelopes_intent;
create index replaced_envelopes_device on replaced_envelopes (device, chain, device_seq, tid);

drop index sales_receipt_numbers_ticket;
create index sales_receipt_numbers_ticket on sales_receipt_numbers (ticket, tid);
drop index sales_receipt_numbers_block;
create index sales_receipt_numbers_block on sales_receipt_numbers (block, number desc, tid);
drop index sales_till_sessions_till;
create index sales_till_sessions_till on sales_till_sessions (till, opened_at desc, tid);

drop index grants_account_device;
create index grants_account_device on grants (account, device, tid);

-- Behind row-level security only what tells nothing of a row may look into an index before the policy did: equality of whole numbers does, of `numeric` does
-- not, nor does what arrays hold. So a number is looked up by its 64 bits, and documents by when they changed.
alter table sales_receipt_numbers add column bits bigint not null
    generated always as ((case when number > 9223372036854775807 then number - 18446744073709551616 else number end)::bigint) stored;
create index sales_receipt_numbers_bits on sales_receipt_numbers (bits, tid);
drop index documents_audiences;
create index documents_modified on documents (modified_at, tid);

drop index sales_receipt_blocks_device;
create index sales_receipt_blocks_device on sales_receipt_blocks (device, chain, tid);
