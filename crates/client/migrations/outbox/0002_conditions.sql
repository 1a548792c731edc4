-- When a text was written (or the agent last decided about it), what the agent could have seen then, and why it waits for a
-- decision. Times are microseconds since 1970.

-- the newest message of the thread that was here then; what is newer, the agent had not seen
alter table entries add column after_at integer not null default 0;
alter table entries add column after_id text not null default '';
alter table entries add column decided_at integer not null default 0;
-- whether everything that the server had was here then
alter table entries add column live integer not null default 0;
-- parked because it may not fit any more: JSON of why
alter table entries add column held text;

update entries set after_at = created_at, after_id = id, decided_at = created_at;

create table settings (
    name text not null primary key,
    -- JSON
    value text not null
) strict, without rowid;
