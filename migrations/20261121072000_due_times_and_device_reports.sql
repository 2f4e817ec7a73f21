-- By when somebody should have seen to an exception. What was open before is given a day from now.
alter table sales_exceptions add column due_at timestamptz not null default (app_now() + interval '1 day');
create index sales_exceptions_due on sales_exceptions (tid, due_at, id) where resolved_at is null;

-- What a device last said of itself: which app it runs, and how many changes wait on it.
alter table device_contacts
    add column app text check (app ~ '^[0-9a-z.-]{1,40}$'),
    add column waiting integer check (waiting >= 0);
