-- What is searched is read from its columns by a function made for the table, and its indexes take in what a statement brings at once: a record that is written costs a
-- third of what it did.

-- Loads what knows the parameter that `search_records` sets.
select show_trgm('');

-- As before; what is plain ASCII has no marks to take away. Not strict: a strict function with a `case` is called instead of being made part of the query.
create or replace function fold(words text) returns text language sql immutable parallel safe
    return case when octet_length(words) = length(words) then lower(words) else
        lower(translate(replace(replace(replace(replace(words, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'đ', 'd'), 'àáâãäåăąçćčďèéêëęěğìíîïıİłñńňòóôõöőøřśşșšťţțùúûüűůýÿźżžÀÁÂÃÄÅĂĄÇĆČĎÈÉÊËĘĚĞÌÍÎÏŁÑŃŇÒÓÔÕÖŐØŘŚŞȘŠŤŢȚÙÚÛÜŰŮÝŸŹŻŽ',
                        'aaaaaaaacccdeeeeeegiiiiiilnnnooooooorsssstttuuuuuuyyzzzaaaaaaaacccdeeeeeegiiiilnnnooooooorsssstttuuuuuuyyzzz')) end;

-- What a statement wrote is kept in a list and sorted in once that is half a megabyte, which a search reads in passing.
alter index search_entries_lexemes set (fastupdate = on, gin_pending_list_limit = 512);
alter index search_entries_similar set (fastupdate = on, gin_pending_list_limit = 512);

-- Keeps the entries of the records that a statement wrote, by a function of the table's own that names its columns.
create or replace procedure resource_search(relation regclass, kind text, title name, searched name[], site_column name) language plpgsql as $$
declare
    keeper text := format('search_%s_keep', relation::text);
    said text := (select string_agg(case when format_type(a.atttypid, null) = 'text[]' then format('array_to_string(w.%I, '' '')', a.attname) else format('w.%I', a.attname) end, ', ' order by c.place)
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

call resource_search('sites', 'identity.site', 'name', array['name'], 'id');
call resource_search('customers', 'sales.customer', 'name', array['name', 'email', 'phone', 'tax_number', 'city', 'tags'], '');
call resource_search('suppliers', 'procurement.supplier', 'name', array['name', 'contact', 'email', 'phone', 'tax_number', 'city', 'tags'], '');
drop function search_entries_keep;
