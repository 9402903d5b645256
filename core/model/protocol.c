/* SPDX-License-Identifier: Apache-2.0 */
#include "model/protocol.h"

#include <string.h>

static void
clear_visit(ItvVisit *v)
{
  g_free(v->id);
  g_free(v->title);
}

static void
clear_measure(ItvHealingMeasure *m)
{
  g_free(m->measure);
  g_free(m->unit);
  g_free(m->source);
  g_clear_pointer(&m->expected, g_array_unref);
}

ItvProtocol *
itv_protocol_new(void)
{
  ItvProtocol *p = g_new0(ItvProtocol, 1);
  p->visits = g_array_new(FALSE, TRUE, sizeof(ItvVisit));
  g_array_set_clear_func(p->visits, (GDestroyNotify)clear_visit);
  p->healing = g_array_new(FALSE, TRUE, sizeof(ItvHealingMeasure));
  g_array_set_clear_func(p->healing, (GDestroyNotify)clear_measure);
  return p;
}

void
itv_protocol_free(ItvProtocol *p)
{
  if (!p)
    return;
  g_free(p->name);
  g_free(p->version);
  g_free(p->title);
  g_free(p->source);
  g_array_unref(p->visits);
  g_array_unref(p->healing);
  g_free(p);
}

const ItvHealingMeasure *
itv_protocol_measure(const ItvProtocol *p, const char *measure)
{
  for (guint i = 0; i < p->healing->len; i++) {
    const ItvHealingMeasure *m = &g_array_index(p->healing, ItvHealingMeasure, i);
    if (strcmp(m->measure, measure) == 0)
      return m;
  }
  return NULL;
}
