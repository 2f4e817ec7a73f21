-- What the office's lists ask for: how many of a ticket's envelopes wait for a decision.
create index envelopes_held on envelopes (tid, document) where standing = 'held';
