/* SPDX-License-Identifier: Apache-2.0
 *
 * Every golden/NAME.xml gives the records of golden/NAME.txt.
 */
#include "tests/xmldoc-test.h"

#define FOLDER "plugins/cda/tests/golden"

static void
test_golden(gconstpointer file)
{
  check_golden(FOLDER, file, strcmp(file, "a-part.xml") == 0 ? 20 : 90);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autoptr(GPtrArray) names = test_names(FOLDER, ".xml");
  g_assert_cmpuint(names->len, >=, 15);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_strconcat("/cda/golden/", (char *)names->pdata[i], NULL);
    g_test_add_data_func(path, names->pdata[i], test_golden);
  }
  return g_test_run();
}
