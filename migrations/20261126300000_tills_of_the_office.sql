-- The office keeps tills as it keeps sites. One that is put away is offered to no device any more; what it sold stays its own.
call resource_table('tills', 'identity.till', 'name', array['name'], 'site');
call resource_sort('tills', 'name');
call resource_filter('tills', 'site', 'name');
-- Named for what it says of the field.
alter table tills rename constraint tills_tid_site_fkey to tills_site_known;
