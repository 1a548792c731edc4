-- Conversations that the agent does not want to be told about, at this desktop.
create table muted (
    contact_id text not null primary key,
    since integer not null
) strict, without rowid;
