-- Variants: products that stand for another one, each told from the others by its options. What has variants is not sold itself; that a variant has none, the program sees to.

alter table products
    add column variant_of uuid,
    add constraint products_variant_of_known foreign key (tid, variant_of) references products,
    add constraint products_variant_of_another check (variant_of <> id);
call resource_rows('products', 'options', array['option', 'value'], 5);
call resource_filter('products', 'variant_of', 'name');
call resource_search('products', 'catalog.product', 'name', array['name', 'options', 'gtin', 'barcodes', 'brand', 'tags'], '');

-- Roles of companies' own were agreed before a product could stand for another one, which takes it off the tills and lends it a price: they change neither until somebody says so.
alter table roles no force row level security, disable trigger touch;
update roles
    set terms = jsonb_set(terms, '{fields,catalog.product}', '{"variant_of": "read", "options": "read"}' || coalesce(terms #> '{fields,catalog.product}', '{}'))
    where exists (select from jsonb_array_elements_text(terms -> 'permissions') as p where starts_with(p, 'catalog.product.'));
alter table roles force row level security, enable trigger touch;
