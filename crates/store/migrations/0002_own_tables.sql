-- Tables that only Deskline reads and writes.

-- Agents who sign in with a password here. Users of a foreign directory have no row.
create table agents (
  id uuid primary key,
  email text not null,
  password_hash text not null,
  created_at timestamptz not null default now()
);
create unique index agents_email_key on agents (lower(email));

-- By hash. A sign-in starts a family; each refresh uses one token up and adds the next. A token that comes twice revokes its family.
create table refresh_tokens (
  hash bytea primary key,
  family uuid not null,
  user_id uuid not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index refresh_tokens_family on refresh_tokens (family);
create index refresh_tokens_user on refresh_tokens (user_id);

-- The work list of texts on their way out. Only record_outbound adds to it: what another program inserts into messages is never sent.
--   queued   to be sent at next_at
--   sending  somebody is at it until lease_until; afterwards it counts as unknown
--   unknown  Twilio may have it: to be looked up at next_at, by whoever holds the lease
-- `position` is the order in which texts were stored, which for one contact is the order in which they leave.
create table sends (
  message_id uuid primary key constraint sends_message_fkey references messages on delete cascade,
  workspace_id uuid not null,
  contact_id uuid not null,
  position bigint not null generated always as identity,
  state text not null constraint sends_state_known check (state in ('queued', 'sending', 'unknown')),
  attempt integer not null default 0,
  next_at timestamptz not null,
  lease_until timestamptz,
  constraint sends_leased_while_sending check (state <> 'sending' or lease_until is not null)
);
create index sends_by_contact on sends (contact_id, position);
create index sends_by_time on sends (next_at);

-- Every inbound form, as Twilio sent it.
create table inbound_raw (
  message_id uuid primary key constraint inbound_raw_message_fkey references messages on delete cascade,
  raw jsonb not null,
  received_at timestamptz not null
);

-- The ledger: every status callback as Twilio sent it, and every answer to a request of ours (those have no raw form, and a
-- refusal has no SID). message_id is null as long as no text has the SID.
create table delivery_events (
  id bigint primary key generated always as identity,
  message_id uuid constraint delivery_events_message_fkey references messages on delete cascade,
  account_sid text not null,
  message_sid text,
  status text not null,
  error_code integer,
  explanation text,
  raw jsonb,
  received_at timestamptz not null
);
create index delivery_events_message on delivery_events (message_id);
create index delivery_events_sid on delivery_events (message_sid);

-- Texts that Twilio handed over and no workspace claims, until an admin routes them.
create table dead_letters (
  twilio_sid text primary key,
  account_sid text not null,
  from_number text not null,
  to_number text not null,
  raw jsonb not null,
  received_at timestamptz not null,
  routed_at timestamptz
);
create index dead_letters_account on dead_letters (account_sid, received_at);

-- What agents did, so that the same command is carried out once. `refused` is the reason when it will never be.
create table commands (
  id uuid primary key,
  workspace_id uuid not null constraint commands_workspace_fkey references workspaces on delete cascade,
  user_id uuid not null,
  action jsonb not null,
  refused text,
  executed_at timestamptz not null
);
