-- Why the server did not carry a command out. It has no effect any more, and stays until the agent has seen it.
alter table commands add column refused text;
