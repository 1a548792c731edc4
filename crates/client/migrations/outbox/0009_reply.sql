-- What stands in the composer beside a draft's words and files, at every desktop of its author.

-- whether a text for later is called off when the contact writes first
alter table drafts add column cancel_on_reply integer not null default 0;
-- the private note that was begun
alter table drafts add column note text not null default '';
-- 1 while nobody who keeps drafts knows the two that are here
alter table drafts add column reply_untold integer not null default 0;
