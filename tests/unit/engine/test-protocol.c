/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/protocol.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"

static char *
source_path(const char *below)
{
  const char *root = g_getenv("ITV_SOURCE_DIR");
  return g_build_filename(root ? root : ".", below, NULL);
}

static void
test_shipped(void)
{
  g_autofree char *dir = source_path("config/protocols");
  g_autofree char *xsd = source_path("schemas/protocol.xsd");
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) all = itv_protocols_load(dir, xsd, &error);
  g_assert_no_error(error);
  g_assert_nonnull(all);
  g_assert_cmpuint(all->len, >, 0);
  const ItvProtocol *nail = itv_protocols_find(all, "tibia-im-nail");
  g_assert_nonnull(nail);
  g_assert_cmpint(nail->region, ==, ITV_REGION_TIBIA);
  g_assert_cmpuint(nail->modalities, ==, ITV_MODALITY_BIT(ITV_MODALITY_XR));
  g_assert_true(nail->sided);
  g_assert_cmpuint(nail->visits->len, >, 2);
  const ItvHealingMeasure *rust = itv_protocol_measure(nail, "rust");
  g_assert_nonnull(rust);
  g_assert_cmpuint(rust->expected->len, >, 0);
  const ItvExpectedPoint *p = &g_array_index(rust->expected, ItvExpectedPoint, 0);
  g_assert_cmpfloat(p->median_days, >, p->early_days);
  g_assert_cmpfloat(p->late_days, <, 0); /* no source gives it */
  g_assert_null(itv_protocols_find(all, "no-such-protocol"));
  const ItvProtocol *evar = itv_protocols_find(all, "evar");
  g_assert_nonnull(evar);
  g_assert_cmpuint(g_array_index(evar->visits, ItvVisit, 0).modalities, ==,
                   ITV_MODALITY_BIT(ITV_MODALITY_CT));
}

static void
test_missing_folder(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) none = itv_protocols_load("/nonexistent/folder", NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(none->len, ==, 0);
}

static void
test_bad(void)
{
  static const struct {
    const char *name, *xml, *complaint;
  } rows[] = {
      {"a.xml", "<protocol name='b' region='tibia' modality='XR'/>", "must be the file's name"},
      {"a.xml", "<protocol name='a' region='nose' modality='XR'/>", "is no region"},
      {"a.xml", "<protocol name='a' region='tibia' modality='XY'/>", "is no modality"},
      {"a.xml",
       "<protocol name='a' region='tibia' modality='XR'>\n"
       "<visit id='v' target='P2W' earliest='P1W' latest='6W'/></protocol>",
       "a.xml:2: latest=\"6W\" is no period"},
      {"a.xml",
       "<protocol name='a' region='tibia' modality='XR'>"
       "<visit id='v' target='P2W' earliest='P3W' latest='P6W'/></protocol>",
       "must follow one another"},
      {"a.xml",
       "<protocol name='a' region='tibia' modality='XR'>"
       "<visit id='v' target='P2W' earliest='P1W' latest='P6W'/>"
       "<visit id='v' target='P2W' earliest='P1W' latest='P6W'/></protocol>",
       "two visits"},
      {"a.xml", "<protocol", "a.xml"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *dir = g_dir_make_tmp("itv-protocol-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, rows[i].name, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(path, rows[i].xml, -1, NULL));
    g_autoptr(GPtrArray) all = itv_protocols_load(dir, NULL, &error);
    g_assert_null(all);
    g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
    if (!strstr(error->message, rows[i].complaint))
      g_error("\"%s\" does not say \"%s\"", error->message, rows[i].complaint);
    g_unlink(path);
    g_rmdir(dir);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/protocol/shipped", test_shipped);
  g_test_add_func("/protocol/missing-folder", test_missing_folder);
  g_test_add_func("/protocol/bad", test_bad);
  return g_test_run();
}
