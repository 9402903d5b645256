/* SPDX-License-Identifier: Apache-2.0
 *
 * What satisfies what: contract section 3, "Fulfilment", "Several findings";
 * "Where cases meet" 2, 4, 5, 6, 9, 10.
 */
#include "story.h"

#define LEFT ITV_LATERALITY_LEFT
#define RIGHT ITV_LATERALITY_RIGHT
#define BOTH ITV_LATERALITY_BILATERAL

/* Asked for, done 40 days after due: what came of it. */
static void
check_lattice(const Ask *ask, const Told *done, const char *line)
{
  g_autoptr(Story) s = story_new();
  Told first = {.acc = "A1", .on = "2024-01-10", EXAM(XR, HAND)};
  Told second = *done;
  first.asks[0] = *ask;
  first.asks[0].in = "P6M";
  second.acc = "B2";
  second.on = "2024-08-19";
  story_report(s, &first);
  story_report(s, &second);
  expect(s, "2024-08-19", line, NULL);
}

static void
test_lattice(void)
{
  static const struct {
    Ask ask;
    Told done;
    const char *line;
  } rows[] = {
      {{EXAM(CT, CHEST)}, {EXAM(CT, CHEST)}, "fulfilled CT chest by B2 2024-08-19"},
      {{EXAM(CT, LUNG)}, {EXAM(CT, CHEST)}, "fulfilled CT lung by B2"},
      {{EXAM(CT, ADRENAL)}, {EXAM(CT, CHEST)}, "overdue CT adrenal"},
      {{EXAM(CT, CHEST)}, {EXAM(CT, ABDOMEN)}, "overdue CT chest"},
      {{EXAM(CT, CHEST)}, {EXAM(CT, ABDOMEN), .more = REG(CHEST)}, "fulfilled CT chest by B2"},
      {{EXAM(CT, CHEST)},
       {.mod = MOD(PT) | MOD(CT), .region = ITV_REGION_WHOLEBODY},
       "fulfilled CT chest by B2"},
      {{EXAM(CT, CHEST)}, {EXAM(MR, CHEST)}, "review CT chest B2: another modality"},
      {{EXAM(CT, CHEST)}, {EXAM(XR, CHEST)}, "review CT chest B2: another modality"},
      {{EXAM(CT, LIVER)}, {EXAM(MR, ABDOMEN)}, "fulfilled CT liver by B2"},
      {{EXAM(CT, ABDOMEN)}, {EXAM(MR, ABDOMEN)}, "review CT abdomen B2: another modality"},
      {{EXAM(CT, BRAIN)}, {EXAM(MR, BRAIN)}, "fulfilled CT brain by B2"},
      {{EXAM(MR, BRAIN)}, {EXAM(CT, HEAD)}, "review MR brain B2: another modality"},
      {{EXAM(CT, LSPINE)}, {EXAM(MR, SPINE)}, "fulfilled CT lspine by B2"},
      {{EXAM(XR, CHEST)}, {EXAM(CT, CHEST)}, "fulfilled XR chest by B2"},
      {{EXAM(XR, KNEE)}, {EXAM(MR, KNEE)}, "fulfilled XR knee by B2"},
      {{EXAM(US, KIDNEY)}, {EXAM(CT, ABDOMEN)}, "review US kidney B2: another modality"},
      {{EXAM(CT, KIDNEY)}, {EXAM(US, KIDNEY)}, "review CT kidney B2: another modality"},
      {{.mod = MOD(CT) | MOD(MR), .region = ITV_REGION_PANCREAS},
       {EXAM(CT, ABDOMEN)},
       "fulfilled CT/MR pancreas by B2"},
      {{.region = ITV_REGION_CHEST}, {EXAM(XR, CHEST)}, "fulfilled any chest by B2"},
      {{.region = ITV_REGION_KIDNEY}, {EXAM(US, KIDNEY)}, "fulfilled any kidney by B2"},
      {{EXAM(MG, BREAST)}, {EXAM(CT, CHEST)}, "overdue MG breast"},
      {{EXAM(US, BLADDER)}, {EXAM(US, PELVIS)}, "fulfilled US bladder by B2"},
      {{EXAM(CT, AORTA)}, {EXAM(CT, CHEST)}, "fulfilled CT aorta by B2"},
      {{EXAM(CT, AORTA)}, {EXAM(CT, ABDOMEN)}, "fulfilled CT aorta by B2"},
      {{EXAM(US, THYROID)}, {EXAM(US, NECK)}, "fulfilled US thyroid by B2"},
      /* a study without a readable region is shown to a person */
      {{EXAM(CT, CHEST)}, {.mod = MOD(CT)}, "review CT chest B2: its region is not known"},
      {{EXAM(CT, CHEST)}, {.mod = MOD(US)}, "overdue CT chest"},
      {{EXAM(CT, CHEST)}, {.region = ITV_REGION_CHEST}, "review CT chest B2: its modality"},
      {{EXAM(US, THYROID)},
       {.region = ITV_REGION_THYROID, .desc = "FNA CYTOLOGY THYROID"},
       "overdue US thyroid"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
    check_lattice(&rows[i].ask, &rows[i].done, rows[i].line);
}

/* MR for CT: of the parts that the contract names, and of no other. */
static void
test_mr_for_ct(void)
{
  static const ItvRegion stronger[] = {
      ITV_REGION_BRAIN,  ITV_REGION_SPINE, ITV_REGION_CSPINE,   ITV_REGION_TSPINE,
      ITV_REGION_LSPINE, ITV_REGION_LIVER, ITV_REGION_ADRENAL,  ITV_REGION_KIDNEY,
      ITV_REGION_PELVIS, ITV_REGION_HIP,   ITV_REGION_PANCREAS, ITV_REGION_SHOULDER,
      ITV_REGION_ELBOW,  ITV_REGION_WRIST, ITV_REGION_KNEE,     ITV_REGION_ANKLE,
  };
  ItvRegionSet set = 0;
  for (guint i = 0; i < G_N_ELEMENTS(stronger); i++)
    set |= ITV_REGION_BIT(stronger[i]);
  for (int r = 1; r < ITV_REGION_N; r++) {
    const Ask ask = {.mod = MOD(CT), .region = (ItvRegion)r};
    const Told done = {.mod = MOD(MR), .region = (ItvRegion)r};
    g_autofree char *line =
        g_strdup_printf("%s CT %s", (set & ITV_REGION_BIT(r)) ? "fulfilled" : "review",
                        itv_region_code((ItvRegion)r));
    check_lattice(&ask, &done, line);
  }
}

static void
test_sides(void)
{
  static const struct {
    Ask ask;
    Told done;
    const char *line;
  } rows[] = {
      {{EXAM(XR, KNEE), .side = LEFT}, {EXAM(XR, KNEE), .side = LEFT}, "fulfilled XR knee left"},
      {{EXAM(XR, KNEE), .side = LEFT}, {EXAM(XR, KNEE), .side = RIGHT}, "overdue XR knee left"},
      {{EXAM(XR, KNEE), .side = LEFT}, {EXAM(XR, KNEE), .side = BOTH}, "fulfilled XR knee left"},
      {{EXAM(XR, KNEE), .side = LEFT}, {EXAM(XR, KNEE)}, "review XR knee left B2: its side"},
      {{EXAM(XR, KNEE)}, {EXAM(XR, KNEE), .side = RIGHT}, "fulfilled XR knee by B2"},
      {{EXAM(MG, BREAST), .side = BOTH},
       {EXAM(MG, BREAST), .side = LEFT},
       "review MG breast bilateral B2: it shows one side"},
      {{EXAM(XR, HIP), .side = LEFT}, {EXAM(XR, PELVIS)}, "fulfilled XR hip left by B2"},
      {{EXAM(MR, HIP), .side = LEFT}, {EXAM(CT, PELVIS)}, "review MR hip left B2: another"},
      {{EXAM(CT, KIDNEY), .side = LEFT}, {EXAM(CT, ABDOMEN)}, "fulfilled CT kidney left"},
      {{EXAM(US, KIDNEY), .side = LEFT}, {EXAM(US, KIDNEY)}, "fulfilled US kidney left"},
      {{EXAM(US, KIDNEY), .side = LEFT},
       {EXAM(US, KIDNEY), .side = RIGHT},
       "overdue US kidney left"},
      {{EXAM(US, BREAST), .side = RIGHT}, {EXAM(US, BREAST)}, "review US breast right B2: its"},
      {{EXAM(CT, LUNG), .side = RIGHT}, {EXAM(CT, CHEST)}, "fulfilled CT lung right"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
    check_lattice(&rows[i].ask, &rows[i].done, rows[i].line);
}

static void
test_early(void)
{
  static const struct {
    const char *on, *in, *done, *line;
  } rows[] = {
      {"2024-02-12", "P6W", "2024-03-10", "review XR chest B2: 15 days before due_from"},
      {"2024-02-12", "P6W", "2024-03-11", "fulfilled XR chest by B2"},
      {"2023-10-10", "P6M", "2024-03-10", "review XR chest B2: 31 days before"},
      {"2023-10-10", "P6M", "2024-03-11", "fulfilled XR chest by B2"},
      {"2022-01-15", "P1Y", "2022-12-16", "fulfilled XR chest by B2"},
      {"2024-01-01", "P10D", "2024-01-08", "fulfilled XR chest by B2"},
      {"2024-01-01", "P10D", "2024-01-07", "review XR chest B2: 4 days before"},
      {"2024-01-01", "P1D", "2024-01-02", "fulfilled XR chest by B2"},
      {"2023-12-01", "P0D/P2W", "2024-06-01", "fulfilled XR chest by B2"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Story) s = story_new();
    REPORT(s, .acc = "A1", .on = rows[i].on, EXAM(XR, CHEST),
           .asks = {{EXAM(XR, CHEST), .in = rows[i].in}});
    REPORT(s, .acc = "B2", .on = rows[i].done, EXAM(XR, CHEST));
    expect(s, "2025-12-31", rows[i].line, NULL);
  }
}

/* Review holds past overdue_after; the proper study fulfils all the same. */
static void
test_review_then_done(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-02-12", EXAM(XR, CHEST),
         .asks = {{EXAM(XR, CHEST), .in = "P6W"}});
  REPORT(s, .acc = "B2", .on = "2024-03-10", EXAM(XR, CHEST));
  expect(s, "2024-04-20", "review XR chest B2", NULL);
  REPORT(s, .acc = "C3", .on = "2024-04-21", EXAM(XR, CHEST));
  expect(s, "2024-04-21", "fulfilled XR chest by C3", NULL);
}

static void
test_schedule_of_two(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-03-31", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P6M"}, {EXAM(CT, CHEST), .in = "P12M"}});
  REPORT(s, .acc = "B2", .on = "2023-09-30", EXAM(CT, CHEST));
  expect(s, "2023-09-30", "fulfilled CT chest by B2", "not-due CT chest 2024-03-31", NULL);
  REPORT(s, .acc = "C3", .on = "2023-12-01", EXAM(CT, CHEST)); /* for nothing asked: early */
  expect(s, "2023-12-01", "fulfilled CT chest by B2", "review CT chest C3", NULL);
  REPORT(s, .acc = "D4", .on = "2024-04-02", EXAM(CT, CHEST));
  expect(s, "2024-04-02", "fulfilled CT chest by B2", "fulfilled CT chest by D4", NULL);
}

/* A late study does both: the one missed and the one now due. */
static void
test_one_for_both(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-03-31", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P6M"}, {EXAM(CT, CHEST), .in = "P12M"}});
  REPORT(s, .acc = "B2", .on = "2024-03-05", EXAM(CT, CHEST));
  expect(s, "2024-03-05", "fulfilled CT chest by B2", "fulfilled CT chest by B2", NULL);
}

/* A film made for the pneumonia leaves the CT of the nodule alone. */
static void
test_made_for_another(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(XR, CHEST), .in = "P6W", .head = "pneumonia"},
                  {EXAM(CT, CHEST), .in = "P1Y", .head = "nodule"}});
  REPORT(s, .acc = "B2", .on = "2024-02-21", EXAM(XR, CHEST));
  expect(s, "2024-02-21", "fulfilled XR chest by B2", "not-due CT chest 2025-01-10", NULL);
}

static void
test_restated(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-01-31", EXAM(CT, ABDOMEN),
         .asks = {{EXAM(CT, CHEST), .in = "P6M", .head = "nodule"}});
  REPORT(s, .acc = "B2", .on = "2023-03-14", EXAM(CT, ABDOMEN),
         .asks = {{EXAM(CT, CHEST), .in = "P6M", .head = "nodules"}});
  expect(s, "2023-03-14", "closed:superseded CT chest 2023-07-31", "not-due CT chest 2023-09-14",
         NULL);
  REPORT(s, .acc = "C3", .on = "2023-09-20", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P1Y", .head = "nodule"}});
  expect(s, "2023-09-20", "closed:superseded CT chest", "fulfilled CT chest by C3",
         "not-due CT chest 2024-09-20", NULL);
}

static void
test_not_the_same_action(void)
{
  static const Ask others[] = {
      {EXAM(MR, CHEST), .in = "P6M", .head = "nodule"},
      {EXAM(CT, ABDOMEN), .in = "P6M", .head = "nodule"},
      {EXAM(CT, CHEST), .in = "P6M", .head = "effusion"},
      {EXAM(CT, CHEST), .kind = ITV_KIND_OF_PROCEDURE, .in = "P6M", .head = "nodule"},
  };
  static const Ask same[] = {
      {EXAM(CT, LUNG), .in = "P6M", .head = "nodule"},
      {.region = ITV_REGION_CHEST, .in = "P6M", .head = "nodule"},
      {EXAM(CT, CHEST), .in = "P3M"},
      {.mod = MOD(CT) | MOD(PT), .region = ITV_REGION_CHEST, .head = "nodule"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(others) + G_N_ELEMENTS(same); i++) {
    const gboolean differs = i < G_N_ELEMENTS(others);
    g_autoptr(Story) s = story_new();
    Told later = {.acc = "B2", .on = "2023-03-14", EXAM(CT, HEAD)};
    later.asks[0] = differs ? others[i] : same[i - G_N_ELEMENTS(others)];
    REPORT(s, .acc = "A1", .on = "2023-01-31", EXAM(CT, ABDOMEN),
           .asks = {{EXAM(CT, CHEST), .in = "P6M", .head = "nodule"}});
    story_report(s, &later);
    expect(s, "2023-03-14", differs ? "not-due CT chest 2023-07-31" : "closed:superseded CT chest",
           "", NULL);
  }
}

static void
test_sides_are_two_actions(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(XR, KNEE),
         .asks = {{EXAM(MR, KNEE), .side = LEFT, .in = "P6W"}});
  REPORT(s, .acc = "B2", .on = "2024-01-20", EXAM(XR, WRIST),
         .asks = {{EXAM(MR, KNEE), .side = RIGHT, .in = "P6W"}});
  expect(s, "2024-01-20", "not-due MR knee left", "not-due MR knee right", NULL);
}

static void
test_said_twice_is_one(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST)},
                  {EXAM(CT, CHEST), .in = "P6M"},
                  {EXAM(CT, CHEST), .in = "P6M", .head = "nodule"}});
  expect(s, "2024-01-10", "not-due CT chest 2024-07-10", NULL);
}

static void
test_resolved(void)
{
  static const struct {
    Told told;
    const char *line;
  } rows[] = {
      /* said by an exam of another part, which names the same thing */
      {{EXAM(CT, ABDOMEN),
        .says = {{ITV_STATEMENT_RESOLVED, 0, "the lingular opacity", "opacity"}}},
       "closed:not-indicated CT chest"},
      {{EXAM(CT, ABDOMEN),
        .says = {{ITV_STATEMENT_NO_FOLLOW_UP, ITV_REGION_ABDOMEN, "lingular opacity", "opacity"}}},
       "closed:not-indicated CT chest"},
      {{EXAM(XR, CHEST),
        .says = {{ITV_STATEMENT_RESOLVED, ITV_REGION_LUNG, "opacity", "opacities"}}},
       "closed:not-indicated CT chest"},
      {{EXAM(US, THYROID),
        .says = {{ITV_STATEMENT_NO_FOLLOW_UP, ITV_REGION_THYROID, "small opacity", "opacity"}}},
       "not-due CT chest"},
      {{EXAM(XR, WRIST),
        .says = {{ITV_STATEMENT_NO_FOLLOW_UP, ITV_REGION_WRIST, "bone island", "island"}}},
       "not-due CT chest"},
      {{EXAM(XR, SHOULDER), .says = {{ITV_STATEMENT_NO_FOLLOW_UP, 0, NULL, NULL}}},
       "not-due CT chest"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Story) s = story_new();
    Told told = rows[i].told;
    told.acc = "B2";
    told.on = "2023-04-18";
    REPORT(
        s, .acc = "A1", .on = "2023-02-20", EXAM(CT, CHEST),
        .asks = {{EXAM(CT, CHEST), .in = "P3M", .finding = "lingular opacity", .head = "opacity"}});
    story_report(s, &told);
    if (i == 2) /* a film before its time is a candidate too; the words count first */
      expect(s, "2023-04-17", "not-due CT chest", NULL);
    expect(s, "2023-04-18", rows[i].line, NULL);
  }
}

static void
test_resolved_by_the_study_itself(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-02-20", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P3M", .head = "opacity"}});
  REPORT(s, .acc = "B2", .on = "2023-05-22", EXAM(CT, CHEST),
         .says = {{ITV_STATEMENT_RESOLVED, ITV_REGION_CHEST, "opacity", "opacity"}});
  expect(s, "2024-05-22", "fulfilled CT chest by B2", NULL);
}

static void
test_non_diagnostic(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(MR, BRAIN),
         .asks = {{EXAM(MR, BRAIN), .in = "P3M"}});
  REPORT(s, .acc = "B2", .on = "2024-04-12", EXAM(MR, BRAIN),
         .says = {{ITV_STATEMENT_NON_DIAGNOSTIC, 0, NULL, NULL}});
  expect(s, "2024-08-01", "review MR brain B2: its report calls it non-diagnostic", NULL);
}

static void
test_no_interval(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(XR, ANKLE),
         .asks = {{EXAM(XR, ANKLE), .side = RIGHT}});
  expect(s, "2030-01-10", "needs-interval XR ankle right", NULL);
  REPORT(s, .acc = "B2", .on = "2024-02-10", EXAM(XR, ANKLE), .side = RIGHT);
  expect(s, "2024-02-10", "review XR ankle right B2: no interval was given", NULL);
}

static void
test_condition_unknown_but_done(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P1Y", .cond = "if high risk"}});
  expect(s, "2030-01-10", "awaiting-condition CT chest", NULL);
  REPORT(s, .acc = "B2", .on = "2025-01-12", EXAM(CT, CHEST));
  expect(s, "2025-01-12", "fulfilled CT chest by B2", NULL);
}

static void
test_other_kinds(void)
{
  static const struct {
    Ask ask;
    Told done;
    const char *line;
  } rows[] = {
      {{.kind = ITV_KIND_OF_PROCEDURE,
        .region = ITV_REGION_KIDNEY,
        .head = "mass",
        .words = "Percutaneous biopsy of the renal mass is recommended."},
       {EXAM(MR, ABDOMEN), .desc = "MRI ABDOMEN WITH CONTRAST"},
       "overdue procedure kidney"},
      {{.kind = ITV_KIND_OF_PROCEDURE,
        .region = ITV_REGION_KIDNEY,
        .words = "Percutaneous biopsy of the renal mass is recommended."},
       {EXAM(CT, KIDNEY), .desc = "CT GUIDED BIOPSY RENAL"},
       "fulfilled procedure kidney by B2"},
      {{.kind = ITV_KIND_OF_PROCEDURE,
        .region = ITV_REGION_THYROID,
        .words = "Fine needle aspiration of the nodule is recommended."},
       {.region = ITV_REGION_THYROID, .desc = "CYTOLOGY THYROID FNA"},
       "fulfilled procedure thyroid by B2"},
      {{.kind = ITV_KIND_OF_PROCEDURE,
        .region = ITV_REGION_THYROID,
        .words = "Biopsy is recommended."},
       {.region = ITV_REGION_LIVER, .desc = "BIOPSY LIVER"},
       "overdue procedure thyroid"},
      {{.kind = ITV_KIND_OF_PROCEDURE,
        .region = ITV_REGION_THYROID,
        .words = "Biopsy is recommended."},
       {.desc = "SURGICAL PATHOLOGY"},
       "review procedure thyroid B2: its region is not known"},
      {{.kind = ITV_KIND_OF_PROCEDURE,
        .region = ITV_REGION_ABDOMEN,
        .words = "Colonoscopy is recommended."},
       {.desc = "COLONOSCOPY REPORT"},
       "fulfilled procedure abdomen by B2"},
      {{.kind = ITV_KIND_OF_LAB,
        .region = ITV_REGION_PROSTATE,
        .words = "Correlation with PSA is recommended."},
       {.desc = "PSA, TOTAL"},
       "fulfilled lab prostate by B2"},
      {{.kind = ITV_KIND_OF_REFERRAL,
        .region = ITV_REGION_KIDNEY,
        .words = "Urology referral is recommended."},
       {.desc = "UROLOGY CONSULTATION"},
       "fulfilled referral kidney by B2"},
      {{.kind = ITV_KIND_OF_REFERRAL,
        .region = ITV_REGION_SINUS,
        .words = "ENT referral is recommended."},
       {EXAM(CT, ABDOMEN), .desc = "CT ENTEROGRAPHY"},
       "overdue referral sinus"},
      {{.kind = ITV_KIND_OF_REFERRAL,
        .region = ITV_REGION_KIDNEY,
        .words = "Urology referral is recommended."},
       {EXAM(US, KIDNEY), .desc = "US RENAL"},
       "overdue referral kidney"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
    check_lattice(&rows[i].ask, &rows[i].done, rows[i].line);
}

static void
test_two_procedures_are_two(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, ABDOMEN),
         .asks = {{.kind = ITV_KIND_OF_PROCEDURE,
                   .region = ITV_REGION_ABDOMEN,
                   .in = "P1M",
                   .words = "Colonoscopy is recommended."}});
  REPORT(s, .acc = "B2", .on = "2024-01-20", EXAM(CT, ABDOMEN),
         .asks = {{.kind = ITV_KIND_OF_PROCEDURE,
                   .region = ITV_REGION_ABDOMEN,
                   .in = "P1M",
                   .words = "Biopsy of the mass is recommended."}});
  expect(s, "2024-01-20", "not-due procedure", "not-due procedure", NULL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/derive/fulfil/lattice", test_lattice);
  g_test_add_func("/derive/fulfil/mr-for-ct", test_mr_for_ct);
  g_test_add_func("/derive/fulfil/sides", test_sides);
  g_test_add_func("/derive/fulfil/early", test_early);
  g_test_add_func("/derive/fulfil/review-then-done", test_review_then_done);
  g_test_add_func("/derive/fulfil/schedule-of-two", test_schedule_of_two);
  g_test_add_func("/derive/fulfil/one-for-both", test_one_for_both);
  g_test_add_func("/derive/fulfil/made-for-another", test_made_for_another);
  g_test_add_func("/derive/fulfil/restated", test_restated);
  g_test_add_func("/derive/fulfil/not-the-same-action", test_not_the_same_action);
  g_test_add_func("/derive/fulfil/sides-are-two-actions", test_sides_are_two_actions);
  g_test_add_func("/derive/fulfil/said-twice", test_said_twice_is_one);
  g_test_add_func("/derive/fulfil/resolved", test_resolved);
  g_test_add_func("/derive/fulfil/resolved-itself", test_resolved_by_the_study_itself);
  g_test_add_func("/derive/fulfil/non-diagnostic", test_non_diagnostic);
  g_test_add_func("/derive/fulfil/no-interval", test_no_interval);
  g_test_add_func("/derive/fulfil/condition-unknown", test_condition_unknown_but_done);
  g_test_add_func("/derive/fulfil/other-kinds", test_other_kinds);
  g_test_add_func("/derive/fulfil/two-procedures", test_two_procedures_are_two);
  return g_test_run();
}
