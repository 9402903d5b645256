/* SPDX-License-Identifier: Apache-2.0
 *
 * Which section of a report an OBX-3 names: by LOINC or DICOM code, by the
 * observation suffix of HL7 v2.3 (71020&IMP), or by the name itself.
 */
#include <string.h>

#include "hl7-units.h"

typedef struct {
  const char *key, *heading;
} Section;

static const Section by_code[] = {
    {"59776-5", "FINDINGS"},
    {"121070", "FINDINGS"},
    {"19005-8", "IMPRESSION"},
    {"121072", "IMPRESSION"},
    {"55110-1", "CONCLUSION"},
    {"121076", "CONCLUSION"},
    {"18783-1", "RECOMMENDATION"},
    {"121074", "RECOMMENDATION"},
    {"55107-7", "ADDENDUM"},
    {"121078", "ADDENDUM"},
    {"18834-2", "COMPARISON"},
    {"55114-3", "COMPARISON"},
    {"121066", "COMPARISON"},
    {"11329-0", "HISTORY"},
    {"10164-2", "HISTORY"},
    {"55108-5", "HISTORY"},
    {"121060", "HISTORY"},
    {"55115-0", "REASON FOR EXAM"},
    {"18785-6", "REASON FOR EXAM"},
    {"121062", "REASON FOR EXAM"},
    {"121109", "REASON FOR EXAM"},
    {"55111-9", "PROCEDURE DESCRIPTION"},
    {"121064", "PROCEDURE DESCRIPTION"},
    {"55109-3", "COMPLICATIONS"},
    {"55112-7", "SUMMARY"},
    {"121111", "SUMMARY"},
    {"73568-2", "COMMUNICATION"},
    {"73569-6", "RADIATION EXPOSURE"},
};

static const Section by_suffix[] = {
    {"IMP", "IMPRESSION"},
    {"REC", "RECOMMENDATION"},
    {"ADT", "ADDENDUM"},
};

static const Section by_name[] = {
    {"FINDINGS", "FINDINGS"},
    {"FINDING", "FINDINGS"},
    {"FIND", "FINDINGS"},
    {"PROCEDURE FINDINGS", "FINDINGS"},
    {"RADIOLOGY FINDINGS", "FINDINGS"},
    {"IMPRESSION", "IMPRESSION"},
    {"IMPRESSIONS", "IMPRESSION"},
    {"IMP", "IMPRESSION"},
    {"RADIOLOGY IMPRESSION", "IMPRESSION"},
    {"X-RAY IMPRESSION", "IMPRESSION"},
    {"RADIOLOGY STUDY IMPRESSION", "IMPRESSION"},
    {"CONCLUSION", "CONCLUSION"},
    {"CONCLUSIONS", "CONCLUSION"},
    {"OPINION", "CONCLUSION"},
    {"RECOMMENDATION", "RECOMMENDATION"},
    {"RECOMMENDATIONS", "RECOMMENDATION"},
    {"REC", "RECOMMENDATION"},
    {"STUDY RECOMMENDATION", "RECOMMENDATION"},
    {"RADIOLOGY STUDY RECOMMENDATION", "RECOMMENDATION"},
    {"FOLLOW-UP", "RECOMMENDATION"},
    {"ADDENDUM", "ADDENDUM"},
    {"COMPARISON", "COMPARISON"},
    {"COMPARISONS", "COMPARISON"},
    {"COMPARISON STUDY", "COMPARISON"},
    {"PRIOR STUDIES", "COMPARISON"},
    {"HISTORY", "HISTORY"},
    {"HIST", "HISTORY"},
    {"CLINICAL HISTORY", "HISTORY"},
    {"CLINICAL INFORMATION", "HISTORY"},
    {"CLINICAL DATA", "HISTORY"},
    {"INDICATION", "REASON FOR EXAM"},
    {"INDICATIONS", "REASON FOR EXAM"},
    {"REASON", "REASON FOR EXAM"},
    {"REASON FOR EXAM", "REASON FOR EXAM"},
    {"REASON FOR STUDY", "REASON FOR EXAM"},
    {"REQUEST", "REASON FOR EXAM"},
    {"TECHNIQUE", "TECHNIQUE"},
    {"TECH", "TECHNIQUE"},
    {"PROCEDURE DESCRIPTION", "PROCEDURE DESCRIPTION"},
    {"COMPLICATIONS", "COMPLICATIONS"},
    {"SUMMARY", "SUMMARY"},
};

static const char *
look_up(const Section *table, size_t n, Slice key)
{
  for (size_t i = 0; key.n && i < n; i++)
    if (slice_is_nocase(key, table[i].key))
      return table[i].heading;
  return NULL;
}
#define LOOK_UP(table, key) look_up((table), sizeof(table) / sizeof((table)[0]), (key))

const char *
section_heading(const char *code, const char *name, const char *suffix)
{
  const Slice c = {code, strlen(code)}, n = {name, strlen(name)}, s = {suffix, strlen(suffix)};
  const char *heading = LOOK_UP(by_code, c);
  if (!heading)
    heading = LOOK_UP(by_suffix, s);
  if (!heading)
    heading = LOOK_UP(by_name, n);
  return heading ? heading : LOOK_UP(by_name, c);
}

bool
section_begins(const char *heading, Slice text)
{
  text = slice_trim(text);
  size_t n = 0;
  while (n < text.n && n < 40 && text.p[n] != ':' && text.p[n] != '\n')
    n++;
  const Slice label = slice_trim((Slice){text.p, n});
  const char *named = LOOK_UP(by_name, label);
  return slice_is_nocase(label, heading) || (named && strcmp(named, heading) == 0);
}
