/* SPDX-License-Identifier: Apache-2.0
 *
 * Patients with chest CTs to compare.
 */
#include <stdlib.h>

#include "clinic.h"

typedef struct {
  int ago;
  unsigned scan;
  double shift[3], rotation[3], breath;
} Visit;

static SynthChest
chest_at(uint64_t anatomy, const Visit *v, const SynthNodule *nodules, int n)
{
  return (SynthChest){.anatomy = anatomy,
                      .scan = v->scan,
                      .size = 160,
                      .slices = 64,
                      .pixel_mm = 2.0,
                      .slice_mm = 2.5,
                      .shift_mm = {v->shift[0], v->shift[1], v->shift[2]},
                      .rotation_deg = {v->rotation[0], v->rotation[1], v->rotation[2]},
                      .breath_mm = v->breath,
                      .noise_hu = 13,
                      .nodules = nodules,
                      .n_nodules = n};
}

static Exam
chest_exam(int ago, const SynthUid *uid)
{
  return (Exam){.ago = ago,
                .code = "CTCHWO",
                .description = "CT CHEST WITHOUT CONTRAST",
                .modality = "CT",
                .study_uid = uid->s};
}

static SynthUid
study_uid(const Person *p, int ago)
{
  char seed[80];
  snprintf(seed, sizeof seed, "%s/study/%d", p->id, ago);
  return synth_uid(seed);
}

/* The volume doubles in about 190 days; a stable one lies beside it. */
static void
growing_nodule(Clinic *c)
{
  static const char *const sites[] = {"upper lobe of right lung", "lower lobe of left lung"};
  static const Visit visits[] = {
      {392, 21, {2, -3, 4}, {1, -1, 2}, 0},
      {203, 22, {-6, 5, -7}, {-3, 2, -4}, -3},
      {6, 23, {7, -6, 9}, {2, 3, 5}, 4},
  };
  static const double diameters[] = {7.2, 9.1, 11.5},
                      read[][2] = {{7.3, 5.9}, {9.0, 6.1}, {11.7, 6.0}};
  static const char *const texts[] = {
      "CT CHEST WITHOUT CONTRAST\n\nINDICATION: Chronic cough.\n\nCOMPARISON: None.\n\nFINDINGS:\n"
      "Solid nodule in the right upper lobe, 7 mm (series 2).\n"
      "Solid nodule in the left lower lobe, 6 mm.\nNo enlarged lymph nodes. No pleural "
      "effusion.\n\n"
      "IMPRESSION:\nTwo solid pulmonary nodules, up to 7 mm. Follow-up CT of the chest is "
      "recommended in 6 months.",
      "CT CHEST WITHOUT CONTRAST\n\nINDICATION: Pulmonary nodules.\n\nCOMPARISON: CT chest six "
      "months ago.\n\nFINDINGS:\nThe right upper lobe nodule measures 9 mm, previously 7 mm.\n"
      "The left lower lobe nodule is unchanged, 6 mm.\nNo enlarged lymph nodes.\n\nIMPRESSION:\n"
      "Growing right upper lobe nodule. Repeat CT of the chest is recommended in 6 months.",
      "CT CHEST WITHOUT CONTRAST\n\nINDICATION: Pulmonary nodules.\n\nCOMPARISON: CT chest six "
      "months ago.\n\nFINDINGS:\nThe right upper lobe nodule has grown further to 12 mm, "
      "previously "
      "9 mm.\nThe left lower lobe nodule is unchanged, 6 mm.\n\nIMPRESSION:\nGrowth of the right "
      "upper lobe nodule. PET/CT is recommended within 2 weeks.",
  };
  Person p = person_begin(c, "SYNTH001", "SYNTH-ALDER^ADA", "19530417", "F");
  for (int i = 0; i < 3; i++) {
    const SynthNodule nodules[] = {{{-66, -14, 40}, diameters[i], 0.15, 35},
                                   {{66, 24, -6}, 6, 0.05, 30}};
    const SynthChest chest = chest_at(11, &visits[i], nodules, 2);
    const SynthUid uid = study_uid(&p, visits[i].ago);
    const Exam exam = chest_exam(visits[i].ago, &uid);
    person_chest_ct(&p, &exam, &chest, sites, read[i]);
    person_report(&p, &exam, texts[i]);
  }
  person_end(&p);
}

static void
stable_nodule(Clinic *c)
{
  static const char *const sites[] = {"middle lobe of right lung"};
  static const Visit visits[] = {{371, 31, {-3, 2, -5}, {2, 1, -2}, 2},
                                 {9, 32, {5, 4, 6}, {-2, -2, 3}, -2}};
  static const double read[] = {8.2, 8.0};
  static const char *const texts[] = {
      "CT CHEST WITHOUT CONTRAST\n\nINDICATION: Weight loss.\n\nFINDINGS:\nSmooth solid nodule of "
      "8 mm "
      "in the middle lobe. Mild emphysema.\nThe mediastinum is normal.\n\nIMPRESSION:\nNodule of "
      "the "
      "middle lobe, 8 mm. CT of the chest is recommended in 12 months.",
      "CT CHEST WITHOUT CONTRAST\n\nINDICATION: Pulmonary nodule.\n\nCOMPARISON: CT chest a year "
      "ago.\n\nFINDINGS:\nThe nodule of the middle lobe is unchanged, 8 mm.\nMild emphysema.\n\n"
      "IMPRESSION:\nUnchanged nodule. Follow-up CT of the chest is recommended in 12 months.",
  };
  Person p = person_begin(c, "SYNTH002", "SYNTH-BEECH^BORIS", "19600902", "M");
  for (int i = 0; i < 2; i++) {
    const SynthNodule nodule = {{-70, -18, 2}, 8.1, 0.1, 32};
    const SynthChest chest = chest_at(12, &visits[i], &nodule, 1);
    const SynthUid uid = study_uid(&p, visits[i].ago);
    const Exam exam = chest_exam(visits[i].ago, &uid);
    person_chest_ct(&p, &exam, &chest, sites, &read[i]);
    person_report(&p, &exam, texts[i]);
  }
  person_end(&p);
}

/* The follow-up was done under another number; A40 joins the two. */
static void
merged_patient(Clinic *c)
{
  static const char *const sites[] = {"lingula of left lung"};
  static const Visit visits[] = {{160, 41, {0, 3, 2}, {1, 2, 1}, 1},
                                 {58, 42, {-5, -4, -6}, {-1, -3, -4}, -1}};
  static const double diameters[] = {9.0, 6.4}, read[] = {9.1, 6.3};
  Person old = person_begin(c, "SYNTH909", "SYNTH-IVY^ISABEL", "19720922", "F");
  Person p = person_begin(c, "SYNTH009", "SYNTH-IVY^ISABEL^M", "19720922", "F");
  Person *const who[] = {&old, &p};
  static const char *const texts[] = {
      "CT CHEST WITHOUT CONTRAST\n\nINDICATION: Pneumonia.\n\nFINDINGS:\nNodular consolidation of "
      "9 mm "
      "in the lingula.\n\nIMPRESSION:\nNodule of the lingula, possibly inflammatory. CT of the "
      "chest is "
      "recommended in 3 months.",
      "CT CHEST WITHOUT CONTRAST\n\nINDICATION: Nodule seen elsewhere.\n\nFINDINGS:\nNodule of 6 "
      "mm in "
      "the lingula. No lymph nodes.\n\nIMPRESSION:\nSmall nodule of the lingula, smaller than "
      "described.",
  };
  for (int i = 0; i < 2; i++) {
    const SynthNodule nodule = {{58, -24, 6}, diameters[i], 0.25, 28};
    const SynthChest chest = chest_at(13, &visits[i], &nodule, 1);
    const SynthUid uid = study_uid(who[i], visits[i].ago);
    const Exam exam = chest_exam(visits[i].ago, &uid);
    person_chest_ct(who[i], &exam, &chest, sites, &read[i]);
    person_report(who[i], &exam, texts[i]);
  }
  person_merged(&p, 20, "SYNTH909");
  person_end(&old);
  person_end(&p);
}

void
clinic_lung_cases(Clinic *c)
{
  growing_nodule(c);
  stable_nodule(c);
  merged_patient(c);
}
