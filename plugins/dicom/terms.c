/* SPDX-License-Identifier: Apache-2.0 */
#include "terms.h"

#include <string.h>

#include "side-terms.h"

typedef struct {
  const char *from, *to;
} Pair;

/* PS3.3 C.7.3.1.1.1, with the retired terms that old files hold. */
static const Pair modalities[] = {
    {"CT", "CT"},   {"MR", "MR"},  {"MA", "MR"},   {"MS", "MR"}, {"US", "US"}, {"IVUS", "US"},
    {"BDUS", "US"}, {"DD", "US"},  {"EC", "US"},   {"MG", "MG"}, {"NM", "NM"}, {"ST", "NM"},
    {"PT", "PT"},   {"CR", "XR"},  {"DX", "XR"},   {"RG", "XR"}, {"PX", "XR"}, {"IO", "XR"},
    {"XR", "XR"},   {"RF", "FL"},  {"CF", "FL"},   {"DF", "FL"}, {"VF", "FL"}, {"XA", "XA"},
    {"DS", "XA"},   {"DSA", "XA"}, {"BMD", "DXA"}, {"SR", "SR"},
};

static const Pair views[] = {
    {"LL", "LATERAL"},
    {"RL", "LATERAL"},
    {"LAT", "LATERAL"},
    {"LATERAL", "LATERAL"},
    {"ML", "ML"},
    {"LM", "LM"},
    {"LEFT LATERAL", "LATERAL"},
    {"RIGHT LATERAL", "LATERAL"},
    {"ANTERO-POSTERIOR", "AP"},
    {"ANTEROPOSTERIOR", "AP"},
    {"FRONTAL", "AP"},
    {"POSTERO-ANTERIOR", "PA"},
    {"POSTEROANTERIOR", "PA"},
    {"CRANIO-CAUDAL", "CC"},
    {"CRANIOCAUDAL", "CC"},
    {"MEDIO-LATERAL OBLIQUE", "MLO"},
    {"MEDIOLATERAL OBLIQUE", "MLO"},
    {"MEDIO-LATERAL", "ML"},
    {"LATERO-MEDIAL", "LM"},
};

/* CIDs 4010 and 4014: SNOMED CT, and the SRT codes before it. */
static const Pair view_codes[] = {
    {"399162004", "CC"}, {"R-10242", "CC"}, {"399368009", "MLO"}, {"R-10226", "MLO"},
    {"399260004", "ML"}, {"R-10224", "ML"}, {"399352003", "LM"},  {"R-10228", "LM"},
    {"399348003", "AP"}, {"R-10206", "AP"}, {"R-10214", "PA"},
};

static const char *
look_up(const Pair *pairs, gsize n, const char *from)
{
  for (gsize i = 0; from && i < n; i++)
    if (g_ascii_strcasecmp(pairs[i].from, from) == 0)
      return pairs[i].to;
  return NULL;
}

const char *
dcm_modality(const char *dicom_modality)
{
  const char *to = look_up(modalities, G_N_ELEMENTS(modalities), dicom_modality);
  return to ? to : "OT";
}

const char *
dcm_laterality(const char *text)
{
  return terms_side(text);
}

char *
dcm_view(const char *text)
{
  const char *to = look_up(views, G_N_ELEMENTS(views), text);
  return g_strdup(to ? to : text);
}

const char *
dcm_view_code(const char *value)
{
  return look_up(view_codes, G_N_ELEMENTS(view_codes), value);
}

gboolean
dcm_is_projection(const char *dicom_modality)
{
  const char *m = dcm_modality(dicom_modality);
  return strcmp(m, "XR") == 0 || strcmp(m, "MG") == 0 || strcmp(m, "FL") == 0 ||
         strcmp(m, "XA") == 0 || strcmp(m, "DXA") == 0;
}

static gboolean
holds(const char *text, const char *const *words)
{
  for (; *words; words++)
    if (strstr(text, *words))
      return TRUE;
  return FALSE;
}

const char *
dcm_contrast_phase(const char *agent, const char *words)
{
  static const char *const none[] = {"without contrast", "w/o contrast", "wo contrast",  "non-con",
                                     "noncon",           "non con",      "unenhanced",   "nativ",
                                     "pre contrast",     "precontrast",  "pre-contrast", NULL};
  static const char *const arterial[] = {"arterial", "arteriell", "angio", "cta", NULL};
  static const char *const venous[] = {"venous", "portal", "venoes", NULL};
  static const char *const delayed[] = {"delay", "equilibrium", "excretory", NULL};
  static const char *const no[] = {"none", "no contrast", "without", NULL};
  g_autofree char *a = g_ascii_strdown(agent ? agent : "", -1);
  g_autofree char *w = g_ascii_strdown(words ? words : "", -1);
  if (holds(a, no) || strcmp(a, "no") == 0 || holds(w, none))
    return "none";
  if (!*a)
    return NULL;
  if (holds(w, arterial))
    return "arterial";
  if (holds(w, venous))
    return "venous";
  return holds(w, delayed) ? "delayed" : "enhanced";
}
