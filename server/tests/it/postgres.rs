//! The private Postgres: it lives as long as its server, and what it was given stays.
