-- SPDX-License-Identifier: Apache-2.0
-- Which patient ids may be one person.  Derived from the journal like all that `rebuild`
-- makes; decisions about pairs are evidence and stand in the journal.
CREATE TABLE demographic (
  patient INTEGER NOT NULL,
  digest INTEGER NOT NULL,               -- of the record: the same is kept once
  record TEXT NOT NULL,                  -- key<TAB>value a line: what a message said of name, birth, address ...
  PRIMARY KEY (patient, digest)
) STRICT, WITHOUT ROWID;

-- Blocking keys, and under other keys how many ids bear a family name.  Rows are only
-- added: a block grows, whatever the order of arrival.
CREATE TABLE linkage_key (
  key INTEGER NOT NULL,
  patient INTEGER NOT NULL,
  PRIMARY KEY (key, patient)
) STRICT, WITHOUT ROWID;

-- Ids whose demographics are new since pairs were last looked for.
CREATE TABLE linkage_stale (
  patient INTEGER PRIMARY KEY
) STRICT;

-- Pairs that met in a block and are worth weighing; weights are not kept, since they
-- depend on how frequent names are.
CREATE TABLE linkage_pair (
  a INTEGER NOT NULL,                    -- the smaller one
  b INTEGER NOT NULL,
  PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;
CREATE INDEX linkage_pair_b ON linkage_pair (b);

-- 0: the journal holds evidence from before these tables, to be read once.
CREATE TABLE linkage_state (
  indexed INTEGER NOT NULL
) STRICT;
INSERT INTO linkage_state (indexed) SELECT count(*) = 0 FROM evidence;
