-- SPDX-License-Identifier: Apache-2.0
-- The journal: append-only.  Nothing below is ever updated or deleted but by
-- `restore`; triggers hold that.
CREATE TABLE evidence (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, -- order of arrival; no rule may depend on it
  uid TEXT NOT NULL UNIQUE,              -- SHA-256 of the content: the same evidence comes in once
  kind TEXT NOT NULL,                    -- message, image, decision, procedure, report
  known TEXT,                            -- since when its content is known (local, ISO 8601)
  received TEXT NOT NULL,                -- the clock at import (UTC)
  source TEXT NOT NULL,                  -- where it came from: path, or who typed it
  label TEXT NOT NULL,                   -- a few words for why-traces
  records TEXT NOT NULL,                 -- canonical JSON of the records
  plugin TEXT,                           -- provenance: id, version, SHA-256 of the object, of its configuration
  plugin_version TEXT,
  plugin_sha256 TEXT,
  plugin_config TEXT,
  chain TEXT NOT NULL                    -- SHA-256 over the chain so far and this row
) STRICT;

-- The message as it came, for evidence that has one.
CREATE TABLE raw (
  seq INTEGER PRIMARY KEY REFERENCES evidence (seq),
  bytes BLOB NOT NULL
) STRICT;

-- Every other place where the same object was seen.
CREATE TABLE location (
  seq INTEGER NOT NULL REFERENCES evidence (seq),
  path TEXT NOT NULL,
  PRIMARY KEY (seq, path)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER raw_no_update BEFORE UPDATE ON raw
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER raw_no_delete BEFORE DELETE ON raw
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER location_no_update BEFORE UPDATE ON location
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER location_no_delete BEFORE DELETE ON location
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;

-- What plugins made of the evidence.  One row per job: an interrupted one is
-- found queued or running and done again; a finished one is never done twice
-- for the same plugin, configuration and inputs.
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,                    -- ITV_KIND_*
  subject TEXT NOT NULL,                 -- evidence uid (and part), or a pair of series
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'quarantined')),
  attempts INTEGER NOT NULL DEFAULT 0,
  owner TEXT,                            -- process that runs it
  message TEXT,                          -- why it failed
  plugin TEXT,
  plugin_version TEXT,
  plugin_sha256 TEXT,
  plugin_config TEXT,
  inputs TEXT,                           -- SHA-256 over the inputs
  records TEXT,                          -- the result
  finished TEXT,
  UNIQUE (kind, subject)
) STRICT;
CREATE INDEX job_state ON job (state, kind);

-- A plugin build that crashed, hung or lied on an input.
CREATE TABLE strike (
  plugin TEXT NOT NULL,
  build TEXT NOT NULL,                   -- SHA-256 of the object and of its configuration
  input TEXT NOT NULL,                   -- SHA-256
  at INTEGER NOT NULL,                   -- seconds since 1970, UTC
  crash INTEGER NOT NULL,                -- 1: counts towards switching the plugin off
  message TEXT NOT NULL
) STRICT;
CREATE INDEX strike_input ON strike (build, input);
CREATE INDEX strike_at ON strike (plugin, at);
CREATE TABLE switched_off (
  plugin TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  message TEXT NOT NULL
) STRICT;

-- Derived from the journal; `rebuild` makes all below anew.
CREATE TABLE patient (
  pk INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  issuer TEXT NOT NULL,
  family INTEGER NOT NULL,               -- ids that any link or merge ever tied together
  stale INTEGER NOT NULL DEFAULT 1,      -- its follow-ups are to be derived anew
  UNIQUE (id, issuer)
) STRICT;
CREATE INDEX patient_family ON patient (family);
CREATE INDEX patient_stale ON patient (stale) WHERE stale = 1;

CREATE TABLE evidence_patient (
  patient INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (patient, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_patient_seq ON evidence_patient (seq);

-- Images that say the same of patient, study and series, slices of a series mostly: a
-- patient's history reads one row of each group.  They are not in evidence_patient.
CREATE TABLE image_group (
  id INTEGER PRIMARY KEY,
  patient INTEGER NOT NULL,
  key TEXT NOT NULL,                     -- SHA-256 of what they say alike
  study TEXT NOT NULL,                   -- Study Instance UID
  seq INTEGER NOT NULL,                  -- the image with the least uid stands for all,
  uid TEXT NOT NULL,                     -- so that no order of arrival matters
  UNIQUE (patient, key)
) STRICT;
CREATE INDEX image_group_study ON image_group (study);
CREATE TABLE image (
  grp INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (grp, seq)
) STRICT, WITHOUT ROWID;

-- Study instance UID or accession number -> whose it is.
CREATE TABLE study_key (
  key TEXT NOT NULL,
  patient INTEGER NOT NULL,
  PRIMARY KEY (key, patient)
) STRICT, WITHOUT ROWID;

-- Image (SOP instance UID) or study UID -> evidence that measured it.  By image and
-- not by patient: measurements are at times filed under another patient id.
CREATE TABLE measured (
  key TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (key, seq)
) STRICT, WITHOUT ROWID;

-- Follow-ups as they stand on the days from `derived_for` to the day before
-- `valid_until` (NULL: for good).
CREATE TABLE family_state (
  family INTEGER PRIMARY KEY,
  derived_for TEXT NOT NULL,
  valid_until TEXT
) STRICT;
CREATE TABLE followup (
  id TEXT NOT NULL,
  family INTEGER NOT NULL,
  patient INTEGER NOT NULL,              -- the surviving id
  status TEXT NOT NULL,
  kind TEXT NOT NULL,
  urgency INTEGER NOT NULL,              -- smaller is more urgent
  document TEXT NOT NULL,                -- the contract's JSON
  PRIMARY KEY (id, family)
) STRICT, WITHOUT ROWID;
CREATE INDEX followup_family ON followup (family);
CREATE INDEX followup_urgency ON followup (status, urgency);
