-- The search index is derived from the rows above, and its tables are made by the program (`src/search/schema.rs`), which
-- makes them anew whenever their version is another. This is the only table of it that outlives that.
create table search_index (
    -- 0: to be made anew
    version integer not null,
    -- JSON: how far the rows that were here before the index are noted as missing in it, {kind: last id}; a kind is left out
    -- once all of its rows are
    noting text not null
) strict;

insert into search_index (version, noting) values (0, '{}');
