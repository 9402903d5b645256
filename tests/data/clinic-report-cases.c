/* SPDX-License-Identifier: Apache-2.0
 *
 * Patients of whom only messages came: one for each way in which a follow-up
 * goes right, goes wrong, or needs a person.
 */
#include "clinic.h"

typedef struct {
  int ago;
  const char *code, *description, *modality, *text;
} Visit;

static Exam
exam_of(const Visit *v)
{
  return (Exam){
      .ago = v->ago, .code = v->code, .description = v->description, .modality = v->modality};
}

static void
tell(Person *p, const Visit *visits, int n)
{
  for (int i = 0; i < n; i++) {
    const Exam exam = exam_of(&visits[i]);
    person_report(p, &exam, visits[i].text);
  }
}

/* Those that need reports only. */
static const struct {
  const char *id, *name, *birth, *sex;
  int n;
  Visit visits[2];
} people[] = {
    /* forgotten for months */
    {"SYNTH003",
     "SYNTH-CEDAR^CARL",
     "19490128",
     "M",
     1,
     {{300, "CTCHWO", "CT CHEST WITHOUT CONTRAST", "CT",
       "INDICATION: Fall.\n\nFINDINGS:\nNo fracture. Ground-glass nodule of 11 mm in the right "
       "lower "
       "lobe.\n\nIMPRESSION:\n1. No injury.\n2. Ground-glass nodule of the right lower lobe. "
       "Follow-up "
       "CT of the chest is recommended in 6 months."}}},
    /* urgent, and nobody did it */
    {"SYNTH004",
     "SYNTH-DOGWOOD^DORA",
     "19570603",
     "F",
     1,
     {{52, "CTABD", "CT ABDOMEN WITH CONTRAST", "CT",
       "INDICATION: Abdominal pain.\n\nFINDINGS:\nHypodense lesion of 18 mm in the pancreatic "
       "head. The "
       "duct is not dilated.\n\nIMPRESSION:\nLesion of the pancreatic head. MRI of the pancreas "
       "is "
       "recommended within 2 weeks."}}},
    /* a little late */
    {"SYNTH005",
     "SYNTH-ELM^EMIL",
     "19710815",
     "M",
     1,
     {{407, "USTHY", "US THYROID", "US",
       "INDICATION: Palpable nodule.\n\nFINDINGS:\nIsoechoic nodule of 16 mm in the right lobe, "
       "TR "
       "3.\n\nIMPRESSION:\nThyroid nodule. Thyroid ultrasound is recommended in 12 months."}}},
    /* depends on a fact that no report holds */
    {"SYNTH006",
     "SYNTH-FIR^FRIDA",
     "19680309",
     "F",
     1,
     {{96, "CTCHWO", "CT CHEST WITHOUT CONTRAST", "CT",
       "INDICATION: Dyspnea.\n\nFINDINGS:\nSolid nodule of 5 mm in the left upper lobe.\n\n"
       "IMPRESSION:\nSmall pulmonary nodule. If the patient is at high risk, follow-up CT of the "
       "chest "
       "is recommended in 12 months."}}},
    /* no time given */
    {"SYNTH007",
     "SYNTH-GINKGO^GUSTAV",
     "19620712",
     "M",
     1,
     {{75, "USABD", "US ABDOMEN", "US",
       "INDICATION: Elevated liver enzymes.\n\nFINDINGS:\nHyperechoic lesion of 14 mm in the "
       "right lobe "
       "of the liver.\n\nIMPRESSION:\nProbable hemangioma. Follow-up ultrasound of the liver is "
       "recommended."}}},
    /* the wrong side was imaged */
    {"SYNTH015",
     "SYNTH-OAK^OLIVER",
     "19900921",
     "M",
     2,
     {{64, "XRWRL", "XR WRIST LEFT 3 VIEWS", "XR",
       "INDICATION: Fall.\n\nFINDINGS:\nPossible lucent line at the waist of the left "
       "scaphoid.\n\n"
       "IMPRESSION:\nPossible scaphoid fracture. Repeat radiographs of the left wrist are "
       "recommended in "
       "2 weeks."},
      {50, "XRWRR", "XR WRIST RIGHT 3 VIEWS", "XR",
       "INDICATION: Control.\n\nFINDINGS:\nThe right wrist is normal.\n\nIMPRESSION:\nNormal "
       "radiographs."}}},
    /* PET/CT answers what CT was asked */
    {"SYNTH016",
     "SYNTH-PINE^PETRA",
     "19550526",
     "F",
     2,
     {{130, "CTCHWO", "CT CHEST WITHOUT CONTRAST", "CT",
       "INDICATION: Hemoptysis.\n\nFINDINGS:\nSpiculated nodule of 14 mm in the left upper "
       "lobe.\n\n"
       "IMPRESSION:\nSuspicious nodule. CT of the chest is recommended in 3 months."},
      {41, "PETCT", "PET/CT SKULL BASE TO MID THIGH", "PT",
       "INDICATION: Pulmonary nodule.\n\nFINDINGS:\nThe nodule of the left upper lobe, 15 mm, "
       "takes up "
       "FDG, SUVmax 4.1.\n\nIMPRESSION:\nMetabolically active nodule of the left upper lobe."}}},
    /* not yet due */
    {"SYNTH017",
     "SYNTH-QUINCE^QUEENIE",
     "19740404",
     "F",
     1,
     {{88, "MGDXL", "MAMMOGRAM DIAGNOSTIC LEFT", "MG",
       "INDICATION: Callback.\n\nFINDINGS:\nGrouped round calcifications in the left breast.\n\n"
       "IMPRESSION:\nProbably benign, BI-RADS 3. Diagnostic mammogram of the left breast is "
       "recommended "
       "in 6 months."}}},
    /* another modality than asked: a person decides */
    {"SYNTH018",
     "SYNTH-ROWAN^RAOUL",
     "19660118",
     "M",
     2,
     {{118, "CTABD", "CT ABDOMEN WITH CONTRAST", "CT",
       "INDICATION: Stone.\n\nFINDINGS:\nIndeterminate lesion of 22 mm of the left kidney.\n\n"
       "IMPRESSION:\nRenal lesion. MRI of the kidneys is recommended in 3 months."},
      {22, "USREN", "US RENAL", "US",
       "INDICATION: Renal lesion.\n\nFINDINGS:\nThe lesion of the left kidney measures 23 mm. No "
       "hydronephrosis.\n\nIMPRESSION:\nSolid appearing lesion of the left kidney."}}},
};

static void
plain_histories(Clinic *c)
{
  for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
    Person p = person_begin(c, people[i].id, people[i].name, people[i].birth, people[i].sex);
    tell(&p, people[i].visits, people[i].n);
    person_end(&p);
  }
}

static void
done_elsewhere(Clinic *c)
{
  static const Visit visit = {240, "MRBR", "MRI BRAIN WITH CONTRAST", "MR",
                              "INDICATION: Headache.\n\nFINDINGS:\nMeningioma of 9 mm at the "
                              "convexity.\n\nIMPRESSION:\nSmall "
                              "meningioma. MRI of the brain is recommended in 6 months."};
  char day[11];
  Person p = person_begin(c, "SYNTH008", "SYNTH-HAZEL^HELGA", "19590811", "F");
  tell(&p, &visit, 1);
  person_end(&p);
  clinic_day(c, 12, true, day);
  fprintf(
      c->steps,
      "close {item:SYNTH008:0} --reason done-elsewhere --note \"MRI at another hospital, report "
      "seen\" --by coordinator --at %s\n",
      day);
}

static void
scheduled(Clinic *c)
{
  static const Visit visit = {
      196, "CTABD", "CT ABDOMEN WITH CONTRAST", "CT",
      "INDICATION: Flank pain.\n\nFINDINGS:\nAdrenal nodule of 17 mm on the left.\n\nIMPRESSION:\n"
      "Indeterminate adrenal nodule. CT of the abdomen is recommended in 6 months."};
  Person p = person_begin(c, "SYNTH010", "SYNTH-JUNIPER^JONAS", "19690227", "M");
  const Exam next = {
      .ago = 16, .code = "CTABD", .description = "CT ABDOMEN WITH CONTRAST", .modality = "CT"};
  tell(&p, &visit, 1);
  person_order(&p, &next);
  person_appointment(&p, "S12", 15, 5, "AP10", &next);
  person_appointment(&p, "S13", 3, 12, "AP10", &next);
  person_end(&p);
}

static void
no_show(Clinic *c)
{
  static const Visit visit = {
      150, "MRKNR", "MRI KNEE RIGHT WITHOUT CONTRAST", "MR",
      "INDICATION: Pain.\n\nFINDINGS:\nCartilage lesion of 21 mm in the distal right femur.\n\n"
      "IMPRESSION:\nProbable enchondroma. MRI of the right knee is recommended in 3 months."};
  Person p = person_begin(c, "SYNTH011", "SYNTH-KUMQUAT^KLARA", "19830613", "F");
  const Exam next = {.ago = 40,
                     .code = "MRKNR",
                     .description = "MRI KNEE RIGHT WITHOUT CONTRAST",
                     .modality = "MR"};
  tell(&p, &visit, 1);
  person_appointment(&p, "S12", 40, -9, "AP11", &next);
  person_appointment(&p, "S26", 8, -9, "AP11", &next);
  person_end(&p);
}

static void
deceased(Clinic *c)
{
  static const Visit visit = {
      380, "CTCHWO", "CT CHEST WITHOUT CONTRAST", "CT",
      "INDICATION: Heart failure.\n\nFINDINGS:\nNodule of 7 mm in the right lower lobe. "
      "Effusions.\n\n"
      "IMPRESSION:\nPulmonary nodule. CT of the chest is recommended in 12 months."};
  Person p = person_begin(c, "SYNTH012", "SYNTH-LARCH^LUDWIG", "19350102", "M");
  tell(&p, &visit, 1);
  person_died(&p, 33, 36);
  person_end(&p);
}

void
clinic_report_cases(Clinic *c)
{
  plain_histories(c);
  done_elsewhere(c);
  scheduled(c);
  no_show(c);
  deceased(c);
}
