-- The office keeps people: who can be planned, whether they have an account or not.
alter table people
    add column email text constraint people_email_form check (email = lower(email)),
    add column phone text,
    add column tags text[] not null default '{}',
    add column notes text,
    add constraint people_email_unique unique (tid, email);
call resource_table('people', 'identity.person', 'name', array['name', 'email', 'phone', 'tags']);
call resource_sort('people', 'name');
