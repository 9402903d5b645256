/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fulfilment-internal.h"

#include <string.h>

#include "fulfilment-file.h"

const ItvFulfilment *
itv_fulfilment_shipped(void)
{
  static gsize once = 0;
  static ItvFulfilment *shipped = NULL;
  if (g_once_init_enter(&once)) {
    g_autoptr(GError) error = NULL;
    shipped = itv_fulfilment_parse((const char *)fulfilment_file, sizeof fulfilment_file,
                                   "fulfilment.xml (built in)", NULL, &error);
    if (!shipped) /* a defect of this build, not of anybody's data */
      g_error("%s", error->message);
    g_once_init_leave(&once, 1);
  }
  return shipped;
}

static const ItvFulfilment *
given(const ItvFulfilment *f)
{
  return f ? f : itv_fulfilment_shipped();
}

/* ---- regions and modalities ---------------------------------------------------------- */

gboolean
itv_fulfilment_covers(const ItvFulfilment *f, ItvRegionSet have, ItvRegion want,
                      ItvModalitySet modalities)
{
  if (want == ITV_REGION_NONE)
    return FALSE;
  f = given(f);
  if (have & f->always[want])
    return TRUE;
  const ItvRegionSet parts = f->composed[want].parts;
  if (parts && (have & parts) == parts)
    return TRUE;
  const GArray *covers = f->covers[want];
  for (guint i = 0; covers && i < covers->len; i++) {
    const ItvCover *c = &g_array_index(covers, ItvCover, i);
    if ((have & c->by) && (modalities & c->modalities))
      return TRUE;
  }
  return FALSE;
}

ItvRegionSet
itv_fulfilment_part(const ItvFulfilment *f, ItvRegionSet have, ItvRegion want,
                    ItvRegionSet *ret_parts)
{
  const ItvComposed *c = &given(f)->composed[want];
  if (!c->partial || !(have & c->parts) || (have & c->parts) == c->parts)
    return 0;
  if (ret_parts)
    *ret_parts = c->parts;
  return have & c->parts;
}

gboolean
itv_fulfilment_related(const ItvFulfilment *f, ItvRegion a, ItvRegion b)
{
  const ItvModalitySet any = ITV_MODALITY_BIT(ITV_MODALITY_CT) | ITV_MODALITY_BIT(ITV_MODALITY_MR);
  return a == b || (a && b &&
                    (itv_fulfilment_covers(f, ITV_REGION_BIT(a), b, any) ||
                     itv_fulfilment_covers(f, ITV_REGION_BIT(b), a, any)));
}

gboolean
itv_fulfilment_serves(const ItvFulfilment *f, ItvModalitySet want, ItvRegion region,
                      ItvModalitySet have)
{
  if (!want || (want & have))
    return TRUE;
  f = given(f);
  for (guint i = 0; i < f->serves->len; i++) {
    const ItvServes *s = &g_array_index(f->serves, ItvServes, i);
    if ((want & s->instead_of) && (have & s->modalities) &&
        (!s->regions || (s->regions & ITV_REGION_BIT(region))))
      return TRUE;
  }
  return FALSE;
}

ItvRegionSet
itv_fulfilment_paired(const ItvFulfilment *f)
{
  return given(f)->paired;
}

ItvRegionSet
itv_fulfilment_both_sides(const ItvFulfilment *f)
{
  return given(f)->both_sides;
}

int
itv_fulfilment_early_divisor(const ItvFulfilment *f)
{
  return given(f)->early_divisor;
}

int
itv_fulfilment_early_days(const ItvFulfilment *f)
{
  return given(f)->early_days;
}

double
itv_fulfilment_keeps(const ItvFulfilment *f, ItvDoubt doubt)
{
  return given(f)->keeps[doubt];
}

/* ---- acts -------------------------------------------------------------------------------- */

static gboolean
word_char(char c)
{
  return g_ascii_isalnum(c) || (guchar)c >= 0x80;
}

/* Does it stand in the lower-case text on word borders? */
static gboolean
stands(const char *text, const ItvActWord *w)
{
  const gsize n = strlen(w->word);
  for (const char *at = text; (at = strstr(at, w->word)); at++)
    if ((at == text || !word_char(at[-1])) && (w->open || !word_char(at[n])))
      return TRUE;
  return FALSE;
}

static gboolean
names(const char *text, const ItvAct *act)
{
  for (guint i = 0; i < act->words->len; i++)
    if (stands(text, &g_array_index(act->words, ItvActWord, i)))
      return TRUE;
  return FALSE;
}

ItvActSet
itv_fulfilment_acts(const ItvFulfilment *f, const char *text, gssize length)
{
  if (!text)
    return 0;
  f = given(f);
  g_autofree char *lower = g_ascii_strdown(text, length);
  ItvActSet set = 0;
  for (guint i = 0; i < f->acts->len; i++)
    if (names(lower, f->acts->pdata[i]))
      set |= (ItvActSet)1 << i;
  return set;
}

gboolean
itv_fulfilment_acts_of_place(const ItvFulfilment *f, ItvActSet acts)
{
  return acts && !(acts & ~given(f)->of_place);
}

ItvActSet
itv_fulfilment_settles(const ItvFulfilment *f, ItvActSet acts, const char *head)
{
  f = given(f);
  ItvActSet found = 0;
  for (guint i = 0; i < f->settles->len; i++) {
    const ItvSettles *s = &g_array_index(f->settles, ItvSettles, i);
    if (!s->findings || (head && g_strv_contains((const char *const *)s->findings, head)))
      found |= acts & s->acts;
  }
  return found;
}

const char *
itv_fulfilment_act_name(const ItvFulfilment *f, ItvActSet acts)
{
  f = given(f);
  for (guint i = 0; i < f->acts->len; i++)
    if (acts & ((ItvActSet)1 << i))
      return ((const ItvAct *)f->acts->pdata[i])->id;
  return NULL;
}
