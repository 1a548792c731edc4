-- The desktop's copy of its part of the shared Postgres. Rebuildable at any time; times are microseconds since 1970.

create table workspaces (
    id text not null primary key,
    name text not null,
    role text not null,
    -- order in which the server named them
    place integer not null
) strict, without rowid;

-- How far each team's feed was read. A row exists from the first page of the first snapshot on.
create table cursors (
    workspace_id text not null primary key,
    feed text not null,
    seq integer not null,
    -- what to ask for next while the snapshot is not complete
    snapshot_next text,
    snapshot_done integer not null,
    snapshot_total integer not null
) strict, without rowid;

create table contacts (
    id text not null primary key,
    workspace_id text not null,
    name text,
    phone text not null,
    unread_count integer not null,
    conversation_status text not null,
    opted_out integer not null,
    last_message_at integer,
    -- last_message_at, else created_at: what the list is ordered by
    sort_at integer not null,
    created_at integer not null,
    updated_at integer not null
) strict, without rowid;

create index contacts_by_time on contacts (sort_at, id);
create index contacts_of_workspace on contacts (workspace_id, sort_at, id);
create index contacts_unread on contacts (sort_at, id, unread_count) where unread_count > 0;
create index contacts_open on contacts (sort_at, id) where conversation_status in ('Open', 'Pending');
create index contacts_closed on contacts (sort_at, id) where conversation_status in ('Closed', 'Snoozed');

create table messages (
    id text not null primary key,
    workspace_id text not null,
    contact_id text not null,
    content text not null,
    direction text not null,
    status text not null,
    -- whether Twilio has given it an id
    has_sid integer not null,
    -- whether nobody can say at the moment if Twilio has it
    in_doubt integer not null,
    -- JSON: [{url, content_type}]
    media text not null,
    from_number text,
    error_code integer,
    error_message text,
    sent_by text,
    created_at integer not null,
    updated_at integer not null
) strict, without rowid;

create index messages_of_contact on messages (contact_id, created_at, id);
create index messages_inbound on messages (contact_id, created_at, id) where direction = 'inbound';
create index messages_outbound on messages (contact_id, created_at, id, status) where direction = 'outbound';
create index messages_of_workspace on messages (workspace_id);

-- Rows that did not have the form they should have: kept to be looked at, so that one of them never stops a page.
create table quarantine (
    entity text not null,
    entity_id text not null,
    workspace_id text not null,
    seq integer not null,
    reason text not null,
    row text not null,
    at integer not null,
    primary key (entity, entity_id)
) strict, without rowid;
