-- Reference rows that one person alone reads, on the devices where they work. A row's audience is its person, its site, or the whole tenant; chosen once.

alter table reference_rows add column person uuid, add check (site is null or person is null);
alter table reference_versions add column person uuid, add check (site is null or person is null);
create index reference_rows_person on reference_rows (person, position) where person is not null;
