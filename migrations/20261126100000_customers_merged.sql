-- Customers that are probably the same one are found by what they say, in the form in which it is compared (shared/domain/src/kernel/resource/alike.rs), and merged. It is no
-- reason to refuse one: a household shares a telephone, two branches a tax number.

-- Lets records be found by a field as values are compared.
create procedure resource_alike(relation regclass, field name) language plpgsql as $$
begin
    execute format('alter table %s add column %I text', relation, field || '_alike');
    execute format('create index on %s (tid, %I)', relation, field || '_alike');
end
$$;

-- Lets records be merged: an archived one says which one stands for it.
create procedure resource_merged(relation regclass) language plpgsql as $$
begin
    execute format('alter table %s add column merged_into uuid check (merged_into is null or (archived_at is not null and merged_into <> id))', relation);
    execute format('alter table %s add constraint %I foreign key (tid, merged_into) references %s', relation, relation::text || '_merged_into_known', relation);
end
$$;

alter table customers drop constraint customers_email_unique, drop constraint customers_tax_number_unique;
call resource_alike('customers', 'email');
call resource_alike('customers', 'phone');
call resource_alike('customers', 'tax_number');
call resource_merged('customers');

-- Those that are there already. No policy lets the owner touch them but for this; they stay at their versions, and nothing that is searched changes.
alter table customers no force row level security, disable trigger touch, disable trigger version, disable trigger search_changed;
with written as (
    select tid, id, regexp_replace(phone, '[^0-9]', '', 'g') as digits, upper(regexp_replace(tax_number, '[^0-9A-Za-z]', '', 'g')) as number from customers
), compared as (
    select tid, id, digits,
           regexp_replace(number, '^(AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|TR|UA|XI)(?=.{4})', '') as number
    from written
)
update customers as c set
    email_alike = c.email,
    phone_alike = case when length(w.digits) >= 6 and w.digits !~ '^(.)\1*$' then right(w.digits, 9) end,
    tax_number_alike = case when length(w.number) >= 4 and w.number !~ '^(.)\1*$' then w.number end
    from compared as w where w.tid = c.tid and w.id = c.id;
alter table customers force row level security, enable trigger touch, enable trigger version, enable trigger search_changed;
