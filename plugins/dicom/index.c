/* SPDX-License-Identifier: Apache-2.0 */
#include "index.h"

#include <string.h>

#include "record.h"
#include "rejection.h"
#include "report.h"
#include "spatial.h"
#include "structure.h"
#include "terms.h"
#include "uptake.h"
#include "values.h"

#define DICOMDIR_CLASS "1.2.840.10008.1.3.10"

itv_status
dcm_fail(const itv_host *host, const GError *error)
{
  host->set_error(host, error->message);
  switch ((DcmErrorCode)error->code) {
  case DCM_ERROR_UNSUPPORTED:
    return ITV_ERR_UNSUPPORTED;
  case DCM_ERROR_LIMIT:
    return ITV_ERR_LIMIT;
  case DCM_ERROR_CANCELLED:
    return ITV_ERR_CANCELLED;
  default:
    return ITV_ERR_INPUT;
  }
}

/* A document that cannot be taken: it says so and holds nothing else. */
static itv_status
reject(const itv_sink *out, const DcmObject *o, const char *why)
{
  g_autoptr(DraftRecord) r = draft_record_new("interval.document/1");
  draft_record_text(r, "format", "dicom", DRAFT_TEXT_MAX);
  if (o) {
    draft_record_take(r, "type", dcm_uid(o->data, DCM_TAG(0x0008, 0x0016)));
    draft_record_take(r, "identifier", dcm_uid(o->data, DCM_TAG(0x0008, 0x0018)));
  }
  draft_record_text(r, "rejected", why, DRAFT_NOTE_MAX);
  return draft_record_emit(r, out);
}

static char *
acquisition_time(const DcmDataset *d)
{
  g_autofree char *dt = dcm_text_n(d, DCM_TAG(0x0008, 0x002A), 0);
  char *iso = dcm_iso_dt(dt);
  if (!iso)
    iso = dcm_datetime(d, DCM_TAG(0x0008, 0x0022), DCM_TAG(0x0008, 0x0032));
  if (!iso)
    iso = dcm_datetime(d, DCM_TAG(0x0008, 0x0023), DCM_TAG(0x0008, 0x0033));
  return iso ? iso : dcm_datetime(d, DCM_TAG(0x0008, 0x0021), DCM_TAG(0x0008, 0x0031));
}

static itv_status
emit_document(const itv_sink *out, const DcmDataset *d, const GPtrArray *notes)
{
  g_autoptr(DraftRecord) r = draft_record_new("interval.document/1");
  /* A rejection note lies in the study that it rejects: it is known since it was written. */
  char *known = dcm_rejection_reason(d)
                    ? dcm_datetime(d, DCM_TAG(0x0008, 0x0023), DCM_TAG(0x0008, 0x0033))
                    : NULL;
  if (!known)
    known = dcm_datetime(d, DCM_TAG(0x0008, 0x0020), DCM_TAG(0x0008, 0x0030));
  draft_record_text(r, "format", "dicom", DRAFT_TEXT_MAX);
  draft_record_take(r, "type", dcm_uid(d, DCM_TAG(0x0008, 0x0016)));
  draft_record_take(r, "identifier", dcm_uid(d, DCM_TAG(0x0008, 0x0018)));
  draft_record_take(r, "sender", dcm_text(d, DCM_TAG(0x0008, 0x0080)));
  draft_record_take(r, "known", known ? known : acquisition_time(d));
  for (guint i = 0; i < notes->len; i++)
    draft_record_text(r, "note", notes->pdata[i], DRAFT_NOTE_MAX);
  return draft_record_emit(r, out);
}

/* Most objects name no issuer, while the same numbers in HL7 v2 have one: a site says which. */
static itv_status
emit_patient(const itv_host *host, const itv_sink *out, const DcmDataset *d, const char *id)
{
  g_autoptr(DraftRecord) r = draft_record_new("interval.patient/1");
  g_autofree char *issuer = dcm_text_n(d, DCM_TAG(0x0010, 0x0021), 0);
  g_autofree char *name = dcm_person(d, DCM_TAG(0x0010, 0x0010));
  g_autofree char *birth = dcm_text_n(d, DCM_TAG(0x0010, 0x0030), 0);
  g_autofree char *sex = dcm_text_n(d, DCM_TAG(0x0010, 0x0040), 0);
  draft_record_text(r, "id", id, 256);
  const char *site = host->config(host, "issuer");
  draft_record_text(r, "issuer", issuer && *issuer ? issuer : site, 256);
  draft_record_text(r, "name", name, 512);
  draft_record_take(r, "birth-date", dcm_iso(birth, NULL));
  if (sex && strlen(sex) == 1 && strchr("MFO", g_ascii_toupper(*sex))) {
    const char code[2] = {g_ascii_toupper(*sex), '\0'};
    draft_record_text(r, "sex", code, 1);
  }
  draft_record_take(r, "address", dcm_text_n(d, DCM_TAG(0x0010, 0x1040), 0));
  draft_record_take(r, "phone", dcm_text_n(d, DCM_TAG(0x0010, 0x2154), 0));
  draft_record_take(r, "alias", dcm_person(d, DCM_TAG(0x0010, 0x1001)));
  draft_record_take(r, "mother", dcm_text_n(d, DCM_TAG(0x0010, 0x1060), 0));
  return draft_record_emit(r, out);
}

/* Of the image first, then of the series, the frame, the anatomic modifier. */
static const char *
find_laterality(const DcmImage *im)
{
  const DcmDataset *d = im->object->data;
  static const guint32 tags[] = {DCM_TAG(0x0020, 0x0062), DCM_TAG(0x0020, 0x0060)};
  for (gsize i = 0; i < G_N_ELEMENTS(tags); i++) {
    g_autofree char *text = dcm_text_n(d, tags[i], 0);
    const char *side = dcm_laterality(text);
    if (side)
      return side;
  }
  g_autoptr(DcmDataset) anatomy = dcm_image_macro(im, 0, DCM_TAG(0x0020, 0x9071));
  if (anatomy) {
    g_autofree char *text = dcm_text_n(anatomy, DCM_TAG(0x0020, 0x9072), 0);
    const char *side = dcm_laterality(text);
    if (side)
      return side;
  }
  g_autoptr(DcmDataset) region = dcm_item(d, DCM_TAG(0x0008, 0x2218));
  g_auto(DcmCode) modifier = {NULL, NULL, NULL};
  if (region && dcm_code(region, DCM_TAG(0x0008, 0x2220), &modifier)) {
    const char *side = dcm_laterality(modifier.value);
    return side ? side : dcm_laterality(modifier.meaning);
  }
  return NULL;
}

static char *
find_view(const DcmDataset *d)
{
  g_autofree char *position = dcm_text_n(d, DCM_TAG(0x0018, 0x5101), 0);
  g_auto(DcmCode) code = {NULL, NULL, NULL};
  if (position)
    return dcm_view(position);
  if (!dcm_code(d, DCM_TAG(0x0054, 0x0220), &code))
    return NULL;
  const char *known = dcm_view_code(code.value);
  return known ? g_strdup(known) : code.meaning ? dcm_view(code.meaning) : NULL;
}

static char *
find_body_part(const DcmImage *im)
{
  const DcmDataset *d = im->object->data;
  g_auto(DcmCode) region = {NULL, NULL, NULL};
  char *part = dcm_text_n(d, DCM_TAG(0x0018, 0x0015), 0);
  if (part)
    return part;
  if (dcm_code(d, DCM_TAG(0x0008, 0x2218), &region) && region.meaning)
    return g_steal_pointer(&region.meaning);
  g_autoptr(DcmDataset) anatomy = dcm_image_macro(im, 0, DCM_TAG(0x0020, 0x9071));
  if (anatomy && dcm_code(anatomy, DCM_TAG(0x0008, 0x2218), &region))
    return g_steal_pointer(&region.meaning);
  return NULL;
}

/* The exam's name: as the study says, as it was requested, as it was coded. */
static char *
study_description(const DcmDataset *d)
{
  static const guint32 tags[] = {DCM_TAG(0x0008, 0x1030), DCM_TAG(0x0032, 0x1060),
                                 DCM_TAG(0x0040, 0x0254)};
  g_auto(DcmCode) procedure = {NULL, NULL, NULL};
  char *text = dcm_text_any(d, tags, G_N_ELEMENTS(tags));
  if (!text && dcm_code(d, DCM_TAG(0x0008, 0x1032), &procedure))
    text = g_steal_pointer(&procedure.meaning);
  return text;
}

static void
add_technique(DraftRecord *r, const DcmImage *im)
{
  const DcmDataset *d = im->object->data;
  g_autoptr(DcmDataset) reconstruction = dcm_image_macro(im, 0, DCM_TAG(0x0018, 0x9314));
  g_autoptr(DcmDataset) rays = dcm_image_macro(im, 0, DCM_TAG(0x0018, 0x9325));
  g_auto(DcmCode) agent_code = {NULL, NULL, NULL};
  char *kernel = dcm_text(d, DCM_TAG(0x0018, 0x1210));
  if (!kernel && reconstruction)
    kernel = dcm_text(reconstruction, DCM_TAG(0x0018, 0x1210));
  g_autofree char *agent = dcm_text(d, DCM_TAG(0x0018, 0x0010));
  if (!agent && dcm_code(d, DCM_TAG(0x0018, 0x0012), &agent_code))
    agent = g_strdup(agent_code.meaning ? agent_code.meaning : agent_code.value);
  g_autofree char *series = dcm_text(d, DCM_TAG(0x0008, 0x103E));
  g_autofree char *study = dcm_text(d, DCM_TAG(0x0008, 0x1030));
  g_autofree char *words = g_strconcat(series ? series : "", "\n",
                                       series  ? ""
                                       : study ? study
                                               : "",
                                       NULL);
  double kvp;
  draft_record_take(r, "kernel", kernel);
  draft_record_text(r, "contrast-agent", agent, DRAFT_TEXT_MAX);
  draft_record_text(r, "contrast-phase", dcm_contrast_phase(agent, words), DRAFT_TEXT_MAX);
  if ((dcm_number(d, DCM_TAG(0x0018, 0x0060), 0, &kvp) ||
       (rays && dcm_number(rays, DCM_TAG(0x0018, 0x0060), 0, &kvp))) &&
      kvp > 0)
    draft_record_f64(r, "kvp", kvp, "kV");
  draft_record_take(r, "manufacturer", dcm_text_n(d, DCM_TAG(0x0008, 0x0070), 0));
  draft_record_take(r, "model", dcm_text_n(d, DCM_TAG(0x0008, 0x1090), 0));
}

static void
add_geometry(DraftRecord *r, const DcmImage *im)
{
  DcmPlane p;
  dcm_image_plane(im, 0, &p);
  if (im->rows > 0 && im->columns > 0) {
    draft_record_i64(r, "rows", im->rows, "{pixel}");
    draft_record_i64(r, "columns", im->columns, "{pixel}");
    draft_record_i64(r, "frames", im->frames, "{frame}");
  }
  if (p.has_spacing) {
    draft_record_f64(r, "spacing-row", p.spacing_mm[0], "mm");
    draft_record_f64(r, "spacing-column", p.spacing_mm[1], "mm");
    draft_record_text(r, "spacing-origin", p.spacing_origin, DRAFT_TEXT_MAX);
  }
  if (p.thickness_mm > 0)
    draft_record_f64(r, "slice-thickness", p.thickness_mm, "mm");
  for (int i = 0; p.has_position && i < 3; i++)
    draft_record_f64(r, "position", p.position_mm[i], "mm");
  for (int i = 0; p.has_orientation && i < 6; i++)
    draft_record_f64(r, "orientation", p.orientation[i], "1");
}

/* PET: what makes standardised uptake values of the rescaled ones. */
static void
add_uptake(DraftRecord *r, const DcmDataset *d)
{
  DcmUptake u;
  if (!dcm_uptake_read(d, &u))
    return;
  draft_record_take(r, "value-unit", dcm_text_n(d, DCM_TAG(0x0054, 0x1001), 0));
  draft_record_take(r, "decay-correction", dcm_text_n(d, DCM_TAG(0x0054, 0x1102), 0));
  if (u.body_weight > 0)
    draft_record_f64(r, "suv-bw-factor", u.body_weight, NULL);
  if (u.lean_body_mass > 0)
    draft_record_f64(r, "suv-lbm-factor", u.lean_body_mass, NULL);
  if (u.body_surface > 0)
    draft_record_f64(r, "suv-bsa-factor", u.body_surface, NULL);
  draft_record_text(r, "suv-problem", u.problem, DRAFT_TEXT_MAX);
  dcm_uptake_clear(&u);
}

static void
add_pixel_state(DraftRecord *r, const DcmImage *im)
{
  g_autofree char *problem = im->pixels ? dcm_image_problem(im) : NULL;
  const char *state = !im->pixels ? "absent" : problem ? "undecodable" : "decodable";
  draft_record_text(r, "pixels", state, DRAFT_TEXT_MAX);
  if (!im->pixels && im->rows > 0)
    problem = g_strdup("the object describes an image but holds no pixel data");
  draft_record_text(r, "pixel-problem", problem, DRAFT_NOTE_MAX);
}

typedef struct {
  char *study, *series, *sop;
} Uids;

static void
uids_clear(Uids *u)
{
  g_free(u->study);
  g_free(u->series);
  g_free(u->sop);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Uids, uids_clear)

static void
add_integer(DraftRecord *r, const char *key, const DcmDataset *d, guint32 tag)
{
  gint64 v;
  if (dcm_integer(d, tag, &v))
    draft_record_i64(r, key, v, NULL);
}

static itv_status
emit_image(const itv_sink *out, const DcmImage *im, const Uids *uids)
{
  const DcmDataset *d = im->object->data;
  g_autoptr(DraftRecord) r = draft_record_new("interval.image/1");
  g_autofree char *accession = dcm_text_n(d, DCM_TAG(0x0008, 0x0050), 0);
  draft_record_text(r, "study-uid", uids->study, 64);
  draft_record_text(r, "series-uid", uids->series, 64);
  draft_record_text(r, "sop-uid", uids->sop, 64);
  draft_record_take(r, "sop-class", dcm_uid(d, DCM_TAG(0x0008, 0x0016)));
  draft_record_text(r, "transfer-syntax", im->object->transfer_syntax, 64);
  draft_record_text(r, "modality", dcm_modality(im->modality), DRAFT_TEXT_MAX);
  draft_record_text(r, "dicom-modality", im->modality, DRAFT_TEXT_MAX);
  draft_record_text(r, "accession", accession, 256);
  draft_record_take(r, "performed",
                    dcm_datetime(d, DCM_TAG(0x0008, 0x0020), DCM_TAG(0x0008, 0x0030)));
  draft_record_take(r, "acquired", acquisition_time(d));
  draft_record_take(r, "study-description", study_description(d));
  draft_record_take(r, "series-description", dcm_text(d, DCM_TAG(0x0008, 0x103E)));
  draft_record_take(r, "protocol", dcm_text(d, DCM_TAG(0x0018, 0x1030)));
  draft_record_take(r, "body-part", find_body_part(im));
  draft_record_text(r, "laterality", find_laterality(im), DRAFT_TEXT_MAX);
  draft_record_take(r, "view", find_view(d));
  draft_record_take(r, "image-type", dcm_text(d, DCM_TAG(0x0008, 0x0008)));
  draft_record_take(r, "frame-of-reference", dcm_uid(d, DCM_TAG(0x0020, 0x0052)));
  add_integer(r, "series-number", d, DCM_TAG(0x0020, 0x0011));
  add_integer(r, "instance-number", d, DCM_TAG(0x0020, 0x0013));
  add_geometry(r, im);
  add_technique(r, im);
  add_uptake(r, d);
  add_pixel_state(r, im);
  return draft_record_emit(r, out);
}

/* What is missing to know the object again, for a person; NULL if nothing is. */
static char *
what_is_missing(const Uids *u)
{
  GString *s = g_string_new(NULL);
  if (!u->study)
    g_string_append(s, ", Study Instance UID (0020,000d)");
  if (!u->series)
    g_string_append(s, ", Series Instance UID (0020,000e)");
  if (!u->sop)
    g_string_append(s, ", SOP Instance UID (0008,0018)");
  if (s->len == 0) {
    g_string_free(s, TRUE);
    return NULL;
  }
  g_string_erase(s, 0, 2);
  g_string_prepend(s, "absent, empty or malformed: ");
  return g_string_free(s, FALSE);
}

/* Media that name the object in the meta information only. */
static char *
sop_uid(const DcmObject *o)
{
  char *uid = dcm_uid(o->data, DCM_TAG(0x0008, 0x0018));
  return uid || !o->meta ? uid : dcm_uid(o->meta, DCM_TAG(0x0002, 0x0003));
}

static itv_status
import_directory(const DcmObject *o, const itv_sink *out)
{
  g_autoptr(GPtrArray) entries = dcm_items(o->data, DCM_TAG(0x0004, 0x1220));
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(notes, g_strdup_printf("a DICOMDIR with %u entries: it holds no images itself; "
                                         "the files of its medium are imported on their own",
                                         entries->len));
  return emit_document(out, o->data, notes);
}

/* What an object holds beside an image; all may be absent. */
typedef struct {
  DcmReport *report;
  DcmStructures *structures;
  GPtrArray *rejections; /* DraftRecord */
  gboolean registration;
  GPtrArray *notes; /* char * */
} Content;

static void
content_clear(Content *c)
{
  dcm_report_free(c->report);
  dcm_structures_free(c->structures);
  if (c->rejections)
    g_ptr_array_unref(c->rejections);
  g_ptr_array_unref(c->notes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Content, content_clear)

static gboolean
is_one_of(const char *sop_class, const char *const *classes)
{
  return sop_class && g_strv_contains(classes, sop_class);
}

static void
read_rejections(Content *c, const DcmDataset *d, const char *reason)
{
  guint n = 0;
  c->rejections = dcm_rejections_read(d, reason, &n);
  g_ptr_array_add(c->notes, g_strdup_printf("a rejection note (%s): the %u images that it names "
                                            "are not used",
                                            reason, n));
}

static Content
read_content(const itv_host *host, const DcmObject *o)
{
  static const char *const segmentations[] = {"1.2.840.10008.5.1.4.1.1.66.4",
                                              "1.2.840.10008.5.1.4.1.1.66.7", NULL};
  static const char *const structure_sets[] = {"1.2.840.10008.5.1.4.1.1.481.3", NULL};
  Content c = {.notes = g_ptr_array_new_with_free_func(g_free)};
  g_autofree char *sop_class = dcm_uid(o->data, DCM_TAG(0x0008, 0x0016));
  const char *reason = dcm_rejection_reason(o->data);
  if (reason)
    read_rejections(&c, o->data, reason);
  else if (dcm_find(o->data, DCM_TAG(0x0040, 0xA730)))
    c.report = dcm_report_read(o->data);
  else if (is_one_of(sop_class, segmentations))
    c.structures = dcm_segments_read(host, o);
  else if (is_one_of(sop_class, structure_sets))
    c.structures = dcm_contours_read(host, o);
  c.registration = dcm_is_registration(sop_class);
  if (c.report && dcm_report_note(c.report))
    g_ptr_array_add(c.notes, g_strdup(dcm_report_note(c.report)));
  for (guint i = 0; c.structures && i < c.structures->notes->len; i++)
    g_ptr_array_add(c.notes, g_strdup(c.structures->notes->pdata[i]));
  return c;
}

static itv_status
emit_content(const Content *c, const DcmDataset *d, const itv_sink *out)
{
  itv_status status = c->report ? dcm_report_emit(c->report, out) : ITV_OK;
  if (status == ITV_OK && c->structures)
    status = dcm_structures_emit(c->structures, out);
  for (guint i = 0; status == ITV_OK && c->rejections && i < c->rejections->len; i++)
    status = draft_record_emit(c->rejections->pdata[i], out);
  return status == ITV_OK && c->registration ? dcm_registrations_emit(d, out) : status;
}

static itv_status
import_object(const itv_host *host, const DcmObject *o, const itv_sink *out)
{
  const DcmDataset *d = o->data;
  g_auto(Uids)
      uids = {dcm_uid(d, DCM_TAG(0x0020, 0x000D)), dcm_uid(d, DCM_TAG(0x0020, 0x000E)), sop_uid(o)};
  g_autofree char *id = dcm_text_n(d, DCM_TAG(0x0010, 0x0020), 0);
  g_autofree char *missing = what_is_missing(&uids);
  if (missing)
    return reject(out, o, missing);
  g_autoptr(DcmImage) im = dcm_image_new(o);
  g_auto(Content) content = read_content(host, o);
  itv_status status = emit_document(out, d, content.notes);
  /* Without a Patient ID (type 2: it may be empty) whoever imports must say whose it is. */
  if (status == ITV_OK && id)
    status = emit_patient(host, out, d, id);
  if (status == ITV_OK)
    status = emit_image(out, im, &uids);
  return status == ITV_OK ? emit_content(&content, d, out) : status;
}

itv_status
dcm_import(const itv_host *host, const itv_source *source, const itv_sink *out)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DcmObject) o = dcm_object_open(source, &error);
  if (!o)
    return reject(out, NULL, error->message);
  g_autofree char *meta_class = o->meta ? dcm_uid(o->meta, DCM_TAG(0x0002, 0x0002)) : NULL;
  itv_status status =
      g_strcmp0(meta_class, DICOMDIR_CLASS) == 0 || dcm_find(o->data, DCM_TAG(0x0004, 0x1220))
          ? import_directory(o, out)
          : import_object(host, o, out);
  if (status != ITV_OK)
    host->set_error(host, "the host takes no more records of this file");
  return status;
}
