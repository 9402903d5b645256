/* SPDX-License-Identifier: Apache-2.0
 *
 * CARDS modules: every comparator, kind of element and part of a text; what the
 * lint finds; hostile modules.
 */
#include <string.h>

#include "base/error.h"
#include "engine/cards.h"

#define HEAD                                                                                       \
  "<?xml version=\"1.0\"?>\n<ReportingModule>\n<Metadata><Label>T</Label><ID>t</ID>"               \
  "<SchemaVersion>2.0</SchemaVersion><ModuleVersion>1</ModuleVersion>"                             \
  "<CreatedDate>2024-01-01</CreatedDate><LastModifiedDate>2024-01-01</LastModifiedDate>"           \
  "<ReportCitationText/><ApplicableSexes Value=\"Both\"/></Metadata>\n"
#define CHOICE(id, more)                                                                           \
  "<ChoiceDataElement Id=\"" id "\" IsRequired=\"true\"><Label>" id "</Label><ChoiceInfo>"         \
  "<Choice><Value>a</Value><Label>Alpha</Label></Choice>"                                          \
  "<Choice><Value>b</Value><Label>Beta</Label><ReportText>the beta</ReportText></Choice>"          \
  "</ChoiceInfo>" more "</ChoiceDataElement>\n"
#define MULTI                                                                                      \
  "<MultiChoiceDataElement Id=\"m\"><Label>m</Label><ChoiceInfo>"                                  \
  "<Choice><Value>1</Value><Label>One</Label></Choice>"                                            \
  "<Choice><Value>2</Value><Label>Two</Label></Choice>"                                            \
  "<Choice><Value>3</Value><Label>Three</Label></Choice>"                                          \
  "</ChoiceInfo></MultiChoiceDataElement>\n"
#define END(id, text)                                                                              \
  "<EndPoint Id=\"" id "\"><Label>" id "</Label><ReportSections><ReportSection "                   \
  "SectionId=\"findings\"><Branch>" text "</Branch></ReportSection></ReportSections>"

static const char elements[] =
    "<DataElements>\n"
    "<GlobalValue Id=\"LIMIT\">10</GlobalValue>\n"
    "<NumericDataElement Id=\"n\" IsRequired=\"true\"><Label>n</Label><Minimum>0</Minimum>"
    "<Maximum>100</Maximum></NumericDataElement>\n"
    "<IntegerDataElement Id=\"i\"><Label>i</Label></IntegerDataElement>\n"
    "<DateTimeDataElement Id=\"d\"><Label>d</Label></DateTimeDataElement>\n"
    "<TimeSpanDataElement Id=\"t\"><Label>t</Label><MaximumHours>48</MaximumHours>"
    "</TimeSpanDataElement>\n" CHOICE("c", "") MULTI
    "<ComputedDataElement Id=\"sum\"><ArithmeticExpression>2 * ({n} - 1) / 4 + {m} + -{i}"
    "</ArithmeticExpression></ComputedDataElement>\n"
    "<ComputedDataElement Id=\"words\"><DecisionPoint>"
    "<Branch><EqualCondition DataElementId=\"c\" ComparisonValue=\"a\"/><TextExpression>first {c}"
    "</TextExpression></Branch>"
    "<Branch><EqualCondition DataElementId=\"c\" ComparisonValue=\"b\"/><DecisionPoint>"
    "<Branch><SectionIf DataElementId=\"i\"/><TextExpression>{i}/{c}</TextExpression></Branch>"
    "<DefaultBranch><TextExpression>none</TextExpression></DefaultBranch></DecisionPoint></Branch>"
    "</DecisionPoint></ComputedDataElement>\n"
    "</DataElements>\n";

static ItvCards *
read_module(const char *text, ItvXml **ret_xml)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvXml) xml = itv_xml_parse(text, strlen(text), "m.xml", NULL, &error);
  g_assert_no_error(error);
  ItvCards *cards = itv_cards_read(xml, "m.xml", &error);
  g_assert_no_error(error);
  if (ret_xml)
    *ret_xml = g_steal_pointer(&xml);
  return cards;
}

/* A module of one branch with that condition. */
static ItvCards *
module_of(const char *condition)
{
  g_autofree char *text = g_strconcat(
      HEAD, elements, "<Rules><DecisionPoint Id=\"dp\"><Label>dp</Label><Branch><Label>l</Label>",
      condition,
      "<EndPointRef EndPointId=\"yes\"/></Branch>"
      "<DefaultBranch><EndPointRef EndPointId=\"no\"/></DefaultBranch></DecisionPoint></Rules>"
      "<EndPoints>" END("yes", "<ReportText Type=\"PlainText\">y</ReportText>") "</EndPoint>" END(
          "no", "<ReportText Type=\"PlainText\">n</ReportText>") "</EndPoint></EndPoints>"
                                                                 "</ReportingModule>",
      NULL);
  return read_module(text, NULL);
}

/* "n=5;c=a" */
static GHashTable *
given_of(const char *values)
{
  GHashTable *given = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_auto(GStrv) parts = g_strsplit(values, ";", -1);
  for (char **p = parts; *p; p++) {
    char *equals = strchr(*p, '=');
    if (equals)
      g_hash_table_insert(given, g_strndup(*p, (gsize)(equals - *p)), g_strdup(equals + 1));
  }
  return given;
}

static ItvCardsAnswer *
answer_of(const ItvCards *cards, const char *values)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) given = given_of(values);
  ItvCardsAnswer *answer = itv_cards_run(cards, given, TRUE, &error);
  g_assert_no_error(error);
  return answer;
}

/* "yes", "no", or "open" where it depends on what was not given. */
static void
expect(const char *condition, const char *values, const char *expected)
{
  g_autoptr(ItvCards) cards = module_of(condition);
  g_autoptr(ItvCardsAnswer) answer = answer_of(cards, values);
  const char *found = answer->outcomes->len == 0
                          ? "open"
                          : ((ItvCardsOutcome *)answer->outcomes->pdata[0])->end->id;
  if (strcmp(found, expected) != 0)
    g_error("%s with %s: %s, expected %s", condition, values, found, expected);
  g_assert_cmpuint(answer->missing->len > 0, ==, strcmp(expected, "open") == 0);
}

#define C(name, id, value) "<" name " DataElementId=\"" id "\" ComparisonValue=\"" value "\"/>"

static void
test_comparators(void)
{
  expect(C("EqualCondition", "c", "a"), "c=a", "yes");
  expect(C("EqualCondition", "c", "a"), "c=b", "no");
  expect(C("EqualCondition", "n", "5.0"), "n=5", "yes");
  expect(C("NotEqualCondition", "c", "a"), "c=b", "yes");
  expect(C("NotEqualCondition", "n", "5"), "n=5.0", "no");
  expect(C("GreaterThanCondition", "n", "LIMIT"), "n=10", "no");
  expect(C("GreaterThanCondition", "n", "LIMIT"), "n=10.1", "yes");
  expect(C("GreaterThanOrEqualsCondition", "n", "LIMIT"), "n=10", "yes");
  expect(C("LessThanCondition", "n", "10"), "n=9.999", "yes");
  expect(C("LessThanCondition", "n", "10"), "n=10", "no");
  expect(C("LessThanOrEqualsCondition", "n", "10"), "n=10", "yes");
  expect(C("GreaterThanCondition", "d", "2024-02-29"), "d=2024-03-01", "yes");
  expect(C("EqualCondition", "d", "2024-02-29T10:00"), "d=2024-02-29T10:00:00", "yes");
  expect(C("LessThanCondition", "t", "P1D"), "t=PT23H59M", "yes");
  expect(C("EqualCondition", "t", "P1D"), "t=PT24H", "yes");
  expect(C("ContainsCondition", "m", "2"), "m=1|2", "yes");
  expect(C("ContainsCondition", "m", "3"), "m=1|2", "no");
  expect(C("EqualCondition", "m", "1"), "m=1|2", "no");
  expect("<HasAnyNChoicesCondition DataElementId=\"m\" MinimumChoices=\"2\"/>", "m=1|3", "yes");
  expect("<HasAnyNChoicesCondition DataElementId=\"m\" MinimumChoices=\"2\"/>", "m=3", "no");
  expect("<SectionIf DataElementId=\"i\"/>", "", "no");
  expect("<SectionIf DataElementId=\"i\"/>", "i=0", "yes");
  expect("<SectionIfNot DataElementId=\"i\"/>", "", "yes");
  expect(C("EqualCondition", "words", "none"), "c=b", "yes");
  expect(C("EqualCondition", "words", "4/the beta"), "c=b;i=4", "yes");
}

static void
test_junctions(void)
{
  const char *const both = "<AndCondition>" C("EqualCondition", "c", "a")
      C("LessThanCondition", "n", "5") C("EqualCondition", "i", "1") "</AndCondition>";
  expect(both, "c=a;n=4;i=1", "yes");
  expect(both, "c=a;n=5;i=1", "no");
  expect("<OrCondition>" C("EqualCondition", "c", "b")
             C("LessThanCondition", "n", "5") "</OrCondition>",
         "c=a;n=4", "yes");
  expect("<NotCondition>" C("EqualCondition", "c", "b")
             C("LessThanCondition", "n", "5") "</NotCondition>",
         "c=a;n=7", "yes");
  expect("<NotCondition>" C("EqualCondition", "c", "b")
             C("LessThanCondition", "n", "5") "</NotCondition>",
         "c=a;n=4", "no");
  /* What is not known matters only where it decides. */
  expect(both, "c=a;i=1", "open");
  expect(both, "c=b;i=1", "no");
  expect("<OrCondition>" C("EqualCondition", "c", "a")
             C("LessThanCondition", "n", "5") "</OrCondition>",
         "n=4", "yes");
  expect("<NotCondition>" C("EqualCondition", "c", "a") "</NotCondition>", "", "open");
}

static void
test_arithmetic(void)
{
  /* 2 * (9 - 1) / 4 + (1 + 2) - 5 */
  expect(C("EqualCondition", "sum", "2"), "n=9;m=1|2;i=5", "yes");
  expect(C("EqualCondition", "sum", "4"), "n=9", "yes");
  expect(C("EqualCondition", "sum", "4"), "m=1", "open");
}

static void
expect_refusal(const char *values, const char *part)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvCards) cards = module_of(C("EqualCondition", "c", "a"));
  g_autoptr(GHashTable) given = given_of(values);
  g_autoptr(ItvCardsAnswer) answer = itv_cards_run(cards, given, TRUE, &error);
  g_assert_null(answer);
  g_assert_error(error, ITV_ERROR, ITV_ERROR_USAGE);
  if (!strstr(error->message, part))
    g_error("%s: %s", values, error->message);
}

static void
test_refused_values(void)
{
  expect_refusal("c=z", "expected one of a, b");
  expect_refusal("m=1|9", "expected one of 1, 2, 3");
  expect_refusal("n=12mm", "expected a number");
  expect_refusal("n=nan", "expected a number");
  expect_refusal("n=1e999", "expected a number");
  expect_refusal("n=101", "above the maximum of 100");
  expect_refusal("n=-1", "below the minimum of 0");
  expect_refusal("i=1.5", "expected a whole number");
  expect_refusal("d=2024-02-30", "expected a date");
  expect_refusal("t=3 days", "expected an ISO 8601 duration");
  expect_refusal("t=P3D", "above the maximum of 172800");
  expect_refusal("sum=3", "computed");
  expect_refusal("nothing=3", "no such data element");
}

/* ---- conditional properties, defaults, texts
 * --------------------------------------------------------- */

static const char full[] = HEAD "<DataElements>\n" CHOICE(
    "kind",
    "") "<ChoiceDataElement Id=\"margin\"><Label>margin</Label><ChoiceInfo>"
        "<Choice><Value>smooth</Value><Label>Smooth</Label></Choice>"
        "<Choice "
        "IsDefault=\"true\"><Value>rough</Value><Label>Rough</Label></Choice></ChoiceInfo>"
        "<ConditionalProperties><ConditionalProperty>" C(
            "EqualCondition", "kind",
            "a") "<ChoiceNotRelevant "
                 "ChoiceValue=\"rough\"/></ConditionalProperty></ConditionalProperties>"
                 "</ChoiceDataElement>\n"
                 "<NumericDataElement Id=\"size\"><Label>size</Label><ConditionalProperties>"
                 "<ConditionalProperty>" C(
                     "EqualCondition", "kind",
                     "a") "<IsRelevant>false</IsRelevant></ConditionalProperty>"
                          "<ConditionalProperty>" C(
                              "EqualCondition", "kind",
                              "b") "<IsRequired>true</IsRequired><Maximum>20</Maximum></"
                                   "ConditionalProperty>"
                                   "</ConditionalProperties></NumericDataElement>\n"
                                   "</DataElements>\n<Rules><DecisionPoint "
                                   "Id=\"dp\"><Label>dp</Label>\n"
                                   "<Branch><Label>1</Label><SectionIfNot "
                                   "DataElementId=\"size\"/><EndPointRef EndPointId=\"A\"/>"
                                   "</Branch>\n"
                                   "<Branch><Label>2</Label>" C(
                                       "LessThanCondition", "size",
                                       "8") "<EndPointRef EndPointId=\"B\"/></Branch>\n"
                                            "<Branch><Label>3</Label>" C(
                                                "EqualCondition", "margin",
                                                "rough") "<EndPointRef "
                                                         "EndPointId=\"C\"/></Branch>\n"
                                                         "</DecisionPoint></"
                                                         "Rules>\n<EndPoints>"
                                                         "<TemplatePartial "
                                                         "Id=\"p\"><Branch><SectionIf "
                                                         "DataElementId=\"size\"/>"
                                                         "<ReportText "
                                                         "Type=\"PlainText\">, "
                                                         "</ReportText>"
                                                         "<ReportText "
                                                         "Type="
                                                         "\"InsertDataElementValue\" "
                                                         "Value=\"size\"/><ReportText "
                                                         "Type=\"PlainText\" "
                                                         "Value=\" mm\"/><Branch>" C(
                                                             "EqualCondition", "margin",
                                                             "rough") "<ReportText "
                                                                      "Type="
                                                                      "\"PlainText\">, "
                                                                      "rough</"
                                                                      "ReportText></"
                                                                      "Branch></Branch>"
                                                                      "<Branch><"
                                                                      "SectionIfNot "
                                                                      "DataElementId="
                                                                      "\"size\"/"
                                                                      "><ReportText "
                                                                      "Type="
                                                                      "\"PlainText\">, "
                                                                      "of no size"
                                                                      "</ReportText></"
                                                                      "Branch></"
                                                                      "TemplatePartial>"
                                                                      "\n" END(
                                                                          "A",
                                                                          "<ReportText "
                                                                          "Type="
                                                                          "\"InsertData"
                                                                          "ElementValue"
                                                                          "\" "
                                                                          "Value="
                                                                          "\"kind\"/"
                                                                          "><"
                                                                          "ReportText "
                                                                          "Type="
                                                                          "\"InsertPart"
                                                                          "ialTemplate"
                                                                          "\" "
                                                                          "Value=\"p\"/"
                                                                          ">") "</"
                                                                               "EndPoin"
                                                                               "t>"
                                                                               "\n" END(
                                                                                   "B",
                                                                                   "<ReportText"
                                                                                   " Type="
                                                                                   "\"InsertDat"
                                                                                   "aElementVal"
                                                                                   "ue\" "
                                                                                   "Value="
                                                                                   "\"kind\"/"
                                                                                   "><"
                                                                                   "ReportText "
                                                                                   "Type="
                                                                                   "\"InsertPar"
                                                                                   "tialTemplat"
                                                                                   "e\" "
                                                                                   "Value="
                                                                                   "\"p\"/"
                                                                                   "><"
                                                                                   "ReportText "
                                                                                   "Type="
                                                                                   "\"Newline\""
                                                                                   "/>"
                                                                                   "<ReportText"
                                                                                   " Type="
                                                                                   "\"Tab\"/"
                                                                                   "><"
                                                                                   "ReportText "
                                                                                   "Type="
                                                                                   "\"PlainText"
                                                                                   "\">end\n   "
                                                                                   "of "
                                                                                   "it</"
                                                                                   "ReportText"
                                                                                   ">") "<Actio"
                                                                                        "nableF"
                                                                                        "inding"
                                                                                        " Categ"
                                                                                        "ory="
                                                                                        "\"3\"/"
                                                                                        "><"
                                                                                        "Imagin"
                                                                                        "gFollo"
                                                                                        "wup><"
                                                                                        "Prefer"
                                                                                        "redIma"
                                                                                        "gingEx"
                                                                                        "am "
                                                                                        "Code="
                                                                                        "\"x\">"
                                                                                        "CT "
                                                                                        "chest"
                                                                                        "</"
                                                                                        "Prefer"
                                                                                        "redIma"
                                                                                        "gingEx"
                                                                                        "am><"
                                                                                        "Accept"
                                                                                        "ableIm"
                                                                                        "agingE"
                                                                                        "xams><"
                                                                                        "Exam "
                                                                                        "Code="
                                                                                        "\"x\" "
                                                                                        "CodeSy"
                                                                                        "stem="
                                                                                        "\"y\" "
                                                                                        "Modali"
                                                                                        "ty="
                                                                                        "\"CT\""
                                                                                        " BodyR"
                                                                                        "egion="
                                                                                        "\"ches"
                                                                                        "t\">"
                                                                                        "CT "
                                                                                        "chest<"
                                                                                        "/Exam>"
                                                                                        "</"
                                                                                        "Accept"
                                                                                        "ableIm"
                                                                                        "agingE"
                                                                                        "xams>"
                                                                                        "<Indic"
                                                                                        "ationF"
                                                                                        "orFoll"
                                                                                        "owup "
                                                                                        "Code="
                                                                                        "\"z\">"
                                                                                        "nodule"
                                                                                        "</"
                                                                                        "Indica"
                                                                                        "tionFo"
                                                                                        "rFollo"
                                                                                        "wup>"
                                                                                        "<Recom"
                                                                                        "mended"
                                                                                        "TimeFr"
                                                                                        "ame "
                                                                                        "Earlie"
                                                                                        "st="
                                                                                        "\"P6M"
                                                                                        "\" "
                                                                                        "Latest"
                                                                                        "=\"P12"
                                                                                        "M\"/"
                                                                                        "></"
                                                                                        "Imagin"
                                                                                        "gFollo"
                                                                                        "wup></"
                                                                                        "EndPoi"
                                                                                        "nt>"
                                                                                        "\n" END(
                                                                                            "C",
                                                                                            "<R"
                                                                                            "ep"
                                                                                            "or"
                                                                                            "tT"
                                                                                            "ex"
                                                                                            "t "
                                                                                            "Ty"
                                                                                            "pe"
                                                                                            "="
                                                                                            "\""
                                                                                            "Pl"
                                                                                            "ai"
                                                                                            "nT"
                                                                                            "ex"
                                                                                            "t"
                                                                                            "\""
                                                                                            ">c"
                                                                                            "</"
                                                                                            "Re"
                                                                                            "po"
                                                                                            "rt"
                                                                                            "Te"
                                                                                            "xt"
                                                                                            ">") "<"
                                                                                                 "/"
                                                                                                 "E"
                                                                                                 "n"
                                                                                                 "d"
                                                                                                 "P"
                                                                                                 "o"
                                                                                                 "i"
                                                                                                 "n"
                                                                                                 "t"
                                                                                                 ">"
                                                                                                 "\n"
                                                                                                 "<"
                                                                                                 "/"
                                                                                                 "E"
                                                                                                 "n"
                                                                                                 "d"
                                                                                                 "P"
                                                                                                 "o"
                                                                                                 "i"
                                                                                                 "n"
                                                                                                 "t"
                                                                                                 "s"
                                                                                                 ">"
                                                                                                 "<"
                                                                                                 "/"
                                                                                                 "R"
                                                                                                 "e"
                                                                                                 "p"
                                                                                                 "o"
                                                                                                 "r"
                                                                                                 "t"
                                                                                                 "i"
                                                                                                 "n"
                                                                                                 "g"
                                                                                                 "M"
                                                                                                 "o"
                                                                                                 "d"
                                                                                                 "u"
                                                                                                 "l"
                                                                                                 "e"
                                                                                                 ">";

static const char *
section_of(const ItvCardsAnswer *answer, guint i, const char *id)
{
  const ItvCardsOutcome *outcome = answer->outcomes->pdata[i];
  const ItvCardsText *text = outcome->sections->pdata[0];
  g_assert_cmpstr(outcome->end->id, ==, id);
  return text->text;
}

static void
test_properties_and_texts(void)
{
  g_autoptr(ItvCards) cards = read_module(full, NULL);
  g_autoptr(ItvCardsAnswer) a = answer_of(cards, "kind=a;size=5");
  g_assert_cmpuint(a->outcomes->len, ==, 1);
  g_assert_cmpstr(section_of(a, 0, "A"), ==, "Alpha, of no size");
  g_assert_cmpstr(a->ignored->pdata[0], ==, "size");

  g_autoptr(ItvCardsAnswer) b = answer_of(cards, "kind=b;size=5.50;margin=smooth");
  g_assert_cmpuint(b->outcomes->len, ==, 1);
  g_assert_cmpstr(section_of(b, 0, "B"), ==, "the beta, 5.50 mm\n\tend of it");
  const ItvCardsEndPoint *end = ((ItvCardsOutcome *)b->outcomes->pdata[0])->end;
  g_assert_cmpstr(end->category, ==, "3");
  g_assert_cmpstr(end->followup->earliest, ==, "P6M");
  g_assert_cmpstr(end->followup->latest, ==, "P12M");
  g_assert_cmpstr(end->followup->indication, ==, "nodule");
  g_assert_cmpstr(((ItvCardsExam *)end->followup->exams->pdata[0])->modality, ==, "CT");

  /* Every branch that holds is taken; the default counts. */
  g_autoptr(ItvCardsAnswer) both = answer_of(cards, "kind=b;size=5");
  g_assert_cmpuint(both->outcomes->len, ==, 2);
  g_assert_cmpstr(section_of(both, 0, "B"), ==, "the beta, 5 mm, rough\n\tend of it");
  g_assert_cmpstr(section_of(both, 1, "C"), ==, "c");

  g_autoptr(ItvCardsAnswer) gap = answer_of(cards, "kind=b;size=9;margin=smooth");
  g_assert_cmpuint(gap->outcomes->len, ==, 0);
  g_assert_nonnull(strstr(gap->reasons->pdata[0], "dp"));

  g_autoptr(ItvCardsAnswer) open = answer_of(cards, "kind=b;margin=smooth");
  g_assert_cmpuint(open->outcomes->len, ==, 0);
  g_assert_cmpstr(open->missing->pdata[0], ==, "size");
}

static void
expect_bad(const ItvCards *cards, const char *values, const char *part)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) given = given_of(values);
  g_assert_null(itv_cards_run(cards, given, TRUE, &error));
  g_assert_nonnull(strstr(error->message, part));
}

static void
test_property_bounds(void)
{
  g_autoptr(ItvCards) cards = read_module(full, NULL);
  expect_bad(cards, "kind=b;size=21", "above the maximum of 20");
  expect_bad(cards, "kind=a;margin=rough", "expected one of smooth");
}

/* ---- lint
 * ---------------------------------------------------------------------------------------------- */

static void
expect_faults(const GPtrArray *faults, const char *const *expected)
{
  guint n = 0;
  for (guint i = 0; i < faults->len; i++) {
    const ItvCardsFault *f = faults->pdata[i];
    g_autofree char *found =
        g_strdup_printf("%d %s %s", f->line, f->error ? "error" : "warning", f->rule);
    if (!expected[n] || !g_str_equal(found, expected[n]))
      g_error("%s (%s), expected %s", found, f->text, expected[n] ? expected[n] : "nothing");
    n++;
  }
  g_assert_null(expected[n]);
}

static void
test_lint(void)
{
  static const char faulty[] = HEAD      /* 1-3 */
      "<DataElements>\n" CHOICE("c", "") /* 5 */
      CHOICE("c", "")                    /* 6 */
      "<NumericDataElement Id=\"n\"><Label>n</Label></NumericDataElement>\n"
      "<ComputedDataElement Id=\"k\"><TextExpression>{absent}</TextExpression>"
      "</ComputedDataElement>\n"
      "</DataElements>\n"
      "<Rules><DecisionPoint Id=\"dp\"><Label>dp</Label>\n" /* 10 */
      "<Branch><Label>1</Label><AndCondition>" C("EqualCondition", "c", "a") C(
          "EqualCondition", "lost",
          "a") "</AndCondition>\n"
               "<EndPointRef EndPointId=\"A\"/></Branch>\n"
               "<Branch><Label>2</Label>" C(
                   "EqualCondition", "c",
                   "zebra") "\n"
                            "<EndPointRef EndPointId=\"B\" DiagramId=\"picture\"/></Branch>\n"
                            "<Branch><Label>3</Label>" C(
                                "LessThanCondition", "n",
                                "five") "\n"
                                        "<EndPointRef "
                                        "EndPointId=\"c\"/></Branch></DecisionPoint></Rules>\n"
                                        "<EndPoints>\n" END(
                                            "A",
                                            "\n<ReportText Type=\"InsertPartialTemplate\" "
                                            "Value=\"gone\"/>") "\n<ImagingFollowup><"
                                                                "PreferredImagingExam "
                                                                "Code=\"x\"/"
                                                                "><AcceptableImagingExams/>"
                                                                "<IndicationForFollowup "
                                                                "Code=\"x\"/><RecommendedTimeFrame "
                                                                "Earliest=\"P1Y\" "
                                                                "Latest=\"P6M\"/></"
                                                                "ImagingFollowup></EndPoint>\n" END(
                                                                    "Z", "") "</EndPoint>\n"
                                                                             "</EndPoints></"
                                                                             "ReportingModule>";
  static const char *const expected[] = {
      "6 error duplicate-id",           "7 warning missing-default",
      "8 error dangling-text",          "10 warning gap",
      "11 error dangling-reference",    "13 warning unknown-choice",
      "14 error dangling-reference",    "14 error dangling-reference",
      "15 warning unknown-choice",      "16 error dangling-reference",
      "19 error dangling-text",         "20 error followup",
      "21 error unreachable-end-point", NULL};
  g_autoptr(ItvXml) xml = NULL;
  g_autoptr(ItvCards) cards = read_module(faulty, &xml);
  g_autoptr(GPtrArray) faults = itv_cards_lint(cards, xml, 500);
  expect_faults(faults, expected);
}

static void
test_lint_sound(void)
{
  static const char *const expected[] = {"9 warning gap", NULL};
  g_autoptr(ItvXml) xml = NULL;
  g_autoptr(ItvCards) cards = read_module(full, &xml);
  g_autoptr(GPtrArray) faults = itv_cards_lint(cards, xml, 2000);
  expect_faults(faults, expected);
}

/* ---- the grammar
 * ------------------------------------------------------------------------------------------ */

static GPtrArray *
complaints_of(const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *rng = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas", "cards.rng", NULL);
  GPtrArray *list = itv_xml_relaxng(text, strlen(text), "m.xml", rng, 10, &error);
  g_assert_no_error(error);
  return list;
}

static void
test_grammar(void)
{
  g_autoptr(GPtrArray) none = complaints_of(full);
  if (none->len)
    g_error("%s", (char *)none->pdata[0]);
  g_auto(GStrv) parts = g_strsplit(full, "<Label>margin</Label>", 2);
  g_autofree char *broken = g_strjoinv("<Labels>margin</Labels>", parts);
  g_autoptr(GPtrArray) some = complaints_of(broken);
  g_assert_cmpuint(some->len, >, 0);
  g_assert_true(g_str_has_prefix(some->pdata[0], "m.xml:6: "));
}

/* ---- hostile modules
 * ---------------------------------------------------------------------------------------- */

static void
expect_unread(const char *text, const char *part)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvXml) xml = itv_xml_parse(text, strlen(text), "m.xml", NULL, &error);
  g_autoptr(ItvCards) cards = xml ? itv_cards_read(xml, "m.xml", &error) : NULL;
  g_assert_null(cards);
  g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
  if (!strstr(error->message, part))
    g_error("%s, expected %s", error->message, part);
}

static void
test_unreadable(void)
{
  expect_unread("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><ReportingModule>&e;"
                "</ReportingModule>",
                "DOCTYPE");
  expect_unread("<ReportingModule/>", "DataElements, Rules and EndPoints");
  expect_unread("<guideline/>", "no CARDS module");
  expect_unread(HEAD "<DataElements/><Rules><DecisionPoint Id=\"d\">\n<Branch><Magic/></Branch>"
                     "</DecisionPoint></Rules><EndPoints/></ReportingModule>",
                "m.xml:5: Magic is not understood in a branch");
  expect_unread(HEAD "<DataElements/><Rules><DecisionPoint Id=\"d\"><Branch><AndCondition/>"
                     "</Branch></DecisionPoint></Rules><EndPoints/></ReportingModule>",
                "holds no condition");
}

static char *
module_with(const char *elements_xml, const char *partials)
{
  return g_strconcat(
      HEAD "<DataElements>", elements_xml,
      "</DataElements><Rules><DecisionPoint Id=\"dp\"><Label>dp</Label><Branch>"
      "<SectionIf DataElementId=\"x0\"/><EndPointRef EndPointId=\"A\"/></Branch>"
      "<DefaultBranch><EndPointRef EndPointId=\"A\"/></DefaultBranch></DecisionPoint></Rules>"
      "<EndPoints>",
      partials,
      END("A", "<ReportText Type=\"InsertPartialTemplate\" Value=\"p0\"/>") "</EndPoint>"
                                                                            "</EndPoints>"
                                                                            "</ReportingModule>",
      NULL);
}

static void
test_endless(void)
{
  g_autoptr(GString) chain = g_string_new(NULL);
  g_autoptr(GString) bomb = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) given = given_of("");
  for (guint i = 0; i < 20000; i++)
    g_string_append_printf(chain,
                           "<ComputedDataElement Id=\"x%u\"><TextExpression>{x%u}</TextExpression>"
                           "</ComputedDataElement>",
                           i, i + 1);
  g_autofree char *deep = module_with(chain->str, "");
  g_autoptr(ItvCards) deep_cards = read_module(deep, NULL);
  g_assert_null(itv_cards_run(deep_cards, given, TRUE, &error));
  g_assert_nonnull(strstr(error->message, "too deeply"));
  g_clear_error(&error);

  for (guint i = 0; i < 40; i++)
    g_string_append_printf(bomb,
                           "<TemplatePartial Id=\"p%u\"><Branch><ReportText Type=\"PlainText\">ha"
                           "</ReportText><ReportText Type=\"InsertPartialTemplate\" Value=\"p%u\"/>"
                           "<ReportText Type=\"InsertPartialTemplate\" Value=\"p%u\"/></Branch>"
                           "</TemplatePartial>",
                           i, i + 1, i + 1);
  g_autofree char *wide = module_with(CHOICE("x0", ""), bomb->str);
  g_autoptr(ItvCards) wide_cards = read_module(wide, NULL);
  g_hash_table_insert(given, g_strdup("x0"), g_strdup("a"));
  g_assert_null(itv_cards_run(wide_cards, given, TRUE, &error));
  g_assert_nonnull(strstr(error->message, "bytes"));
}

static void
test_circles(void)
{
  g_autofree char *text = module_with(
      "<ComputedDataElement Id=\"x0\"><ArithmeticExpression>{x1} + 1</ArithmeticExpression>"
      "</ComputedDataElement><ComputedDataElement Id=\"x1\"><ArithmeticExpression>{x0} + 1"
      "</ArithmeticExpression></ComputedDataElement>",
      "<TemplatePartial Id=\"p0\"><Branch><ReportText Type=\"PlainText\">once</ReportText>"
      "<ReportText Type=\"InsertPartialTemplate\" Value=\"p0\"/></Branch></TemplatePartial>");
  g_autoptr(ItvCards) cards = read_module(text, NULL);
  g_autoptr(ItvCardsAnswer) answer = answer_of(cards, "");
  g_assert_cmpstr(section_of(answer, 0, "A"), ==, "once");
  g_assert_cmpuint(answer->reasons->len, ==, 2);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cards/comparators", test_comparators);
  g_test_add_func("/cards/junctions", test_junctions);
  g_test_add_func("/cards/arithmetic", test_arithmetic);
  g_test_add_func("/cards/refused-values", test_refused_values);
  g_test_add_func("/cards/properties-and-texts", test_properties_and_texts);
  g_test_add_func("/cards/property-bounds", test_property_bounds);
  g_test_add_func("/cards/lint", test_lint);
  g_test_add_func("/cards/lint-sound", test_lint_sound);
  g_test_add_func("/cards/grammar", test_grammar);
  g_test_add_func("/cards/unreadable", test_unreadable);
  g_test_add_func("/cards/endless", test_endless);
  g_test_add_func("/cards/circles", test_circles);
  return g_test_run();
}
