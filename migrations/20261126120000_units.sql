-- More units that products are sold in (shared/domain/src/catalog/product.rs has the list).
alter table products drop constraint products_unit_check;
alter table products add constraint products_unit_check check (
    unit in ('piece', 'pair', 'pack', 'kilogram', 'gram', 'litre', 'metre', 'square_metre', 'cubic_metre', 'hour')
);
