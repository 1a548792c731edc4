-- What stands in the composer beside a draft's words and files: cancelOnReply and the note that was begun, `{}` where nothing was. An agent's
-- desktop that works directly writes it, too: it needs no server.
alter table drafts add column reply jsonb not null default '{}';

-- As in 0023, with what is new here.
create or replace procedure open_to_agents() language plpgsql set search_path = pg_catalog, pg_temp as $$
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
  grant insert (user_id, contact_id, workspace_id, content, from_number, edited_at, reply),
        update (content, from_number, edited_at, reply)
    on public.drafts to deskline_agent;
  grant execute on function public.sids_known(text[]), public.sids_taken(uuid[], text[]), public.adopt_callbacks(uuid[], text[]),
    public.direct_whisper() to deskline_agent;
  -- Whether this database fits the desktop.
  if to_regclass('public._sqlx_migrations') is not null then
    grant select on public._sqlx_migrations to deskline_agent;
  end if;
end
$$;

do $$
begin
  call open_to_agents();
exception
  when insufficient_privilege then
    raise notice 'this role may not create roles: agents cannot work directly until `deskline-server agent direct allow` is run by one that may';
end
$$;
