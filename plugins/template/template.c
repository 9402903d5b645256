/* SPDX-License-Identifier: Apache-2.0
 *
 * An importer to copy.  Its files have one line:  #size PATIENT YYYY-MM-DD MILLIMETRES
 */
#include <interval/plugin.h> /* 1. all that a plugin needs of Interval */
#include <stdio.h>
#include <string.h>

/* 2. How sure are we (0..100) that a file is ours, from its first bytes? */
static int32_t
probe(void *self, const uint8_t *head, size_t n, const char *name)
{
  (void)self, (void)name;
  return n >= 6 && memcmp(head, "#size ", 6) == 0 ? 100 : 0;
}

/* 3. A job gets one file.  It may be hostile: check lengths, numbers, everything. */
static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  char line[256] = "", id[64], date[40], more;
  int y, m, d;
  double mm;
  (void)self;
  const itv_source *file = in->n_sources == 1 ? &in->sources[0] : NULL;
  if (!file || file->read_at(file, 0, line, sizeof line - 1) < 6 || memcmp(line, "#size ", 6) != 0)
    return ITV_NOT_APPLICABLE; /* 4. not ours: no record, no message, no blame */
  if (sscanf(line, "#size %63[!-~] %4d-%2d-%2d %lf %c", id, &y, &m, &d, &mm, &more) != 5 ||
      y < 1800 || y > 2500 || m < 1 || m > 12 || d < 1 ||
      d > (m == 2 ? 28 + (y % 4 == 0 && (y % 100 || y % 400 == 0)) : 30 + (m + m / 8) % 2) ||
      !(mm > 0 && mm < 1e4)) {
    host->set_error(host, "expected \"#size PATIENT YYYY-MM-DD MILLIMETRES\"");
    return ITV_ERR_INPUT; /* 5. a sentence before every negative status */
  }
  snprintf(date, sizeof date, "%04d-%02d-%02d", y, m, d);
  /* 6. Results are records; names, keys and units stand in schemas/records.xml. */
  const itv_field document[] = {ITV_STR("format", "size"), ITV_STR("known", date)};
  const itv_field patient[] = {ITV_STR("id", id)};
  const itv_field size[] = {ITV_STR("measure", "long-axis"), ITV_F64("value", mm, "mm"),
                            ITV_STR("date", date)};
  if (out->emit(out, "interval.document/1", document, 2) ||
      out->emit(out, "interval.patient/1", patient, 1) ||
      out->emit(out, "interval.measurement/1", size, 3))
    return ITV_ERR_LIMIT; /* the host has said why */
  return ITV_OK;
}

static const itv_kind *
get_kind(const char *id)
{
  static const itv_kind importer = {ITV_KIND_HEADER, probe, run};
  return strcmp(id, ITV_KIND_IMPORTER) == 0 ? &importer : NULL;
}

/* 7. The one exported symbol.  Id and version are those of plugin.xml. */
ITV_EXPORT const itv_plugin itv_plugin_entry = {ITV_PLUGIN_HEADER, .id = "org.example.template",
                                                .version = "0.1.0", .get_kind = get_kind};
