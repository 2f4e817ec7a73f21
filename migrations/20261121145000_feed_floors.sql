-- Up to where a company's feed was dropped because it was old: whoever has read less far is brought up to date from what stands instead. Apart from the heads,
-- so that dropping stands in no lane's way.
create table feed_floors (
    tid uuid primary key references tenants,
    position bigint not null check (position >= 0)
);
call tenant_table('feed_floors');
