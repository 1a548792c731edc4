-- What other accounts, other programs and odd calendars may do to a text that waits.

-- The account that a text's latest attempt was made with. Where its outcome is unknown, only that account's list can tell.
alter table sends add column account_sid text;
update sends s set account_sid = c.account_sid
from workspace_twilio_config c
where c.workspace_id = s.workspace_id and s.state <> 'queued';

-- Times are such that Rust, JavaScript and RFC 3339 can all read them. A program that takes milliseconds for seconds writes the year
-- 57,873, and a row that cannot be read would stop the next text of its contact from being stored. Null stays null.
create function readable_time(written timestamptz, otherwise timestamptz) returns timestamptz
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  return case when written not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z' then otherwise else written end;
end
$$;

-- Somebody who is opted out for ever is opted out. A snooze or a block that is not finite is refused by a constraint of its own.
create function contact_times() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  new.created_at := public.readable_time(new.created_at, now());
  new.last_message_at := public.readable_time(new.last_message_at, null);
  new.opted_out_at := public.readable_time(new.opted_out_at, now());
  if isfinite(new.snoozed_until) then
    new.snoozed_until := public.readable_time(new.snoozed_until, '9999-12-30 00:00Z');
  end if;
  if isfinite(new.blocked_at) then
    new.blocked_at := public.readable_time(new.blocked_at, now());
  end if;
  return new;
end
$$;

create function message_times() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  new.created_at := public.readable_time(new.created_at, now());
  new.send_at := public.readable_time(new.send_at, null);
  return new;
end
$$;

-- Named to run before the triggers that compare a row with what it was. For an ordinary row they cost a few comparisons.
create trigger contacts_times before insert or update on contacts
  for each row when (
    new.created_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
    or new.last_message_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
    or new.opted_out_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
    or new.snoozed_until not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
    or new.blocked_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
  )
  execute function contact_times();
create trigger messages_times before insert or update on messages
  for each row when (
    new.created_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
    or new.send_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
  )
  execute function message_times();

-- What is there already is put right by them.
update messages set created_at = created_at
where created_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
   or send_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z';
update contacts set created_at = created_at
where created_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
   or last_message_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
   or opted_out_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
   or snoozed_until not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z'
   or blocked_at not between '0001-01-02 00:00Z' and '9999-12-30 00:00Z';

revoke execute on function readable_time(timestamptz, timestamptz), contact_times(), message_times() from public;
