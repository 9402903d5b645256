/* SPDX-License-Identifier: Apache-2.0
 *
 * A hostile CARDS module: read, linted with a few drawn cases, run without any input.
 */
#include "engine/cards.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  g_autoptr(ItvXml) xml = itv_xml_parse((const char *)data, size, "module", NULL, NULL);
  g_autoptr(ItvCards) cards = xml ? itv_cards_read(xml, "module", NULL) : NULL;
  if (!cards)
    return 0;
  g_autoptr(GHashTable) given = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(ItvCardsAnswer) answer = itv_cards_run(cards, given, TRUE, NULL);
  g_autoptr(GPtrArray) faults = itv_cards_lint(cards, xml, 20);
  return faults->len > G_MAXINT;
}
