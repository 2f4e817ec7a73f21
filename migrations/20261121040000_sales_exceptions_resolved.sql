-- Why an exception was resolved; `resolved_by` is null where the server itself found it settled.
alter table sales_exceptions
    add column resolution text check (length(resolution) between 1 and 500),
    add check ((resolved_at is null) = (resolution is null));
create index sales_exceptions_newest on sales_exceptions (tid, opened_at desc, id desc);
-- Tickets whose till session had not arrived when they were judged.
create index sales_tickets_awaiting on sales_tickets (tid, till_session) where 'till_session_unknown' = any (rulings);
