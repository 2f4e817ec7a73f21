-- What every resource's table has, the index that everything is found by, and the audit.
-- Resources are declared in `shared/domain`; docs/ADDING_A_RESOURCE.md says what a migration must say.

create extension if not exists pg_trgm;
create extension if not exists btree_gin;

-- Text as it is searched and sorted: in lower case, without the marks of the languages that we speak.
create function fold(words text) returns text language sql immutable strict parallel safe
    return lower(translate(replace(replace(replace(replace(words, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'đ', 'd'), 'àáâãäåăąçćčďèéêëęěğìíîïıİłñńňòóôõöőøřśşșšťţțùúûüűůýÿźżžÀÁÂÃÄÅĂĄÇĆČĎÈÉÊËĘĚĞÌÍÎÏŁÑŃŇÒÓÔÕÖŐØŘŚŞȘŠŤŢȚÙÚÛÜŰŮÝŸŹŻŽ',
                                  'aaaaaaaacccdeeeeeegiiiiiilnnnooooooorsssstttuuuuuuyyzzzaaaaaaaacccdeeeeeegiiiilnnnooooooorsssstttuuuuuuyyzzz'));

-- Every record's words, in one place.
create table search_entries (
    tid uuid not null references tenants,
    kind text not null,
    id uuid not null,
    -- Where it is, where it is at a site. Asked by `search_records`, the only reader, which knows the sites of whoever asks.
    at_site uuid,
    title text not null,
    title_key text collate "C" not null generated always as (fold(title)) stored,
    -- Folded.
    words text not null,
    lexemes tsvector not null generated always as (to_tsvector('simple', words)) stored,
    archived boolean not null,
    primary key (tid, kind, id)
);
call tenant_table('search_entries');
create index search_entries_lexemes on search_entries using gin (tid, kind, lexemes) with (fastupdate = off);
create index search_entries_similar on search_entries using gin (tid, kind, words gin_trgm_ops) with (fastupdate = off);
create index search_entries_titles on search_entries (tid, kind, title_key);

-- Postgres asks no index about a word before a policy has let a row pass, because a word's operators could leak. So the look-up runs as the owner, whom this policy lets
-- pass, in one function that names the tenant and the sites itself, and answers ids only.
create policy search on search_entries for select to current_user using (true);

-- Records whose titles begin with the phrase, and those that hold all the words or their beginnings; where these are few, those with words like the first three. What is ranked is
-- bounded, so that a word that everybody has costs no more than a rare one.
create function search_records(kinds text[], wanted text, phrase text, with_archived boolean, most integer)
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
            limit greatest(most, 2000)
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
                limit 500
            )
            select l.kind, l.id, l.title, word_similarity(few, l.words) from like_it l order by 4 desc, l.title, l.id limit most;
    end if;
end
$$;
revoke all on function search_records from public;
grant execute on function search_records to holdfast_app;

-- Keeps a record's entry. Arguments: the kind, the column of its title, the column of its site or nothing, then the columns that are searched.
create function search_entry_keep() returns trigger language plpgsql as $$
declare
    said jsonb := to_jsonb(new);
    found text;
begin
    select string_agg(case jsonb_typeof(said -> c) when 'array' then (select string_agg(t, ' ') from jsonb_array_elements_text(said -> c) as t) else said ->> c end, ' ')
        into found from unnest(tg_argv[3:]) as c;
    insert into search_entries as e (tid, kind, id, at_site, title, words, archived)
    values (new.tid, tg_argv[0], new.id, nullif(said ->> nullif(tg_argv[2], ''), '')::uuid, coalesce(said ->> tg_argv[1], ''), regexp_replace(fold(coalesce(found, '')), '[[:space:][:punct:]]+', ' ', 'g'),
            said ->> 'archived_at' is not null)
    on conflict (tid, kind, id) do update set at_site = excluded.at_site, title = excluded.title, words = excluded.words, archived = excluded.archived
        where (e.at_site, e.title, e.words, e.archived) is distinct from (excluded.at_site, excluded.title, excluded.words, excluded.archived);
    return null;
end
$$;

create function next_version() returns trigger language plpgsql as $$
begin
    new.version := old.version + 1;
    return new;
end
$$;

-- Makes a tenant table a resource's: versions, archiving, searching. Where the resource is at a site, `site_column` names the column.
create procedure resource_table(relation regclass, kind text, title name, searched name[], site_column name default '') language plpgsql as $$
declare
    searched_list text := (select string_agg(quote_literal(c), ', ') from unnest(searched) as c);
    -- What else changes is not looked for.
    watched text := (select string_agg(quote_ident(c), ', ') from (select distinct c from unnest(searched || title || 'archived_at'::name || nullif(site_column, '')) as c where c is not null) as w);
begin
    execute format('alter table %s add column version bigint not null default 1 check (version > 0), add column archived_at timestamptz', relation);
    execute format('create trigger search after insert or update of %s on %s for each row execute function search_entry_keep(%L, %L, %L, %s)',
                   watched, relation, kind, title, site_column, searched_list);
    -- Records that are there already are found, too. No policy lets the owner touch them but for this.
    execute format('alter table %s no force row level security, disable trigger touch', relation);
    alter table search_entries no force row level security;
    execute format('update %s set archived_at = archived_at', relation);
    alter table search_entries force row level security;
    execute format('alter table %s force row level security, enable trigger touch', relation);
    execute format('create trigger version before update on %s for each row execute function next_version()', relation);
end
$$;

-- Lets lists be sorted by a column: texts by a folded key of their own, because a policy lets no index answer for a function of a column.
create procedure resource_sort(relation regclass, sorted name) language plpgsql as $$
declare
    is_text boolean := (select atttypid = 'text'::regtype from pg_attribute where attrelid = relation and attname = sorted);
    key name := case when is_text then sorted || '_key' else sorted end;
begin
    if is_text then
        execute format('alter table %s add column %I text collate "C" generated always as (fold(%I)) stored', relation, key, sorted);
    end if;
    execute format('create index on %s (tid, %I, id)', relation, key);
end
$$;

-- What was done, by whom, from where. Written in the transaction of the act; a month per partition; never changed and never deleted, by no role.
-- Lets lists be narrowed by a column and told in the order of the titles.
create procedure resource_filter(relation regclass, filtered name, title name) language plpgsql as $$
begin
    execute format('create index on %s (tid, %I, %I, id)', relation, filtered, title || '_key');
end
$$;

create sequence audit_ordinals;
grant usage on sequence audit_ordinals to holdfast_app;

create table audit_entries (
    tid uuid not null references tenants,
    at timestamptz not null,
    id uuid not null,
    -- Tells acts of one instant apart: of one record's, the later one has the higher.
    ordinal bigint not null default nextval('audit_ordinals'),
    -- `create`, `update`, `archive`, `restore` …
    action text not null check (action ~ '^[a-z_]{1,40}$'),
    -- What it was done to.
    kind text not null,
    record uuid not null,
    -- The record's name when it was done.
    title text not null,
    at_site uuid,
    -- None for the server itself.
    account uuid,
    roles text[] not null,
    device uuid,
    -- The first half of the hash that the session is stored under.
    session bytea,
    request uuid,
    traceparent text,
    address text,
    user_agent text,
    -- The fields that changed, as they were and as they are.
    before jsonb,
    after jsonb,
    changed text[] not null,
    reason text,
    primary key (tid, at, id)
) partition by range (at);
call tenant_table('audit_entries');
revoke update, delete on audit_entries from holdfast_app;
create index audit_entries_record on audit_entries (tid, kind, record, at desc, ordinal desc);

create function audit_stands() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is only ever added to' using errcode = 'insufficient_privilege';
end
$$;
create trigger stands before update or delete on audit_entries for each row execute function audit_stands();
create trigger stands_whole before truncate on audit_entries for each statement execute function audit_stands();

create procedure tenant_partition(relation regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', relation);
    execute format('alter table %s force row level security', relation);
    execute format('create policy tenant on %s
        using (tid = nullif(current_setting(''app.tid'', true), '''')::uuid)
        with check (tid = nullif(current_setting(''app.tid'', true), '''')::uuid)', relation);
    execute format('create trigger stands_whole before truncate on %s for each statement execute function audit_stands()', relation);
end
$$;

-- Makes the partitions of a month and the two after it, where they are missing. One that cannot be made (its days lie in the rest already, another server is quicker) keeps no
-- other from being made.
create function audit_months(first date) returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare
    month date;
    partition text;
begin
    for month in select generate_series(date_trunc('month', first), date_trunc('month', first) + interval '2 months', interval '1 month')::date loop
        partition := format('audit_entries_%s', to_char(month, 'YYYY_MM'));
        if to_regclass(partition) is null then
            begin
                execute format('create table %I partition of audit_entries for values from (%L) to (%L)',
                               partition, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
                call tenant_partition(partition::regclass);
            exception when duplicate_table or check_violation then
                raise warning 'the partition % was not made: %', partition, sqlerrm;
            end;
        end if;
    end loop;
end
$$;
revoke all on function audit_months from public;
grant execute on function audit_months to holdfast_app;
create table audit_entries_rest partition of audit_entries default;
call tenant_partition('audit_entries_rest');
select audit_months(now()::date);

call resource_table('sites', 'identity.site', 'name', array['name'], 'id');
call resource_sort('sites', 'name');
call resource_sort('sites', 'kind');
call resource_filter('sites', 'kind', 'name');
call resource_filter('sites', 'time_zone', 'name');

create table customers (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    price_group text not null check (price_group in ('retail', 'wholesale', 'staff')),
    email text constraint customers_email_form check (email = lower(email)),
    phone text,
    tax_number text,
    street text,
    postal_code text,
    city text,
    country text,
    tags text[] not null,
    notes text,
    primary key (tid, id),
    constraint customers_email_unique unique (tid, email),
    constraint customers_tax_number_unique unique (tid, tax_number)
);
call tenant_table('customers');
call resource_table('customers', 'sales.customer', 'name', array['name', 'email', 'phone', 'tax_number', 'city', 'tags']);
call resource_sort('customers', 'name');
call resource_sort('customers', 'price_group');
call resource_sort('customers', 'city');
call resource_sort('customers', 'country');
call resource_filter('customers', 'price_group', 'name');
call resource_filter('customers', 'city', 'name');
call resource_filter('customers', 'country', 'name');

create table suppliers (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    contact text,
    email text check (email = lower(email)),
    phone text,
    tax_number text,
    street text,
    postal_code text,
    city text,
    country text,
    currency text check (currency ~ '^[A-Z]{3}$'),
    payment_days integer check (payment_days >= 0),
    tags text[] not null,
    notes text,
    primary key (tid, id),
    constraint suppliers_name_unique unique (tid, name),
    constraint suppliers_tax_number_unique unique (tid, tax_number)
);
call tenant_table('suppliers');
call resource_table('suppliers', 'procurement.supplier', 'name', array['name', 'contact', 'email', 'phone', 'tax_number', 'city', 'tags']);
call resource_sort('suppliers', 'name');
call resource_sort('suppliers', 'city');
call resource_sort('suppliers', 'country');
call resource_sort('suppliers', 'payment_days');
call resource_filter('suppliers', 'city', 'name');
call resource_filter('suppliers', 'country', 'name');
call resource_filter('suppliers', 'currency', 'name');
