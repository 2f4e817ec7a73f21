-- What waits is looked at whenever a server starts, and what has come since then now and again. No lane's statement can take it for another index: none says
-- both conditions.
create index envelopes_waiting on envelopes (tid, arrived_at, document) where standing = 'waiting';
