-- SPDX-License-Identifier: Apache-2.0
-- A page of the worklist and the families to be derived anew are found by index, however
-- many there are.
DROP INDEX followup_urgency;
CREATE INDEX followup_page ON followup (status, urgency, id, kind);
CREATE INDEX family_state_until ON family_state (valid_until) WHERE valid_until IS NOT NULL;
CREATE INDEX family_state_derived ON family_state (derived_for);
