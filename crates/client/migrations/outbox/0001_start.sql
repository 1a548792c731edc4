-- What was written on this machine and the server does not have yet. Never thrown away by the program; times are
-- microseconds since 1970.

create table entries (
    -- order of writing, never reused
    seq integer not null primary key autoincrement,
    -- the message's id, all the way to Twilio
    id text not null unique,
    workspace_id text not null,
    contact_id text not null,
    content text not null,
    created_at integer not null,
    state text not null check (state in ('queued', 'sending', 'handed_over', 'parked')),
    -- tries so far
    attempt integer not null default 0,
    -- not before this
    next_at integer not null,
    -- 1 from the moment of the first request until an answer says that the server does not have it
    in_doubt integer not null default 0,
    -- handed over: the server's word for it, and whether Twilio has it
    status text,
    has_sid integer not null default 0,
    -- parked: JSON of what to tell the agent
    failure text
) strict;

create index entries_of_contact on entries (contact_id, created_at, id);
create index entries_in_order on entries (contact_id, seq) where state in ('queued', 'sending');
create index entries_of_state on entries (state, seq);

create table commands (
    seq integer not null primary key autoincrement,
    id text not null unique,
    workspace_id text not null,
    contact_id text not null,
    -- JSON of the whole command
    command text not null,
    attempt integer not null default 0,
    next_at integer not null,
    -- once the server carried it out: the change from which on the feed shows it
    done_at_seq integer
) strict;

create index commands_of_contact on commands (contact_id);

create table drafts (
    contact_id text not null primary key,
    content text not null,
    updated_at integer not null
) strict, without rowid;
