-- What became of one conversation is asked for with its thread. Most commands are about reading: they are not in here.
create index commands_of_history on commands ((action ->> 'contactId'), executed_at desc)
  where refused is null
    and action ->> 'type' in ('assign', 'unassign', 'setStatus', 'close', 'snooze', 'block', 'unblock', 'mergeContacts');
