-- SPDX-License-Identifier: Apache-2.0
-- Under which rules the cached follow-ups were derived: configuration, guidelines,
-- protocols, facts, program.  Under others they are derived anew.
CREATE TABLE followup_rules (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  hash TEXT NOT NULL
) STRICT;
