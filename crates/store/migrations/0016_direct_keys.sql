-- Twilio keys that were made for agents' desktops. A row stays until its key is deleted at Twilio, which may be out of reach when an agent is
-- put out: whoever finds a key that nobody needs any more deletes it.
create table direct_keys (
  key_sid text primary key,
  account_sid text not null,
  role_name name not null,
  created_at timestamptz not null default now()
);

alter table direct_keys enable row level security;
create policy others on direct_keys using ((select not works_directly()));
