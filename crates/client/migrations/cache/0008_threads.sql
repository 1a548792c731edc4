-- A conversation's texts lie side by side, in the order of the thread. A page of sixty is then a few pages of the file and not sixty, each
-- of which has to be decrypted; and a text that comes in is written into two trees and not into five.
--
-- What the former indexes were for: the newest text of either direction is found by walking back from the end of the thread, which ends
-- after a few rows; and a team's texts are only ever asked for to delete all of them.

drop index messages_of_contact;
drop index messages_inbound;
drop index messages_outbound;
drop index messages_of_workspace;

alter table messages rename to messages_before;

create table messages (
    id text not null,
    workspace_id text not null,
    contact_id text not null,
    content text not null,
    direction text not null,
    status text not null,
    has_sid integer not null,
    in_doubt integer not null,
    -- JSON
    media text not null,
    from_number text,
    error_code integer,
    error_message text,
    sent_by text,
    -- microseconds
    created_at integer not null,
    updated_at integer not null,
    primary key (contact_id, created_at, id)
) strict, without rowid;

insert into messages select id, workspace_id, contact_id, content, direction, status, has_sid, in_doubt, media, from_number, error_code,
    error_message, sent_by, created_at, updated_at from messages_before order by contact_id, created_at, id;

drop table messages_before;

create unique index messages_by_id on messages (id);

-- The triggers that note what is missing in the search index went with the table; both are made anew.
update search_index set version = 0;

-- So did this one, of 0005.
create trigger media_of_gone_messages after delete on messages begin
    delete from media where message_id = old.id;
end;
