-- What each team's comparison with Twilio's own list came to.
create table audits (
    workspace_id text not null primary key,
    twilio integer not null,
    here integer not null,
    checked_at integer not null
) strict, without rowid;
