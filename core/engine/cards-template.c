/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "engine/cards-case.h"

#define MAX_WRITTEN (1u << 20) /* bytes of text in one answer */

char *
itv_cards_value_words(const ItvCardsValue *value, int digits)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE], format[16];
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < value->chosen->len; i++) {
    const char *code = value->chosen->pdata[i];
    const ItvCardsChoice *choice = itv_cards_choice(value->element, code);
    const char *words = choice && choice->report && *choice->report ? choice->report
                        : choice && choice->label && *choice->label ? choice->label
                                                                    : code;
    g_string_append_printf(out, "%s%s", i ? ", " : "", words);
  }
  if (value->chosen->len > 0)
    return g_string_free(out, FALSE);
  if (digits > 0 && !isnan(value->number)) {
    g_snprintf(format, sizeof format, "%%.%dg", digits);
    g_string_append(out, g_ascii_formatd(number, sizeof number, format, value->number));
  } else {
    g_string_append(out, value->text);
  }
  return g_string_free(out, FALSE);
}

static void write_pieces(ItvCardsCase *c, const GPtrArray *pieces, GString *out);

static void
write_text(ItvCardsCase *c, GString *out, const char *text)
{
  c->written += strlen(text);
  if (c->written > MAX_WRITTEN)
    itv_cards_abandon(c, "the templates write more than %u bytes", MAX_WRITTEN);
  else /* the blanks around an insertion that wrote nothing are one */
    g_string_append(out, *text == ' ' && g_str_has_suffix(out->str, " ") ? text + 1 : text);
}

static void
write_partial(ItvCardsCase *c, const ItvCardsPiece *piece, GString *out)
{
  const ItvCardsPartial *partial = g_hash_table_lookup(c->cards->partial_of, piece->text);
  if (!partial) {
    itv_cards_reason(c, "line %d: there is no template %s", piece->line, piece->text);
  } else if (!g_hash_table_add(c->partials, partial->id)) {
    itv_cards_reason(c, "line %d: the template %s contains itself", piece->line, piece->text);
  } else {
    itv_cards_write(c, partial->branches, out);
    g_hash_table_remove(c->partials, partial->id);
  }
}

static void
write_value(ItvCardsCase *c, const ItvCardsPiece *piece, GString *out)
{
  const ItvCardsValue *value = itv_cards_value(c, piece->text);
  if (!value)
    itv_cards_reason(c, "line %d: there is no data element %s", piece->line, piece->text);
  if (!value || value->has != ITV_CARDS_YES)
    return;
  g_autofree char *words = itv_cards_value_words(value, piece->digits);
  write_text(c, out, words);
}

static void
write_piece(ItvCardsCase *c, const ItvCardsPiece *piece, GString *out)
{
  switch (piece->kind) {
  case ITV_CARDS_PLAIN:
    write_text(c, out, piece->text);
    break;
  case ITV_CARDS_VALUE:
    write_value(c, piece, out);
    break;
  case ITV_CARDS_PARTIAL:
    write_partial(c, piece, out);
    break;
  case ITV_CARDS_NEWLINE:
    write_text(c, out, "\n");
    break;
  case ITV_CARDS_TAB:
    write_text(c, out, "\t");
    break;
  case ITV_CARDS_SPACE:
    write_text(c, out, " ");
    break;
  case ITV_CARDS_WHEN:
    if (itv_cards_holds(c, piece->when) == ITV_CARDS_YES)
      write_pieces(c, piece->pieces, out);
    break;
  }
}

static void
write_pieces(ItvCardsCase *c, const GPtrArray *pieces, GString *out)
{
  if (!itv_cards_enter(c))
    return;
  for (guint i = 0; i < pieces->len && !c->failed; i++)
    write_piece(c, pieces->pdata[i], out);
  itv_cards_leave(c);
}

void
itv_cards_write(ItvCardsCase *c, const GPtrArray *branches, GString *out)
{
  if (!itv_cards_enter(c))
    return;
  for (guint i = 0; i < branches->len && !c->failed; i++) {
    const ItvCardsBranch *branch = branches->pdata[i];
    if (itv_cards_holds(c, branch->condition) != ITV_CARDS_YES)
      continue;
    write_pieces(c, branch->pieces, out);
    itv_cards_write(c, branch->branches, out);
  }
  itv_cards_leave(c);
}
