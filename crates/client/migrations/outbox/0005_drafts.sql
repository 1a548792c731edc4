-- A draft is its author's at every desktop. What is deleted here stays without a content until the server knows.

-- 1 until the server has this version
alter table drafts add column dirty integer not null default 1;
-- the server's name of the version that it had last, in microseconds since 1970; null before there was one
alter table drafts add column told_at integer;
-- the number that it is to go out from, where one was chosen
alter table drafts add column sender text;

create index drafts_untold on drafts (contact_id) where dirty;
