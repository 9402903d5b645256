/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/cards-load.h"

/* Runs of white space as one blank, as the templates are laid out in their files;
 * line breaks that are meant have their own elements. */
static char *
collapse(const char *text, gsize n)
{
  GString *out = g_string_sized_new(n);
  for (gsize i = 0; i < n; i++) {
    const gboolean blank = strchr(" \t\r\n", text[i]) != NULL;
    if (!blank)
      g_string_append_c(out, text[i]);
    else if (out->len == 0 || out->str[out->len - 1] != ' ')
      g_string_append_c(out, ' ');
  }
  return g_string_free(out, FALSE);
}

static void
add_plain(const char *text, gsize n, int line, GPtrArray *pieces)
{
  g_autofree char *clean = collapse(text, n);
  if (*clean)
    g_ptr_array_add(pieces, itv_cards_piece_new(ITV_CARDS_PLAIN, clean, line));
}

void
itv_cards_read_braces(const char *text, int line, GPtrArray *pieces)
{
  while (*text) {
    const char *open = strchr(text, '{');
    const char *close = open ? strchr(open, '}') : NULL;
    if (!close)
      break;
    g_autofree char *id = g_strstrip(g_strndup(open + 1, (gsize)(close - open - 1)));
    add_plain(text, (gsize)(open - text), line, pieces);
    g_ptr_array_add(pieces, itv_cards_piece_new(ITV_CARDS_VALUE, id, line));
    text = close + 1;
  }
  add_plain(text, strlen(text), line, pieces);
}

/* SectionIf and its kin, with their content. */
static void
read_section(ItvCardsReader *reader, const ItvXml *xml, gboolean braces, GPtrArray *pieces)
{
  const gboolean by_value = itv_xml_attr(xml, "ComparisonValue", NULL) != NULL;
  const gboolean negated = g_str_has_suffix(xml->name, "Not");
  ItvCardsPiece *piece = itv_cards_piece_new(ITV_CARDS_WHEN, NULL, xml->line);
  const ItvCardsTest of_value = negated ? ITV_CARDS_NOT_EQUAL : ITV_CARDS_EQUAL,
                     of_presence = negated ? ITV_CARDS_IF_NOT : ITV_CARDS_IF;
  piece->when = itv_cards_condition_new(by_value ? of_value : of_presence, xml->line);
  piece->when->element = g_strstrip(g_strdup(itv_xml_attr(xml, "DataElementId", "")));
  if (by_value)
    piece->when->value = g_strstrip(g_strdup(itv_xml_attr(xml, "ComparisonValue", "")));
  itv_cards_read_mixed(reader, xml, braces, piece->pieces);
  g_ptr_array_add(pieces, piece);
}

static void
read_tag(ItvCardsReader *reader, const ItvXml *xml, gboolean braces, GPtrArray *pieces)
{
  if (strcmp(xml->name, "InsertValue") == 0) {
    g_autofree char *id = g_strstrip(g_strdup(itv_xml_attr(xml, "DataElementId", "")));
    ItvCardsPiece *piece = itv_cards_piece_new(ITV_CARDS_VALUE, id, xml->line);
    double digits = 0;
    if (itv_cards_number(itv_xml_attr(xml, "SignificantDigits", "0"), &digits))
      piece->digits = (int)CLAMP(digits, 0, 15);
    g_ptr_array_add(pieces, piece);
  } else if (strcmp(xml->name, "InsertPartial") == 0) {
    g_autofree char *id = g_strstrip(g_strdup(itv_xml_attr(xml, "PartialId", "")));
    g_ptr_array_add(pieces, itv_cards_piece_new(ITV_CARDS_PARTIAL, id, xml->line));
  } else if (strcmp(xml->name, "NewLine") == 0) {
    g_ptr_array_add(pieces, itv_cards_piece_new(ITV_CARDS_NEWLINE, NULL, xml->line));
  } else if (strcmp(xml->name, "PlainText") == 0) {
    add_plain(xml->text, strlen(xml->text), xml->line, pieces);
  } else if (g_str_has_prefix(xml->name, "SectionIf")) {
    read_section(reader, xml, braces, pieces);
  } else {
    itv_cards_refuse(reader, xml, "%s is no part of a text", xml->name);
  }
}

void
itv_cards_read_mixed(ItvCardsReader *reader, const ItvXml *xml, gboolean braces, GPtrArray *pieces)
{
  const gsize n = strlen(xml->text);
  gsize done = 0;
  for (guint i = 0; i <= xml->children->len; i++) {
    const ItvXml *child = i < xml->children->len ? xml->children->pdata[i] : NULL;
    const gsize until = child ? MIN(child->at, n) : n;
    g_autofree char *between = g_strndup(xml->text + done, until - done);
    if (braces)
      itv_cards_read_braces(between, xml->line, pieces);
    else
      add_plain(between, until - done, xml->line, pieces);
    if (child)
      read_tag(reader, child, braces, pieces);
    done = until;
  }
}

void
itv_cards_read_report_text(ItvCardsReader *reader, const ItvXml *xml, GPtrArray *pieces)
{
  static const struct {
    const char *type;
    ItvCardsPieceKind kind;
  } kinds[] = {{"InsertDataElementValue", ITV_CARDS_VALUE},
               {"InsertPartialTemplate", ITV_CARDS_PARTIAL},
               {"Newline", ITV_CARDS_NEWLINE},
               {"Tab", ITV_CARDS_TAB},
               {"Space", ITV_CARDS_SPACE}};
  const char *type = itv_xml_attr(xml, "Type", "PlainText");
  const char *value = itv_xml_attr(xml, "Value", NULL);
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
    if (strcmp(type, kinds[i].type) != 0)
      continue;
    g_autofree char *text = g_strstrip(g_strdup(value ? value : xml->text));
    g_ptr_array_add(pieces, itv_cards_piece_new(kinds[i].kind, text, xml->line));
    return;
  }
  if (strcmp(type, "PlainText") != 0)
    itv_cards_refuse(reader, xml, "ReportText has the unknown Type \"%s\"", type);
  if (value)
    add_plain(value, strlen(value), xml->line, pieces);
  itv_cards_read_mixed(reader, xml, FALSE, pieces);
}
