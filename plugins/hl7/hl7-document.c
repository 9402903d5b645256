/* SPDX-License-Identifier: Apache-2.0
 *
 * MDM: documents.  With content (T02, T04, T06, T08, T10) they are reports; a
 * cancelled one (T11) takes its report back.  Without content (T01, T03, T05, T07,
 * T09) there is nothing to read.
 */
#include <string.h>

#include "hl7-draft.h"

/* TXA-2, table 0270, for documents that name themselves in no other way. */
static const char *
document_type(const Message *m, const Segment *txa)
{
  static const struct {
    const char *code, *words;
  } types[] = {{"AR", "Autopsy report"},
               {"CD", "Cardiodiagnostics"},
               {"CN", "Consultation"},
               {"DI", "Diagnostic imaging"},
               {"DS", "Discharge summary"},
               {"ED", "Emergency department report"},
               {"HP", "History and physical examination"},
               {"OP", "Operative report"},
               {"PC", "Psychiatric consultation"},
               {"PH", "Psychiatric history and physical examination"},
               {"PN", "Procedure note"},
               {"PR", "Progress note"},
               {"SP", "Surgical pathology"},
               {"TS", "Transfer summary"}};
  const char *code = segment_value(m, txa, 2, 1);
  const char *words = segment_value(m, txa, 2, 2);
  for (size_t i = 0; !words[0] && i < sizeof types / sizeof types[0]; i++)
    if (strcmp(types[i].code, code) == 0)
      words = types[i].words;
  return first_of(words, code, "");
}

/* Table 0271: dictated, documented, in progress, incomplete, pre-authenticated. */
static bool
is_preliminary(const Message *m, const Segment *txa)
{
  static const char *const codes[] = {"DI", "DO", "IP", "IN", "PA"};
  return IS_ONE_OF(segment_value(m, txa, 17, 1), codes);
}

/* Table 0273; T08 edits, T10 replaces.  NULL: nothing is to be taken. */
static const char *
document_status(const Message *m, const Segment *txa)
{
  const char *available = segment_value(m, txa, 19, 1);
  if (strcmp(m->trigger, "T11") == 0 || strcmp(available, "CA") == 0)
    return "X";
  if (strcmp(available, "OB") == 0) {
    unit_note(m->unit, "TXA-19 says that this document is obsolete: only what replaces it is read");
    return NULL;
  }
  if (is_preliminary(m, txa))
    return "P";
  return strcmp(m->trigger, "T08") == 0 || strcmp(m->trigger, "T10") == 0 ? "C" : "F";
}

/* The order that the document belongs to: an OBR before the TXA (v2.6 on), else the
 * numbers in the TXA itself. */
static Draft
begin_draft(const Message *m, const Segment *txa, size_t at_txa)
{
  Draft d = {
      .accession = "", .reader = "", .exam = {.code = "", .description = "", .modality_code = ""}};
  size_t at = 0;
  d.text.arena = m->unit->arena;
  if (next_group(m, &at, at_txa, &d.group)) {
    d.accession = read_accession(m, &d.group);
    d.exam = read_exam(m, &d.group);
    d.study_uid = read_study_uid(m, &d.group);
  }
  if (!d.accession[0])
    d.accession = first_of(segment_value(m, txa, 15, 1), segment_value(m, txa, 14, 1), "");
  if (!d.exam.description[0])
    d.exam.description = document_type(m, txa);
  return d;
}

static const char *
read_performed(const Message *m, const Segment *txa, const Segment *obr)
{
  const struct {
    const Segment *segment;
    unsigned field;
    const char *place;
  } times[] = {{obr, 7, "OBR-7"},
               {obr, 22, "OBR-22"},
               {txa, 4, "TXA-4"},
               {txa, 6, "TXA-6"},
               {&m->segments[0], 7, "MSH-7"}};
  const char *when = NULL;
  for (size_t i = 0; !when && i < sizeof times / sizeof times[0]; i++)
    when =
        message_datetime(m, segment_value(m, times[i].segment, times[i].field, 1), times[i].place);
  return when;
}

static void
emit_document(const Message *m, const Segment *txa, Draft *d, const char *status)
{
  const bool addendum = strcmp(m->trigger, "T06") == 0;
  const bool refers = addendum || strcmp(m->trigger, "T10") == 0;
  const char *reader =
      first_of(read_person(m, d->group.obr, 32), read_person(m, txa, 5), read_person(m, txa, 9));
  const Told told = {
      .status = status,
      .performed = read_performed(m, txa, d->group.obr),
      .reader = first_of(reader, d->reader, ""),
      .ordering = first_of(read_person(m, d->group.obr, 16), read_person(m, d->group.orc, 12), ""),
      .documents = {segment_value(m, txa, 12, 1), refers ? segment_value(m, txa, 13, 1) : NULL},
      .addendum = addendum || draft_is_addendum(d)};
  const char *const said = told.documents[refers ? 1 : 0];
  if (!d->accession[0] && !said[0] && status[0] == 'X')
    unit_reject(m->unit,
                "TXA-12, TXA-14 and TXA-15 (byte %lld) are empty: nothing says what is "
                "cancelled",
                (long long)txa->offset);
  else if (!d->accession[0] && !said[0])
    unit_note(m->unit, "TXA-%d, TXA-14 and TXA-15 (byte %lld) are empty: nothing says %s",
              refers ? 13 : 12, (long long)txa->offset,
              addendum ? "what this adds to"
              : refers ? "what this replaces"
                       : "by which number a correction could meet this document");
  draft_emit(m, d, &told);
}

void
unit_document(const Message *m)
{
  static const char *const bare[] = {"T01", "T03", "T05", "T07", "T09"};
  const Segment *txa = message_find(m, "TXA", 0, m->n);
  if (!unit_patient(m, message_find(m, "PID", 0, m->n)))
    return;
  if (!txa) {
    unit_reject(m->unit, "there is no TXA segment: the message names no document");
    return;
  }
  if (IS_ONE_OF(m->trigger, bare)) {
    unit_note(m->unit, "MDM^%s announces document %.80s without its text: nothing to read",
              m->trigger, segment_value(m, txa, 12, 1));
    return;
  }
  const size_t at_txa = (size_t)(txa - m->segments);
  const char *status = document_status(m, txa);
  if (!status)
    return;
  Draft d = begin_draft(m, txa, at_txa);
  const Group body = {.orc = d.group.orc, .obr = d.group.obr, .from = at_txa + 1, .to = m->n};
  if (status[0] != 'X')
    draft_read(m, &body, &d);
  emit_document(m, txa, &d, status);
}
