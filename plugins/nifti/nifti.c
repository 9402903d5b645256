/* SPDX-License-Identifier: Apache-2.0
 *
 * NIfTI-1 (.nii, .nii.gz): one file is one volume, of a study of its own.  The
 * format names no patient and no date; whoever imports it does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nifti-header.h"
#include "nifti-pixels.h"
#include "nifti-stream.h"

__extension__ typedef unsigned __int128 Hash;

/* FNV-1a of 128 bits (Fowler, Noll, Vo; constants of their reference). */
static Hash
hash_more(Hash h, const void *bytes, size_t n)
{
  const Hash prime = ((Hash)1 << 88) + 0x13B;
  const uint8_t *p = bytes;
  for (size_t i = 0; i < n; i++)
    h = (h ^ p[i]) * prime;
  return h;
}

static Hash
hash_begin(void)
{
  return ((Hash)0x6C62272E07BB0142u << 64) | 0x62B821756295C58Du;
}

/* "2.25." and the decimal of a UUID made from the hash (PS3.5 B.2; the version
 * and variant bits are those of a UUID of version 8). */
static void
format_uid(Hash h, char ret[65])
{
  char digits[40];
  size_t n = sizeof digits;
  h = (h & ~((Hash)0xF << 76)) | (Hash)8 << 76;
  h = (h & ~((Hash)3 << 62)) | (Hash)2 << 62;
  digits[--n] = 0;
  for (; h; h /= 10)
    digits[--n] = (char)('0' + (int)(h % 10));
  snprintf(ret, 65, "2.25.%s", digits + n);
}

static int32_t
probe(void *self, const uint8_t *head, size_t n, const char *name)
{
  uint8_t header[NIFTI_HEADER_SIZE];
  NiftiHeader parsed;
  char reason[160];
  (void)self;
  (void)name;
  if (n >= 2 && head[0] == 0x1F && head[1] == 0x8B) {
    z_stream z = {.next_in = (Bytef *)(uintptr_t)head, .avail_in = (uInt)n};
    z.next_out = header;
    z.avail_out = sizeof header;
    if (inflateInit2(&z, 15 + 16) != Z_OK)
      return 0;
    inflate(&z, Z_SYNC_FLUSH);
    inflateEnd(&z);
    if (z.avail_out)
      return 0;
  } else if (n >= sizeof header) {
    memcpy(header, head, sizeof header);
  } else {
    return 0;
  }
  return nifti_header_read(header, &parsed, reason, sizeof reason) == NIFTI_NO ? 0 : 95;
}

static itv_status
emit_document(const itv_sink *out, const itv_source *source, const char *sop, const char *rejected)
{
  itv_field f[8];
  size_t n = 0;
  f[n++] = (itv_field)ITV_STR("format", "nifti");
  f[n++] = (itv_field)ITV_STR("type", "NIfTI-1");
  if (sop)
    f[n++] = (itv_field)ITV_STR("identifier", sop);
  f[n++] = (itv_field)ITV_I64("offset", 0, "By");
  f[n++] = (itv_field)ITV_I64("length", source->size > 0 ? source->size : 0, "By");
  f[n++] = (itv_field)ITV_STR("keep-raw", "N");
  if (rejected)
    f[n++] = (itv_field)ITV_STR("rejected", rejected);
  return out->emit(out, "interval.document/1", f, n);
}

typedef struct {
  char study[65], series[65], sop[65];
} Uids;

static itv_status
emit_image(const itv_sink *out, const NiftiHeader *h, const Uids *uids, const char *modality)
{
  itv_field f[32];
  size_t n = 0;
  f[n++] = (itv_field)ITV_STR("study-uid", uids->study);
  f[n++] = (itv_field)ITV_STR("series-uid", uids->series);
  f[n++] = (itv_field)ITV_STR("sop-uid", uids->sop);
  f[n++] = (itv_field)ITV_STR("modality", modality);
  if (h->description[0])
    f[n++] = (itv_field)ITV_STR("series-description", h->description);
  f[n++] = (itv_field)ITV_I64("rows", h->dim[1], "{pixel}");
  f[n++] = (itv_field)ITV_I64("columns", h->dim[0], "{pixel}");
  f[n++] = (itv_field)ITV_I64("frames", (int64_t)h->dim[2] * h->frames, "{frame}");
  if (!h->spacing_unknown) {
    f[n++] = (itv_field)ITV_F64("spacing-row", h->spacing_mm[1], "mm");
    f[n++] = (itv_field)ITV_F64("spacing-column", h->spacing_mm[0], "mm");
    f[n++] = (itv_field)ITV_F64("slice-thickness", h->spacing_mm[2], "mm");
  }
  for (int i = 0; h->oriented && i < 3; i++)
    f[n++] = (itv_field)ITV_F64("position", h->origin_mm[i], "mm");
  for (int i = 0; h->oriented && i < 6; i++)
    f[n++] = (itv_field)ITV_F64("orientation", h->direction[3 * (i % 3) + i / 3], "1");
  f[n++] = (itv_field)ITV_STR("pixels", h->unreadable[0] ? "undecodable" : "decodable");
  if (h->unreadable[0])
    f[n++] = (itv_field)ITV_STR("pixel-problem", h->unreadable);
  f[n++] = (itv_field)ITV_I64("offset", 0, "By");
  return out->emit(out, "interval.image/1", f, n);
}

/* Hashes the voxels; false when the file ends before the last one. */
static bool
hash_voxels(const itv_host *host, Stream *s, const NiftiHeader *h, Hash *ret, size_t *ret_missing)
{
  static uint8_t buf[1 << 16];
  size_t left = (size_t)h->dim[0] * (size_t)h->dim[1] * (size_t)h->dim[2] * (size_t)h->frames *
                h->bytes_per_voxel;
  left += h->data_offset - NIFTI_HEADER_SIZE;
  while (left && !host->cancelled(host)) {
    const size_t want = left < sizeof buf ? left : sizeof buf;
    const size_t got = stream_read(s, buf, want);
    *ret = hash_more(*ret, buf, got);
    left -= got;
    if (got < want)
      break;
  }
  *ret_missing = left;
  return left == 0;
}

static void
make_uids(Hash content, Uids *ret)
{
  format_uid(hash_more(content, "study", 5), ret->study);
  format_uid(hash_more(content, "series", 6), ret->series);
  format_uid(hash_more(content, "sop", 3), ret->sop);
}

static const char *
configured_modality(const itv_host *host)
{
  static const char *const known[] = {"XR", "CT",  "MR", "US", "MG", "NM",
                                      "PT", "DXA", "FL", "XA", "OT"};
  const char *wanted = host->config(host, "modality");
  for (size_t i = 0; wanted && i < sizeof known / sizeof known[0]; i++)
    if (strcmp(wanted, known[i]) == 0)
      return known[i];
  return "OT";
}

static itv_status
import_stream(const itv_host *host, Stream *s, const itv_source *source, const itv_sink *out)
{
  uint8_t header[NIFTI_HEADER_SIZE];
  NiftiHeader h;
  Uids uids;
  char reason[400] = "";
  if (stream_read(s, header, sizeof header) < sizeof header)
    return ITV_NOT_APPLICABLE;
  const NiftiVerdict verdict = nifti_header_read(header, &h, reason, sizeof reason);
  if (verdict == NIFTI_NO)
    return ITV_NOT_APPLICABLE;
  if (verdict != NIFTI_YES)
    return emit_document(out, source, NULL, reason);
  Hash content = hash_more(hash_begin(), header, sizeof header);
  size_t missing = 0;
  if (!hash_voxels(host, s, &h, &content, &missing)) {
    if (host->cancelled(host))
      return nifti_fail(host, ITV_ERR_CANCELLED, source, "cancelled");
    snprintf(reason, sizeof reason, "the file ends %zu bytes before its last voxel%s%s", missing,
             s->problem ? ": " : "", s->problem ? s->problem : "");
    return emit_document(out, source, NULL, reason);
  }
  make_uids(content, &uids);
  const itv_status status = emit_document(out, source, uids.sop, NULL);
  return status == ITV_OK ? emit_image(out, &h, &uids, configured_modality(host)) : status;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)self;
  if (input->n_sources != 1) {
    host->set_error(host, "an import takes exactly one source");
    return ITV_ERR_INPUT;
  }
  const itv_source *source = &input->sources[0];
  Stream *s = malloc(sizeof *s);
  if (!s || !stream_open(s, source)) {
    free(s);
    return nifti_fail(host, ITV_ERR_LIMIT, source, "no memory");
  }
  const itv_status status = import_stream(host, s, source, out);
  stream_close(s);
  free(s);
  if (status == ITV_ERR_LIMIT)
    host->set_error(host, "more records than one import may have");
  return status;
}

static const itv_kind importer = {ITV_KIND_HEADER, probe, run};
static const itv_kind pixels = {ITV_KIND_HEADER, NULL, nifti_pixels_run};

static const itv_kind *
get_kind(const char *id)
{
  if (strcmp(id, ITV_KIND_IMPORTER) == 0)
    return &importer;
  return strcmp(id, ITV_KIND_PIXELS) == 0 ? &pixels : NULL;
}

const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.nifti", "0.1.0", NULL, NULL, get_kind,
};
