/* SPDX-License-Identifier: Apache-2.0 */
#include "truth.h"

#include <stdlib.h>
#include <string.h>

char *
truth_path(const char *name)
{
  g_autofree char *path =
      g_build_filename(g_getenv("ITV_SOURCE_DIR"), "..", "shared", "data", "linkage", name, NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

ItvLinkage *
truth_linkage(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "config/linkage.xml", NULL);
  g_autofree char *xsd = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas/linkage.xsd", NULL);
  ItvLinkage *linkage = itv_linkage_load(path, xsd, &error);
  if (!linkage)
    g_error("%s", error->message);
  return linkage;
}

/* ---- records ------------------------------------------------------------------------- */

typedef struct {
  itv_field fields[16];
  char *texts[16];
  gsize n;
} Draft;

/* Takes `text`. */
static void
put(Draft *d, const char *key, char *text)
{
  if (!text || !*text || d->n == G_N_ELEMENTS(d->fields)) {
    g_free(text);
    return;
  }
  d->texts[d->n] = text;
  d->fields[d->n++] = (itv_field)ITV_STR(key, text);
}

static ItvPersona *
finish(Draft *d, const ItvLinkage *linkage, gint64 birth_order)
{
  ItvPersona *p = itv_persona_new();
  const gsize n_texts = d->n;
  if (birth_order > 0 && d->n < G_N_ELEMENTS(d->fields))
    d->fields[d->n++] = (itv_field)ITV_I64("birth-order", birth_order, NULL);
  const itv_record r = {"interval.patient/1", d->fields, d->n};
  itv_persona_add(p, linkage, &r);
  for (gsize i = 0; i < n_texts; i++)
    g_free(d->texts[i]);
  return p;
}

/* ---- MIIS ------------------------------------------------------------------------------- */

static const char *
value(GHashTable *fields, const char *key)
{
  const char *text = g_hash_table_lookup(fields, key);
  return text ? text : "";
}

static char *
joined(const char *a, const char *b)
{
  return *a || *b ? g_strconcat(a, "^", b, NULL) : NULL;
}

static char *
address_of(GHashTable *f)
{
  g_autoptr(GPtrArray) parts = g_ptr_array_new();
  static const char *const keys[] = {"addressStreet1", "addressStreet2", "addressCity",
                                     "addressState", "addressZip"};
  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
    if (*value(f, keys[i]))
      g_ptr_array_add(parts, (gpointer)(guintptr)value(f, keys[i]));
  g_ptr_array_add(parts, NULL);
  return g_strjoinv(", ", (char **)parts->pdata);
}

static ItvPersona *
miis_person(const char *line, const ItvLinkage *linkage)
{
  g_autoptr(GHashTable) f = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_auto(GStrv) parts = g_strsplit(line, ",", -1);
  for (guint i = 0; parts[i]; i++) {
    char *eq = strchr(parts[i], '=');
    if (eq)
      g_hash_table_insert(f, g_strndup(parts[i], (gsize)(eq - parts[i])), g_strdup(eq + 1));
  }
  Draft d = {.n = 0};
  put(&d, "name",
      g_strjoin("^", value(f, "nameLast"), value(f, "nameFirst"), value(f, "nameMiddle"), "",
                value(f, "nameSuffix"), NULL));
  if (*value(f, "nameAlias"))
    put(&d, "alias", joined(value(f, "nameLast"), value(f, "nameAlias")));
  put(&d, "birth-date", g_strdup(value(f, "birthDate")));
  put(&d, "sex", g_strdup(value(f, "gender")));
  put(&d, "address", address_of(f));
  put(&d, "phone", g_strdup(value(f, "phone")));
  put(&d, "national-id", g_strdup(value(f, "ssn")));
  put(&d, "insurance-id", g_strdup(value(f, "medicaid")));
  put(&d, "mother", g_strdup(value(f, "motherMaidenName")));
  put(&d, "contact", joined(value(f, "guardianNameLast"), value(f, "guardianNameFirst")));
  const gboolean multiple = atoi(value(f, "birthType")) > 1 || *value(f, "birthType") == 'Y';
  return finish(&d, linkage, multiple ? atoi(value(f, "birthOrder")) : 0);
}

static void
pair_free(gpointer data)
{
  TruthPair *p = data;
  g_free(p->name);
  itv_persona_free(p->a);
  itv_persona_free(p->b);
  g_free(p);
}

GPtrArray *
truth_read_miis(const char *path, const ItvLinkage *linkage)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL))
    return NULL;
  GPtrArray *pairs = g_ptr_array_new_with_free_func(pair_free);
  g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
  TruthPair *p = NULL;
  for (guint i = 0; lines[i]; i++) {
    const char *line = lines[i];
    if (g_str_has_prefix(line, "TEST: ")) {
      g_ptr_array_add(pairs, p = g_new0(TruthPair, 1));
      p->name = g_strdup(line + 6);
    } else if (p && g_str_has_prefix(line, "EXPECT: "))
      /* "Match", "Possible Match", once "Not Sure", "Not a Match" */
      p->truth = line[8] == 'M'                                             ? TRUTH_MATCH
                 : line[8] == 'P' || g_str_has_prefix(line + 8, "Not Sure") ? TRUTH_POSSIBLE
                                                                            : TRUTH_DIFFERENT;
    else if (p && g_str_has_prefix(line, "PATIENT A: "))
      p->a = miis_person(line + 11, linkage);
    else if (p && g_str_has_prefix(line, "PATIENT B: "))
      p->b = miis_person(line + 11, linkage);
  }
  for (guint i = pairs->len; i-- > 0;) {
    const TruthPair *pair = pairs->pdata[i];
    if (!pair->a || !pair->b)
      g_ptr_array_remove_index(pairs, i);
  }
  return pairs;
}

/* ---- FEBRL -------------------------------------------------------------------------------- */

static void
record_free(gpointer data)
{
  TruthRecord *r = data;
  g_free(r->entity);
  itv_persona_free(r->persona);
  g_free(r);
}

GPtrArray *
truth_records_new(void)
{
  return g_ptr_array_new_with_free_func(record_free);
}

/* rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode,
 * state, date_of_birth, soc_sec_id; "rec-17-dup-0" is person 17. */
static void
febrl_record(char **f, const ItvLinkage *linkage, GPtrArray *records)
{
  Draft d = {.n = 0};
  g_auto(GStrv) id = g_strsplit(f[0], "-", 3);
  put(&d, "name", *f[1] || *f[2] ? g_strjoin("^", f[2], f[1], NULL) : NULL);
  g_autofree char *street = g_strconcat(f[3], " ", f[4], NULL);
  put(&d, "address", g_strjoin(", ", g_strstrip(street), f[6], f[8], f[7], NULL));
  put(&d, "birth-date", g_strdup(f[9]));
  put(&d, "national-id", g_strdup(f[10]));
  TruthRecord *r = g_new0(TruthRecord, 1);
  r->entity = g_strdup(id[0] && id[1] ? id[1] : f[0]);
  r->persona = finish(&d, linkage, 0);
  g_ptr_array_add(records, r);
}

gboolean
truth_read_febrl(const char *path, const ItvLinkage *linkage, GPtrArray *records)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL))
    return FALSE;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 1; lines[i]; i++) {
    g_auto(GStrv) f = g_strsplit(lines[i], ",", -1);
    for (guint k = 0; f[k]; k++)
      g_strstrip(f[k]);
    if (g_strv_length(f) >= 11)
      febrl_record(f, linkage, records);
  }
  return TRUE;
}

/* ---- blocks --------------------------------------------------------------------------------- */

static void
note_block(GHashTable *blocks, gint64 key, guint i)
{
  GArray *block = g_hash_table_lookup(blocks, &key);
  if (!block) {
    gint64 *copy = g_new(gint64, 1);
    *copy = key;
    block = g_array_new(FALSE, FALSE, sizeof(guint));
    g_hash_table_insert(blocks, copy, block);
  }
  g_array_append_val(block, i);
}

guint64
truth_block(const GPtrArray *records, guint max_block, TruthEach each, gpointer data)
{
  g_autoptr(GHashTable) blocks =
      g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < records->len; i++) {
    g_autoptr(GArray) keys = itv_persona_keys(((const TruthRecord *)records->pdata[i])->persona);
    for (guint k = 0; k < keys->len; k++)
      note_block(blocks, g_array_index(keys, gint64, k), i);
  }
  GHashTableIter it;
  gpointer block = NULL;
  g_hash_table_iter_init(&it, blocks);
  while (g_hash_table_iter_next(&it, NULL, &block)) {
    const GArray *b = block;
    for (guint i = 0; b->len <= max_block && i < b->len; i++)
      for (guint k = i + 1; k < b->len; k++) {
        const guint x = g_array_index(b, guint, i), y = g_array_index(b, guint, k);
        gint64 *pair = g_new(gint64, 1);
        *pair = ((gint64)x << 32) | y;
        if (g_hash_table_add(seen, pair))
          each(x, y, data);
      }
  }
  return g_hash_table_size(seen);
}
