-- Why an agent opted a contact out or in, in the agent's words.

alter table consents add column reason text
  constraint consents_reason_of_an_agent check (reason is null or decided_by = 'agent' and length(reason) between 1 and 500);

drop trigger consents_stay on consents;
create trigger consents_stay before update of id, sender, decision, decided_by, user_id, message_id, reason, at on consents
  for each row execute function consent_stays();

-- An admin's list of them, the latest first.
create index contacts_opted_out on contacts (workspace_id, opted_out_at desc, id) where opted_out_at is not null;
