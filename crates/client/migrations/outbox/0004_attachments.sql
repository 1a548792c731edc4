-- Files that an agent put to a text: to the draft of a contact, and to the text from the moment that it is sent. Their content is
-- beside this file, in `outbox-files`, each encrypted with the key that stands here. No cell is a blob, so that all of it can be salvaged.
create table attachments (
    id text not null primary key,
    contact_id text not null,
    -- the text that it goes with; null while it belongs to the draft
    entry_id text,
    -- order in its text
    place integer not null,
    name text,
    content_type text not null,
    -- of the content, in bytes
    size integer not null,
    -- in pixels, as it is shown; null for anything but a picture
    width integer,
    height integer,
    key text not null,
    -- what the server calls it, once it has it, and since when
    link text,
    linked_at integer
) strict, without rowid;

create index attachments_of_draft on attachments (contact_id, place) where entry_id is null;
create index attachments_of_entry on attachments (entry_id, place) where entry_id is not null;
