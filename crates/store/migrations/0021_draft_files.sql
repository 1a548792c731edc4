-- The files of what somebody has begun, in order: id, name, contentType and size of each. An upload that a draft names is kept. Written by
-- servers alone, since they have the files: a desktop that works directly has no right to write this column, and may read it.
alter table drafts add column files jsonb not null default '[]';
create index drafts_with_file on drafts using gin (files jsonb_path_ops) where files <> '[]';
