-- Texts that agents have begun and not sent: one an agent and contact, so that each of the agent's desktops has it. Nobody's business
-- but the author's: in no feed, no export and no view. Without a content it was sent or deleted; the row stays, so that an older
-- version from a desktop that was offline does not bring it back.
create table drafts (
  user_id uuid not null,
  contact_id uuid not null,
  workspace_id uuid not null,
  content text,
  -- the number that it is to go out from, where the agent chose one
  from_number text,
  -- when the author last pressed a key in it, by our clock
  edited_at timestamptz not null,
  primary key (user_id, contact_id),
  -- A draft follows its contact to another workspace, as texts and notes do.
  constraint drafts_contact_fkey foreign key (workspace_id, contact_id) references contacts (workspace_id, id)
    on delete cascade on update cascade
);
create index drafts_of_contact on drafts (workspace_id, contact_id);
create index drafts_by_age on drafts (workspace_id, edited_at);

-- As in 0009, and what the member had begun goes, too.
create or replace function members_gone() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
  delete from public.drafts d
  using gone g
  where d.workspace_id = g.workspace_id and d.user_id = g.user_id
    and not exists (select from public.workspace_members m where m.workspace_id = g.workspace_id and m.user_id = g.user_id);
  return null;
end
$$;
