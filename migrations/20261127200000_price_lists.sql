-- Prices beside those of the products: by customer group, quantity and time. Customers' fixed price groups become groups that the office keeps.
create table customer_groups (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 100),
    notes text,
    primary key (tid, id),
    constraint customer_groups_name_unique unique (tid, name)
);
-- What is there already. No policy lets the owner touch it but for this; customers stay at their versions, and nothing that is searched changes.
alter table customers add column customer_group uuid;
alter table customers no force row level security, disable trigger touch, disable trigger version, disable trigger search_changed;
insert into customer_groups (tid, id, name) select tid, gen_random_uuid(), initcap(price_group) from customers group by tid, price_group;
update customers as c set customer_group = g.id from customer_groups as g where g.tid = c.tid and g.name = initcap(c.price_group);
alter table customers force row level security, enable trigger touch, enable trigger version, enable trigger search_changed;
-- Who was not to see a customer's prices still is not.
alter table roles no force row level security, disable trigger touch;
update roles set terms = jsonb_set(terms #- '{fields,sales.customer,price_group}', '{fields,sales.customer,customer_group}', terms #> '{fields,sales.customer,price_group}')
    where terms #> '{fields,sales.customer,price_group}' is not null;
alter table roles force row level security, enable trigger touch;
call tenant_table('customer_groups');
call resource_table('customer_groups', 'sales.customer_group', 'name', array['name']);
call resource_sort('customer_groups', 'name');
alter table customers drop column price_group_key, drop column price_group;
alter table customers add constraint customers_customer_group_known foreign key (tid, customer_group) references customer_groups;
call resource_filter('customers', 'customer_group', 'name');

create table price_lists (
    tid uuid not null references tenants,
    id uuid not null,
    name text not null check (length(name) between 1 and 100),
    customer_group uuid,
    valid_from date,
    valid_until date,
    primary key (tid, id),
    constraint price_lists_name_unique unique (tid, name),
    constraint price_lists_customer_group_known foreign key (tid, customer_group) references customer_groups,
    constraint price_lists_ends_after_it_began check (valid_until >= valid_from)
);
call tenant_table('price_lists');
call resource_table('price_lists', 'catalog.price_list', 'name', array['name']);
call resource_sort('price_lists', 'name');
call resource_sort('price_lists', 'valid_from');
call resource_sort('price_lists', 'valid_until');
call resource_filter('price_lists', 'customer_group', 'name');

create table price_list_lines (
    tid uuid not null references tenants,
    id uuid not null,
    name text check (length(name) <= 200),
    price_list uuid not null,
    product uuid not null,
    from_quantity numeric not null check (from_quantity between 0 and 1000000000),
    price_minor bigint not null check (price_minor between 0 and 1000000000000),
    price_currency text not null check (price_currency ~ '^[A-Z]{3}$'),
    primary key (tid, id),
    constraint price_list_lines_price_list_known foreign key (tid, price_list) references price_lists,
    constraint price_list_lines_product_known foreign key (tid, product) references products,
    -- Of two that begin at the same nobody could say which holds.
    constraint price_list_lines_from_quantity_once unique (tid, price_list, product, from_quantity)
);
call tenant_table('price_list_lines');
call resource_table('price_list_lines', 'catalog.price_list_line', 'name', array['name']);
call resource_sort('price_list_lines', 'name');
call resource_sort('price_list_lines', 'from_quantity');
call resource_sort('price_list_lines', 'price_minor');
call resource_filter('price_list_lines', 'price_list', 'name');
call resource_filter('price_list_lines', 'product', 'name');

-- A line that is called nothing is called as its product; one of no product is refused behind this.
create function price_list_line_called() returns trigger language plpgsql as $$
begin
    new.name := coalesce(new.name, (select name from products where tid = new.tid and id = new.product), '');
    return new;
end
$$;
create trigger called before insert or update on price_list_lines for each row execute function price_list_line_called();
