/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/check-inputs.h"

#include <string.h>

/* ---- files ------------------------------------------------------------------ */

static GBytes *
filled(gsize n, int how)
{
  guint8 *p = g_malloc(n + 1);
  guint32 x = 12345;
  for (gsize i = 0; i < n; i++) {
    x = x * 1664525u + 1013904223u; /* Numerical Recipes' quick generator: fixed noise */
    p[i] = how < 0 ? (guint8)(x >> 24) : (guint8)how;
  }
  return g_bytes_new_take(p, n);
}

static GBytes *
of_text(const char *text)
{
  return g_bytes_new(text, strlen(text));
}

static const char *const head_names[] = {"an empty file",
                                         "one byte",
                                         "4096 bytes of noise",
                                         "4096 bytes 0xff",
                                         "4096 bytes of zeros",
                                         "a line without an end",
                                         "XML without an end",
                                         "text that is not UTF-8",
                                         "the head of a DICOM file, cut",
                                         "one HL7 segment, cut"};

guint
itv_check_heads_count(void)
{
  return G_N_ELEMENTS(head_names);
}

GBytes *
itv_check_head(guint i, const char **ret_name)
{
  *ret_name = head_names[i];
  switch (i) {
  case 0:
    return g_bytes_new(NULL, 0);
  case 1:
    return filled(1, 'M');
  case 2:
    return filled(4096, -1);
  case 3:
    return filled(4096, 0xff);
  case 4:
    return filled(4096, 0);
  case 5:
    return filled(4096, 'a');
  case 6:
    return of_text(
        "<?xml version=\"1.0\"?><ClinicalDocument xmlns=\"urn:hl7-org:v3\"><recordTarget>");
  case 7:
    return of_text("caf\xe9 \xc3\x28 \xf0\x9f\n");
  case 8: {
    guint8 dicom[140] = {0};
    memcpy(dicom + 128, "DICM\x02\x00\x00\x00UL\xff\xff", 12);
    return g_bytes_new(dicom, sizeof dicom);
  }
  default:
    return of_text("MSH|^~\\&|SYNTH|");
  }
}

static ItvJob *
file_job(guint i, const char **ret_name)
{
  ItvJob *job = itv_job_new();
  if (i >= itv_check_heads_count()) {
    *ret_name = "no file at all";
    return job;
  }
  g_autoptr(GBytes) bytes = itv_check_head(i, ret_name);
  gsize n = 0;
  const void *data = g_bytes_get_data(bytes, &n);
  (void)itv_job_add_source_bytes(job, data, n, "check.bin", NULL);
  return job;
}

static ItvJob *
pixels_job(guint i, const char **ret_name)
{
  ItvJob *job = file_job(i, ret_name);
  itv_job_add_record(job, "interval.pixels-request/1", NULL, 0);
  return job;
}

/* ---- texts -------------------------------------------------------------------- */

static ItvJob *
text_job(guint i, const char **ret_name)
{
  static const char *const names[] = {"no text",
                                      "an empty text",
                                      "one line of 100,000 characters",
                                      "characters of many bytes",
                                      "a report that recommends nothing",
                                      "a report that recommends"};
  const itv_field context[] = {ITV_STR("date", "2024-02-29"), ITV_STR("modality", "CT"),
                               ITV_STR("region", "chest")};
  g_autofree char *line = g_strnfill(100000, 'a');
  const char *const texts[] = {
      NULL,
      "",
      line,
      "\u00fc\u20ac\U0001f600 Empfehlung: \u00e9\u00e9\u00e9 6 \u2013 12 \u00b5m\n",
      "FINDINGS:\nThe lungs are clear.\nIMPRESSION:\nNormal chest CT.\n",
      "IMPRESSION:\n6 mm nodule in the right upper lobe. Recommend follow-up chest CT in 6 "
      "months.\n"};
  ItvJob *job = itv_job_new();
  *ret_name = names[i];
  itv_job_add_record(job, "interval.context/1", context, G_N_ELEMENTS(context));
  if (texts[i])
    itv_job_set_text(job, texts[i], -1);
  return job;
}

/* ---- voxels -------------------------------------------------------------------- */

typedef enum { SAME, NOISE, BLOB, SHIFTED_BLOB } Look;

static ItvVolume *
volume(gint32 edge, Look look)
{
  itv_volume v = {.struct_size = sizeof v,
                  .pixel = ITV_PIX_I16,
                  .dim = {edge, edge, edge},
                  .flags = ITV_VOL_ORIENTED,
                  .spacing_mm = {2, 2, 2},
                  .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                  .slope = 1};
  g_autofree gint16 *data = g_new0(gint16, (gsize)edge * (gsize)edge * (gsize)edge);
  guint32 x = 99;
  const int centre = edge / 2 + (look == SHIFTED_BLOB ? 2 : 0);
  for (int k = 0, at = 0; k < edge; k++)
    for (int j = 0; j < edge; j++)
      for (int i = 0; i < edge; i++, at++) {
        const int d = (i - centre) * (i - centre) + (j - edge / 2) * (j - edge / 2) +
                      2 * (k - edge / 2) * (k - edge / 2);
        x = x * 1664525u + 1013904223u;
        data[at] = look == SAME ? 7 : look == NOISE ? (gint16)(x >> 22) : (gint16)(1000 / (1 + d));
      }
  return itv_volume_new(&v, data, NULL);
}

static void
add_volume(ItvJob *job, gint32 edge, Look look, const char *role)
{
  g_autoptr(ItvVolume) v = volume(edge, look);
  if (v)
    itv_job_add_volume(job, v, role);
}

static const struct {
  const char *name;
  gint32 edge; /* 0: no volume */
  Look a, b;
} pairs[] = {{"no volumes", 0, SAME, SAME},
             {"volumes of one voxel", 1, SAME, SAME},
             {"volumes of one value", 12, SAME, SAME},
             {"a volume and noise", 16, BLOB, NOISE},
             {"a volume and the same, shifted", 24, BLOB, SHIFTED_BLOB}};

static ItvJob *
registration_job(guint i, const char **ret_name)
{
  const itv_field request[] = {ITV_STR("model", "rigid"), ITV_I64("threads", 1, "1")};
  ItvJob *job = itv_job_new();
  *ret_name = pairs[i].name;
  itv_job_add_record(job, "interval.registration-request/1", request, G_N_ELEMENTS(request));
  if (pairs[i].edge) {
    add_volume(job, pairs[i].edge, pairs[i].a, "fixed");
    add_volume(job, pairs[i].edge, pairs[i].b, "moving");
  }
  return job;
}

static ItvJob *
quality_job(guint i, const char **ret_name)
{
  static const char *const roles[] = {"prior", "current"};
  ItvJob *job = itv_job_new();
  *ret_name = i == 0 ? "no image sets" : pairs[i].name;
  for (guint k = 0; i > 0 && k < 2; k++) {
    const itv_field set[] = {ITV_STR("role", roles[k]), ITV_STR("modality", "CT"),
                             ITV_STR("region", "chest"), ITV_F64("slice-thickness", 1.25, "mm"),
                             ITV_I64("images", 24, "{image}")};
    itv_job_add_record(job, "interval.image-set/1", set, G_N_ELEMENTS(set));
    add_volume(job, pairs[i].edge, k ? pairs[i].b : pairs[i].a, roles[k]);
  }
  return job;
}

/* ---- measurements ----------------------------------------------------------------- */

static void
add_measurement(ItvJob *job, const char *role, const char *date, double value, gboolean is_volume)
{
  const itv_field m[] = {ITV_STR("measure", is_volume ? "volume" : "long-axis"),
                         ITV_F64("value", value, is_volume ? "mm3" : "mm"),
                         ITV_STR("date", date),
                         ITV_STR("finding", "nodule"),
                         ITV_STR("tracking-uid", "1.2.3.4"),
                         ITV_STR("role", role)};
  itv_job_add_record(job, "interval.measurement/1", m, G_N_ELEMENTS(m));
}

static ItvJob *
measurement_job(guint i, const char **ret_name)
{
  static const char *const names[] = {"no measurements", "a measurement without a prior",
                                      "a measurement and its prior", "sizes of zero",
                                      "a volume and its prior"};
  static const double current[] = {0, 9.5, 9.5, 0, 400}, prior[] = {0, 0, 6, 0, 200};
  ItvJob *job = itv_job_new();
  *ret_name = names[i];
  if (i >= 1)
    add_measurement(job, "current", "2024-02-29", current[i], i == 4);
  if (i >= 2)
    add_measurement(job, "prior", "2023-08-30", prior[i], i == 4);
  return job;
}

static ItvJob *
healing_job(guint i, const char **ret_name)
{
  static const char *const names[] = {"no procedure", "a procedure and nothing else",
                                      "a procedure and two scores"};
  const itv_field procedure[] = {ITV_STR("protocol", "tibia-nail"), ITV_STR("date", "2024-01-02"),
                                 ITV_STR("as-of", "2024-06-30")};
  ItvJob *job = itv_job_new();
  *ret_name = names[i];
  if (i >= 1)
    itv_job_add_record(job, "interval.procedure/1", procedure, G_N_ELEMENTS(procedure));
  for (int k = 0; i == 2 && k < 2; k++) {
    const itv_field m[] = {ITV_STR("measure", "rust"), ITV_F64("value", 4 + 5 * k, "{score}"),
                           ITV_STR("date", k ? "2024-05-02" : "2024-02-02"),
                           ITV_F64("days", k ? 121 : 31, "d")};
    itv_job_add_record(job, "interval.measurement/1", m, G_N_ELEMENTS(m));
  }
  return job;
}

/* ---- by kind ------------------------------------------------------------------------- */

static const struct {
  const char *kind;
  guint n;
  ItvJob *(*make)(guint i, const char **ret_name);
} kinds[] = {{ITV_KIND_IMPORTER, G_N_ELEMENTS(head_names) + 1, file_job},
             {ITV_KIND_PIXELS, G_N_ELEMENTS(head_names) + 1, pixels_job},
             {ITV_KIND_RECOMMENDATION, 6, text_job},
             {ITV_KIND_QUALITY, G_N_ELEMENTS(pairs), quality_job},
             {ITV_KIND_REGISTRATION, G_N_ELEMENTS(pairs), registration_job},
             {ITV_KIND_MEASUREMENT, 5, measurement_job},
             {ITV_KIND_HEALING, 3, healing_job}};

guint
itv_check_inputs_count(const char *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i].kind, kind) == 0)
      return kinds[i].n;
  return 0;
}

ItvJob *
itv_check_inputs_make(const char *kind, guint i, const char **ret_name)
{
  for (guint k = 0; k < G_N_ELEMENTS(kinds); k++)
    if (strcmp(kinds[k].kind, kind) == 0)
      return kinds[k].make(i, ret_name);
  return NULL;
}
