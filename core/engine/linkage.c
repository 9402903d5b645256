/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/linkage.h"

#include <math.h>
#include <string.h>

#include "engine/linkage-internal.h"

#define RARE_NAME_BITS 2.0 /* above the average weight of an agreeing name: worth saying */

/* ---- reasons ------------------------------------------------------------------------ */

static void
reason_free(gpointer data)
{
  ItvLinkReason *r = data;
  g_free(r->field);
  g_free(r->level);
  g_free(r->text);
  g_free(r);
}

void
itv_link_verdict_free(ItvLinkVerdict *v)
{
  if (!v)
    return;
  g_ptr_array_unref(v->reasons);
  g_free(v);
}

static void
add_reason(ItvLinkVerdict *v, const char *field, const char *level, char *text, double weight,
           gboolean guard)
{
  ItvLinkReason *r = g_new(ItvLinkReason, 1);
  *r = (ItvLinkReason){g_strdup(field), g_strdup(level), text, weight, guard};
  g_ptr_array_add(v->reasons, r);
}

static void
add_guard(ItvLinkVerdict *v, const char *level, const char *text)
{
  add_reason(v, "guard", level, g_strdup(text), 0, TRUE);
}

/* ---- weights -------------------------------------------------------------------------- */

/* An agreement on a rare name says more than one on a common name: u is the name's own
 * share (Fellegi & Sunter 1969, section 3.3; Winkler 1989), drawn towards the average
 * while few ids are known. */
static double
name_weight(const ItvLinkage *linkage, const char *family, const ItvNameFrequency *frequency)
{
  if (!family || !frequency || !frequency->share)
    return linkage->weight[ITV_LF_FAMILY][ITV_LL_SAME];
  const double n = frequency->n_ids, seen = frequency->share(family, frequency->data) * n;
  const double share =
      (seen + linkage->prior_ids * linkage->prior_share) / (n + linkage->prior_ids);
  return log2(linkage->family_m / CLAMP(share, linkage->rare_share, linkage->common_share));
}

static double
field_weight(const ItvLinkage *linkage, const ItvLinkLevels *l, ItvLinkField field,
             const ItvNameFrequency *frequency)
{
  if (field == ITV_LF_FAMILY && l->level[field] == ITV_LL_SAME)
    return name_weight(linkage, l->family, frequency);
  return linkage->weight[field][l->level[field]];
}

static char *
reason_text(const ItvLinkage *linkage, const ItvLinkLevels *l, ItvLinkField field, double weight,
            const ItvLinkContext *context)
{
  const ItvLinkLevel level = l->level[field];
  if (field == ITV_LF_REFERENCE && context && context->references)
    return g_strdup(context->references);
  if (field == ITV_LF_FAMILY && level == ITV_LL_SAME) {
    const double more = weight - linkage->weight[field][level];
    return g_strconcat("family name agrees",
                       more >= RARE_NAME_BITS    ? " (rare)"
                       : more <= -RARE_NAME_BITS ? " (common)"
                                                 : "",
                       NULL);
  }
  if (level <= ITV_LL_ONE)
    return g_strdup_printf("%s: given in %s record", itv_link_field_codes[field],
                           level == ITV_LL_ONE ? "one" : "no");
  return g_strdup(itv_link_level_text(field, level));
}

/* ---- guards ------------------------------------------------------------------------------ */

/* Some name is complete: a placeholder beside it is the past of a newborn. */
static gboolean
has_name(const ItvPersona *p)
{
  for (guint i = 0; i < p->names->len; i++) {
    const ItvPersonaName *n = p->names->pdata[i];
    if (*n->family && *n->given)
      return TRUE;
  }
  return FALSE;
}

static gboolean
has_middle(const ItvPersona *p)
{
  for (guint i = 0; i < p->names->len; i++)
    if (*((const ItvPersonaName *)p->names->pdata[i])->middle)
      return TRUE;
  return FALSE;
}

/* Nothing beyond name, birth date, sex and address: such records could hardly contradict
 * one another. */
static gboolean
is_thin(const ItvPersona *p)
{
  return !has_middle(p) && p->phones->len == 0 && p->national->len == 0 && p->insurance->len == 0 &&
         p->mothers->len == 0 && p->contacts->len == 0;
}

static gboolean
agrees(const ItvLinkLevels *l, ItvLinkField field)
{
  return l->level[field] >= ITV_LL_SAME && l->level[field] < ITV_LL_DIFFERS;
}

/* Something beyond name, birth date, sex and address says the same.  An insurance number
 * is often the family's, an initial is no name. */
static gboolean
is_confirmed(const ItvLinkLevels *l)
{
  return agrees(l, ITV_LF_PHONE) || agrees(l, ITV_LF_NATIONAL) || agrees(l, ITV_LF_MOTHER) ||
         agrees(l, ITV_LF_CONTACT) ||
         (agrees(l, ITV_LF_MIDDLE) && l->level[ITV_LF_MIDDLE] != ITV_LL_INITIAL);
}

/* Where nothing else confirms them, name, birth date and address must leave no doubt. */
static gboolean
is_doubtful(const ItvLinkLevels *l)
{
  return l->level[ITV_LF_FAMILY] != ITV_LL_SAME || l->level[ITV_LF_GIVEN] != ITV_LL_SAME ||
         l->level[ITV_LF_BIRTH] != ITV_LL_SAME || !agrees(l, ITV_LF_STREET) ||
         l->level[ITV_LF_AREA] == ITV_LL_DIFFERS;
}

static gboolean
slips(const ItvLinkLevels *l, ItvLinkField field)
{
  return agrees(l, field) && l->level[field] != ITV_LL_SAME;
}

/* How many of family name, given name and birth date agree with a slip only; names that
 * stand in each other's place are one slip. */
static guint
n_slips(const ItvLinkLevels *l)
{
  const gboolean swapped = l->level[ITV_LF_FAMILY] == ITV_LL_SWAPPED;
  return slips(l, ITV_LF_FAMILY) + (slips(l, ITV_LF_GIVEN) && !swapped) + slips(l, ITV_LF_BIRTH);
}

static gboolean
share_year(const ItvPersona *a, const ItvPersona *b)
{
  for (guint i = 0; i < a->births->len; i++)
    for (guint k = 0; k < b->births->len; k++)
      if (strncmp(a->births->pdata[i], b->births->pdata[k], 4) == 0)
        return TRUE;
  return FALSE;
}

/* What agrees must tell the pair from the people whom the slip could hide: a twin of a
 * similar given name shares all but the middle name; a parent of the same name, born in
 * another year, all but the mother; for a namesake any of these will do, or a phone. */
static gboolean
is_told_apart(const ItvLinkLevels *l, const ItvPersona *a, const ItvPersona *b)
{
  const gboolean own = l->level[ITV_LF_MIDDLE] == ITV_LL_SAME;
  const gboolean mother = l->level[ITV_LF_MOTHER] == ITV_LL_SAME;
  if (slips(l, ITV_LF_GIVEN) && l->level[ITV_LF_FAMILY] != ITV_LL_SWAPPED)
    return own;
  if (slips(l, ITV_LF_BIRTH) && !share_year(a, b))
    return mother;
  return own || mother || l->level[ITV_LF_CONTACT] == ITV_LL_SAME ||
         l->level[ITV_LF_PHONE] == ITV_LL_SAME;
}

static void
guard_slips(const ItvLinkage *linkage, const ItvLinkLevels *l, const ItvPersona *a,
            const ItvPersona *b, ItvLinkVerdict *v)
{
  const guint n = n_slips(l);
  if (n == 0 || l->level[ITV_LF_NATIONAL] == ITV_LL_SAME)
    return;
  if (n > 1)
    add_guard(v, "slip", "more than one of family name, given name and birth date has a slip");
  else if (v->weight < linkage->slip_certain || !is_told_apart(l, a, b))
    add_guard(v, "slip",
              "name or birth date agree with a slip only, and too little else tells them "
              "from twin, parent or namesake");
}

static void
guard_names(const ItvLinkLevels *l, const ItvPersona *a, const ItvPersona *b, ItvLinkVerdict *v)
{
  const ItvLinkLevel given = l->level[ITV_LF_GIVEN];
  const gboolean proven = l->level[ITV_LF_NATIONAL] == ITV_LL_SAME;
  if (given == ITV_LL_DIFFERS)
    add_guard(v, "given", "other given names: twins and siblings share all else");
  else if ((given == ITV_LL_NEAR || given == ITV_LL_MIDDLE) && !agrees(l, ITV_LF_STREET))
    add_guard(v, "given", "given names only resemble each other: so do those of siblings");
  if (l->level[ITV_LF_MIDDLE] == ITV_LL_DIFFERS && !proven)
    add_guard(v, "middle", "other middle names");
  if (l->level[ITV_LF_SUFFIX] == ITV_LL_DIFFERS)
    add_guard(v, "suffix", "father and son (Jr, Sr)");
  if ((a->placeholder && !has_name(a)) || (b->placeholder && !has_name(b)))
    add_guard(v, "placeholder", "a placeholder stands for the name");
  else if ((given <= ITV_LL_ONE || l->level[ITV_LF_FAMILY] <= ITV_LL_ONE) && !proven)
    add_guard(v, "name", "part of the name is not known");
}

static void
guard_persons(const ItvLinkage *linkage, const ItvLinkLevels *l, const ItvPersona *a,
              const ItvPersona *b, ItvLinkVerdict *v)
{
  const ItvLinkLevel birth = l->level[ITV_LF_BIRTH];
  const gboolean proven = l->level[ITV_LF_NATIONAL] == ITV_LL_SAME;
  guard_names(l, a, b, v);
  if (l->level[ITV_LF_SEX] == ITV_LL_DIFFERS)
    add_guard(v, "sex", "other sex");
  if (birth == ITV_LL_DIFFERS && !proven)
    add_guard(v, "birth-date", "other birth dates: a parent bears the same name at times");
  if (birth <= ITV_LL_ONE && !proven)
    add_guard(v, "no-birth-date", "no birth date to compare");
  if (itv_link_contradicts_itself(linkage, a) || itv_link_contradicts_itself(linkage, b))
    add_guard(v, "contradiction", "messages about two persons came under one of the ids");
  if (l->orders_differ)
    add_guard(v, "birth-order", "other place in a multiple birth");
  if (linkage->thin_guard && is_thin(a) && is_thin(b))
    add_guard(v, "thin", "neither record says more than name, birth date, sex and address");
  guard_slips(linkage, l, a, b, v);
  if (!is_confirmed(l) && is_doubtful(l))
    add_guard(v, "doubtful",
              "nothing beyond name, birth date and address confirms them, and "
              "these do not agree in full");
}

static void
guard_context(const ItvLinkContext *context, double weight, const ItvLinkage *linkage,
              ItvLinkVerdict *v)
{
  if (!context)
    return;
  if (context->same_issuer)
    add_guard(v, "issuer", "one issuer knows them as two persons");
  if (context->references && weight < linkage->certain)
    add_guard(v, "reference", "the images, not the demographics, tie them");
}

/* Another family name and another given name: people of one house, who share all else.
 * Only a number of their own could still make them one. */
static gboolean
are_strangers(const ItvLinkLevels *l)
{
  return l->level[ITV_LF_FAMILY] == ITV_LL_DIFFERS && l->level[ITV_LF_GIVEN] == ITV_LL_DIFFERS &&
         !agrees(l, ITV_LF_NATIONAL);
}

/* ---- verdict -------------------------------------------------------------------------------- */

ItvLinkVerdict *
itv_linkage_compare(const ItvLinkage *linkage, const ItvPersona *a, const ItvPersona *b,
                    const ItvLinkContext *context, const ItvNameFrequency *frequency)
{
  ItvLinkLevels l = itv_link_levels(linkage, a, b);
  if (context && context->references)
    l.level[ITV_LF_REFERENCE] = ITV_LL_SAME;
  if (context && context->same_issuer)
    l.level[ITV_LF_ISSUER] = ITV_LL_SAME;
  ItvLinkVerdict *v = g_new0(ItvLinkVerdict, 1);
  v->reasons = g_ptr_array_new_with_free_func(reason_free);
  for (ItvLinkField f = 0; f < ITV_LF_N; f++) {
    const double weight = field_weight(linkage, &l, f, frequency);
    v->weight += weight;
    if (l.level[f] > ITV_LL_ONE || weight != 0)
      add_reason(v, itv_link_field_codes[f], itv_link_level_codes[l.level[f]],
                 reason_text(linkage, &l, f, weight, context), weight, FALSE);
  }
  v->corroborated =
      is_confirmed(&l) && (n_slips(&l) == 0 || l.level[ITV_LF_NATIONAL] == ITV_LL_SAME);
  const guint before = v->reasons->len;
  guard_persons(linkage, &l, a, b, v);
  guard_context(context, v->weight, linkage, v);
  const gboolean guarded = v->reasons->len > before;
  if (v->weight >= linkage->certain && !guarded)
    v->zone = ITV_ZONE_CERTAIN;
  else if ((v->weight >= linkage->possible && !are_strangers(&l)) ||
           (context && context->references))
    v->zone = ITV_ZONE_UNCERTAIN;
  return v;
}

gboolean
itv_linkage_may_match(const ItvLinkage *linkage, const ItvPersona *a, const ItvPersona *b)
{
  const ItvLinkLevels l = itv_link_levels(linkage, a, b);
  double weight = 0;
  for (ItvLinkField f = 0; f < ITV_LF_N; f++)
    weight += linkage->weight[f][l.level[f]];
  if (l.family)
    weight +=
        log2(linkage->family_m / linkage->rare_share) - linkage->weight[ITV_LF_FAMILY][ITV_LL_SAME];
  return weight >= linkage->possible && !are_strangers(&l);
}
