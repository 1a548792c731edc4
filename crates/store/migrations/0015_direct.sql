-- Agents' desktops that work directly: a login role each, and rows, columns and verbs that Postgres itself keeps them to.
--
-- A login role of an agent is a member of the group `deskline_agent` and stands in direct_roles. The group has the grants; the policies
-- below say which rows. Whoever is not of the group (the owner, other programs) sees and writes what its rights have always let it:
-- the policies say so themselves, so that a role with rights on three tables needs nothing new.
--
-- What a policy or a trigger asks is asked of session_user, which `set role` does not change.

-- An admin lets a member work directly in a workspace. It ends with the membership.
create table direct_members (
  workspace_id uuid not null,
  user_id uuid not null,
  allowed_by uuid,
  allowed_at timestamptz not null default now(),
  primary key (workspace_id, user_id),
  constraint direct_members_member_fkey foreign key (workspace_id, user_id) references workspace_members on delete cascade on update cascade
);

-- Whose a login role is. While another one takes its place, an agent has two. One that has ended is good for nothing, and is there only
-- until the role itself is gone.
create table direct_roles (
  role_name name primary key,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index direct_roles_user on direct_roles (user_id);

-- Whether the caller has the rights of the group. (A superuser has everybody's, and is bound by no policy.)
create function works_directly() returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select exists (select from pg_roles r where r.rolname = 'deskline_agent' and pg_has_role(current_user, r.oid, 'usage'))
$$;

create function direct_user() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select user_id from public.direct_roles where role_name = session_user and ended_at is null
$$;

-- The workspaces that the caller may work in directly.
create function direct_workspaces() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.workspace_id
  from public.direct_roles r
  join public.direct_members d on d.user_id = r.user_id
  where r.role_name = session_user and r.ended_at is null
$$;

-- Those of them that the caller is an owner or an admin of.
create function direct_admin_workspaces() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.workspace_id
  from public.direct_roles r
  join public.direct_members d on d.user_id = r.user_id
  join public.workspace_members m on m.workspace_id = d.workspace_id and m.user_id = d.user_id
  where r.role_name = session_user and r.ended_at is null and m.role in ('owner', 'admin')
$$;

-- Colleagues in those workspaces, the caller among them.
create function direct_colleagues() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select m.user_id from public.workspace_members m where m.workspace_id in (select public.direct_workspaces())
$$;

-- Their Twilio accounts.
create function direct_accounts() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.account_sid from public.workspace_twilio_config c
  where c.workspace_id in (select public.direct_workspaces()) and c.account_sid <> ''
$$;

-- Whether a text is of one of them.
create function direct_has_message(id uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.messages m where m.id = direct_has_message.id and m.workspace_id in (select public.direct_workspaces())
  )
$$;

-- Whether it is a text that is on its way out: to be put into the line by nobody but who has stored it, or gives it another try.
create function direct_may_send(id uuid, workspace uuid, contact uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.messages m
    where m.id = direct_may_send.id and m.workspace_id = workspace and m.contact_id = contact and m.direction = 'outbound'
      and m.status = 'queued' and m.twilio_sid is null and workspace in (select public.direct_workspaces())
  )
$$;

-- Whether somebody has decided about a text, so that it may leave the line.
create function direct_is_decided(id uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.messages m where m.id = direct_is_decided.id and (m.twilio_sid is not null or m.status <> 'queued')
  )
$$;

-- A time that somebody writes down just now.
create function is_now(written timestamptz) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select written between clock_timestamp() - interval '10 minutes' and clock_timestamp() + interval '10 minutes'
$$;


-- What a sender must know of rows that may be another team's, as two teams can share an account: not the rows, only the answer.

-- Which of these SIDs belong to a stored text, or did before it was retried.
create function sids_known(sids text[]) returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select m.twilio_sid from public.messages m where m.twilio_sid = any (sids)
  union
  select e.message_sid from public.delivery_events e where e.message_sid = any (sids) and e.kind = 'retried'
$$;

-- Which of these texts cannot have the SID of the same place, since another row has it.
create function sids_taken(ids uuid[], sids text[]) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select k.id
  from unnest(ids, sids) k (id, sid)
  where exists (select from public.messages m where m.twilio_sid = k.sid and m.id <> k.id)
$$;

-- Gives the callbacks that came before anybody knew whose SIDs these are to their texts, and tells them. The ledger is otherwise only
-- ever added to. Who works directly can do so for the own teams' texts alone.
create function adopt_callbacks(ids uuid[], sids text[])
returns table (message_id uuid, id bigint, status text, error_code integer, explanation text)
language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.delivery_events e
  set message_id = m.id
  from unnest(ids, sids) k (id, sid)
  join public.messages m on m.id = k.id
  join public.workspace_twilio_config c on c.workspace_id = m.workspace_id
  where e.message_sid = k.sid and e.message_id is null and c.account_sid = e.account_sid
    and (public.direct_user() is null or m.workspace_id in (select public.direct_workspaces()))
  returning m.id, e.id, e.status, e.error_code, e.explanation
$$;

-- An opt-out that Twilio taught us shows at once, whoever learns it. Under the contact's lock.
create function consent_learned() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.contacts c
  set opted_out_at = least(c.opted_out_at, (select min(o.at) from public.opt_outs o where o.contact_id = c.id))
  where c.id = new.contact_id;
  return null;
end
$$;

create trigger consents_learned after insert on consents for each row when (new.decided_by = 'twilio') execute function consent_learned();


-- Anybody may listen to a channel whose name is known, and notify it. What is told of agents goes over channels whose names are not:
-- they end with this word, which no agent's role can read.
alter table feeds add column whisper text not null default replace(gen_random_uuid()::text, '-', '');

create function draft_told() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify(
    'deskline_drafts_' || f.whisper,
    jsonb_build_object('workspaceId', new.workspace_id, 'userId', new.user_id, 'contactId', new.contact_id, 'editedAt', new.edited_at)::text
  )
  from public.feeds f;
  return null;
end
$$;

create trigger drafts_told after insert or update of content, from_number, edited_at on drafts
  for each row execute function draft_told();


-- What a policy cannot say, since it sees a row either before or after: a text of an agent's desktop only goes the ways that texts go.
-- Runs as whoever writes; the owner and other programs never come here.
create function direct_message_moves() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  -- On its way out: whoever has it writes down what became of it.
  if exists (select from public.sends s where s.message_id = old.id) then
    return new;
  end if;
  -- Another try of one that failed.
  if old.status in ('failed', 'undelivered') and new.status = 'queued' and new.twilio_sid is null then
    return new;
  end if;
  raise exception 'this text is history, and stays as it is' using errcode = 'insufficient_privilege';
end
$$;

create trigger messages_direct before update on messages
  for each row when (row_security_active(old.tableoid) and works_directly())
  execute function direct_message_moves();


-- Views ask with the rights of whoever reads them.
alter view sends_in_line set (security_invoker = true);
alter view opt_outs set (security_invoker = true);


-- The rows. A policy is for everybody; its first half is true for whoever does not work directly, and is asked once a statement.

alter table workspaces enable row level security;
create policy team on workspaces
  using ((select not works_directly()) or id in (select direct_workspaces()));

alter table workspace_members enable row level security;
create policy team on workspace_members
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()))
  with check ((select not works_directly()) or workspace_id in (select direct_workspaces()) and user_id = (select direct_user())
              or workspace_id in (select direct_admin_workspaces()));

alter table workspace_twilio_config enable row level security;
create policy team on workspace_twilio_config
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));

alter table twilio_numbers enable row level security;
create policy team on twilio_numbers
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));

alter table contacts enable row level security;
create policy team on contacts
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));

alter table messages enable row level security;
create policy team_reads on messages for select
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));
create policy agent_writes on messages for insert
  with check ((select not works_directly())
              or workspace_id in (select direct_workspaces()) and direction = 'outbound' and sent_by = (select direct_user())
                 and status = 'queued' and twilio_sid is null and is_now(created_at));
create policy agent_sends on messages for update
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()) and direction = 'outbound');
create policy others_delete on messages for delete using ((select not works_directly()));

alter table agents enable row level security;
create policy team on agents using ((select not works_directly()) or id in (select direct_colleagues()));

alter table sends enable row level security;
create policy team_reads on sends for select
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));
create policy agent_lines_up on sends for insert
  with check ((select not works_directly()) or direct_may_send(message_id, workspace_id, contact_id));
create policy agent_sends on sends for update
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()))
  with check ((select not works_directly())
              or workspace_id in (select direct_workspaces())
                 and (lease_until is null or lease_until < clock_timestamp() + interval '10 minutes')
                 and next_at < clock_timestamp() + interval '1 day');
create policy agent_lets_go on sends for delete
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()) and direct_is_decided(message_id));

alter table senders enable row level security;
create policy team on senders
  using ((select not works_directly()) or account_sid in (select direct_accounts()))
  with check ((select not works_directly())
              or account_sid in (select direct_accounts())
                 and (held_until is null or held_until < clock_timestamp() + interval '1 day'));

alter table scheduled enable row level security;
create policy team_reads on scheduled for select
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));
create policy others_insert on scheduled for insert with check ((select not works_directly()));
create policy others_update on scheduled for update using ((select not works_directly()));
create policy others_delete on scheduled for delete using ((select not works_directly()));

alter table delivery_events enable row level security;
create policy team_reads on delivery_events for select
  using ((select not works_directly()) or direct_has_message(message_id));
create policy agent_adds on delivery_events for insert
  with check ((select not works_directly())
              or direct_has_message(message_id) and kind <> 'callback' and raw is null and is_now(received_at)
                 and (by_user is null or by_user = (select direct_user())));
create policy others_update on delivery_events for update using ((select not works_directly()));
create policy others_delete on delivery_events for delete using ((select not works_directly()));

alter table consents enable row level security;
create policy team_reads on consents for select
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));
create policy agent_learns on consents for insert
  with check ((select not works_directly())
              or workspace_id in (select direct_workspaces()) and decision = 'opted_out' and decided_by = 'twilio');
create policy others_update on consents for update using ((select not works_directly()));
create policy others_delete on consents for delete using ((select not works_directly()));

-- What an agent did is written in the transaction that does it, and stands from then on.
alter table commands enable row level security;
create policy own on commands for select using ((select not works_directly()) or user_id = (select direct_user()));
create policy own_added on commands for insert
  with check ((select not works_directly())
              or workspace_id in (select direct_workspaces()) and user_id = (select direct_user()) and is_now(executed_at));
create policy own_decided on commands for update
  using ((select not works_directly()) or user_id = (select direct_user()) and xmin = pg_current_xact_id()::xid)
  with check ((select not works_directly()) or user_id = (select direct_user()));
create policy others_delete on commands for delete using ((select not works_directly()));

alter table changes enable row level security;
create policy team on changes using ((select not works_directly()) or workspace_id in (select direct_workspaces()));

-- Whoever puts a label on a conversation locks it.
alter table labels enable row level security;
create policy team_reads on labels for select
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));
create policy admin_adds on labels for insert
  with check ((select not works_directly()) or workspace_id in (select direct_admin_workspaces()));
create policy admin_changes on labels for update
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()))
  with check ((select not works_directly()) or workspace_id in (select direct_admin_workspaces()));
create policy admin_removes on labels for delete
  using ((select not works_directly()) or workspace_id in (select direct_admin_workspaces()));

alter table canned_replies enable row level security;
create policy team_reads on canned_replies for select
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));
create policy admin_adds on canned_replies for insert
  with check ((select not works_directly()) or workspace_id in (select direct_admin_workspaces()));
create policy admin_changes on canned_replies for update
  using ((select not works_directly()) or workspace_id in (select direct_admin_workspaces()));
create policy admin_removes on canned_replies for delete
  using ((select not works_directly()) or workspace_id in (select direct_admin_workspaces()));

-- Admins lock a colleague's note before they take it away, and write into nobody's.
alter table notes enable row level security;
create policy team_reads on notes for select
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));
create policy author_adds on notes for insert
  with check ((select not works_directly()) or workspace_id in (select direct_workspaces()) and author_id = (select direct_user()));
create policy author_changes on notes for update
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()))
  with check ((select not works_directly()) or workspace_id in (select direct_workspaces()) and author_id = (select direct_user()));
create policy author_or_admin_removes on notes for delete
  using ((select not works_directly())
         or workspace_id in (select direct_workspaces()) and author_id = (select direct_user())
         or workspace_id in (select direct_admin_workspaces()));

alter table drafts enable row level security;
create policy own on drafts
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()) and user_id = (select direct_user()));

alter table workspace_audits enable row level security;
create policy team on workspace_audits
  using ((select not works_directly()) or workspace_id in (select direct_workspaces()));

-- One row that says which life of the database this is, for everybody.
alter table feeds enable row level security;
create policy everybody_reads on feeds for select using (true);
create policy others_insert on feeds for insert with check ((select not works_directly()));
create policy others_update on feeds for update using ((select not works_directly()));
create policy others_delete on feeds for delete using ((select not works_directly()));

-- No business of a desktop's.
alter table refresh_tokens enable row level security;
create policy others on refresh_tokens using ((select not works_directly()));
alter table inbound_raw enable row level security;
create policy others on inbound_raw using ((select not works_directly()));
alter table dead_letters enable row level security;
create policy others on dead_letters using ((select not works_directly()));
alter table media_files enable row level security;
create policy others on media_files using ((select not works_directly()));
alter table message_files enable row level security;
create policy others on message_files using ((select not works_directly()));
alter table media_fetches enable row level security;
create policy others on media_fetches using ((select not works_directly()));
alter table audits enable row level security;
create policy others on audits using ((select not works_directly()));
alter table audit_hours enable row level security;
create policy others on audit_hours using ((select not works_directly()));
alter table status_lookups enable row level security;
create policy others on status_lookups using ((select not works_directly()));
alter table direct_members enable row level security;
create policy others on direct_members using ((select not works_directly()));
alter table direct_roles enable row level security;
create policy others on direct_roles using ((select not works_directly()));


-- The columns and verbs. Run again whenever an agent is let in: the group belongs to the whole cluster, and may have come later than
-- this migration, or be missing after a backup was brought to another one.
create procedure open_to_agents() language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from pg_roles where rolname = 'deskline_agent') then
    begin
      create role deskline_agent nologin;
    exception
      -- Another database of the cluster was faster.
      when duplicate_object or unique_violation then null;
    end;
  end if;

  grant usage on schema public to deskline_agent;
  grant select on public.workspaces, public.workspace_members, public.twilio_numbers, public.contacts, public.messages, public.sends,
    public.senders, public.scheduled, public.consents, public.changes, public.labels, public.canned_replies, public.notes,
    public.drafts, public.workspace_audits, public.sends_in_line, public.opt_outs to deskline_agent;
  grant select (workspace_id, account_sid, is_configured, messaging_service_sid, default_number)
    on public.workspace_twilio_config to deskline_agent;
  grant select (id, email) on public.agents to deskline_agent;
  grant select (single, id) on public.feeds to deskline_agent;
  grant select (id, message_id, message_sid, status, error_code, explanation, received_at, kind, attempt, by_user)
    on public.delivery_events to deskline_agent;
  grant select (id, workspace_id, user_id, refused) on public.commands to deskline_agent;

  grant update (name) on public.workspace_members to deskline_agent;
  grant update (name, unread_count, conversation_status, snoozed_until, assigned_to, labels, attributes, blocked_at)
    on public.contacts to deskline_agent;
  grant insert (id, workspace_id, contact_id, content, direction, status, message_type, media, from_number, to_number, sent_by,
                client_id, created_at, send_at),
        update (status, twilio_sid, error_code, error_message, in_doubt, from_number, to_number)
    on public.messages to deskline_agent;
  grant insert (message_id, workspace_id, contact_id, sender, segments, next_at, state, attempt, lease_until, account_sid),
        update (sender, next_at, state, attempt, lease_until, account_sid), delete
    on public.sends to deskline_agent;
  grant insert (account_sid, sender, held_until, holds), update (free_at, held_until, holds) on public.senders to deskline_agent;
  grant insert (message_id, account_sid, message_sid, status, error_code, explanation, raw, received_at, kind, attempt, by_user)
    on public.delivery_events to deskline_agent;
  grant insert (workspace_id, contact_id, sender, decision, decided_by, message_id, at) on public.consents to deskline_agent;
  grant insert (id, workspace_id, user_id, action, executed_at), update (refused) on public.commands to deskline_agent;
  grant insert (id, workspace_id, name, color, created_at), update (name, color), delete on public.labels to deskline_agent;
  grant insert (id, workspace_id, name, content, created_at), update (name, content), delete on public.canned_replies to deskline_agent;
  grant insert (id, workspace_id, contact_id, author_id, content, mentions, created_at), update (content, mentions, edited_at), delete
    on public.notes to deskline_agent;
  grant insert (user_id, contact_id, workspace_id, content, from_number, edited_at), update (content, from_number, edited_at)
    on public.drafts to deskline_agent;
  grant execute on function public.sids_known(text[]), public.sids_taken(uuid[], text[]), public.adopt_callbacks(uuid[], text[])
    to deskline_agent;
  -- Whether this database fits the desktop.
  if to_regclass('public._sqlx_migrations') is not null then
    grant select on public._sqlx_migrations to deskline_agent;
  end if;
end
$$;

revoke execute on procedure open_to_agents() from public;
revoke execute on function sids_known(text[]), sids_taken(uuid[], text[]), adopt_callbacks(uuid[], text[]), consent_learned(), draft_told(),
  direct_message_moves() from public;
-- Asked by policies, in the name of whoever reads.
grant execute on function works_directly(), direct_user(), direct_workspaces(), direct_admin_workspaces(), direct_colleagues(),
  direct_accounts(), direct_has_message(uuid), direct_may_send(uuid, uuid, uuid), direct_is_decided(uuid), is_now(timestamptz) to public;

do $$
begin
  call open_to_agents();
exception
  when insufficient_privilege then
    raise notice 'this role may not create roles: agents cannot work directly until `deskline-server agent direct allow` is run by one that may';
end
$$;
