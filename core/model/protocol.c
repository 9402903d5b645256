/* SPDX-License-Identifier: Apache-2.0 */
#include "model/protocol.h"

static void
clear_visit(ItvVisit *v)
{
  g_free(v->id);
  g_free(v->title);
}

static void
clear_expected(ItvExpectedPoint *p)
{
  g_free(p->measure);
}

ItvProtocol *
itv_protocol_new(void)
{
  ItvProtocol *p = g_new0(ItvProtocol, 1);
  p->union_score = p->repeatability = -1;
  p->visits = g_array_new(FALSE, TRUE, sizeof(ItvVisit));
  g_array_set_clear_func(p->visits, (GDestroyNotify)clear_visit);
  p->expected = g_array_new(FALSE, TRUE, sizeof(ItvExpectedPoint));
  g_array_set_clear_func(p->expected, (GDestroyNotify)clear_expected);
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
  g_free(p->healing_measure);
  g_array_unref(p->visits);
  g_array_unref(p->expected);
  g_free(p);
}
