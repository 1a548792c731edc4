\set contact random(0, :contacts - 1)
\set team mod(:contact, :workspaces)
begin;
select c.id, c.conversation_status, c.blocked_at is not null, c.last_message_at
from contacts c
where c.workspace_id = ('00000000-0000-7000-8000-' || lpad((:team)::text, 12, '0'))::uuid and c.phone = '+1666' || lpad((:contact)::text, 7, '0')
for no key update;
with counted as (
  update contacts c set unread_count = c.unread_count + (c.blocked_at is null)::int, conversation_status = 'Open', last_message_at = greatest(c.last_message_at, now())
  where c.workspace_id = ('00000000-0000-7000-8000-' || lpad((:team)::text, 12, '0'))::uuid and c.phone = '+1666' || lpad((:contact)::text, 7, '0')
  returning c.workspace_id, c.id
), stored as (
  insert into messages (id, workspace_id, contact_id, content, direction, status, twilio_sid, message_type, media, from_number, to_number, created_at)
  select gen_random_uuid(), counted.workspace_id, counted.id, 'text of a contact who would like to know when the shop opens', 'inbound', 'delivered',
         'SM' || replace(gen_random_uuid()::text, '-', ''), 'text', '[]', '+16660000000', '+15550001111', now()
  from counted on conflict (twilio_sid) do nothing returning id
), kept as (
  insert into inbound_raw (message_id, raw, received_at) select id, '{"Body": "text", "ToCountry": "US", "SmsStatus": "received", "ApiVersion": "2010-04-01", "NumMedia": "0", "NumSegments": "1"}', now() from stored
)
select id from stored;
commit;
