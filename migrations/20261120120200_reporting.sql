-- What reporting keeps of the events it has heard.

-- Takings per till and local hour. `hour` is the instant at which the hour began, so the hour that an autumn night repeats is two.
create table reporting_takings (
    tid uuid not null,
    -- The day in the site's time zone.
    day date not null,
    site uuid not null,
    till uuid not null,
    hour timestamptz not null,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    -- The sum of the payments.
    gross_minor bigint not null,
    -- How many tickets were completed.
    tickets bigint not null check (tickets >= 0),
    primary key (tid, day, site, till, hour, currency)
);
call tenant_table('reporting_takings');
