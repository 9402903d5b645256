/* SPDX-License-Identifier: Apache-2.0
 *
 * Healing after surgery.
 */
#include "healing.h"

#include <math.h>
#include <string.h>

gint32
healing_day(const char *text)
{
  if (!text || strlen(text) < 10 || text[4] != '-' || text[7] != '-')
    return 0;
  int part[3] = {0};
  for (int i = 0, k = 0; i < 10; i++) {
    if (i == 4 || i == 7)
      k++;
    else if (!g_ascii_isdigit(text[i]))
      return 0;
    else
      part[k] = 10 * part[k] + text[i] - '0';
  }
  if (part[0] < 1 || part[1] < 1 || part[1] > 12 ||
      !g_date_valid_dmy((GDateDay)part[2], (GDateMonth)part[1], (GDateYear)part[0]))
    return 0;
  GDate date;
  g_date_clear(&date, 1);
  g_date_set_dmy(&date, (GDateDay)part[2], (GDateMonth)part[1], (GDateYear)part[0]);
  return (gint32)g_date_get_julian(&date);
}

char *
healing_date(gint32 day)
{
  GDate date;
  g_date_clear(&date, 1);
  g_date_set_julian(&date, (guint32)MAX(day, 1));
  return g_strdup_printf("%04d-%02d-%02d", g_date_get_year(&date), g_date_get_month(&date),
                         g_date_get_day(&date));
}

gint32
healing_add_months(gint32 day, int months)
{
  GDate date;
  g_date_clear(&date, 1);
  g_date_set_julian(&date, (guint32)day);
  if (months >= 0)
    g_date_add_months(&date, (guint)months);
  else
    g_date_subtract_months(&date, (guint)-months);
  return (gint32)g_date_get_julian(&date);
}

void
draft_init(Draft *draft)
{
  draft->n = 0;
  draft->texts = g_ptr_array_new_with_free_func(g_free);
}

void
draft_number(Draft *draft, const char *key, double value, const char *unit)
{
  if (draft->n < G_N_ELEMENTS(draft->fields) && isfinite(value))
    draft->fields[draft->n++] = (itv_field)ITV_F64(key, value, unit);
}

void
draft_text(Draft *draft, const char *key, const char *text)
{
  if (draft->n >= G_N_ELEMENTS(draft->fields) || !text || !*text)
    return;
  size_t n = MIN(strlen(text), (size_t)1000);
  while (text[n] && n > 0 && (text[n] & 0xC0) == 0x80)
    n--;
  char *copy = g_strndup(text, n);
  g_ptr_array_add(draft->texts, copy);
  draft->fields[draft->n++] = (itv_field)ITV_STR(key, copy);
}

void
draft_note(Draft *draft, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  draft_text(draft, "note", text);
}

itv_status
draft_emit(Draft *draft, const itv_sink *out, const char *record)
{
  const itv_status status = out->emit(out, record, draft->fields, draft->n);
  g_ptr_array_unref(draft->texts);
  draft->texts = NULL;
  draft->n = 0;
  return status;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)self;
  if (input->n_volumes)
    return healing_run_films(host, input, out);
  return healing_run_scores(host, input, out);
}

static const itv_kind kind = {ITV_KIND_HEADER, NULL, run};

static const itv_kind *
get_kind(const char *id)
{
  return strcmp(id, ITV_KIND_HEALING) == 0 ? &kind : NULL;
}

ITV_EXPORT const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.healing", "0.1.0", NULL, NULL, get_kind};
