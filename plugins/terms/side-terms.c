/* SPDX-License-Identifier: Apache-2.0 */
#include "side-terms.h"

#include <stddef.h>
#include <string.h>

typedef struct {
  const char *word, *side; /* lower case, letters and digits only */
} Term;

static const Term terms[] = {
    {"l", "left"},
    {"lt", "left"},
    {"left", "left"},
    {"leftside", "left"},
    {"7771000", "left"},
    {"ga101", "left"},
    {"rid5824", "left"},
    {"r", "right"},
    {"rt", "right"},
    {"right", "right"},
    {"rightside", "right"},
    {"24028007", "right"},
    {"ga100", "right"},
    {"rid5825", "right"},
    {"b", "bilateral"},
    {"both", "bilateral"},
    {"bothsides", "bilateral"},
    {"bilateral", "bilateral"},
    {"51440002", "bilateral"},
    {"ga102", "bilateral"},
    {"rid5771", "bilateral"},
    {"rightandleft", "bilateral"},
    {"leftandright", "bilateral"},
};

const char *
terms_side(const char *word)
{
  char bare[16] = "";
  size_t n = 0;
  for (; word && *word; word++) {
    char c = *word >= 'A' && *word <= 'Z' ? (char)(*word + 32) : *word;
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
      continue;
    if (n + 1 == sizeof bare)
      return NULL;
    bare[n++] = c;
  }
  for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
    if (strcmp(terms[i].word, bare) == 0)
      return terms[i].side;
  return NULL;
}
