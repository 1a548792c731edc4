-- Texts for later. They go to the server at once, which keeps them until their time: this machine may be off by then.

-- when it is to leave, in microseconds; null for as soon as it can
alter table entries add column send_at integer;
-- whether it is called off when the contact writes first
alter table entries add column cancel_on_reply integer not null default 0;
