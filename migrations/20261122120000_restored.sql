-- When the company was put back from a backup, last. What it gave away between the backup and then is not known: where nothing says how far a counter was, it
-- does not begin at its beginning.
alter table tenants add column restored_at timestamptz;
