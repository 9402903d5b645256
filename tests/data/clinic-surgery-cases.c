/* SPDX-License-Identifier: Apache-2.0
 *
 * Operated patients with a series of films.
 */
#include "clinic.h"

static SynthUid
study_uid(const Person *p, int ago)
{
  char seed[80];
  snprintf(seed, sizeof seed, "%s/study/%d", p->id, ago);
  return synth_uid(seed);
}

/* Films after 0, 2, 6, 12 and 24 weeks; RUST counts 1 to 3 at each cortex. */
static void
tibial_nail(Clinic *c)
{
  enum { SURGERY = 170 };
  static const int weeks[] = {0, 2, 6, 12, 24};
  static const double rust[] = {4, 4, 6, 9, 11};
  static const SynthFracture healing[] = {
      {{0}, 0, {0}, 0, 0},
      {{0.4, 0.3, 0.3, 0.6}, 0.08, {0.02, 0.02, 0.02, 0.05}, 0, 0},
      {{3.2, 2, 1.6, 4}, 0.25, {0.15, 0.1, 0.05, 0.3}, 0, 0},
      {{5, 3.6, 2.8, 6}, 0.5, {0.7, 0.5, 0.3, 0.85}, 0, 0},
      {{5, 4, 3.4, 5.4}, 0.8, {1, 0.95, 0.75, 1}, 0, 0},
  };
  static const char *const texts[] = {
      "INDICATION: Tibial shaft fracture, intramedullary nail today.\n\nFINDINGS:\nIntramedullary "
      "nail "
      "with two proximal and two distal locking screws.\nThe oblique fracture of the mid shaft is "
      "in "
      "anatomic position.\n\nIMPRESSION:\nRegular postoperative position. RUST 4.",
      "INDICATION: Two weeks after nailing of the left tibia.\n\nFINDINGS:\nThe hardware is "
      "unchanged. "
      "The fracture line is visible at all cortices. No callus.\n\nIMPRESSION:\nUnchanged "
      "position. "
      "RUST 4.",
      "INDICATION: Six weeks after nailing of the left tibia.\n\nFINDINGS:\nBeginning callus at "
      "the "
      "medial and the posterior cortex. The line is visible.\nThe hardware is "
      "intact.\n\nIMPRESSION:\n"
      "Beginning consolidation. RUST 6.",
      "INDICATION: Twelve weeks after nailing of the left tibia.\n\nFINDINGS:\nBridging callus at "
      "the "
      "medial and the posterior cortex; callus at the others.\nThe hardware is "
      "intact.\n\nIMPRESSION:\n"
      "Progressing consolidation. RUST 9.",
      "INDICATION: Six months after nailing of the left tibia.\n\nFINDINGS:\nThe line has gone at "
      "three "
      "cortices; callus bridges the anterior one.\nThe hardware is "
      "intact.\n\nIMPRESSION:\nConsolidated "
      "fracture. RUST 11.",
  };
  char day[11];
  Person p = person_begin(c, "SYNTH013", "SYNTH-MAPLE^MILAN", "19880211", "M");
  for (int i = 0; i < 5; i++) {
    const SynthUid uid = study_uid(&p, SURGERY - 7 * weeks[i]);
    const Exam exam = {.ago = SURGERY - 7 * weeks[i],
                       .code = "XRTIBL",
                       .description = "XR TIBIA FIBULA LEFT 2 VIEWS",
                       .modality = "XR",
                       .study_uid = uid.s};
    const Films films = {FILM_TIBIA, "L", &healing[i], 0, rust[i], 60 + (unsigned)i};
    person_films(&p, &exam, &films);
    person_report(&p, &exam, texts[i]);
  }
  person_end(&p);
  clinic_day(c, SURGERY, true, day);
  fprintf(c->steps,
          "procedure add --patient SYNTH013 --protocol tibia-im-nail --date %s --laterality left\n",
          day);
}

static void
lumbar_fusion(Clinic *c)
{
  enum { SURGERY = 204 };
  static const int ago[] = {204, 163, 114};
  static const double fusion[] = {0.05, 0.3, 0.6};
  static const char *const texts[] = {
      "INDICATION: After interbody fusion L4/L5.\n\nFINDINGS:\nPedicle screws and rods at L4 and "
      "L5, "
      "interbody cage. No listhesis.\n\nIMPRESSION:\nRegular postoperative position.",
      "INDICATION: Six weeks after fusion L4/L5.\n\nFINDINGS:\nThe hardware is unchanged. No "
      "lucency "
      "around the screws.\n\nIMPRESSION:\nUnchanged position.",
      "INDICATION: Three months after fusion L4/L5.\n\nFINDINGS:\nThe hardware is unchanged. "
      "Beginning "
      "bone bridges in front of the cage.\n\nIMPRESSION:\nBeginning fusion.",
  };
  char day[11];
  Person p = person_begin(c, "SYNTH014", "SYNTH-NUTMEG^NORA", "19640730", "F");
  for (int i = 0; i < 3; i++) {
    const SynthUid uid = study_uid(&p, ago[i]);
    const Exam exam = {.ago = ago[i],
                       .code = "XRLS",
                       .description = "XR LUMBAR SPINE 2 VIEWS",
                       .modality = "XR",
                       .study_uid = uid.s};
    const Films films = {FILM_LUMBAR, NULL, NULL, fusion[i], 0, 70 + (unsigned)i};
    person_films(&p, &exam, &films);
    person_report(&p, &exam, texts[i]);
  }
  person_end(&p);
  clinic_day(c, SURGERY, true, day);
  fprintf(c->steps, "procedure add --patient SYNTH014 --protocol lumbar-fusion --date %s\n", day);
}

void
clinic_surgery_cases(Clinic *c)
{
  tibial_nail(c);
  lumbar_fusion(c);
}
