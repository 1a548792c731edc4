//! Rows as Postgres spells them in JSON, read into the domain's words.
