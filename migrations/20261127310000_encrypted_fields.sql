-- Fields that are kept encrypted: the server seals them before they come here (`server/src/field_keys`), and its keys are nowhere in the database.

-- Gives a resource's table such a field.
create procedure resource_sealed(relation regclass, field name) language plpgsql as $$
begin
    execute format('alter table %s add column %I text check (%2$I ~ ''^v[0-9]+[.]'')', relation, field || '_sealed');
end
$$;

call resource_sealed('suppliers', 'iban');
call resource_sealed('people', 'emergency');
