/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulated brains (BrainWeb) turned by 10 degrees about z and shifted by
 * 15 mm along x, both exactly, in T1 and T2.  Skipped where the data is absent.
 */
#include <zlib.h>

#include "phantom.h"

enum { NIFTI_HEADER = 352, NX = 181, NY = 217, NZ = 180 };

typedef struct {
  itv_volume volume;
  uint8_t *data;
} Brain;

static void
brain_clear(Brain *b)
{
  g_free(b->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Brain, brain_clear)

/* These four files are all 181 x 217 x 180 bytes after a header of 352; false
 * and the test skipped when the file is not there. */
static gboolean
load(const char *name, const char *role, Brain *ret)
{
  const char *root = g_getenv("ITV_SOURCE_DIR");
  g_autofree char *path = g_build_filename(root ? root : ".", "..", "shared", "data",
                                           "registration", "brainweb", name, NULL);
  gzFile file = gzopen(path, "rb");
  if (!file) {
    g_autofree char *why = g_strdup_printf("%s is absent", path);
    g_test_skip(why);
    return FALSE;
  }
  uint8_t header[NIFTI_HEADER];
  int16_t dim[4];
  size_t n = NX * NY * NZ;
  Brain b = {.data = g_malloc(n)};
  g_assert_cmpint(gzread(file, header, sizeof header), ==, sizeof header);
  memcpy(dim, header + 40, sizeof dim);
  g_assert_true(dim[1] == NX && dim[2] == NY && dim[3] == NZ);
  g_assert_cmpint(gzread(file, b.data, (unsigned)n), ==, n);
  gzclose(file);
  b.volume = (itv_volume){.struct_size = sizeof b.volume,
                          .pixel = ITV_PIX_U8,
                          .dim = {NX, NY, NZ},
                          .flags = ITV_VOL_ORIENTED,
                          .spacing_mm = {1, 1, 1},
                          .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                          .slope = 1,
                          .role = role,
                          .data = b.data,
                          .data_size = n};
  *ret = b;
  return TRUE;
}

/* Mean distance from the truth over a grid within the image. */
static double
mean_error_mm(TestHost *host)
{
  RegAffine found = matrix_of(host), truth = rigid(0, 0, -10, -15, 0, 0);
  double sum = 0;
  for (int i = 0; i < 343; i++) {
    double x[3] = {NX * (1 + i % 7) / 8.0, NY * (1 + i / 7 % 7) / 8.0, NZ * (1 + i / 49) / 8.0};
    double y[3];
    reg_affine_apply(&truth, x, y);
    reg_affine_apply(&found, x, x);
    sum += sqrt((x[0] - y[0]) * (x[0] - y[0]) + (x[1] - y[1]) * (x[1] - y[1]) +
                (x[2] - y[2]) * (x[2] - y[2]));
  }
  g_test_message("mean error %.4f mm", sum / 343);
  return sum / 343;
}

static void
align(const char *moving_name, const char *model, double limit_mm)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(Brain) fixed = {0};
  g_auto(Brain) moving = {0};
  if (!load("brainweb1e1a10f20.nii.gz", "fixed", &fixed) || !load(moving_name, "moving", &moving))
    return;
  itv_status status = run_registration(host, &fixed.volume, &moving.volume, model, 2);
  print_outcome(host);
  g_assert_cmpint(status, ==, ITV_OK);
  g_assert_cmpfloat(mean_error_mm(host), <, limit_mm);
  g_assert_true(accepted(host));
}

static void
same_contrast(void)
{
  align("brainweb1e1a10f20Rot10Tx15.nii.gz", "rigid", 0.02);
}

static void
same_contrast_affine(void)
{
  align("brainweb1e1a10f20Rot10Tx15.nii.gz", "affine", 0.03);
}

static void
other_contrast(void)
{
  align("brainweb165a10f17Rot10Tx15.nii.gz", "rigid", 0.05);
}

/* Nearly symmetric, and yet not the same. */
static void
mirrored_is_refused(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(Brain) fixed = {0};
  g_auto(Brain) moving = {0};
  if (!load("brainweb1e1a10f20.nii.gz", "fixed", &fixed) ||
      !load("brainweb1e1a10f20Rot10Tx15.nii.gz", "moving", &moving))
    return;
  for (size_t row = 0; row < NY * NZ; row++)
    for (size_t x = 0; x < NX / 2; x++) {
      uint8_t *a = fixed.data + row * NX + x, *b = fixed.data + row * NX + (NX - 1 - x), keep = *a;
      *a = *b;
      *b = keep;
    }
  g_assert_cmpint(run_registration(host, &fixed.volume, &moving.volume, "rigid", 2), ==, ITV_OK);
  print_outcome(host);
  g_assert_false(accepted(host));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/registration/brainweb/same-contrast", same_contrast);
  g_test_add_func("/registration/brainweb/affine", same_contrast_affine);
  g_test_add_func("/registration/brainweb/other-contrast", other_contrast);
  g_test_add_func("/registration/brainweb/mirrored", mirrored_is_refused);
  return g_test_run();
}
