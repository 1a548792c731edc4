-- Files of a draft are its author's at every desktop, as its words are.

-- what the server calls it, where it has it
alter table attachments add column upload text;
-- 1 while its content is with the server alone: it was attached at another desktop
alter table attachments add column coming integer not null default 0;
-- 1 while nobody who keeps drafts knows which files are here
alter table drafts add column files_untold integer not null default 0;

-- What is attached already is told with the next version. A draft of files alone had no row so far.
update drafts set files_untold = 1 where contact_id in (select contact_id from attachments where entry_id is null);
insert into drafts (contact_id, content, updated_at, dirty, files_untold)
select distinct contact_id, '', 0, 0, 1 from attachments
where entry_id is null and contact_id not in (select contact_id from drafts);
