/* SPDX-License-Identifier: Apache-2.0
 *
 * HL7 tables -> the codes of records.xml.
 */
#include <string.h>

#include "hl7-units.h"

typedef struct {
  const char *from, *to;
} Mapping;

static const char *
map(const Mapping *table, size_t n, const char *from)
{
  const Slice s = {from, strlen(from)};
  for (size_t i = 0; i < n; i++)
    if (slice_is_nocase(s, table[i].from))
      return table[i].to;
  return NULL;
}
#define MAP(table, from) map((table), sizeof(table) / sizeof((table)[0]), (from))

/* HL7 table 0074, DICOM modalities, and what senders write instead. */
const char *
code_modality(const char *s)
{
  static const Mapping table[] = {
      {"XR", "XR"},     {"CR", "XR"},    {"DX", "XR"},   {"RX", "XR"},    {"RG", "XR"},
      {"DR", "XR"},     {"XRAY", "XR"},  {"CT", "CT"},   {"CTH", "CT"},   {"MR", "MR"},
      {"MRI", "MR"},    {"NMR", "MR"},   {"US", "US"},   {"RUS", "US"},   {"OUS", "US"},
      {"VUS", "US"},    {"CUS", "US"},   {"MG", "MG"},   {"MAMMO", "MG"}, {"NM", "NM"},
      {"NMS", "NM"},    {"NUC", "NM"},   {"PT", "PT"},   {"PET", "PT"},   {"PETCT", "PT"},
      {"DXA", "DXA"},   {"DEXA", "DXA"}, {"BMD", "DXA"}, {"FL", "FL"},    {"RF", "FL"},
      {"FLUORO", "FL"}, {"XA", "XA"},    {"IR", "XA"},   {"XRC", "XA"},   {"ANGIO", "XA"},
      {"SR", "SR"},     {"OT", "OT"},
  };
  return MAP(table, s);
}

const char *
code_sex(const char *s)
{
  static const Mapping table[] = {
      {"M", "M"}, {"F", "F"},    {"O", "O"},      {"U", "U"},     {"A", "O"},       {"N", "O"},
      {"D", "O"}, {"MALE", "M"}, {"FEMALE", "F"}, {"OTHER", "O"}, {"UNKNOWN", "U"}, {"X", "O"},
  };
  return MAP(table, s);
}

/* The order control word (table 0119) rules where it ends or holds the order; else the
 * status. */
const char *
code_order_status(const char *orc1, const char *orc5, const char *obr25)
{
  static const Mapping control[] = {
      {"CA", "cancelled"},    {"OC", "cancelled"},    {"CR", "cancelled"}, {"DC", "discontinued"},
      {"OD", "discontinued"}, {"DR", "discontinued"}, {"UA", "cancelled"}, {"RQ", "discontinued"},
      {"RU", "discontinued"}, {"HD", "ordered"},      {"OH", "ordered"},   {"HR", "ordered"},
  };
  static const Mapping order[] = {
      {"A", "in-progress"},   {"IP", "in-progress"}, {"SC", "scheduled"},
      {"CM", "completed"},    {"CA", "cancelled"},   {"DC", "discontinued"},
      {"RP", "discontinued"}, {"ER", "cancelled"},   {"HD", "ordered"},
  };
  static const Mapping result[] = {
      {"O", "ordered"},     {"S", "scheduled"}, {"I", "in-progress"},
      {"A", "in-progress"}, {"R", "completed"}, {"P", "completed"},
      {"F", "completed"},   {"C", "completed"}, {"X", "cancelled"},
  };
  const char *status = MAP(control, orc1);
  if (!status)
    status = MAP(order, orc5);
  if (!status)
    status = MAP(result, obr25);
  return status ? status : "ordered";
}

/* Table 0123; NULL where no report exists yet (or none that could be told). */
const char *
code_report_status(const char *s)
{
  static const Mapping table[] = {
      {"F", "F"}, {"P", "P"}, {"C", "C"}, {"X", "X"}, {"A", "P"},     {"R", "P"},
      {"U", "F"}, {"V", "F"}, {"K", "C"}, {"D", "X"}, {"FINAL", "F"}, {"CORRECTED", "C"},
  };
  return MAP(table, s);
}

/* SCH-25: table 0278, and what senders write instead; letters and digits only, so that
 * "No Show" and "no-show" are one.  NULL: a word that is not known. */
const char *
code_filler_status(const char *said)
{
  static const Mapping table[] = {
      {"CANCELLED", "cancelled"}, {"CANCELED", "cancelled"},
      {"CANCEL", "cancelled"},    {"CANC", "cancelled"},
      {"CAN", "cancelled"},       {"CNCL", "cancelled"},
      {"CX", "cancelled"},        {"CXL", "cancelled"},
      {"CA", "cancelled"},        {"X", "cancelled"},
      {"DC", "cancelled"},        {"DISCONTINUED", "cancelled"},
      {"DELETED", "cancelled"},   {"WAITLIST", "cancelled"},
      {"BLOCKED", "cancelled"},   {"BUMPED", "cancelled"},
      {"DECLINED", "cancelled"},  {"LEFTWITHOUTBEINGSEEN", "no-show"},
      {"NOSHOW", "no-show"},      {"NS", "no-show"},
      {"DNA", "no-show"},         {"DIDNOTATTEND", "no-show"},
      {"MISSED", "no-show"},      {"NOTARRIVED", "no-show"},
      {"LWBS", "no-show"},        {"STARTED", "arrived"},
      {"ARRIVED", "arrived"},     {"CHECKEDIN", "arrived"},
      {"INPROGRESS", "arrived"},  {"COMPLETE", "completed"},
      {"COMPLETED", "completed"}, {"RESCHEDULED", "rescheduled"},
      {"BOOKED", "booked"},       {"PENDING", "booked"},
      {"OVERBOOK", "booked"},     {"SCHEDULED", "booked"},
      {"SCH", "booked"},          {"CONFIRMED", "booked"},
      {"NEW", "booked"},          {"ACTIVE", "booked"},
      {"MODIFIED", "booked"},     {"TENTATIVE", "booked"},
  };
  /* With more words behind: "Cancelled by patient", "No show, called twice". */
  static const Mapping begins[] = {
      {"CANCEL", "cancelled"}, {"NOSHOW", "no-show"}, {"RESCHED", "rescheduled"}};
  char folded[24];
  size_t n = 0;
  for (; *said && n + 1 < sizeof folded; said++) {
    const bool small = *said >= 'a' && *said <= 'z';
    const char c = small ? (char)(*said - 'a' + 'A') : *said;
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      folded[n++] = c;
  }
  folded[n] = 0;
  const char *status = MAP(table, folded);
  for (size_t i = 0; !status && i < sizeof begins / sizeof begins[0]; i++)
    if (strncmp(folded, begins[i].from, strlen(begins[i].from)) == 0)
      status = begins[i].to;
  return status;
}

/* What the trigger event says: NULL where it ends no appointment. */
const char *
code_ended_appointment(const char *trigger)
{
  static const Mapping ended[] = {
      {"S15", "cancelled"},
      {"S16", "cancelled"},
      {"S17", "cancelled"},
      {"S26", "no-show"},
  };
  return MAP(ended, trigger);
}

/* Those triggers that tie or part patient identifiers (not visits, accounts). */
const char *
code_merge_action(const char *trigger)
{
  static const Mapping table[] = {
      {"A18", "merge"}, {"A30", "merge"},   {"A34", "merge"}, {"A36", "merge"},
      {"A39", "merge"}, {"A40", "merge"},   {"A46", "merge"}, {"A47", "merge"},
      {"A24", "link"},  {"A37", "unmerge"}, {"A43", "move"},
  };
  return MAP(table, trigger);
}
