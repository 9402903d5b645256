/* SPDX-License-Identifier: Apache-2.0 */
#include "values.h"

#include <math.h>
#include <string.h>

#include "charset.h"

#define MAX_TEXT ((gint64)1 << 20)

static guint8 *
load(const DcmDataset *d, const DcmElement *e, gint64 max)
{
  if (e->length <= 0 || e->undefined || e->length > max)
    return NULL;
  g_autofree guint8 *bytes = g_malloc((gsize)e->length + 1);
  if (!dcm_file_read(d->file, e->at, bytes, (gsize)e->length))
    return NULL;
  bytes[e->length] = '\0';
  return g_steal_pointer(&bytes);
}

static gboolean
is_padding(char c)
{
  return c == ' ' || c == '\0' || c == '\t' || c == '\r' || c == '\n';
}

static char *
trimmed(const char *text, gsize n)
{
  while (n > 0 && is_padding(text[n - 1]))
    n--;
  while (n > 0 && is_padding(text[0]))
    text++, n--;
  return n ? g_strndup(text, n) : NULL;
}

char *
dcm_text(const DcmDataset *dataset, guint32 tag)
{
  const DcmElement *e = dcm_find(dataset, tag);
  g_autofree guint8 *bytes = e ? load(dataset, e, MAX_TEXT) : NULL;
  if (!bytes)
    return NULL;
  gsize n = (gsize)e->length;
  while (n > 0 && is_padding((char)bytes[n - 1]))
    n--;
  g_autofree char *utf8 = dcm_charset_to_utf8(dataset->charset, bytes, n);
  return trimmed(utf8, strlen(utf8));
}

char *
dcm_text_n(const DcmDataset *dataset, guint32 tag, guint n)
{
  g_autofree char *all = dcm_text(dataset, tag);
  if (!all)
    return NULL;
  g_auto(GStrv) parts = g_strsplit(all, "\\", (int)MIN(n + 2, 100000u));
  return n < g_strv_length(parts) ? trimmed(parts[n], strlen(parts[n])) : NULL;
}

char *
dcm_text_any(const DcmDataset *dataset, const guint32 *tags, gsize n_tags)
{
  char *text = NULL;
  for (gsize i = 0; i < n_tags && !text; i++)
    text = dcm_text(dataset, tags[i]);
  return text;
}

char *
dcm_uid(const DcmDataset *dataset, guint32 tag)
{
  g_autofree char *uid = dcm_text_n(dataset, tag, 0);
  if (!uid || strlen(uid) > 64)
    return NULL;
  for (const char *p = uid; *p; p++)
    if (!g_ascii_isdigit(*p) && (*p != '.' || p == uid || p[-1] == '.' || !p[1]))
      return NULL;
  return g_steal_pointer(&uid);
}

char *
dcm_person(const DcmDataset *dataset, guint32 tag)
{
  g_autofree char *all = dcm_text_n(dataset, tag, 0);
  if (!all)
    return NULL;
  g_auto(GStrv) groups = g_strsplit(all, "=", 4);
  const char *name = groups[0];
  for (guint i = 1; groups[i] && !*name; i++) /* only an ideographic name was given */
    name = groups[i];
  gsize n = strlen(name);
  while (n > 0 && (name[n - 1] == '^' || is_padding(name[n - 1])))
    n--;
  return trimmed(name, n);
}

static gboolean
parse_number(const char *text, double *ret_value)
{
  char *end = NULL;
  double v = g_ascii_strtod(text, &end);
  if (end == text || *end || !isfinite(v) || strpbrk(text, "xXnN"))
    return FALSE;
  *ret_value = v;
  return TRUE;
}

/* Width and kind of a binary VR; 0 for text. */
static guint
binary_width(const char *vr)
{
  static const struct {
    char vr[3];
    guint width;
  } kinds[] = {{"US", 2}, {"SS", 2}, {"UL", 4}, {"SL", 4}, {"FL", 4}, {"FD", 8}, {"OW", 2}};
  for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i].vr, vr) == 0)
      return kinds[i].width;
  return 0;
}

static double
binary_value(const guint8 *p, const char *vr, guint width, gboolean big)
{
  guint64 u = 0;
  for (guint i = 0; i < width; i++)
    u |= (guint64)p[big ? width - 1 - i : i] << (8 * i);
  if (vr[0] == 'F' && width == 4) {
    guint32 low = (guint32)u;
    float f;
    memcpy(&f, &low, sizeof f);
    return (double)f;
  }
  if (vr[0] == 'F') {
    double f;
    memcpy(&f, &u, sizeof f);
    return f;
  }
  if (vr[0] == 'S')
    return width == 2 ? (double)(gint16)(guint16)u : (double)(gint32)(guint32)u;
  return (double)u;
}

guint
dcm_numbers(const DcmDataset *dataset, guint32 tag, double *ret_values, guint max)
{
  const DcmElement *e = dcm_find(dataset, tag);
  g_autofree guint8 *bytes = e ? load(dataset, e, MAX_TEXT) : NULL;
  guint n = 0;
  if (!bytes)
    return 0;
  guint width = binary_width(e->vr);
  if (width) {
    for (; n < max && (n + 1) * width <= e->length; n++) {
      ret_values[n] =
          binary_value(bytes + n * width, e->vr, width, (dataset->syntax & DCM_BIG_ENDIAN) != 0);
      if (!isfinite(ret_values[n]))
        return n;
    }
    return n;
  }
  for (char *p = (char *)bytes; p && n < max; n++) {
    char *next = strchr(p, '\\');
    if (next)
      *next++ = '\0';
    if (!parse_number(g_strstrip(p), &ret_values[n]))
      return n;
    p = next;
  }
  return n;
}

gboolean
dcm_number(const DcmDataset *dataset, guint32 tag, guint n, double *ret_value)
{
  double values[32];
  if (n >= G_N_ELEMENTS(values) || dcm_numbers(dataset, tag, values, n + 1) <= n)
    return FALSE;
  *ret_value = values[n];
  return TRUE;
}

gboolean
dcm_integer(const DcmDataset *dataset, guint32 tag, gint64 *ret_value)
{
  double v;
  if (!dcm_number(dataset, tag, 0, &v) || fabs(v) > 9e15 || v != floor(v))
    return FALSE;
  *ret_value = (gint64)v;
  return TRUE;
}

void
dcm_code_clear(DcmCode *code)
{
  g_clear_pointer(&code->value, g_free);
  g_clear_pointer(&code->scheme, g_free);
  g_clear_pointer(&code->meaning, g_free);
}

gboolean
dcm_code(const DcmDataset *dataset, guint32 sequence, DcmCode *ret_code)
{
  static const guint32 values[] = {DCM_TAG(0x0008, 0x0100), DCM_TAG(0x0008, 0x0119),
                                   DCM_TAG(0x0008, 0x0120)};
  g_autoptr(DcmDataset) item = dcm_item(dataset, sequence);
  if (!item)
    return FALSE;
  ret_code->value = dcm_text_any(item, values, G_N_ELEMENTS(values));
  ret_code->scheme = dcm_text(item, DCM_TAG(0x0008, 0x0102));
  ret_code->meaning = dcm_text(item, DCM_TAG(0x0008, 0x0104));
  return ret_code->value || ret_code->meaning;
}

gboolean
dcm_code_is(const DcmCode *code, const char *scheme, const char *value)
{
  return g_strcmp0(code->value, value) == 0 && g_strcmp0(code->scheme, scheme) == 0;
}

/* n decimal digits, or -1. */
static int
digits(const char *p, int n)
{
  int v = 0;
  for (int i = 0; i < n; i++) {
    if (!g_ascii_isdigit(p[i]))
      return -1;
    v = v * 10 + p[i] - '0';
  }
  return v;
}

/* YYYYMMDD, or the old YYYY.MM.DD (also with '-'). */
static gboolean
parse_date(const char *da, int *y, int *m, int *d)
{
  gsize n = strspn(da, "0123456789.-");
  gboolean old = n >= 10 && !g_ascii_isdigit(da[4]) && da[4] == da[7];
  if (n < 8)
    return FALSE;
  *y = digits(da, 4);
  *m = digits(da + (old ? 5 : 4), 2);
  *d = digits(da + (old ? 8 : 6), 2);
  return *y >= 1000 && *m >= 1 && *m <= 12 && *d >= 1 &&
         g_date_valid_dmy((GDateDay)*d, (GDateMonth)*m, (GDateYear)*y);
}

char *
dcm_iso(const char *da, const char *tm)
{
  int y, mo, d;
  if (!da || !parse_date(da, &y, &mo, &d))
    return NULL;
  gsize n = tm ? strspn(tm, "0123456789:") : 0;
  gboolean old = n >= 5 && tm[2] == ':';
  int h = n >= 4 ? digits(tm, 2) : -1, mi = n >= 4 ? digits(tm + (old ? 3 : 2), 2) : -1;
  int s = n >= (old ? 8u : 6u) ? digits(tm + (old ? 6 : 4), 2) : 0;
  if (h < 0 || h > 23 || mi < 0 || mi > 59)
    return g_strdup_printf("%04d-%02d-%02d", y, mo, d);
  return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d", y, mo, d, h, mi, CLAMP(s, 0, 59));
}

char *
dcm_iso_dt(const char *dt)
{
  if (!dt || strlen(dt) < 8)
    return NULL;
  g_autofree char *date = g_strndup(dt, 8);
  return dcm_iso(date, dt + 8);
}

char *
dcm_datetime(const DcmDataset *dataset, guint32 date_tag, guint32 time_tag)
{
  g_autofree char *da = dcm_text_n(dataset, date_tag, 0);
  g_autofree char *tm = dcm_text_n(dataset, time_tag, 0);
  return dcm_iso(da, tm);
}
