-- Contents of files that are on this machine, encrypted one by one in `cache-files`. The one that was used longest ago goes first when
-- there are too many. A row that is gone takes the only key with it.
create table media (
    message_id text not null,
    -- which of the text's files
    place integer not null,
    -- the whole file, or the small copy of a picture that stands in the thread
    copy text not null check (copy in ('original', 'small')),
    -- the file's name
    id text not null unique,
    key text not null,
    content_type text not null,
    -- of the content
    bytes integer not null,
    -- of the original as it is shown, in pixels; null for anything but a picture
    width integer,
    height integer,
    used_at integer not null,
    primary key (message_id, place, copy)
) strict, without rowid;

create index media_by_use on media (used_at, id, bytes);

-- Whatever takes a text away, retention or the end of a membership, takes its files with it.
create trigger media_of_gone_messages after delete on messages begin
    delete from media where message_id = old.id;
end;
