-- Records come in by the thousand: what is searched is kept statement by statement instead of row by row, and the planner is told when a table has grown.

-- Loads what knows the parameter that is set below.
select show_trgm('');

-- As before, but that less is ranked: whoever reads beyond five hundred searches for more words.
create or replace function search_records(kinds text[], wanted text, phrase text, with_archived boolean, most integer)
    returns table (kind text, id uuid, title text, nearness real)
    language plpgsql stable security definer set search_path = public, pg_temp set pg_trgm.word_similarity_threshold = 0.5
as $$
#variable_conflict use_column
declare
    tenant uuid := nullif(current_setting('app.tid', true), '')::uuid;
    everywhere boolean := current_setting('app.all_sites', true) = 'on';
    at_sites uuid[] := nullif(current_setting('app.sites', true), '')::uuid[];
    query tsquery := to_tsquery('simple', fold(wanted));
    said text := fold(phrase);
    few text := array_to_string((string_to_array(said, ' '))[1:3], ' ');
begin
    return query
        with titled as materialized (
            select e.kind, e.id, e.title, case when e.title_key = said then 8 else 4 end::real as nearness
            from search_entries e
            where e.tid = tenant and e.kind = any (kinds) and e.title_key >= said and e.title_key < said || chr(1114111) and (with_archived or not e.archived)
              and (everywhere or e.at_site is null or e.at_site = any (at_sites))
            order by e.title_key limit most
        ), held as materialized (
            select e.kind, e.id, e.title, e.lexemes
            from search_entries e
            where e.tid = tenant and e.kind = any (kinds) and e.lexemes @@ query and (with_archived or not e.archived)
              and (everywhere or e.at_site is null or e.at_site = any (at_sites))
            limit greatest(most, 500)
        )
        select h.kind, h.id, h.title, max(h.nearness)::real
        from (select * from titled union all select held.kind, held.id, held.title, ts_rank(held.lexemes, query) from held) as h
        group by h.kind, h.id, h.title order by 4 desc, h.title, h.id limit most;
    if not found and length(said) >= 3 then
        return query
            with like_it as materialized (
                select e.kind, e.id, e.title, e.words from search_entries e
                where e.tid = tenant and e.kind = any (kinds) and few <% e.words and (with_archived or not e.archived)
                  and (everywhere or e.at_site is null or e.at_site = any (at_sites))
                limit 200
            )
            select l.kind, l.id, l.title, word_similarity(few, l.words) from like_it l order by 4 desc, l.title, l.id limit most;
    end if;
end
$$;

-- Keeps the entries of the records that a statement wrote. Arguments: the kind, the column of its title, the column of its site or nothing, then the columns that
-- are searched.
create function search_entries_keep() returns trigger language plpgsql as $$
begin
    insert into search_entries as e (tid, kind, id, at_site, title, words, archived)
    select r.tid, tg_argv[0], r.id, nullif(r.said ->> nullif(tg_argv[2], ''), '')::uuid, coalesce(r.said ->> tg_argv[1], ''),
           regexp_replace(fold(coalesce(found.words, '')), '[[:space:][:punct:]]+', ' ', 'g'), r.said ->> 'archived_at' is not null
    from (select w.tid, w.id, to_jsonb(w) as said from written w) as r
    cross join lateral (
        select string_agg(case jsonb_typeof(r.said -> c) when 'array' then (select string_agg(t, ' ') from jsonb_array_elements_text(r.said -> c) as t) else r.said ->> c end, ' ')
        from unnest(tg_argv[3:]) as c
    ) as found (words)
    on conflict (tid, kind, id) do update set at_site = excluded.at_site, title = excluded.title, words = excluded.words, archived = excluded.archived
        where (e.at_site, e.title, e.words, e.archived) is distinct from (excluded.at_site, excluded.title, excluded.words, excluded.archived);
    return null;
end
$$;

create procedure resource_search(relation regclass, kind text, title name, searched name[], site_column name) language plpgsql as $$
declare
    given text := format('%L, %L, %L, %s', kind, title, site_column, (select string_agg(quote_literal(c), ', ') from unnest(searched) as c));
begin
    execute format('create trigger search_made after insert on %s referencing new table as written for each statement execute function search_entries_keep(%s)', relation, given);
    execute format('create trigger search_changed after update on %s referencing new table as written for each statement execute function search_entries_keep(%s)', relation, given);
end
$$;

-- Makes a tenant table a resource's: versions, archiving, searching. Where the resource is at a site, `site_column` names the column.
create or replace procedure resource_table(relation regclass, kind text, title name, searched name[], site_column name default '') language plpgsql as $$
begin
    execute format('alter table %s add column version bigint not null default 1 check (version > 0), add column archived_at timestamptz', relation);
    call resource_search(relation, kind, title, searched, site_column);
    -- Records that are there already are found, too. No policy lets the owner touch them but for this.
    execute format('alter table %s no force row level security, disable trigger touch', relation);
    alter table search_entries no force row level security;
    execute format('update %s set archived_at = archived_at', relation);
    alter table search_entries force row level security;
    execute format('alter table %s force row level security, enable trigger touch', relation);
    execute format('create trigger version before update on %s for each row execute function next_version()', relation);
end
$$;

drop trigger search on sites;
drop trigger search on customers;
drop trigger search on suppliers;
drop function search_entry_keep;
call resource_search('sites', 'identity.site', 'name', array['name'], 'id');
call resource_search('customers', 'sales.customer', 'name', array['name', 'email', 'phone', 'tax_number', 'city', 'tags'], '');
call resource_search('suppliers', 'procurement.supplier', 'name', array['name', 'contact', 'email', 'phone', 'tax_number', 'city', 'tags'], '');

-- A table that has just grown a hundredfold is planned for as if it had not, until somebody counts it: lists would be sorted whole. The app may ask for that, of resources' tables.
create function count_resource(plural text) returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if exists (select from pg_trigger where tgrelid = to_regclass(quote_ident(plural)) and tgname = 'search_made') then
        execute format('analyze %I', plural);
        analyze search_entries;
    end if;
end
$$;
revoke all on function count_resource from public;
grant execute on function count_resource to holdfast_app;
