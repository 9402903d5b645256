/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clinic.h"

#define SITE "SYNTHCLINIC"

/* Sent at that hour of that day. */
static void
message_begin(Person *p, const char *application, const char *type, int ago, int hour)
{
  char day[11];
  clinic_day(p->clinic, ago, false, day);
  p->messages++;
  fprintf(p->hl7,
          "MSH|^~\\&|%s|" SITE "|INTERVAL|FOLLOWUP|%s%02d%02d00||%s|%s%03d|P|2.5.1||||||"
          "UNICODE UTF-8\r",
          application, day, hour, (p->messages * 7) % 60, type, p->id, p->messages);
}

static void
write_pid(Person *p, const char *id, const char *died, const char *dead)
{
  fprintf(p->hl7,
          "PID|1||%s^^^" SITE "^MR||%s||%s|%s|||1 Test Street^^SAMPLETOWN||"
          "^PRN^PH^^^555^0100||||||||||||||||%s|%s\r",
          id, p->name, p->birth, p->sex, died, dead);
}

Person
person_begin(Clinic *c, const char *id, const char *name, const char *birth, const char *sex)
{
  Person p = {.clinic = c, .id = id, .name = name, .birth = birth, .sex = sex};
  char path[1200];
  snprintf(path, sizeof path, "%s/hl7/%s.hl7", c->out, id);
  p.hl7 = fopen(path, "wb");
  if (!p.hl7) {
    clinic_fail(c, path, strerror(errno));
    exit(1);
  }
  p.one_obx = (id[strlen(id) - 1] - '0') % 2 == 1;
  message_begin(&p, "ADT", "ADT^A04^ADT_A01", 500, 7);
  write_pid(&p, p.id, "", "");
  return p;
}

void
person_end(Person *p)
{
  if (fclose(p->hl7) != 0)
    clinic_fail(p->clinic, p->id, strerror(errno));
}

void
person_accession(const Person *p, const Exam *e, char ret[40])
{
  if (e->accession)
    snprintf(ret, 40, "%s", e->accession);
  else
    snprintf(ret, 40, "%.20s-%d", p->id, 10000 - e->ago);
}

static void
put_escaped(FILE *f, const char *text, size_t n)
{
  static const char special[] = "|^&~\\", letters[] = "FSTRE";
  for (size_t i = 0; i < n; i++) {
    const char *at = strchr(special, text[i]);
    if (at)
      fprintf(f, "\\%c\\", letters[at - special]);
    else
      fputc(text[i], f);
  }
}

static void
write_text(Person *p, const char *text, char status, int set)
{
  if (p->one_obx)
    fprintf(p->hl7, "OBX|%d|FT|GDT^Radiology Report^L||", set);
  while (*text) {
    const size_t n = strcspn(text, "\n");
    if (!p->one_obx)
      fprintf(p->hl7, "OBX|%d|TX|RPT^Report^L||", set++);
    put_escaped(p->hl7, text, n);
    text += n + (text[n] == '\n');
    if (!p->one_obx)
      fprintf(p->hl7, "||||||%c\r", status);
    else if (*text)
      fputs("\\.br\\", p->hl7);
  }
  if (p->one_obx)
    fprintf(p->hl7, "||||||%c\r", status);
}

void
person_report(Person *p, const Exam *e, const char *text)
{
  char accession[40], day[11];
  const char status = e->status ? e->status : 'F';
  person_accession(p, e, accession);
  clinic_day(p->clinic, e->ago, false, day);
  message_begin(p, "RIS", "ORU^R01^ORU_R01", e->ago, 15);
  write_pid(p, p->id, "", "");
  fprintf(p->hl7, "ORC|RE||%s\r", accession);
  fprintf(p->hl7,
          "OBR|1||%s|%s^%s^L|||%s093000|||||||||4711^SYNTHREFERRER^OLGA||||||%s150000||%s|%c|"
          "||||||815&SYNTHREADER&RUTH\r",
          accession, e->code, e->description, day, day, e->modality, status);
  if (e->study_uid)
    fprintf(p->hl7, "OBX|1|ST|113014^DICOM Study^DCM||%s||||||%c\r", e->study_uid, status);
  write_text(p, text, status, e->study_uid ? 2 : 1);
}

void
person_order(Person *p, const Exam *e)
{
  char accession[40];
  person_accession(p, e, accession);
  message_begin(p, "ORDERS", "ORM^O01", e->ago, 11);
  write_pid(p, p->id, "", "");
  fprintf(p->hl7, "ORC|NW|%s\rOBR|1|%s||%s^%s^L||||||||||||||||||||%s\r", accession, accession,
          e->code, e->description, e->modality);
}

void
person_appointment(Person *p, const char *trigger, int sent_ago, int in_days, const char *number,
                   const Exam *e)
{
  char type[32], day[11];
  const char *status = strcmp(trigger, "S26") == 0   ? "Noshow"
                       : strcmp(trigger, "S15") == 0 ? "Cancelled"
                                                     : "Booked";
  snprintf(type, sizeof type, "SIU^%.3s^SIU_S12", trigger);
  clinic_day(p->clinic, -in_days, false, day);
  message_begin(p, "SCHEDULE", type, sent_ago, 10);
  fprintf(p->hl7, "SCH|%s^S|F%s^S|||||%s^%s^L|||30|^^30^%s081500|||||||||||||%s\r", number, number,
          e->code, e->description, day, status);
  write_pid(p, p->id, "", "");
  fprintf(p->hl7, "RGS|1|A\rAIS|1|A|%s^%s^L|%s081500|||30|MIN\r", e->code, e->description, day);
}

void
person_died(Person *p, int known_ago, int died_ago)
{
  char day[11];
  clinic_day(p->clinic, died_ago, false, day);
  message_begin(p, "ADT", "ADT^A08^ADT_A01", known_ago, 6);
  write_pid(p, p->id, day, "Y");
}

void
person_merged(Person *p, int ago, const char *other)
{
  message_begin(p, "MPI", "ADT^A40^ADT_A39", ago, 9);
  write_pid(p, p->id, "", "");
  fprintf(p->hl7, "MRG|%s^^^" SITE "^MR\r", other);
}
