/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asked of records beyond their form; and symbols read from shared
 * objects that may be damaged.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "plugin/contract.h"
#include "plugin/elf.h"

#define CHECK(c, name, ...)                                                                        \
  ({                                                                                               \
    const itv_field fields_[] = {__VA_ARGS__};                                                     \
    const itv_record record_ = {name, fields_, G_N_ELEMENTS(fields_)};                             \
    g_autoptr(GError) error_ = NULL;                                                               \
    const gboolean good_ = itv_contract_check(c, &record_, &error_);                               \
    g_assert_true(good_ == (error_ == NULL));                                                      \
    good_;                                                                                         \
  })

static void
test_document_order(void)
{
  ItvContract c = {.kind = ITV_KIND_IMPORTER};
  g_assert_false(CHECK(&c, "interval.patient/1", ITV_STR("id", "SYNTH-1")));
  g_assert_true(CHECK(&c, "interval.document/1", ITV_STR("format", "x")));
  g_assert_true(CHECK(&c, "interval.patient/1", ITV_STR("id", "SYNTH-1")));
  g_assert_true(CHECK(&c, "interval.document/1", ITV_STR("format", "x"), ITV_STR("rejected", "y")));
  g_assert_false(CHECK(&c, "interval.patient/1", ITV_STR("id", "SYNTH-1")));
  g_assert_true(CHECK(&c, "interval.document/1", ITV_STR("format", "x")));
  g_assert_true(CHECK(&c, "interval.patient/1", ITV_STR("id", "SYNTH-1")));
}

#define SPAN(c, a, b)                                                                              \
  CHECK(c, "interval.statement/1", ITV_I64("start", a, "By"), ITV_I64("end", b, "By"))

static void
test_spans(void)
{
  /* bytes: a=0, u-umlaut=1..2, b=3; length 4 */
  ItvContract c = {.kind = ITV_KIND_RECOMMENDATION,
                   .text = "a\u00fc"
                           "b",
                   .text_len = 4};
  g_assert_true(SPAN(&c, 0, 4));
  g_assert_true(SPAN(&c, 1, 3));
  g_assert_false(SPAN(&c, 0, 5));
  g_assert_false(SPAN(&c, 2, 4));
  g_assert_false(SPAN(&c, 0, 2));
  g_assert_false(SPAN(&c, 3, 3));
  g_assert_false(SPAN(&c, -1, 3));
  g_assert_false(SPAN(&c, 0, G_MAXINT64));
  g_assert_false(CHECK(&c, "interval.statement/1", ITV_I64("start", 0, "By")));
  g_assert_false(CHECK(&c, "interval.recommendation/1", ITV_I64("start", 0, "By"),
                       ITV_I64("end", 1, "By"), ITV_I64("condition-start", 3, "By"),
                       ITV_I64("condition-end", 9, "By")));
  ItvContract none = {.kind = ITV_KIND_RECOMMENDATION};
  g_assert_false(SPAN(&none, 0, 1));
}

static void
test_volumes(void)
{
  ItvContract c = {.kind = ITV_KIND_PIXELS, .n_volumes = 2};
  g_assert_true(CHECK(&c, "interval.pixels/1", ITV_I64("volume", 1, NULL)));
  g_assert_true(CHECK(&c, "interval.pixels/1", ITV_I64("volume", 2, NULL)));
  g_assert_false(CHECK(&c, "interval.pixels/1", ITV_I64("volume", 0, NULL)));
  g_assert_false(CHECK(&c, "interval.pixels/1", ITV_I64("volume", 3, NULL)));
}

static void
test_matrix(void)
{
  itv_field fields[17];
  for (int i = 0; i < 17; i++)
    fields[i] = (itv_field)ITV_F64("matrix", i, NULL);
  for (gsize n = 15; n <= 17; n++) {
    ItvContract c = {.kind = ITV_KIND_REGISTRATION};
    const itv_record record = {"interval.registration/1", fields, n};
    g_autoptr(GError) error = NULL;
    g_assert_true(itv_contract_check(&c, &record, &error) == (n == 16));
  }
}

static void
test_empty(void)
{
  g_assert_true(itv_contract_may_be_empty(ITV_KIND_RECOMMENDATION));
  g_assert_false(itv_contract_may_be_empty(ITV_KIND_IMPORTER));
}

/* This very program, cut at many places: names or a reason. */
static void
test_damaged_objects(void)
{
  g_autofree char *path = g_strdup_printf("%s/itv-elf-%d.so", g_get_tmp_dir(), (int)getpid());
  g_autofree char *self = NULL;
  gsize n = 0;
  g_assert_true(g_file_get_contents("/proc/self/exe", &self, &n, NULL));
  n = MIN(n, 4000000);
  for (gsize i = 0; i < 60; i++) {
    const gsize cut = i < 40 ? i * 3 : n / 20 * (i - 39);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(path, self, (gssize)cut, NULL));
    g_autoptr(GPtrArray) names = itv_elf_exports(path, &error);
    g_assert_true((names == NULL) == (error != NULL));
  }
  for (gsize at = 0; at < 64; at++) { /* each byte of the header */
    g_autofree char *copy = g_memdup2(self, n);
    copy[at] = (char)~copy[at];
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(path, copy, (gssize)n, NULL));
    g_autoptr(GPtrArray) names = itv_elf_exports(path, &error);
    g_assert_true((names == NULL) == (error != NULL));
  }
  g_unlink(path);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/contract/documents", test_document_order);
  g_test_add_func("/contract/spans", test_spans);
  g_test_add_func("/contract/volumes", test_volumes);
  g_test_add_func("/contract/matrix", test_matrix);
  g_test_add_func("/contract/empty", test_empty);
  g_test_add_func("/elf/damaged", test_damaged_objects);
  return g_test_run();
}
