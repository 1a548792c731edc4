-- What contacts wish, where dead letters went, and what the comparison with Twilio's own list came to.

-- The consent ledger: each STOP, START and HELP of a contact, what an agent set for it, and what Twilio taught us by refusing a
-- text (21610). `sender` is the side of ours that it was said to: a number, or a Messaging Service (MG…); null is all of them.
-- Kept for as long as the contact is, also when the text that said it is removed.
create table consents (
  id bigint primary key generated always as identity,
  workspace_id uuid not null,
  contact_id uuid not null,
  sender text,
  decision text not null constraint consents_decision_known check (decision in ('opted_out', 'opted_in', 'help')),
  decided_by text not null constraint consents_decided_by_known check (decided_by in ('contact', 'agent', 'twilio')),
  user_id uuid,
  message_id uuid,
  at timestamptz not null,
  constraint consents_agent_is_named check ((decided_by = 'agent') = (user_id is not null)),
  constraint consents_contact_fkey foreign key (workspace_id, contact_id) references contacts (workspace_id, id)
    on delete cascade on update cascade
);
create index consents_contact on consents (contact_id, sender, at desc, id desc);

-- The opt-outs in force: what was last said to each sender, where that was a STOP.
create view opt_outs as
  select workspace_id, contact_id, sender, decided_by, at
  from (
    select distinct on (contact_id, sender) workspace_id, contact_id, sender, decision, decided_by, at
    from consents
    where decision <> 'help'
    order by contact_id, sender, at desc, id desc
  ) latest
  where decision = 'opted_out';

-- Nothing that was said is unsaid. What a foreign key does when a contact goes or moves is let through; that a merge gives a
-- line to another contact is, too.
create function consent_stays() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'the consent ledger is only ever added to';
end
$$;

create trigger consents_stay before update of id, sender, decision, decided_by, user_id, message_id, at on consents
  for each row execute function consent_stays();
create trigger consents_are_kept before delete on consents
  for each row when (pg_trigger_depth() = 0) execute function consent_stays();

-- Who opted out before there was a ledger said so in a text, to a number that nobody wrote down.
insert into consents (workspace_id, contact_id, decision, decided_by, at)
select workspace_id, id, 'opted_out', 'contact', opted_out_at from contacts where opted_out_at is not null;

-- Where an admin routed it, and who; no user is the command line.
alter table dead_letters
  add column routed_to uuid,
  add column routed_by uuid;

-- One row an account: its turns of being compared with Twilio's own list, and what the last one came to. Whoever holds the
-- lease compares; any number of server processes share the turns.
create table audits (
  account_sid text primary key,
  next_at timestamptz not null,
  lease_until timestamptz,
  checked_at timestamptz,
  window_from timestamptz,
  window_to timestamptz,
  imported bigint not null default 0,
  settled bigint not null default 0,
  only_here bigint not null default 0,
  imported_ever bigint not null default 0,
  settled_ever bigint not null default 0,
  problem text
);

-- The comparison itself: texts of one of the account's numbers within one hour. `elsewhere` are texts that another program
-- sent with the account to somebody whom the team does not know; twilio = here + elsewhere when all is well.
create table audit_hours (
  account_sid text not null constraint audit_hours_account_fkey references audits on delete cascade,
  number text not null,
  hour timestamptz not null,
  twilio integer not null,
  here integer not null,
  elsewhere integer not null,
  primary key (account_sid, number, hour)
);

-- When a text whose status had stopped moving was last asked about.
create table status_lookups (
  message_id uuid primary key constraint status_lookups_message_fkey references messages on delete cascade,
  looked_at timestamptz not null
);
-- Texts that are on their way for longer than they should be.
create index messages_unsettled on messages (created_at)
  where direction = 'outbound' and twilio_sid is not null and status in ('queued', 'accepted', 'sending', 'sent');
