-- A tax rate has rates, each from a day on: what is in tax_rates at first, then what its changes say. Tills get them weeks before.
create table tax_changes (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    tax_rate uuid,
    valid_from date not null,
    rate_millionths integer not null check (rate_millionths between 0 and 1000000),
    primary key (tid, id),
    constraint tax_changes_tax_rate_known foreign key (tid, tax_rate) references tax_rates,
    -- Of two that begin together nobody could say which holds.
    constraint tax_changes_valid_from_once unique (tid, tax_rate, valid_from)
);
call tenant_table('tax_changes');
call resource_table('tax_changes', 'catalog.tax_change', 'name', array['name']);
call resource_sort('tax_changes', 'name');
call resource_sort('tax_changes', 'valid_from');
call resource_filter('tax_changes', 'tax_rate', 'name');
