-- When and from where a text leaves: the pace of each sender, texts for later, and a ledger that knows attempts.

-- What a text goes out from when its contact has not seen a number yet. One that is no longer the workspace's counts for nothing.
alter table workspace_twilio_config add column default_number text;

-- What one number or Messaging Service of one account may do now. A sender without a row has never been told to wait and has
-- no limit; two workspaces with one account share its rows as they share its numbers.
--   segments_per_second   null: as fast as Twilio takes them
--   free_at               where there is a limit: when the segments handed out so far have left at that pace
--   held_until            Twilio asked to wait until then; holds counts how often in a row, and is 0 once Twilio took a text
create table senders (
  account_sid text not null,
  sender text not null,
  segments_per_second double precision constraint senders_rate_is_positive check (segments_per_second > 0),
  free_at timestamptz not null default '-infinity',
  held_until timestamptz,
  holds integer not null default 0,
  primary key (account_sid, sender)
);

-- What a text that waits goes out from, and how much of its sender's pace it takes.
alter table sends
  add column sender text not null default '',
  add column segments integer not null default 1;
update sends s set sender = coalesce(m.from_number, '') from messages m where m.id = s.message_id;
alter table sends alter column sender drop default, alter column segments drop default;
create index sends_by_sender on sends (sender);

-- The oldest text of each contact, and when somebody may see to it. A text that may have left is looked up whatever its sender
-- has been told.
create view sends_in_line as
  select s.message_id, s.position, s.state, s.next_at, s.sender, s.segments, c.account_sid,
         s.state = 'queued' and p.segments_per_second is not null as paced,
         greatest(s.next_at, s.lease_until,
                  case when s.state = 'queued' then p.held_until end,
                  case when s.state = 'queued' and p.segments_per_second is not null then p.free_at end) as due_at
  from sends s
  join workspace_twilio_config c on c.workspace_id = s.workspace_id and c.is_configured
  left join senders p on p.account_sid = c.account_sid and p.sender = s.sender
  where not exists (select from sends earlier where earlier.contact_id = s.contact_id and earlier.position < s.position);

-- Texts for later. What a desktop shows is messages.send_at; that a text is sent at all is decided by this table, to which only
-- Deskline adds. Once it is time, the row moves to `sends`.
alter table messages add column send_at timestamptz;
create table scheduled (
  message_id uuid primary key constraint scheduled_message_fkey references messages on delete cascade,
  workspace_id uuid not null,
  contact_id uuid not null,
  send_at timestamptz not null,
  cancel_on_reply boolean not null default false
);
create index scheduled_by_time on scheduled (send_at);
create index scheduled_by_contact on scheduled (contact_id);
create index scheduled_by_workspace on scheduled (workspace_id, send_at);

-- The ledger learns what each row is, which attempt it belongs to, and who asked for it.
--   callback      Twilio reported a status
--   accepted, refused, rate_limited, queue_full, unreachable, unknown
--                 how an attempt of ours ended
--   retried       somebody asked for another attempt; message_sid is the one that the text had until then, whose callbacks
--                 are kept and no longer move the text
--   canceled      a text for later was called off, by somebody or by its contact's reply
--   expired       a text for later came up too late
alter table delivery_events
  add column kind text,
  add column attempt integer,
  add column by_user uuid;
update delivery_events
set kind = case when raw is not null then 'callback' when message_sid is not null then 'accepted' else 'refused' end;
alter table delivery_events
  alter column kind set not null,
  add constraint delivery_events_kind_known check (kind in (
    'callback', 'accepted', 'refused', 'rate_limited', 'queue_full', 'unreachable', 'unknown', 'retried', 'canceled', 'expired'));
create index delivery_events_given_up on delivery_events (message_sid) where kind = 'retried';

-- updated_at moves with send_at too. Named to run right after messages_written, which compares the columns it knows.
create function message_rescheduled() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;

create trigger messages_written_send_at before update of send_at on messages
  for each row when (old.send_at is distinct from new.send_at) execute function message_rescheduled();

-- A contact who writes first calls off what was to be sent unless they did, whichever program stores their text. One that was
-- written before the text for later, and is only stored now, does not.
create function scheduled_replied() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  with off as (
    update public.messages m set status = 'canceled'
    from public.scheduled s, (select contact_id, max(created_at) as newest from added where direction = 'inbound' group by contact_id) reply
    where s.contact_id = reply.contact_id and s.cancel_on_reply
      and m.id = s.message_id and m.status = 'scheduled' and m.created_at < reply.newest
    returning m.id, m.workspace_id
  ), noted as (
    insert into public.delivery_events (message_id, account_sid, status, kind, explanation, received_at)
    select off.id, coalesce(c.account_sid, ''), 'canceled', 'canceled', 'The contact wrote first.', clock_timestamp()
    from off left join public.workspace_twilio_config c on c.workspace_id = off.workspace_id
  )
  delete from public.scheduled s using off where s.message_id = off.id;
  return null;
end
$$;

create trigger messages_scheduled_replied after insert on messages referencing new table as added
  for each statement execute function scheduled_replied();

-- A text that moves to another contact keeps its place in the line, or its time.
create function message_moved() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.sends set workspace_id = new.workspace_id, contact_id = new.contact_id where message_id = new.id;
  update public.scheduled set workspace_id = new.workspace_id, contact_id = new.contact_id where message_id = new.id;
  return null;
end
$$;

create trigger messages_moved after update of workspace_id, contact_id on messages
  for each row when ((old.workspace_id, old.contact_id) is distinct from (new.workspace_id, new.contact_id))
  execute function message_moved();

revoke execute on function message_rescheduled(), scheduled_replied(), message_moved() from public;
