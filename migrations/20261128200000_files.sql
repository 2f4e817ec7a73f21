-- Files that records have: pictures and papers. The bytes lie in the object store, by company and SHA-256; here stands what is there, who sent it, and what names it.

-- One that is here whole. What it is was found in its bytes.
create table files (
    tid uuid not null references tenants,
    sha256 bytea not null check (octet_length(sha256) = 32),
    bytes integer not null check (bytes between 1 and 10485760),
    media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    width integer check (width between 1 and 12000),
    height integer check (height between 1 and 12000),
    -- Since when no record has been seen to name it.
    unnamed_since timestamptz,
    primary key (tid, sha256),
    check ((width is null) = (height is null) and (width is null) = (media_type = 'application/pdf'))
);
call tenant_table('files');
create index files_unnamed on files (tid, unnamed_since) where unnamed_since is not null;

-- Who has shown to have the bytes, by sending all of them. To know a hash shows nothing: only these accounts put the file into a record.
create table file_holders (
    tid uuid not null,
    account uuid not null,
    sha256 bytea not null,
    primary key (tid, account, sha256),
    foreign key (tid, sha256) references files on delete cascade
);
call tenant_table('file_holders');
create index file_holders_file on file_holders (tid, sha256);

-- Which field of which record names it: kept by triggers, whoever writes the record. A file that is named cannot be deleted.
create table file_names (
    tid uuid not null,
    kind text not null,
    record uuid not null,
    field text not null,
    sha256 bytea not null,
    primary key (tid, kind, record, field),
    foreign key (tid, sha256) references files
);
call tenant_table('file_names');
create index file_names_file on file_names (tid, sha256);

-- Arguments: the kind, the field.
create function name_file() returns trigger language plpgsql as $$
declare
    said text := to_jsonb(new) -> tg_argv[1] ->> 'sha256';
begin
    delete from file_names where tid = new.tid and kind = tg_argv[0] and record = new.id and field = tg_argv[1];
    if said is not null then
        insert into file_names (tid, kind, record, field, sha256) values (new.tid, tg_argv[0], new.id, tg_argv[1], decode(said, 'hex'));
    end if;
    return null;
end
$$;

-- Gives a resource's table such a field.
create procedure resource_file(relation regclass, kind text, field name) language plpgsql as $$
begin
    execute format('alter table %s add column %I jsonb check (jsonb_typeof(%2$I -> ''sha256'') = ''string'')', relation, field);
    execute format('create trigger %I after insert on %s for each row when (new.%I is not null) execute function name_file(%L, %L)',
                   'file_made_' || field, relation, field, kind, field);
    execute format('create trigger %I after update of %3$I on %2$s for each row when (old.%3$I is distinct from new.%3$I) execute function name_file(%4$L, %5$L)',
                   'file_changed_' || field, relation, field, kind, field);
end
$$;

call resource_file('products', 'catalog.product', 'image');
call resource_file('suppliers', 'procurement.supplier', 'contract');
call resource_file('customers', 'sales.customer', 'contract');

-- Roles of companies' own were agreed before there were contracts: they reach none until somebody says so.
alter table roles no force row level security, disable trigger touch;
do $$
declare
    kind text;
begin
    foreach kind in array array['procurement.supplier', 'sales.customer'] loop
        update roles
            set terms = jsonb_set(terms, array['fields', kind], coalesce(terms -> 'fields' -> kind, '{}') || '{"contract": "none"}')
            where exists (select from jsonb_array_elements_text(terms -> 'permissions') as p where starts_with(p, kind || '.'));
    end loop;
end
$$;
alter table roles force row level security, enable trigger touch;
