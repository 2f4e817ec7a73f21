-- What devices read and the office writes: versioned rows, the packed pages of a first load, and the catalogue behind them.

-- The newest version of each reference row. Its audience is its site, or the whole tenant; chosen once.
create table reference_rows (
    tid uuid not null references tenants,
    kind text not null check (kind ~ '^[a-z]+\.[a-z_]+$'),
    id uuid not null,
    site uuid,
    version bigint not null check (version > 0),
    -- Feed position of the newest version.
    position bigint not null check (position > 0),
    gone boolean not null,
    primary key (tid, kind, id)
);
call tenant_table('reference_rows');
create index reference_rows_position on reference_rows (tid, site, position);

-- Every version there ever was, so that what a device took from one can be judged. `created_at` is when it came into force.
create table reference_versions (
    tid uuid not null references tenants,
    kind text not null,
    id uuid not null,
    version bigint not null check (version > 0),
    site uuid,
    -- CBOR; none where the row is gone.
    body bytea,
    primary key (tid, kind, id, version)
);
call tenant_table('reference_versions');

-- The rows of an audience as of a position, packed once for everybody's first load.
create table reference_packs (
    tid uuid not null references tenants,
    id uuid not null,
    site uuid,
    as_of bigint not null check (as_of >= 0),
    row_count bigint not null check (row_count > 0),
    page_count integer not null check (page_count > 0),
    primary key (tid, id)
);
call tenant_table('reference_packs');
create index reference_packs_newest on reference_packs (tid, site, as_of desc);

create table reference_pages (
    tid uuid not null,
    pack uuid not null,
    number integer not null check (number >= 0),
    site uuid,
    -- CBOR array of up to 500 rows, compressed.
    brotli bytea not null,
    gzip bytea not null,
    primary key (tid, pack, number),
    foreign key (tid, pack) references reference_packs on delete cascade
);
call tenant_table('reference_pages');

create table product_categories (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 100),
    place integer not null check (place between 0 and 65535),
    hue integer not null check (hue between 0 and 359),
    glyph text not null,
    primary key (tid, id),
    constraint product_categories_name_unique unique (tid, name)
);
call tenant_table('product_categories');

create table tax_rates (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 100),
    -- 5.5 % is 55,000.
    rate_millionths integer not null check (rate_millionths between 0 and 1000000),
    primary key (tid, id),
    constraint tax_rates_name_unique unique (tid, name)
);
call tenant_table('tax_rates');

create table products (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    category uuid not null,
    unit text not null check (unit in ('piece', 'kilogram', 'litre', 'metre')),
    tax_rate uuid not null,
    hue integer not null check (hue between 0 and 359),
    glyph text not null,
    primary key (tid, id),
    constraint products_category_known foreign key (tid, category) references product_categories,
    constraint products_tax_rate_known foreign key (tid, tax_rate) references tax_rates
);
call tenant_table('products');
create index products_category on products (tid, category);

create table product_barcodes (
    tid uuid not null,
    -- The form it is looked up by: a GTIN filled up to 14 digits, any other code as it is.
    lookup_key text not null check (length(lookup_key) between 1 and 80),
    product uuid not null,
    primary key (tid, lookup_key),
    constraint product_barcodes_product_known foreign key (tid, product) references products on delete cascade
);
call tenant_table('product_barcodes');
create index product_barcodes_product on product_barcodes (tid, product);

create table prices (
    tid uuid not null references tenants,
    id uuid not null,
    product uuid not null,
    amount_minor bigint not null check (amount_minor between 0 and 1000000000000),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    valid_from timestamptz not null,
    primary key (tid, id),
    constraint prices_product_known foreign key (tid, product) references products,
    constraint prices_one_of_a_product unique (tid, product)
);
call tenant_table('prices');
