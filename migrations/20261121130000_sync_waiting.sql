-- What waits is few, and is looked at whenever a server starts.
create index envelopes_waiting on envelopes (document, tid) where standing = 'waiting';
