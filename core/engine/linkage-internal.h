/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the linkage engine share.
 */
#ifndef ITV_ENGINE_LINKAGE_INTERNAL_H
#define ITV_ENGINE_LINKAGE_INTERNAL_H

#include "engine/linkage.h"

/* ---- fields and levels ------------------------------------------------------------ */

/* In the order in which reasons are given. */
typedef enum {
  ITV_LF_FAMILY,
  ITV_LF_GIVEN,
  ITV_LF_MIDDLE,
  ITV_LF_SUFFIX,
  ITV_LF_BIRTH,
  ITV_LF_SEX,
  ITV_LF_STREET,
  ITV_LF_AREA,
  ITV_LF_PHONE,
  ITV_LF_NATIONAL,
  ITV_LF_INSURANCE,
  ITV_LF_MOTHER,
  ITV_LF_CONTACT,
  ITV_LF_REFERENCE,
  ITV_LF_ISSUER,
  ITV_LF_N,
} ItvLinkField;

/* From best to worst; a field uses those that its table in linkage-levels.c names. */
typedef enum {
  ITV_LL_NONE, /* said of neither */
  ITV_LL_ONE,  /* said of one only */
  ITV_LL_SAME,
  ITV_LL_NICKNAME,
  ITV_LL_TURNED,  /* day and month */
  ITV_LL_CLOSE,   /* a slip of the pen */
  ITV_LL_PART,    /* one of the parts of a compound; two parts of a date */
  ITV_LL_INITIAL, /* the one begins with the other */
  ITV_LL_MIDDLE,  /* given name of the one is the middle name of the other */
  ITV_LL_SWAPPED, /* family name for given name */
  ITV_LL_NEAR,    /* sounds or looks alike */
  ITV_LL_DIFFERS,
  ITV_LL_N,
} ItvLinkLevel;

extern const char *const itv_link_field_codes[ITV_LF_N];
extern const char *const itv_link_level_codes[ITV_LL_N];
/* Whether that field can have that level. */
gboolean itv_link_level_fits(ItvLinkField field, ItvLinkLevel level);
/* "birth date: day and month swapped"; NULL where there is nothing to say. */
const char *itv_link_level_text(ItvLinkField field, ItvLinkLevel level);

/* ---- configuration ------------------------------------------------------------------ */

struct ItvLinkage {
  double certain, slip_certain, possible; /* bits */
  ItvLinkAutomatic automatic;
  gboolean thin_guard;
  guint max_block;
  double weight[ITV_LF_N][ITV_LL_N]; /* bits; 0 where nothing is configured */
  double family_m;                   /* of family=same: for the frequency of names */
  double rare_share, common_share;   /* shares are clamped to these */
  double prior_share, prior_ids;     /* a share counts as if that many ids had been seen before */
  GHashTable *nicknames;             /* folded name -> GArray of group numbers (guint) */
  GHashTable *placeholder_names;     /* folded word */
  GHashTable *placeholder_dates;     /* YYYYMMDD */
  GHashTable *placeholder_numbers;   /* digits */
};

gboolean itv_link_nicknames(const ItvLinkage *linkage, const char *a, const char *b);

/* ---- personas --------------------------------------------------------------------------- */

/* Folded; never NULL; "" where nothing is known or only a placeholder stands. */
typedef struct {
  char *family, *given, *middle, *suffix;
  char *family_joined, *given_joined;
} ItvPersonaName;

typedef struct {
  char *number, *street; /* house number; street without it, joined */
  char *city, *zip;      /* joined */
} ItvPersonaAddress;

#define ITV_PERSONA_MAX 16 /* values of a kind that are kept: the first in order */

struct ItvPersona {
  GPtrArray *names;                /* ItvPersonaName */
  GPtrArray *addresses;            /* ItvPersonaAddress */
  GPtrArray *births;               /* char *: YYYY, YYYYMM, YYYYMMDD */
  GPtrArray *phones;               /* digits */
  GPtrArray *national, *insurance; /* "TYPE:NUMBER", TYPE may be empty */
  GPtrArray *mothers;              /* folded, joined */
  GPtrArray *contacts;             /* ItvPersonaName */
  GPtrArray *orders;               /* birth orders of a multiple birth */
  GPtrArray *sexes;                /* "M", "F", "O" */
  GPtrArray *families;             /* family names of all names, joined */
  gboolean placeholder;            /* some name was a placeholder: BABY BOY, TEST */
  gboolean multiple_birth;
};

/* The levels of every field, for the best pairing of names; birth orders that contradict
 * one another are told apart from the fields. */
typedef struct {
  ItvLinkLevel level[ITV_LF_N];
  const char *family; /* the family name that agrees, borrowed; NULL: none */
  gboolean orders_differ;
} ItvLinkLevels;
/* Messages of two persons came under that one id: its birth dates, sexes or whole names
 * contradict one another. */
gboolean itv_link_contradicts_itself(const ItvLinkage *linkage, const ItvPersona *persona);
ItvLinkLevels itv_link_levels(const ItvLinkage *linkage, const ItvPersona *a, const ItvPersona *b);

#endif
