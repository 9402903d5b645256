/* SPDX-License-Identifier: Apache-2.0
 *
 * interval-synth OUTDIR [--today YYYY-MM-DD]
 *
 * Writes OUTDIR/hl7/PATIENT.hl7, OUTDIR/dicom/PATIENT/STUDY/IMAGE.dcm and
 * OUTDIR/steps.txt: commands of `interval` to run after the import, one a line.
 * In them {item:PATIENT:N} stands for the id of the N-th item of
 * `worklist --all --json --patient PATIENT`, counted from 0 in the order of
 * recommended_on, then due_from.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "clinic.h"

/* Days since 1970-01-01 and back (Howard Hinnant, "chrono-compatible low-level
 * date algorithms"). */
static long
days_from_civil(int y, int m, int d)
{
  y -= m <= 2;
  const long era = (y >= 0 ? y : y - 399) / 400;
  const long yoe = y - era * 400;
  const long doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
civil_from_days(long z, int *y, int *m, int *d)
{
  z += 719468;
  const long era = (z >= 0 ? z : z - 146096) / 146097;
  const long doe = z - era * 146097;
  const long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const long doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const long mp = (5 * doy + 2) / 153;
  *d = (int)(doy - (153 * mp + 2) / 5 + 1);
  *m = (int)(mp < 10 ? mp + 3 : mp - 9);
  *y = (int)(yoe + era * 400 + (*m <= 2));
}

void
clinic_day(const Clinic *c, int ago, bool dashes, char ret[11])
{
  int y, m, d;
  char text[64];
  civil_from_days(c->today - ago, &y, &m, &d);
  snprintf(text, sizeof text, dashes ? "%04d-%02d-%02d" : "%04d%02d%02d", y, m, d);
  memcpy(ret, text, 10);
  ret[dashes ? 10 : 8] = 0;
}

void
clinic_fail(Clinic *c, const char *what, const char *why)
{
  fprintf(stderr, "interval-synth: %s: %s\n", what, why);
  c->failed = true;
}

bool
clinic_make_folder(Clinic *c, const char *path)
{
  char part[1200];
  snprintf(part, sizeof part, "%s", path);
  for (char *p = part + 1;; p++) {
    const char here = *p;
    if (here && here != '/')
      continue;
    *p = 0;
    if (mkdir(part, 0777) != 0 && errno != EEXIST) {
      clinic_fail(c, part, strerror(errno));
      return false;
    }
    *p = here;
    if (!here)
      return true;
  }
}

static bool
parse_day(const char *text, long *ret)
{
  int y, m, d, end = 0;
  if (sscanf(text, "%4d-%2d-%2d%n", &y, &m, &d, &end) != 3 || text[end] || m < 1 || m > 12 ||
      d < 1 || d > 31)
    return false;
  *ret = days_from_civil(y, m, d);
  return true;
}

int
main(int argc, char **argv)
{
  Clinic c = {.today = (long)(time(NULL) / 86400)};
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--today") == 0 && i + 1 < argc && parse_day(argv[i + 1], &c.today))
      i++;
    else if (argv[i][0] != '-' && !c.out)
      c.out = argv[i];
    else
      c.failed = true;
  }
  if (!c.out || c.failed || strlen(c.out) > 800) {
    fputs("usage: interval-synth OUTDIR [--today YYYY-MM-DD]\n", stderr);
    return 2;
  }
  char path[1200];
  snprintf(path, sizeof path, "%s/hl7", c.out);
  if (!clinic_make_folder(&c, path))
    return 1;
  snprintf(path, sizeof path, "%s/steps.txt", c.out);
  c.steps = fopen(path, "w");
  if (!c.steps) {
    clinic_fail(&c, path, strerror(errno));
    return 1;
  }
  clinic_lung_cases(&c);
  clinic_surgery_cases(&c);
  clinic_report_cases(&c);
  if (fclose(c.steps) != 0)
    clinic_fail(&c, path, strerror(errno));
  return c.failed ? 1 : 0;
}
