/* SPDX-License-Identifier: Apache-2.0
 *
 * clinic.h - the synthetic clinic of the demo: patients whose histories show
 * what the worklist is for, as HL7 files, DICOM files and a list of commands.
 */
#ifndef INTERVAL_TESTS_CLINIC_H
#define INTERVAL_TESTS_CLINIC_H

#include <stdbool.h>
#include <stdio.h>

#include "dicom-writer.h"
#include "synth-chest.h"
#include "synth-film.h"

typedef struct Clinic {
  const char *out; /* folder; hl7/, dicom/ and steps.txt below it */
  long today;      /* days since 1970-01-01 */
  FILE *steps;
  bool failed; /* something could not be written; said on stderr */
} Clinic;

typedef struct Person {
  Clinic *clinic;
  const char *id, *name, *birth, *sex; /* SYNTH..., FAMILY^GIVEN, YYYYMMDD */
  FILE *hl7;
  int messages;
  bool one_obx; /* dictates a report into one OBX; else one OBX a line */
} Person;

/* One exam as the message names it. */
typedef struct Exam {
  int ago;               /* days before today */
  const char *accession; /* NULL: made from the person and the day */
  const char *code, *description, *modality;
  const char *study_uid; /* NULL: none in the message */
  char status;           /* F P C X; 0 stands for F */
} Exam;

void clinic_fail(Clinic *clinic, const char *what, const char *why);
/* "20250314" or "2025-03-14", of so many days before today; ret of 11 bytes. */
void clinic_day(const Clinic *clinic, int ago, bool dashes, char ret[11]);
bool clinic_make_folder(Clinic *clinic, const char *path);

/* Opens hl7/ID.hl7 and registers the person there; close it with person_end. */
Person person_begin(Clinic *clinic, const char *id, const char *name, const char *birth,
                    const char *sex);
void person_end(Person *person);
void person_report(Person *person, const Exam *exam, const char *text);
void person_order(Person *person, const Exam *exam);
/* trigger S12 S13 S15 S26; in_days: the appointment's day from today. */
void person_appointment(Person *person, const char *trigger, int sent_ago, int in_days,
                        const char *number, const Exam *exam);
void person_died(Person *person, int known_ago, int died_ago);
/* `id` survives, `other` is retired. */
void person_merged(Person *person, int ago, const char *other);
void person_accession(const Person *person, const Exam *exam, char ret[40]);

/* A chest CT with its slices and, where there are nodules, a TID 1500 report of
 * `measured` (one per nodule, mm).  exam->study_uid must be set. */
void person_chest_ct(Person *person, const Exam *exam, const SynthChest *chest,
                     const char *const *sites, const double *measured_mm);
typedef enum { FILM_TIBIA, FILM_LUMBAR } FilmPart;
typedef struct Films {
  FilmPart part;
  const char *laterality; /* "L", "R" or NULL */
  const SynthFracture *fracture;
  double fusion;
  double rust; /* score of a structured report; 0: none */
  unsigned seed;
} Films;
/* AP and lateral. */
void person_films(Person *person, const Exam *exam, const Films *films);

void clinic_lung_cases(Clinic *clinic);
void clinic_surgery_cases(Clinic *clinic);
void clinic_report_cases(Clinic *clinic);

#endif
