/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/linkage.h - may two patient ids be one person?  Probabilistic linkage
 * (Fellegi & Sunter 1969): each field's level of agreement adds the logarithm of a
 * likelihood ratio; two thresholds part certain, uncertain and different; guards
 * (twins, father and son, placeholder names ...) keep a pair from being certain
 * whatever its weight.  All numbers stand in config/linkage.xml.  Pure: no database;
 * the same demographics in any order give the same answer.  Method and measurements:
 * core/doc/identity.md.
 */
#ifndef ITV_ENGINE_LINKAGE_H
#define ITV_ENGINE_LINKAGE_H

#include <glib.h>

#include "interval/plugin.h"

/* ---- what linkage.xml says ------------------------------------------------------ */

typedef struct ItvLinkage ItvLinkage;
/* ITV_ERROR_CONFIG: file, line, what was expected. */
ItvLinkage *itv_linkage_load(const char *path, const char *xsd, GError **error);
void itv_linkage_free(ItvLinkage *linkage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvLinkage, itv_linkage_free)

/* Which pairs are linked without a person. */
typedef enum {
  ITV_LINK_BY_HAND,
  ITV_LINK_CORROBORATED, /* certain and corroborated */
  ITV_LINK_CERTAIN,
} ItvLinkAutomatic;
ItvLinkAutomatic itv_linkage_automatic(const ItvLinkage *linkage);
/* A block with more ids than this finds nobody. */
guint itv_linkage_max_block(const ItvLinkage *linkage);

/* ---- a patient id's demographics -------------------------------------------------- */

/* All that any message ever said of one patient id: names, dates, addresses ...  A set:
 * order and repetition do not matter. */
typedef struct ItvPersona ItvPersona;

ItvPersona *itv_persona_new(void);
void itv_persona_free(ItvPersona *persona);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvPersona, itv_persona_free)
/* Takes what an interval.patient/1 record says. */
void itv_persona_add(ItvPersona *persona, const ItvLinkage *linkage, const itv_record *patient);
/* Nothing in it could ever find a partner. */
gboolean itv_persona_is_empty(const ItvPersona *persona);

/* The family names under which the frequency of names is counted; borrowed. */
const GPtrArray *itv_persona_families(const ItvPersona *persona);
/* Blocking keys: two ids are compared when they share one.  Hashes (gint64), sorted,
 * without repetition; owned. */
GArray *itv_persona_keys(const ItvPersona *persona);
/* The key under which ids of that family name are counted (no blocking key). */
gint64 itv_linkage_name_key(const char *family);

/* ---- comparison ---------------------------------------------------------------------- */

typedef enum { ITV_ZONE_DIFFERENT, ITV_ZONE_UNCERTAIN, ITV_ZONE_CERTAIN } ItvLinkZone;
const char *itv_link_zone_name(ItvLinkZone zone);

/* The share of ids with that family name, 0..1, as far as it is known; and of how many. */
typedef struct {
  double (*share)(const char *family, gpointer data);
  gpointer data;
  guint n_ids;
} ItvNameFrequency;

typedef struct {
  char *field, *level; /* "birth-date", "turned": codes of linkage.xml */
  char *text;          /* "birth date: day and month swapped" */
  double weight;       /* bits; 0 for a guard */
  gboolean guard;      /* keeps the pair from being certain */
} ItvLinkReason;

typedef struct {
  double weight; /* bits: log2 of the likelihood ratio */
  ItvLinkZone zone;
  /* Something beyond name, birth date, sex and address agrees, and either a national id or
   * name and birth date without a slip. */
  gboolean corroborated;
  GPtrArray *reasons; /* ItvLinkReason, in the order of the fields, guards last */
} ItvLinkVerdict;
void itv_link_verdict_free(ItvLinkVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvLinkVerdict, itv_link_verdict_free)

/* What is known of a pair beside the demographics. */
typedef struct {
  gboolean same_issuer;   /* one issuer gave them two numbers */
  const char *references; /* "measurements filed under A were made on images of B"; NULL: none */
} ItvLinkContext;

/* Symmetric.  `context` and `frequency` may be NULL. */
ItvLinkVerdict *itv_linkage_compare(const ItvLinkage *linkage, const ItvPersona *a,
                                    const ItvPersona *b, const ItvLinkContext *context,
                                    const ItvNameFrequency *frequency);
/* Whether the pair could be more than different under any frequency of its names: a
 * quick sieve after blocking. */
gboolean itv_linkage_may_match(const ItvLinkage *linkage, const ItvPersona *a, const ItvPersona *b);

#endif
