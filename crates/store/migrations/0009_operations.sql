-- What a team sees of its audit, a gentle restart for senders that were told to wait, and nobody who is gone has work.

-- The newest comparison's hours of each workspace: those of its own numbers, and of its Messaging Service where Twilio has not
-- said which number that took.
create view workspace_audit_hours as
  select c.workspace_id, h.number, h.hour, h.twilio, h.here, h.elsewhere
  from workspace_twilio_config c
  join audits a on a.account_sid = c.account_sid
  join audit_hours h on h.account_sid = a.account_sid and h.hour >= date_trunc('hour', a.window_from, 'UTC')
  where h.number = c.messaging_service_sid
     or exists (select from twilio_numbers n where n.workspace_id = c.workspace_id and n.phone_number = h.number);

-- The same added up, as desktops hear it through the feed: `twilio` are the texts that Twilio lists and that are the team's, `here`
-- those of them that are stored. id gives it the shape that the feed wants of every row.
create table workspace_audits (
  workspace_id uuid primary key constraint workspace_audits_workspace_fkey references workspaces on delete cascade,
  id uuid generated always as (workspace_id) stored,
  account_sid text not null,
  twilio bigint not null,
  here bigint not null,
  checked_at timestamptz not null,
  updated_at timestamptz not null default now()
);

create trigger workspace_audits_written before insert or update on workspace_audits for each row execute function row_written();
create trigger zz_workspace_audits_touched before insert or update or delete on workspace_audits
  for each row execute function feed_touched();
create constraint trigger workspace_audits_come_and_go after insert or delete on workspace_audits
  deferrable initially deferred for each row execute function feed_note('audit');
create constraint trigger workspace_audits_change after update on workspace_audits
  deferrable initially deferred for each row when (old.* is distinct from new.*) execute function feed_note('audit');
create trigger workspace_audits_truncated after truncate on workspace_audits for each statement execute function feed_truncated();

-- As in 0005, and one time more: after a hold, the texts of a sender leave one by one until Twilio has taken one of them (then
-- `holds` is 0). While one is on its way, the next one waits for its lease to end.
create or replace view sends_in_line as
  with busy as materialized (
    select sender, max(lease_until) as until from sends where state = 'sending' group by sender
  )
  select s.message_id, s.position, s.state, s.next_at, s.sender, s.segments, c.account_sid,
         s.state = 'queued' and p.segments_per_second is not null as paced,
         greatest(s.next_at, s.lease_until,
                  case when s.state = 'queued' then p.held_until end,
                  case when s.state = 'queued' and p.segments_per_second is not null then p.free_at end,
                  case when s.state = 'queued' and p.holds > 0 then b.until end) as due_at,
         s.state = 'queued' and coalesce(p.holds, 0) > 0 as one_by_one
  from sends s
  join workspace_twilio_config c on c.workspace_id = s.workspace_id and c.is_configured
  left join senders p on p.account_sid = c.account_sid and p.sender = s.sender
  left join busy b on b.sender = s.sender
  where not exists (select from sends earlier where earlier.contact_id = s.contact_id and earlier.position < s.position);

-- Whoever is no longer a member sees to no conversation, whichever program removed them. Contacts are locked in the order of their
-- ids, as everywhere.
create function members_gone() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.contacts c set assigned_to = null
  from (
    select k.id
    from public.contacts k
    where (k.workspace_id, k.assigned_to) in (
      select g.workspace_id, g.user_id from gone g
      where not exists (select from public.workspace_members m where m.workspace_id = g.workspace_id and m.user_id = g.user_id))
    order by k.id
    for no key update
  ) theirs
  where c.id = theirs.id;
  return null;
end
$$;

create trigger members_gone after delete on workspace_members referencing old table as gone
  for each statement execute function members_gone();
create trigger members_moved after update on workspace_members referencing old table as gone
  for each statement execute function members_gone();

-- Who left before this.
update contacts c set assigned_to = null
where c.assigned_to is not null
  and not exists (select from workspace_members m where m.workspace_id = c.workspace_id and m.user_id = c.assigned_to);

-- What is too old to be kept is asked for by age.
create index dead_letters_age on dead_letters (received_at);

revoke execute on function members_gone() from public;
