-- What a team does beside texting: who sees to a conversation, labels, private notes, canned replies, members.

alter table contacts add column assigned_to text;
-- JSON: ids, in the order in which they were put on
alter table contacts add column labels text not null default '[]';
-- JSON: {name: value}
alter table contacts add column attributes text not null default '{}';
alter table contacts add column snoozed_until integer;
alter table contacts add column blocked_at integer;
-- JSON: numbers of contacts that were merged into this one
alter table contacts add column other_phones text not null default '[]';

-- Closed and snoozed conversations are two views by now.
drop index contacts_closed;
create index contacts_closed on contacts (sort_at, id) where conversation_status = 'Closed';
create index contacts_snoozed on contacts (sort_at, id) where conversation_status = 'Snoozed';
-- Those of nobody, too: they stand together.
create index contacts_of_member on contacts (assigned_to, sort_at, id) where conversation_status in ('Open', 'Pending');

-- contacts.labels once more, in the order in which the list of one label is read.
create table contact_labels (
    label_id text not null,
    sort_at integer not null,
    contact_id text not null,
    primary key (label_id, sort_at, contact_id)
) strict, without rowid;

create index labels_of_contact on contact_labels (contact_id);

create table labels (
    id text not null primary key,
    workspace_id text not null,
    name text not null,
    color text not null,
    created_at integer not null,
    updated_at integer not null
) strict, without rowid;

create index labels_of_workspace on labels (workspace_id, name);

create table notes (
    id text not null primary key,
    workspace_id text not null,
    contact_id text not null,
    author_id text not null,
    content text not null,
    -- JSON: ids of members
    mentions text not null,
    edited_at integer,
    created_at integer not null,
    updated_at integer not null
) strict, without rowid;

create index notes_of_contact on notes (contact_id, created_at, id);
create index notes_of_workspace on notes (workspace_id);

create table canned_replies (
    id text not null primary key,
    workspace_id text not null,
    name text not null,
    content text not null,
    created_at integer not null,
    updated_at integer not null
) strict, without rowid;

create index canned_replies_of_workspace on canned_replies (workspace_id, name);

-- Somebody may be in several teams, under another name in each.
create table members (
    workspace_id text not null,
    user_id text not null,
    role text not null,
    name text,
    email text,
    created_at integer not null,
    updated_at integer not null,
    primary key (workspace_id, user_id)
) strict, without rowid;

-- The newest number at which the feed had nothing more to tell. Between two such places the cache may lack a change that its cursor
-- has passed: a row that changed twice is told under its later number alone.
alter table cursors add column whole_seq integer not null default 0;

-- An older cache was told of all this and did not keep it, so its cursor claims too much. No server has a feed of this id: the
-- snapshot comes again and takes the place of what is here, which stays readable until then.
update cursors set feed = '00000000-0000-0000-0000-000000000000';
