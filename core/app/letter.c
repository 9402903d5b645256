/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/letter.h"

#include <string.h>

#include "app/app-private.h"
#include "base/error.h"
#include "render/letter.h"

typedef struct {
  GArray *parts; /* ItvLetterPart */
  ItvContactWhom whom;
  char *language;
} Filled;

static void
filled_clear(Filled *f)
{
  if (f->parts)
    g_array_unref(f->parts);
  g_free(f->language);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Filled, filled_clear)

static const ItvReport *
report_of(const ItvHistory *h, const ItvFollowup *f)
{
  for (guint i = 0; f->report_uid && i < h->reports->len; i++) {
    const ItvReport *r = &g_array_index(h->reports, ItvReport, i);
    if (strcmp(r->ev.uid, f->report_uid) == 0)
      return r;
  }
  return NULL;
}

/* config/letters/TO-LANGUAGE.xml */
static ItvLetter *
load_template(ItvApp *app, const ItvLetterInput *in, GError **error)
{
  const char *language = in->language ? in->language : app->site.language;
  const char *to = in->to ? in->to : "patient";
  if (strspn(language, "abcdefghijklmnopqrstuvwxyz-") != strlen(language) ||
      strspn(to, "abcdefghijklmnopqrstuvwxyz-") != strlen(to))
    return itv_fail(error, ITV_ERROR_USAGE, "a letter \"%s\" in \"%s\": small letters only", to,
                    language),
           NULL;
  g_autofree char *file = g_strdup_printf("%s-%s.xml", to, language);
  g_autofree char *path = g_build_filename(app->paths.config_dir, "letters", file, NULL);
  g_autofree char *xsd = g_build_filename(app->paths.schema_dir, "letter.xsd", NULL);
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return itv_fail(error, ITV_ERROR_USAGE,
                    "no letter \"%s\" in language \"%s\": %s is not there (config/letters holds "
                    "the templates)",
                    to, language, path),
           NULL;
  return itv_letter_load(path, xsd, error);
}

/* A letter must not ask for what nobody wants any more, nor ask a patient what a
 * doctor has to decide first. */
static gboolean
may_be_written(const ItvFollowup *f, ItvContactWhom whom, GError **error)
{
  if (f->status == ITV_STATUS_FULFILLED || f->status == ITV_STATUS_CLOSED)
    return itv_fail(error, ITV_ERROR_USAGE, "the item is %s: there is nothing to write about",
                    itv_status_code(f->status));
  if (whom != ITV_WHOM_PATIENT)
    return TRUE;
  if (f->status == ITV_STATUS_REVIEW)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "a study may satisfy the item already: confirm or reject it first");
  if (f->status == ITV_STATUS_AWAITING_CONDITION)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "the item depends on a condition: answer it first (or write to the referrer)");
  if (f->status == ITV_STATUS_NEEDS_INTERVAL)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "the item has no due date: set an interval first (or write to the referrer)");
  return TRUE;
}

static gboolean
fill_letter(ItvApp *app, const ItvLetterInput *in, const ItvHistory *h, const ItvFollowup *f,
            ItvDate today, Filled *ret_filled, GError **error)
{
  g_autoptr(ItvLetter) letter = load_template(app, in, error);
  if (!letter || !may_be_written(f, itv_letter_whom(letter), error))
    return FALSE;
  if (!app->site.phone || !*app->site.phone)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s: <site name=\"...\" phone=\"...\"/> is needed: a letter must say whom to "
                    "call",
                    app->paths.config_file);
  const ItvReport *report = report_of(h, f);
  g_autoptr(json_object) patient = itv_app_patient_json(h, f->patient, today);
  ItvLetterFacts facts = {.item = f,
                          .patient_name = itv_json_get_string(patient, "name"),
                          .patient_id = itv_json_get_string(patient, "id"),
                          .birth_date = ITV_DATE_NONE,
                          .referrer = report ? report->ordering : NULL,
                          .reader = report ? report->reader : NULL,
                          .exam = report ? report->description : NULL,
                          .exam_modality = report ? report->exam.main_modality : 0,
                          .exam_region = report ? report->exam.main_region : 0,
                          .report = report ? f->report_accession : NULL,
                          .owner = f->owner,
                          .site_name = app->site.name,
                          .site_address = app->site.address,
                          .site_phone = app->site.phone,
                          .site_hours = app->site.hours,
                          .today = today};
  const char *birth = itv_json_get_string(patient, "birth_date");
  if (birth)
    itv_date_parse(birth, &facts.birth_date);
  ret_filled->parts = itv_letter_fill(letter, &facts);
  ret_filled->whom = itv_letter_whom(letter);
  ret_filled->language = g_strdup(itv_letter_language(letter));
  return TRUE;
}

static gboolean
write_sheet(const Filled *filled, const ItvLetterInput *in, const ItvHistory *h,
            const ItvFollowup *f, ItvDate today, GPtrArray **ret_paths, char **ret_sha256,
            GError **error)
{
  const ItvPatientId *id = &g_array_index(h->ids, ItvPatientId, f->patient);
  g_autofree ItvSheetPart *parts = g_new0(ItvSheetPart, filled->parts->len + 1);
  const char *title = NULL;
  for (guint i = 0; i < filled->parts->len; i++) {
    const ItvLetterPart *part = &g_array_index(filled->parts, ItvLetterPart, i);
    /* The two lists of kinds are one: a template's element is a part of the sheet. */
    parts[i] = (ItvSheetPart){(ItvSheetKind)part->kind, part->text};
    if (part->kind == ITV_LETTER_SUBJECT && !title)
      title = part->text;
  }
  g_autofree char *foot = g_strdup_printf("%s / %s", id->id, f->id);
  g_autofree char *name = g_strdup_printf("letter-%s-%s", itv_whom_code(filled->whom), f->id);
  const ItvSheet sheet = {title, filled->language, foot, today, parts, filled->parts->len};
  if (!itv_sheet_write(&sheet, in->out_dir ? in->out_dir : ".", name, ret_paths, error))
    return FALSE;
  g_autofree char *html = itv_sheet_html(&sheet);
  *ret_sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, html, -1);
  return TRUE;
}

static json_object *
letter_json(const Filled *filled, const ItvFollowup *f, const GPtrArray *paths, const char *sha256)
{
  static const char *const kinds[] = {"",     "sender", "recipient", "subject",
                                      "text", "quote",  "call",      "signature"};
  json_object *o = json_object_new_object();
  json_object *parts = json_object_new_array(), *files = json_object_new_array();
  for (guint i = 0; i < filled->parts->len; i++) {
    const ItvLetterPart *part = &g_array_index(filled->parts, ItvLetterPart, i);
    json_object *p = json_object_new_object();
    itv_json_add_string(p, "kind", kinds[part->kind]);
    itv_json_add_string(p, "text", part->text);
    json_object_array_add(parts, p);
  }
  itv_json_append_strings(files, paths);
  itv_json_add_string(o, "item", f->id);
  itv_json_add_string(o, "to", itv_whom_code(filled->whom));
  itv_json_add_string(o, "language", filled->language);
  itv_json_add(o, "parts", parts);
  itv_json_add(o, "files", files);
  itv_json_add_string(o, "sha256", sha256);
  return o;
}

json_object *
itv_app_letter(ItvApp *app, const ItvLetterInput *in, GError **error)
{
  g_autoptr(ItvHistory) history = NULL;
  g_autoptr(GPtrArray) items = NULL, paths = NULL;
  g_auto(Filled) filled = {0};
  g_autofree char *sha256 = NULL;
  ItvFollowup *f = NULL;
  ItvMoment at = {in->as_of == ITV_DATE_NONE ? itv_date_today() : in->as_of, -1};
  if (in->at && !itv_moment_parse(in->at, &at))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no date or time", in->at), NULL;
  if (!itv_app_find_item(app, in->item, at.date, &history, &items, &f, error) ||
      !fill_letter(app, in, history, f, at.date, &filled, error) ||
      !write_sheet(&filled, in, history, f, at.date, &paths, &sha256, error))
    return NULL;
  g_autoptr(json_object) o = letter_json(&filled, f, paths, sha256);
  itv_json_add_bool(o, "recorded", in->sent);
  if (!in->sent)
    return g_steal_pointer(&o);
  const ItvDecisionInput sent = {.action = "contact",
                                 .item = f->id,
                                 .whom = itv_whom_code(filled.whom),
                                 .how = "letter",
                                 .outcome = "sent",
                                 .sha256 = sha256,
                                 .by = in->by,
                                 .at = in->at};
  g_autoptr(json_object) item = itv_app_decide(app, &sent, error);
  return item ? g_steal_pointer(&o) : NULL;
}
