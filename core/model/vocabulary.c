/* SPDX-License-Identifier: Apache-2.0 */
#include "model/vocabulary.h"

static const char *const modality_codes[ITV_MODALITY_N] = {
    NULL, "XR", "CT", "MR", "US", "MG", "NM", "PT", "DXA", "FL", "XA", "SR", "OT"};

static const char *const region_codes[ITV_REGION_N] = {
    NULL,      "head",    "brain",     "orbit",       "sinus",    "face",    "neck",   "thyroid",
    "cspine",  "tspine",  "lspine",    "spine",       "chest",    "lung",    "breast", "heart",
    "aorta",   "abdomen", "liver",     "gallbladder", "pancreas", "spleen",  "kidney", "adrenal",
    "bladder", "pelvis",  "uterus",    "ovary",       "prostate", "testis",  "hip",    "femur",
    "knee",    "tibia",   "ankle",     "foot",        "shoulder", "humerus", "elbow",  "forearm",
    "wrist",   "hand",    "extremity", "vascular",    "wholebody"};

static const char *const laterality_codes[] = {NULL, "left", "right", "bilateral"};

static const char *const kind_codes[] = {NULL,       "imaging", "procedure",
                                         "referral", "lab",     "clinical"};

static int
find(const char *const *codes, int n, const char *code)
{
  for (int i = 1; code && i < n; i++)
    if (g_ascii_strcasecmp(codes[i], code) == 0)
      return i;
  return 0;
}

const char *
itv_modality_code(ItvModality modality)
{
  return modality_codes[modality];
}

const char *
itv_region_code(ItvRegion region)
{
  return region_codes[region];
}

const char *
itv_laterality_code(ItvLaterality laterality)
{
  return laterality_codes[laterality];
}

const char *
itv_action_kind_code(ItvActionKind kind)
{
  return kind_codes[kind];
}

ItvModality
itv_modality_parse(const char *code)
{
  return (ItvModality)find(modality_codes, ITV_MODALITY_N, code);
}

ItvRegion
itv_region_parse(const char *code)
{
  return (ItvRegion)find(region_codes, ITV_REGION_N, code);
}

ItvLaterality
itv_laterality_parse(const char *code)
{
  return (ItvLaterality)find(laterality_codes, G_N_ELEMENTS(laterality_codes), code);
}

ItvActionKind
itv_action_kind_parse(const char *code)
{
  return (ItvActionKind)find(kind_codes, G_N_ELEMENTS(kind_codes), code);
}
