-- Fields that are kept encrypted: the server seals them before they come here (`server/src/field_keys`), and its keys are nowhere in the database.

-- Gives a resource's table such a field.
create procedure resource_sealed(relation regclass, field name) language plpgsql as $$
begin
    execute format('alter table %s add column %I text check (%2$I ~ ''^v[0-9]+[.]'')', relation, field || '_sealed');
end
$$;

call resource_sealed('suppliers', 'iban');
call resource_sealed('people', 'emergency');

-- Which keys values may be sealed under, by what they are known by, which says nothing of them: a server whose file lacks one of them says so before it seals anything under
-- another. Read by the owner at start; the app role cannot see them.
create table field_keys (
    id text primary key check (id ~ '^[0-9a-f]{12}$'),
    known_since timestamptz not null default now()
);

-- Roles of companies' own were agreed before there were such fields: they reach neither until somebody says so.
alter table roles no force row level security, disable trigger touch;
do $$
declare
    kind text;
    field text;
begin
    for kind, field in values ('procurement.supplier', 'iban'), ('identity.person', 'emergency') loop
        update roles
            set terms = jsonb_set(terms, array['fields', kind], coalesce(terms -> 'fields' -> kind, '{}') || jsonb_build_object(field, 'none'))
            where exists (select from jsonb_array_elements_text(terms -> 'permissions') as p where starts_with(p, kind || '.'));
    end loop;
end
$$;
alter table roles force row level security, enable trigger touch;
