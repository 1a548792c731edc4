-- What a team does beside texting: who sees to a conversation, labels, private notes, canned replies, names of members. And how
-- long a workspace keeps its texts.

-- Everything about one conversation is in its contact's row, so that one lock and one change of the feed cover it. What a foreign
-- program writes here must read as what it is, since a row that cannot be read would stop the next text from being stored.
alter table contacts
  add column snoozed_until timestamptz constraint contacts_snoozed_until_finite check (isfinite(snoozed_until)),
  add column assigned_to uuid,
  add column labels uuid[] not null default '{}'
    constraint contacts_labels_are_ids check (coalesce(array_ndims(labels), 1) = 1 and array_position(labels, null) is null),
  add column attributes jsonb not null default '{}'
    constraint contacts_attributes_are_texts check (
      jsonb_typeof(attributes) = 'object'
      and (attributes = '{}' or not jsonb_path_exists(attributes, 'strict $.* ? (@.type() != "string")'))
    ),
  add column blocked_at timestamptz constraint contacts_blocked_at_finite check (isfinite(blocked_at)),
  add column other_phones text[] not null default '{}'
    constraint contacts_other_phones_are_texts check (
      coalesce(array_ndims(other_phones), 1) = 1 and array_position(other_phones, null) is null
    );
-- Both hold next to no rows: they cost a text nothing.
create index contacts_snoozed on contacts (snoozed_until) where snoozed_until is not null;
create index contacts_by_other_phone on contacts using gin (other_phones) where other_phones <> '{}';

-- As in 0001, but for two things: whatever ends a snooze, here or in another program, forgets its time; and the row is compared as
-- a whole, so that a column that is added later is not forgotten. (A generated column has no new value yet, and what is written
-- into it counts for nothing.)
create or replace function contact_written() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  new.unread_count := greatest(coalesce(new.unread_count, 0), 0);
  new.conversation_status := coalesce(new.conversation_status, 'Open');
  new.created_at := coalesce(new.created_at, now());
  if new.conversation_status <> 'Snoozed' then
    new.snoozed_until := null;
  end if;
  if tg_op = 'UPDATE' then
    new.updated_at := old.updated_at;
    new.phone_number := old.phone_number;
    if new is not distinct from old then
      return new;
    end if;
  end if;
  new.updated_at := clock_timestamp();
  return new;
end
$$;

-- Names are unique in any case of their letters.
create table labels (
  id uuid primary key,
  workspace_id uuid not null constraint labels_workspace_fkey references workspaces on delete cascade,
  name text not null,
  color text not null constraint labels_color_is_hex check (color ~ '^#[0-9a-fA-F]{6}$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index labels_name_key on labels (workspace_id, lower(name));

create table canned_replies (
  id uuid primary key,
  workspace_id uuid not null constraint canned_replies_workspace_fkey references workspaces on delete cascade,
  name text not null,
  content text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index canned_replies_name_key on canned_replies (workspace_id, lower(name));

-- A note follows its contact to another workspace, as its texts do.
create table notes (
  id uuid primary key,
  workspace_id uuid not null,
  contact_id uuid not null,
  author_id uuid not null,
  content text not null,
  mentions uuid[] not null default '{}',
  edited_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notes_contact_fkey foreign key (workspace_id, contact_id) references contacts (workspace_id, id)
    on delete cascade on update cascade
);
create index notes_by_thread on notes (contact_id, created_at desc, id desc);
create index notes_by_workspace on notes (workspace_id, created_at desc, id desc);

-- id gives a member the shape that the feed wants of every row. Within a workspace it is unique.
alter table workspace_members
  add column id uuid generated always as (user_id) stored,
  add column name text,
  add column updated_at timestamptz not null default now();

-- Texts and notes older than this are deleted; null keeps them for ever.
alter table workspaces
  add column retention_days integer constraint workspaces_retention_long_enough check (retention_days between 30 and 36500);

-- What was done is asked for by age when a workspace forgets.
create index commands_by_age on commands (workspace_id, executed_at);


-- The feed tells of the new tables as it does of the old ones. Which kinds there are is written in one place, where they are
-- read (store::changes): kinds come from triggers alone.
alter table changes drop constraint changes_entity_known;

create trigger zz_labels_touched before insert or update or delete on labels
  for each row execute function feed_touched();
create trigger zz_canned_replies_touched before insert or update or delete on canned_replies
  for each row execute function feed_touched();
create trigger zz_notes_touched before insert or update or delete on notes
  for each row execute function feed_touched();
create trigger zz_members_touched before insert or update or delete on workspace_members
  for each row execute function feed_touched();

create constraint trigger labels_come_and_go after insert or delete on labels
  deferrable initially deferred for each row execute function feed_note('label');
create constraint trigger labels_change after update on labels
  deferrable initially deferred for each row when (old.* is distinct from new.*) execute function feed_note('label');
create constraint trigger canned_replies_come_and_go after insert or delete on canned_replies
  deferrable initially deferred for each row execute function feed_note('canned_reply');
create constraint trigger canned_replies_change after update on canned_replies
  deferrable initially deferred for each row when (old.* is distinct from new.*) execute function feed_note('canned_reply');
create constraint trigger notes_come_and_go after insert or delete on notes
  deferrable initially deferred for each row execute function feed_note('note');
create constraint trigger notes_change after update on notes
  deferrable initially deferred for each row when (old.* is distinct from new.*) execute function feed_note('note');
create constraint trigger members_come_and_go after insert or delete on workspace_members
  deferrable initially deferred for each row execute function feed_note('member');
create constraint trigger members_change after update on workspace_members
  deferrable initially deferred for each row when (old.* is distinct from new.*) execute function feed_note('member');

create trigger labels_truncated after truncate on labels for each statement execute function feed_truncated();
create trigger canned_replies_truncated after truncate on canned_replies for each statement execute function feed_truncated();
create trigger notes_truncated after truncate on notes for each statement execute function feed_truncated();
create trigger members_truncated after truncate on workspace_members for each statement execute function feed_truncated();

-- Desktops that have synced already hear of the members that are there.
update workspace_members set updated_at = clock_timestamp();
set constraints all immediate;
set constraints all deferred;

-- updated_at is ours alone, and moves only when something else did. As JSON, since these tables are written rarely and id may be
-- a generated column.
create function row_written() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and to_jsonb(new) - '{id,updated_at}'::text[] = to_jsonb(old) - '{id,updated_at}'::text[] then
    new.updated_at := old.updated_at;
  else
    new.updated_at := clock_timestamp();
  end if;
  return new;
end
$$;

create trigger labels_written before insert or update on labels for each row execute function row_written();
create trigger canned_replies_written before insert or update on canned_replies for each row execute function row_written();
create trigger notes_written before insert or update on notes for each row execute function row_written();
create trigger members_written before insert or update on workspace_members for each row execute function row_written();

revoke execute on function row_written() from public;
