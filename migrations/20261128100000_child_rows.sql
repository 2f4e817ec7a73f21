-- Lists of rows: one value, an array of objects, each with an id of its own that tells it from the others of its list and stays.

create function is_row_list(rows jsonb) returns boolean language sql immutable parallel safe as $$
    select case jsonb_typeof(rows) when 'array' then (
        select count(*) = count(distinct row ->> 'id') and coalesce(bool_and(jsonb_typeof(row) = 'object' and row ->> 'id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'), true)
        from jsonb_array_elements(rows) as row) else false end
$$;

-- A type of its own, by which a search knows it.
create domain row_list as jsonb check (is_row_list(value));

-- Whether no more of them are there than may be, and each has these fields, beside its id, and no other.
create function are_rows(rows jsonb, fields text[], most integer) returns boolean language sql immutable parallel safe as $$
    select jsonb_array_length(rows) <= most
        and coalesce((select bool_and(row ?& fields and (select count(*) = cardinality(fields) + 1 from jsonb_object_keys(row))) from jsonb_array_elements(rows) as row), true)
$$;

-- What rows are found by: their texts.
create function row_words(rows jsonb) returns text language sql immutable parallel safe as $$
    select string_agg(said.value #>> '{}', ' ' order by row.place, said.key)
    from jsonb_array_elements(rows) with ordinality as row (value, place), jsonb_each(row.value) as said
    where said.key <> 'id' and jsonb_typeof(said.value) = 'string'
$$;

-- Gives a resource's table a list of rows.
create procedure resource_rows(relation regclass, field name, fields text[], most integer) language plpgsql as $$
begin
    execute format('alter table %s add column %I row_list not null default ''[]'' check (are_rows(%2$I, %3$L, %4$s))', relation, field, fields, most);
end
$$;

-- As before, and a list is found by its rows.
create or replace procedure resource_search(relation regclass, kind text, title name, searched name[], site_column name) language plpgsql as $$
declare
    keeper text := format('search_%s_keep', relation::text);
    said text := (select string_agg(case format_type(a.atttypid, null)
                                        when 'text[]' then format('array_to_string(w.%I, '' '')', a.attname)
                                        when 'jsonb' then format('address_words(w.%I)', a.attname)
                                        when 'row_list' then format('row_words(w.%I)', a.attname)
                                        else format('w.%I', a.attname) end, ', ' order by c.place)
                  from unnest(searched) with ordinality as c (name, place) join pg_attribute a on a.attrelid = relation and a.attname = c.name);
begin
    execute format($keep$
        create or replace function %I() returns trigger language plpgsql as $body$
        begin
            insert into search_entries as e (tid, kind, id, at_site, title, words, archived)
            select w.tid, %L, w.id, %s, w.%I, regexp_replace(fold(concat_ws(' ', %s)), '[[:space:][:punct:]]+', ' ', 'g'), w.archived_at is not null from written w
            on conflict (tid, kind, id) do update set at_site = excluded.at_site, title = excluded.title, words = excluded.words, archived = excluded.archived
                where (e.at_site, e.title, e.words, e.archived) is distinct from (excluded.at_site, excluded.title, excluded.words, excluded.archived);
            return null;
        end
        $body$ $keep$, keeper, kind, case site_column when '' then 'null::uuid' else format('w.%I', site_column) end, title, said);
    execute format('create or replace trigger search_made after insert on %s referencing new table as written for each statement execute function %I()', relation, keeper);
    execute format('create or replace trigger search_changed after update on %s referencing new table as written for each statement execute function %I()', relation, keeper);
end
$$;

call resource_rows('suppliers', 'contacts', array['name', 'role', 'email', 'phone'], 20);
call resource_rows('customers', 'contacts', array['name', 'role', 'email', 'phone'], 20);
call resource_search('suppliers', 'procurement.supplier', 'name', array['name', 'contacts', 'email', 'phone', 'tax_number', 'address', 'tags'], '');
call resource_search('customers', 'sales.customer', 'name', array['name', 'email', 'phone', 'tax_number', 'address', 'contacts', 'tags'], '');

-- The one whom a supplier named so far is the first of its contacts. Nobody changed anything: neither versions nor who did it move.
alter table suppliers no force row level security, disable trigger touch, disable trigger version;
alter table search_entries no force row level security;
update suppliers set contacts = jsonb_build_array(jsonb_build_object('id', gen_random_uuid(), 'name', left(contact, 120), 'role', null, 'email', null, 'phone', null))
    where contact <> '';
-- A longer name than a contact's is kept whole where there is room for it.
update suppliers set notes = concat_ws(E'\n', notes, contact) where length(contact) > 120 and length(coalesce(notes, '')) < 3700;
alter table search_entries force row level security;
alter table suppliers force row level security, enable trigger touch, enable trigger version;
alter table suppliers drop column contact;

-- Views that people keep of the list show the contacts where they showed the one.
alter table saved_views no force row level security, disable trigger touch;
update saved_views set columns = array_replace(columns, 'contact', 'contacts') where kind = 'procurement.supplier' and 'contact' = any (columns);
alter table saved_views force row level security, enable trigger touch;

-- Companies' own roles were agreed before there were lists of people with their numbers: such a role reaches them as narrowly as the narrowest of what it reached of one.
alter table roles no force row level security, disable trigger touch;
do $$
declare
    kind text;
begin
    foreach kind in array array['procurement.supplier', 'sales.customer'] loop
        update roles as r
            set terms = jsonb_set(r.terms, array['fields', kind], ((r.terms -> 'fields' -> kind) - 'contact') || jsonb_build_object('contacts', n.access))
            from (select o.tid, o.id, (array['none', 'masked', 'read', 'write'])[min(array_position(array['none', 'masked', 'read', 'write'], f.access))] as access
                  from roles o cross join lateral jsonb_each_text(o.terms -> 'fields' -> kind) as f (field, access)
                  where f.field in ('contact', 'email', 'phone') or (kind = 'sales.customer' and f.field = 'name') group by o.tid, o.id) as n
            where n.tid = r.tid and n.id = r.id;
        -- A condition about the one contact is about nothing any more: the role would be about no record, which is how it stays until somebody looks at it.
    end loop;
end
$$;
alter table roles force row level security, enable trigger touch;
