-- What the audit is asked for. An entry's instant ends each key: a page reads on from where the one before ended, also where much was done since.
create index audit_entries_account on audit_entries (tid, account, at);
create index audit_entries_action on audit_entries (tid, action, at);
create index audit_entries_kind on audit_entries (tid, kind, at);
create index audit_entries_device on audit_entries (tid, device, at);
create index audit_entries_site on audit_entries (tid, at_site, at);

-- What people did on documents, by when it came, of all of them or of one. What the server ruled by itself is in neither.
create index envelopes_by_time on envelopes (tid, arrived_at) where author not like 'system:%' or chain is not null;
create index envelopes_by_author on envelopes (author, arrived_at, tid) where author not like 'system:%' or chain is not null;
