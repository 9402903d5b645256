/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "index.h"
#include "pixels.h"

static int32_t
probe(void *self, const uint8_t *head, size_t n, const char *name)
{
  (void)self;
  (void)name;
  return dcm_probe(head, n);
}

static itv_status
import(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)self;
  if (input->n_sources != 1) {
    host->set_error(host, "the DICOM importer wants one file");
    return ITV_ERR_INPUT;
  }
  return dcm_import(host, &input->sources[0], out);
}

static itv_status
make_pixels(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)self;
  return dcm_pixels(host, input, out);
}

static const itv_kind importer = {ITV_KIND_HEADER, probe, import};
static const itv_kind pixels = {ITV_KIND_HEADER, NULL, make_pixels};

static const itv_kind *
get_kind(const char *id)
{
  if (strcmp(id, ITV_KIND_IMPORTER) == 0)
    return &importer;
  return strcmp(id, ITV_KIND_PIXELS) == 0 ? &pixels : NULL;
}

ITV_EXPORT const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.dicom", "0.1.0", NULL, NULL, get_kind,
};
