/* SPDX-License-Identifier: Apache-2.0
 *
 * Planes in any order become a regular grid, and what is odd is named.
 */
#include <math.h>
#include <string.h>

#include "stack.h"
#include "test-host.h"

static GArray *
new_slices(void)
{
  GArray *slices = g_array_new(FALSE, TRUE, sizeof(DcmSlice));
  g_array_set_clear_func(slices, (GDestroyNotify)dcm_slice_clear);
  return slices;
}

/* A coronal-oblique plane: turned by 30 degrees about x. */
static void
add(GArray *slices, double along, gint64 number, gboolean transversal)
{
  const double c = cos(G_PI / 6), s = sin(G_PI / 6);
  DcmSlice slice = {.source = slices->len, .rows = 4, .columns = 6, .number = number};
  const double oblique[6] = {1, 0, 0, 0, c, s}, flat[6] = {1, 0, 0, 0, 1, 0};
  memcpy(slice.plane.orientation, transversal ? flat : oblique, sizeof flat);
  slice.plane.has_orientation = slice.plane.has_position = TRUE;
  slice.plane.spacing_mm[0] = slice.plane.spacing_mm[1] = 0.5;
  slice.plane.position_mm[0] = 5;
  slice.plane.position_mm[1] = transversal ? 0 : -s * along;
  slice.plane.position_mm[2] = transversal ? along : c * along;
  slice.uid = g_strdup_printf("2.25.%u", slices->len);
  g_array_append_val(slices, slice);
}

static gboolean
noted(const DcmStack *s, const char *words)
{
  for (guint i = 0; i < s->notes->len; i++)
    if (strstr(s->notes->pdata[i], words))
      return TRUE;
  return FALSE;
}

static void
test_oblique(void)
{
  GArray *slices = new_slices();
  for (int i = 4; i >= 0; i--)
    add(slices, 2.5 * i, 10 - i, FALSE);
  g_autoptr(DcmStack) s = dcm_stack_build(slices);
  g_assert_cmpuint(s->n_planes, ==, 5);
  g_assert_true(s->regular);
  g_assert_false(s->sheared);
  g_assert_cmpuint(s->notes->len, ==, 0);
  g_assert_cmpfloat_with_epsilon(s->step_mm, 2.5, 1e-9);
  g_assert_cmpfloat_with_epsilon(s->normal[1], -0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon(s->origin_mm[2], 0, 1e-9);
  g_assert_cmpint(g_array_index(s->slices, DcmSlice, 0).number, ==, 10);
}

static void
test_localizer(void)
{
  GArray *slices = new_slices();
  add(slices, 0, 1, TRUE);
  for (int i = 0; i < 4; i++)
    add(slices, 3 * i, 2 + i, FALSE);
  add(slices, 9, 7, TRUE);
  g_autoptr(DcmStack) s = dcm_stack_build(slices);
  g_assert_cmpuint(s->slices->len, ==, 4);
  g_assert_true(noted(s, "mixed orientation: 2 of 6"));
}

static void
test_time_points(void)
{
  GArray *slices = new_slices();
  for (int t = 1; t >= 0; t--)
    for (int i = 0; i < 3; i++)
      add(slices, 3 * i, 3 * t + i, FALSE);
  g_autoptr(DcmStack) s = dcm_stack_build(slices);
  g_assert_cmpuint(s->slices->len, ==, 3);
  g_assert_true(noted(s, "duplicates: 3 further slices"));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint(g_array_index(s->slices, DcmSlice, i).number, ==, i);
}

static void
test_gap(void)
{
  GArray *slices = new_slices();
  for (int i = 0; i < 8; i++)
    if (i != 3 && i != 4)
      add(slices, 2 * i, i, FALSE);
  g_autoptr(DcmStack) s = dcm_stack_build(slices);
  g_assert_false(s->regular);
  g_assert_cmpuint(s->n_planes, ==, 8);
  g_assert_true(noted(s, "missing slices: 2 are missing in 1 gaps"));
}

static void
test_uneven(void)
{
  static const double at[] = {0, 2, 4, 6.7, 8.7};
  GArray *slices = new_slices();
  for (gsize i = 0; i < G_N_ELEMENTS(at); i++)
    add(slices, at[i], (gint64)i, FALSE);
  g_autoptr(DcmStack) s = dcm_stack_build(slices);
  g_assert_false(s->regular);
  g_assert_true(noted(s, "irregular spacing: 1 steps between slices of 2.70 to 2.70 mm"));
  g_assert_cmpfloat_with_epsilon(s->step_mm, 2, 1e-9);
}

/* Two slices a metre apart among dense ones must not make a huge grid. */
static void
test_far_apart(void)
{
  GArray *slices = new_slices();
  for (int i = 0; i < 4; i++)
    add(slices, 0.1 * i, i, FALSE);
  add(slices, 1000, 9, FALSE);
  g_autoptr(DcmStack) s = dcm_stack_build(slices);
  g_assert_cmpuint(s->n_planes, <=, 4 * 5 + 1);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/stack/oblique", test_oblique);
  g_test_add_func("/dicom/stack/localizer", test_localizer);
  g_test_add_func("/dicom/stack/time-points", test_time_points);
  g_test_add_func("/dicom/stack/gap", test_gap);
  g_test_add_func("/dicom/stack/uneven", test_uneven);
  g_test_add_func("/dicom/stack/far-apart", test_far_apart);
  return g_test_run();
}
