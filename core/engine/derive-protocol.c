/* SPDX-License-Identifier: Apache-2.0
 *
 * Surgeries: what they prove, and the visits that their protocol asks for.
 */
#include "engine/derive-internal.h"
#include "engine/protocol.h"

#include <string.h>

/* The same surgery told twice, by a message and by a person. */
static gboolean
told_before(const ItvCase *c, guint i)
{
  const ItvProcedure *p = g_ptr_array_index(c->procedures, i);
  for (guint k = 0; k < i; k++) {
    const ItvProcedure *other = g_ptr_array_index(c->procedures, k);
    if (other->date == p->date && g_strcmp0(other->protocol, p->protocol) == 0 &&
        other->laterality == p->laterality)
      return TRUE;
  }
  return FALSE;
}

void
itv_case_surgeries(ItvCase *c)
{
  for (guint i = 0; i < c->procedures->len; i++) {
    const ItvProcedure *p = g_ptr_array_index(c->procedures, i);
    if (told_before(c, i))
      continue;
    const ItvProtocol *protocol = itv_protocols_find(c->rules->protocols, p->protocol);
    ItvPerformed *e = itv_performed_new();
    e->made_description = g_strdup_printf("surgery %s", p->protocol ? p->protocol : "");
    e->description = e->made_description;
    e->acts = itv_fulfilment_acts(c->rules->fulfilment, e->description, -1);
    e->key = e->uid = p->ev.uid;
    e->source = p->ev.source;
    e->known = p->ev.known;
    e->performed = (ItvMoment){p->date, -1};
    e->live = TRUE;
    e->exam.laterality = p->laterality;
    if (protocol && protocol->region)
      e->exam.regions = ITV_REGION_BIT(protocol->region);
    g_ptr_array_add(c->exams, e);
  }
}

static void
ask_for_visit(ItvCase *c, const ItvProcedure *p, const ItvProtocol *protocol, const ItvVisit *visit)
{
  const ItvPatientId *id = &g_array_index(c->history->ids, ItvPatientId, p->ev.patient);
  g_autofree char *day = itv_date_format(p->date);
  ItvAsk *ask = itv_ask_new();
  ask->procedure = p;
  ask->protocol = protocol;
  ask->visit = visit;
  ask->action.kind = ITV_KIND_OF_IMAGING;
  ask->action.modalities = visit->modalities ? visit->modalities : protocol->modalities;
  ask->action.region = protocol->region;
  ask->action.laterality = protocol->sided ? p->laterality : ITV_LATERALITY_NONE;
  ask->base = (ItvMoment){p->date, -1};
  ask->base_known = ask->since = p->ev.known;
  ask->has_interval = TRUE;
  ask->earliest = visit->earliest;
  ask->latest = visit->latest;
  ask->seed = g_strdup_printf("protocol\x1f%s\x1f%s\x1f%s\x1f%s\x1f%d\x1f%s", id->id, id->issuer,
                              protocol->name, day ? day : "", p->laterality, visit->id);
  g_ptr_array_add(c->asks, ask);
}

void
itv_case_protocols(ItvCase *c)
{
  for (guint i = 0; i < c->procedures->len; i++) {
    const ItvProcedure *p = g_ptr_array_index(c->procedures, i);
    const ItvProtocol *protocol = itv_protocols_find(c->rules->protocols, p->protocol);
    if (!protocol || p->date == ITV_DATE_NONE || told_before(c, i))
      continue;
    for (guint v = 0; v < protocol->visits->len; v++)
      ask_for_visit(c, p, protocol, &g_array_index(protocol->visits, ItvVisit, v));
  }
}
