\set contact random(0, 999)
begin;
select to_jsonb(c) from contacts c
where c.workspace_id = :workspace::uuid and c.phone = '+1666' || lpad((:contact)::text, 7, '0') for no key update;
with counted as (
  update contacts c set unread_count = c.unread_count + (c.blocked_at is null)::int, conversation_status = 'Open', last_message_at = greatest(c.last_message_at, now())
  where c.workspace_id = :workspace::uuid and c.phone = '+1666' || lpad((:contact)::text, 7, '0')
  returning c.workspace_id, c.id, to_jsonb(c) as row
), stored as (
  insert into messages as m (id, workspace_id, contact_id, content, direction, status, twilio_sid, message_type, media, from_number, to_number, created_at)
  select gen_random_uuid(), counted.workspace_id, counted.id, 'text', 'inbound', 'delivered', 'SM' || replace(gen_random_uuid()::text, '-', ''), 'text', '[]', '+16660000000', '+15550001111', now()
  from counted on conflict (twilio_sid) do nothing returning m.id, to_jsonb(m) as row
), kept as (
  insert into inbound_raw (message_id, raw, received_at) select id, '{"Body": "text"}', now() from stored
)
select stored.row, counted.row from stored, counted;
commit;
