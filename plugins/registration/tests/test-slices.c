/* SPDX-License-Identifier: Apache-2.0
 *
 * Real key slices of three lung patients, months apart (RIDER, NBIA): each
 * patient's own pair is accepted, another's and a mirrored one are not.
 * Skipped where the data is absent.
 */
#include <stdlib.h>

#include "phantom.h"

enum { N_PATIENTS = 3, SIZE = 512 };
static const char *const PATIENT[N_PATIENTS] = {"0022", "0024", "0028"};

typedef struct {
  itv_volume volume;
  char *bytes; /* the file, which ends in its pixels */
  size_t size;
} Slice;

static void
slice_clear(Slice *s)
{
  g_free(s->bytes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Slice, slice_clear)

/* Value number `nth` of the first element of that tag (explicit VR, little
 * endian, short length), decimal string. */
static double
number_of(const Slice *s, guint16 group, guint16 element, int nth)
{
  const guint8 tag[4] = {group & 255, group >> 8, element & 255, element >> 8};
  for (size_t i = 132; i + 8 < s->size; i += 2)
    if (memcmp(s->bytes + i, tag, 4) == 0 && memcmp(s->bytes + i + 4, "DS", 2) == 0) {
      size_t length = (guint8)s->bytes[i + 6] + 256u * (guint8)s->bytes[i + 7];
      g_autofree char *text = g_strndup(s->bytes + i + 8, length);
      g_auto(GStrv) part = g_strsplit(text, "\\", -1);
      g_assert_cmpint((int)g_strv_length(part), >, nth);
      return g_ascii_strtod(part[nth], NULL);
    }
  g_error("tag (%04x,%04x) is missing", group, element);
}

static gboolean
load(const char *patient, const char *when, const char *role, Slice *ret)
{
  g_autofree char *name = g_strconcat(patient, when, ".dcm", NULL);
  const char *root = g_getenv("ITV_SOURCE_DIR");
  g_autofree char *path =
      g_build_filename(root ? root : ".", "..", "shared", "data", "aim", patient, name, NULL);
  Slice s = {.volume = {.struct_size = sizeof s.volume,
                        .pixel = ITV_PIX_I16,
                        .dim = {SIZE, SIZE, 1},
                        .flags = ITV_VOL_ORIENTED,
                        .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                        .role = role,
                        .data_size = 2 * SIZE * SIZE}};
  if (!g_file_get_contents(path, &s.bytes, &s.size, NULL)) {
    g_autofree char *why = g_strdup_printf("%s is absent", path);
    g_test_skip(why);
    return FALSE;
  }
  g_assert_cmpuint(s.size, >, s.volume.data_size);
  s.volume.data = s.bytes + (s.size - s.volume.data_size);
  for (int i = 0; i < 3; i++)
    s.volume.origin_mm[i] = number_of(&s, 0x0020, 0x0032, i);
  s.volume.spacing_mm[0] = number_of(&s, 0x0028, 0x0030, 1);
  s.volume.spacing_mm[1] = number_of(&s, 0x0028, 0x0030, 0);
  s.volume.spacing_mm[2] = number_of(&s, 0x0018, 0x0050, 0);
  s.volume.slope = number_of(&s, 0x0028, 0x1053, 0);
  s.volume.intercept = number_of(&s, 0x0028, 0x1052, 0);
  *ret = s;
  return TRUE;
}

/* Swaps columns, which keeps the place of the body. */
static void
mirror(Slice *s)
{
  gint16 *p = (gint16 *)(s->bytes + (s->size - s->volume.data_size));
  for (int y = 0; y < SIZE; y++, p += SIZE)
    for (int x = 0; x < SIZE / 2; x++) {
      gint16 keep = p[x];
      p[x] = p[SIZE - 1 - x];
      p[SIZE - 1 - x] = keep;
    }
}

static void
expect(TestHost *host, const Slice *fixed, const Slice *moving, const char *model,
       gboolean expected, const char *what)
{
  g_assert_cmpint(run_registration(host, &fixed->volume, &moving->volume, model, 2), ==, ITV_OK);
  g_test_message("%s, %s", what, model);
  print_outcome(host);
  g_assert_cmpint(accepted(host), ==, expected);
}

static void
own_pairs_are_accepted(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (int i = 0; i < N_PATIENTS; i++) {
    g_auto(Slice) fixed = {0};
    g_auto(Slice) moving = {0};
    if (!load(PATIENT[i], "Followup", "fixed", &fixed) ||
        !load(PATIENT[i], "Baseline", "moving", &moving))
      return;
    expect(host, &fixed, &moving, "rigid", TRUE, PATIENT[i]);
    if (i == 0)
      expect(host, &fixed, &moving, "affine", TRUE, PATIENT[i]);
    mirror(&fixed);
    expect(host, &fixed, &moving, "rigid", FALSE, "mirrored");
  }
}

static void
others_are_refused(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (int i = 0; i < N_PATIENTS; i++) {
    g_auto(Slice) fixed = {0};
    g_auto(Slice) moving = {0};
    if (!load(PATIENT[i], "Followup", "fixed", &fixed) ||
        !load(PATIENT[(i + 1) % N_PATIENTS], "Baseline", "moving", &moving))
      return;
    expect(host, &fixed, &moving, "rigid", FALSE, "another patient");
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/registration/slices/own", own_pairs_are_accepted);
  g_test_add_func("/registration/slices/others", others_are_refused);
  return g_test_run();
}
