-- The change feed: each change to contacts and messages gets a number at commit, whoever made it.
--
-- Whoever has seen change 412 asks for what came after 412. That is only right if nothing numbered 412 or less can become
-- visible later. So a transaction takes its numbers at the very end, while it holds the workspace's feed lock, and lets go of
-- the lock only after it has become visible: within a workspace the order of numbers is the order of commits.
--
-- The lock is an advisory one and the number comes from a sequence, and not both from a counter row: a counter row would make
-- every foreign transaction at `repeatable read` fail as soon as somebody else wrote in the same workspace. What a rolled-back
-- transaction took is never used, so numbers rise but are not dense.

create sequence change_seq;

-- One row an entity: its latest change. The feed never grows past the data. created_seq is the number under which the row
-- first appeared, so that a reader can tell a new row from a changed one however many changes were folded into one.
create table changes (
  workspace_id uuid not null,
  entity text not null constraint changes_entity_known check (entity in ('contact', 'message')),
  entity_id uuid not null,
  seq bigint not null,
  created_seq bigint not null,
  primary key (workspace_id, entity, entity_id)
);
create unique index changes_by_seq on changes (workspace_id, seq);

-- One row: which life of the feed this is. `life` names the cluster, its timeline and the database; when they are others than
-- those written down, this is a restored backup or a copy, its numbers mean something else, and it gets another id.
create table feeds (
  single boolean primary key default true constraint feeds_one_row check (single),
  id uuid not null default gen_random_uuid(),
  life text not null
);

create function feed_life() returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '/' || d.oid
  from pg_control_system(), pg_database d
  where d.datname = current_database()
$$;

insert into feeds (life) values (feed_life());

-- Called by each process when it starts to listen. Anybody may: it changes nothing in a database that is still the same.
create function feed_open() returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  current_life text := public.feed_life();
begin
  update public.feeds set id = gen_random_uuid(), life = current_life where life <> current_life;
  return (select id from public.feeds);
end
$$;

-- Remembers, for this transaction, that it touches a workspace. Only a hint for the order of locks: rolled back with its
-- savepoint, and harmless when somebody else writes nonsense into it.
create function feed_touch(workspace uuid) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  touched text := coalesce(current_setting('deskline.touched', true), '');
begin
  if workspace is not null and position(workspace::text in touched) = 0 then
    perform set_config('deskline.touched', touched || workspace::text || ' ', true);
  end if;
end
$$;

create function feed_touched() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op <> 'INSERT' then
    perform public.feed_touch(old.workspace_id);
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  perform public.feed_touch(new.workspace_id);
  return new;
end
$$;

-- Named to run after the triggers that put a row right: they may fill in its workspace.
create trigger zz_contacts_touched before insert or update or delete on contacts
  for each row execute function feed_touched();
create trigger zz_messages_touched before insert or update or delete on messages
  for each row execute function feed_touched();

-- Numbers one change. The first one of a transaction locks every workspace that the transaction touched, in a fixed order, so
-- that two transactions with several workspaces never wait for each other in a circle.
create function feed_append(workspace uuid, kind text, row_id uuid, created boolean) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  touched text := coalesce(current_setting('deskline.touched', true), '');
  number bigint;
  key bigint;
begin
  if touched is distinct from current_setting('deskline.locked', true) or position(workspace::text in touched) = 0 then
    for key in
      select distinct hashtextextended(word, 0) from string_to_table(touched || workspace::text, ' ') word
      where word <> '' order by 1
    loop
      perform pg_advisory_xact_lock(key);
    end loop;
    perform set_config('deskline.locked', touched, true);
  end if;

  number := nextval('public.change_seq');
  insert into public.changes as c (workspace_id, entity, entity_id, seq, created_seq)
  values (workspace, kind, row_id, number, case when created then number else 0 end)
  on conflict (workspace_id, entity, entity_id) do update
  set seq = excluded.seq,
      created_seq = case when created then excluded.created_seq else c.created_seq end;

  -- The same payload again within a transaction is one notification.
  perform pg_notify('deskline_changes', workspace::text);
end
$$;

create function feed_note() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moved boolean := tg_op = 'UPDATE' and (old.workspace_id, old.id) is distinct from (new.workspace_id, new.id);
begin
  if tg_op = 'DELETE' or moved then
    perform public.feed_append(old.workspace_id, tg_argv[0], old.id, false);
  end if;
  if tg_op <> 'DELETE' then
    perform public.feed_append(new.workspace_id, tg_argv[0], new.id, tg_op = 'INSERT' or moved);
  end if;
  return null;
end
$$;

-- Deferred to the commit, so that every row is locked before any feed is. An update that changes nothing is no change.
create constraint trigger contacts_come_and_go after insert or delete on contacts
  deferrable initially deferred for each row execute function feed_note('contact');
create constraint trigger contacts_change after update on contacts
  deferrable initially deferred for each row when (old.* is distinct from new.*) execute function feed_note('contact');
create constraint trigger messages_come_and_go after insert or delete on messages
  deferrable initially deferred for each row execute function feed_note('message');
create constraint trigger messages_change after update on messages
  deferrable initially deferred for each row when (old.* is distinct from new.*) execute function feed_note('message');

-- Truncating says nothing about rows. Everybody starts over, as after a restored backup.
create function feed_truncated() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.feeds set id = gen_random_uuid();
  perform pg_notify('deskline_changes', '');
  return null;
end
$$;

create trigger contacts_truncated after truncate on contacts for each statement execute function feed_truncated();
create trigger messages_truncated after truncate on messages for each statement execute function feed_truncated();

revoke execute on function feed_touch(uuid), feed_touched(), feed_append(uuid, text, uuid, boolean), feed_note(), feed_truncated()
  from public;
