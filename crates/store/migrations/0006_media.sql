-- Files: those that came with a text and were fetched from Twilio, and those that agents uploaded. Their content is in the object
-- store, under the file's id; here is what is known about them.

-- content_type is what the file is served with. A file that no text holds any more is removed some time after kept_until.
-- workspace_id points nowhere, so that a file outlives its workspace until its content is removed.
create table media_files (
  id uuid primary key,
  workspace_id uuid not null,
  content_type text not null,
  size bigint not null constraint media_files_size_not_negative check (size >= 0),
  name text,
  uploaded_by uuid,
  kept_until timestamptz not null,
  created_at timestamptz not null
);
create index media_files_by_age on media_files (kept_until);

-- Which file of ours stands at which place of messages.media. What the column itself says about ids is for reading, and proves nothing:
-- other programs write it.
create table message_files (
  message_id uuid not null constraint message_files_message_fkey references messages on delete cascade,
  position integer not null,
  file_id uuid not null constraint message_files_file_fkey references media_files,
  primary key (message_id, position)
);
create index message_files_file on message_files (file_id);

-- The work list of files to be fetched from Twilio, shared by all processes: to be tried at next_at, by whoever holds the lease. `attempt`
-- numbers the hand-outs; a verb with an old number changes nothing. A row leaves when its file is here, or will never be.
create table media_fetches (
  message_id uuid not null constraint media_fetches_message_fkey references messages on delete cascade,
  position integer not null,
  workspace_id uuid not null,
  url text not null,
  told_type text,
  attempt integer not null default 0,
  next_at timestamptz not null,
  lease_until timestamptz,
  primary key (message_id, position)
);
create index media_fetches_by_time on media_fetches (next_at);

-- In the transaction that stores the text, whoever stores it: a webhook, an audit, another program. Files that are not at
-- Twilio are taken off the list again when their turn comes.
create function media_arrived() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.media_fetches (message_id, position, workspace_id, url, told_type, next_at)
  select new.id, f.place - 1, new.workspace_id, f.file ->> 'url', f.file ->> 'content_type', least(new.created_at, now())
  from jsonb_array_elements(new.media) with ordinality f (file, place)
  where f.file ->> 'url' is not null and f.file ->> 'state' is null;
  return null;
end
$$;

create trigger messages_media_arrived after insert on messages for each row
  when (new.direction = 'inbound' and new.twilio_sid is not null and new.media <> '[]')
  execute function media_arrived();

revoke execute on function media_arrived() from public;
