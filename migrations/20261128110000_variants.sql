-- Variants: products that stand for another one, each told from the others by its options. What has variants is not sold itself; that a variant has none, the program sees to.

alter table products
    add column variant_of uuid,
    add constraint products_variant_of_known foreign key (tid, variant_of) references products,
    add constraint products_variant_of_another check (variant_of <> id);
call resource_rows('products', 'options', array['option', 'value'], 5);
call resource_filter('products', 'variant_of', 'name');
call resource_search('products', 'catalog.product', 'name', array['name', 'options', 'gtin', 'barcodes', 'brand', 'tags'], '');
