-- When a text that waits on the server is to leave, and which number of ours a text came in to. Rows from before know neither until they
-- change.
alter table messages add column send_at integer;
alter table messages add column to_number text;

create index messages_scheduled on messages (contact_id, send_at, id) where status = 'scheduled' and send_at is not null;
