/* SPDX-License-Identifier: Apache-2.0
 *
 * ADT: which numbers are one person, and what belongs to whom.
 */
#include <string.h>

#include "hl7-units.h"

static bool
same_id(PatientId a, PatientId b)
{
  return strcmp(a.id, b.id) == 0 && strcmp(a.issuer, b.issuer) == 0;
}

/* A pair for action; `visit` is NULL but for move-visit. */
static void
add_pair(const Message *m, const char *action, PatientId id, PatientId other, const char *visit,
         const char *place)
{
  if (!other.issuer[0] && id.issuer[0]) {
    other.issuer = id.issuer;
    unit_note(m->unit, "%s names no issuer: taken from PID-3", place);
  }
  if (same_id(id, other)) {
    unit_note(m->unit, "%s is the same identifier as PID-3: nothing to %s", place, action);
    return;
  }
  if (strlen(id.id) > 256 || strlen(id.issuer) > 256 || strlen(other.id) > 256 ||
      strlen(other.issuer) > 256) {
    unit_reject(m->unit, "%s: the identifier is longer than 256 bytes", place);
    return;
  }
  Record *r = unit_add(m->unit, "interval.merge/1");
  record_str(m->unit, r, "action", action, 16);
  record_str(m->unit, r, "id", id.id, 256);
  record_str(m->unit, r, "issuer", id.issuer, 256);
  record_str(m->unit, r, "other-id", other.id, 256);
  record_str(m->unit, r, "other-issuer", other.issuer, 256);
  record_str(m->unit, r, "visit", visit, 256);
}

/* A43 as the standard has it: PID-3 and MRG-1 are the identifier that moves, PID-2 is
 * the person to whom, MRG-4 the one from whom. */
static void
add_named_move(const Message *m, const Segment *pid, PatientId moved)
{
  PatientId to = first_id(m, pid, 2);
  if (!to.id[0]) {
    unit_reject(m->unit,
                "PID-3 and MRG-1 (byte %lld) are the same identifier, and PID-2 is empty: nothing "
                "says to whom it moves",
                (long long)pid->offset);
    return;
  }
  add_pair(m, "move", to, moved, NULL, "MRG-1");
}

/* Every identifier of MRG-1 (or, where only that is there, MRG-4) goes into the PID
 * before it. */
static size_t
add_merges(const Message *m, const char *action, const Segment *pid, const Segment *mrg)
{
  const bool external = !first_id(m, mrg, 1).id[0];
  const Slice all = segment_field(m, mrg, external ? 4 : 1);
  const PatientId external_id = external ? first_id(m, pid, 2) : (PatientId){"", ""};
  const PatientId id = external_id.id[0] ? external_id : pid_id(m, pid);
  size_t n = 0;
  for (unsigned i = 1; i <= 100; i++) {
    const Slice rep = field_repetition(m, all, i);
    if (!rep.p)
      break;
    const PatientId other = read_patient_id(m, rep);
    if (!other.id[0])
      continue;
    if (strcmp(action, "move") == 0 && same_id(id, other))
      add_named_move(m, pid, other);
    else
      add_pair(m, action, id, other, NULL, external ? "MRG-4" : "MRG-1");
    n++;
  }
  if (!n)
    unit_reject(m->unit, "MRG-1 (byte %lld) is empty: it must name the other identifier",
                (long long)mrg->offset);
  return n;
}

/* A44 and A45: only what bears the number of that account or visit. */
static void
add_visit_move(const Message *m, const Segment *pid, const Segment *mrg)
{
  const bool account = strcmp(m->trigger, "A44") == 0;
  const size_t at = (size_t)(mrg - m->segments);
  const Segment *pv1 = message_find(m, "PV1", at, m->n);
  const char *visit = account
                          ? first_of(segment_value(m, mrg, 3, 1), segment_value(m, pid, 18, 1), "")
                          : first_of(segment_value(m, mrg, 5, 1), segment_value(m, pv1, 19, 1), "");
  const PatientId from = first_id(m, mrg, 1);
  if (!visit[0])
    unit_reject(m->unit, "MRG-%d (byte %lld) is empty: nothing says which %s moves",
                account ? 3 : 5, (long long)mrg->offset, account ? "account" : "visit");
  else if (!from.id[0])
    unit_note(m->unit, "MRG-1 (byte %lld) names nobody else: the %s stays with this patient",
              (long long)mrg->offset, account ? "account" : "visit");
  else
    add_pair(m, "move-visit", pid_id(m, pid), from, visit, "MRG-1");
}

/* Numbers of accounts and visits that were merged or changed: no other person. */
static bool
is_about_accounts(const Message *m)
{
  static const char *const triggers[] = {"A35", "A41", "A42", "A49", "A50", "A51"};
  for (size_t i = 0; i < sizeof triggers / sizeof triggers[0]; i++)
    if (strcmp(m->trigger, triggers[i]) == 0)
      return true;
  return false;
}

static void
note_others(const Message *m)
{
  if (strcmp(m->trigger, "A23") == 0 || strcmp(m->trigger, "A29") == 0)
    unit_note(m->unit, "the sender deletes this patient; what is known of them was kept");
  else if (is_about_accounts(m))
    unit_note(m->unit,
              "ADT^%s is about numbers of accounts or visits of one patient: nothing was "
              "changed",
              m->trigger);
}

void
unit_adt(const Message *m)
{
  const char *action = code_merge_action(m->trigger);
  const bool visit = strcmp(m->trigger, "A44") == 0 || strcmp(m->trigger, "A45") == 0;
  const Segment *pid = NULL, *first = NULL;
  size_t n_pid = 0, n_pairs = 0;
  for (size_t i = 0; i < m->n && !m->unit->rejected; i++) {
    const Segment *s = &m->segments[i];
    if (segment_is(s, "PID")) {
      if (!unit_patient(m, s))
        return;
      if (action && n_pid == 1 && !message_find(m, "MRG", 0, m->n)) {
        add_pair(m, action, pid_id(m, first), pid_id(m, s), NULL, "the second PID-3");
        n_pairs++;
      }
      first = first ? first : s;
      pid = s;
      n_pid++;
    } else if (segment_is(s, "MRG") && action && pid) {
      n_pairs += add_merges(m, action, pid, s);
    } else if (segment_is(s, "MRG") && visit && pid) {
      add_visit_move(m, pid, s);
      n_pairs++;
    }
  }
  if (!n_pid)
    unit_patient(m, NULL);
  else if ((action || visit) && !n_pairs && !m->unit->rejected)
    unit_reject(m->unit, "ADT^%s has neither MRG-1 nor a second PID: nothing to %s", m->trigger,
                action ? action : "move");
  note_others(m);
}
