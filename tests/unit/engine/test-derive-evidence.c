/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions of reports, proof of performance, persons, appointments, protocols:
 * contract section 3, "Reports", "People"; "Where cases meet" 1, 6, 11, 12.
 */
#include "story.h"

#define CHEST_IN(p) EXAM(CT, CHEST), .in = p

/* --- reports --------------------------------------------------------------------- */

static void
test_preliminary_then_final(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-10-02T21:50", .known = "2024-10-02T22:40", .status = 'P',
         EXAM(XR, SHOULDER), .asks = {{EXAM(MR, SHOULDER), .in = "P6W", .head = "fracture"}});
  REPORT(s, .acc = "A1", .on = "2024-10-02T21:50", .known = "2024-10-03T09:10", EXAM(XR, SHOULDER),
         .asks = {{EXAM(MR, SHOULDER), .in = "P6W"}});
  expect(s, "2024-10-02", "not-due MR shoulder 2024-11-13", NULL);
  expect(s, "2024-10-03", "not-due MR shoulder 2024-11-13", NULL);
  g_autoptr(GPtrArray) before = story_items(s, "2024-10-02");
  g_autoptr(GPtrArray) after = story_items(s, "2024-10-03");
  g_assert_cmpstr(((ItvFollowup *)before->pdata[0])->id, ==, ((ItvFollowup *)after->pdata[0])->id);
}

static void
test_dropped_by_the_final(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-10-02", .status = 'P', EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M")}});
  REPORT(s, .acc = "A1", .on = "2024-10-02", .known = "2024-10-03", EXAM(CT, CHEST));
  expect(s, "2024-10-02", "not-due CT chest", NULL);
  expect(s, "2024-10-03", "closed:withdrawn CT chest", NULL);
  /* a preliminary text that is known only after the final one says nothing */
  REPORT(s, .acc = "A1", .on = "2024-10-02", .known = "2024-10-04", .status = 'P', EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P3M")}});
  expect(s, "2024-10-04", "closed:withdrawn CT chest", NULL);
}

static void
test_corrected_interval_keeps_the_item(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M"), .head = "nodule"}, {EXAM(US, KIDNEY), .in = "P6M"}});
  REPORT(s, .acc = "A1", .on = "2024-01-10", .known = "2024-01-15", .status = 'C', EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P3M"), .head = "nodule"}});
  expect(s, "2024-01-14", "not-due CT chest 2024-07-10", "not-due US kidney 2024-07-10", NULL);
  expect(s, "2024-01-15", "not-due CT chest 2024-04-10", "closed:withdrawn US kidney", NULL);
  g_autofree char *now = item_id(s, 0);
  g_autoptr(GPtrArray) before = story_items(s, "2024-01-14");
  gboolean kept = FALSE;
  for (guint i = 0; i < before->len; i++)
    kept |= strcmp(((ItvFollowup *)before->pdata[i])->id, now) == 0;
  g_assert_true(kept);
  /* a second final replaces as well */
  REPORT(s, .acc = "A1", .on = "2024-01-10", .known = "2024-01-20", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P1Y"), .head = "nodule"}, {EXAM(US, KIDNEY), .in = "P6M"}});
  expect(s, "2024-01-20", "not-due CT chest 2025-01-10", "not-due US kidney 2024-07-10", NULL);
}

/* One of "6 and 12 months" is dropped: the other keeps its identity. */
/* A second final that is a PDF only, or that no plugin could read. */
static void
test_unread_takes_nothing_back(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P6M"}});
  REPORT(s, .acc = "A1", .on = "2023-07-14", .known = "2023-07-20", EXAM(CT, CHEST),
         .unread = TRUE);
  expect(s, "2023-08-01", "not-due CT chest 2024-01-14", NULL);
  REPORT(s, .acc = "A1", .on = "2023-07-14", .known = "2023-07-25", EXAM(CT, CHEST));
  expect(s, "2023-08-01", "closed:withdrawn CT chest", NULL);
}

static void
test_one_of_two_dropped(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M")}, {CHEST_IN("P1Y")}});
  REPORT(s, .acc = "A1", .on = "2024-01-10", .known = "2024-01-15", .status = 'C', EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P1Y")}});
  expect(s, "2024-01-15", "closed:withdrawn CT chest 2024-07-10", "not-due CT chest 2025-01-10",
         NULL);
  g_autoptr(GPtrArray) before = story_items(s, "2024-01-14");
  g_autoptr(GPtrArray) after = story_items(s, "2024-01-15");
  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr(((ItvFollowup *)before->pdata[i])->id, ==,
                    ((ItvFollowup *)after->pdata[i])->id);
}

/* The id of "6 months" does not hang on which of the two the text names first. */
static void
test_ids_do_not_hang_on_text_order(void)
{
  char *ids[2][2] = {{NULL}};
  for (guint turn = 0; turn < 2; turn++) {
    g_autoptr(Story) s = story_new();
    REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
           .asks = {{CHEST_IN(turn ? "P1Y" : "P6M")}, {CHEST_IN(turn ? "P6M" : "P1Y")}});
    ids[turn][0] = item_id(s, 0);
    ids[turn][1] = item_id(s, 1);
  }
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpstr(ids[0][i], ==, ids[1][i]);
    g_free(ids[0][i]);
    g_free(ids[1][i]);
  }
}

static void
test_cancelled(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-02-27", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M")}, {EXAM(US, THYROID), .in = "P6W"}});
  REPORT(s, .acc = "A1", .on = "2024-02-27", .known = "2024-03-01", .status = 'X');
  expect(s, "2024-02-29", "not-due CT chest", "not-due US thyroid", NULL);
  expect(s, "2024-03-01", "closed:withdrawn CT chest", "closed:withdrawn US thyroid", NULL);
}

/* Withdrawing the restating report gives the restated item back. */
static void
test_cancelled_restatement(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, ABDOMEN), .asks = {{CHEST_IN("P6M")}});
  REPORT(s, .acc = "B2", .on = "2024-02-10", EXAM(CT, ABDOMEN), .asks = {{CHEST_IN("P6M")}});
  REPORT(s, .acc = "B2", .on = "2024-02-10", .known = "2024-02-20", .status = 'X');
  expect(s, "2024-02-19", "closed:superseded CT chest", "not-due CT chest 2024-08-10", NULL);
  expect(s, "2024-02-20", "not-due CT chest 2024-07-10", "closed:withdrawn CT chest", NULL);
}

static void
test_cancelled_proof(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST), .asks = {{CHEST_IN("P3M")}});
  REPORT(s, .acc = "B2", .uid = "1.2.3", .on = "2024-04-12", .status = 'P', EXAM(CT, CHEST));
  expect(s, "2024-04-12", "fulfilled CT chest by B2", NULL);
  REPORT(s, .acc = "B2", .uid = "1.2.3", .on = "2024-04-12", .known = "2024-04-14", .status = 'X',
         EXAM(CT, CHEST));
  expect(s, "2024-04-13", "fulfilled CT chest by B2", NULL);
  expect(s, "2024-04-14", "due CT chest", NULL);
  STUDY(s, .uid = "1.2.3", .on = "2024-04-12", .known = "2024-04-16", EXAM(CT, CHEST));
  expect(s, "2024-04-15", "due CT chest", NULL);
  expect(s, "2024-04-16", "fulfilled CT chest by B2 2024-04-12", NULL);
}

static void
test_own_withdrawal_beats_fulfilment(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST), .asks = {{CHEST_IN("P3M")}});
  REPORT(s, .acc = "B2", .on = "2024-04-12", EXAM(CT, CHEST));
  REPORT(s, .acc = "A1", .on = "2024-01-10", .known = "2024-05-01", .status = 'X');
  expect(s, "2024-04-30", "fulfilled CT chest by B2", NULL);
  expect(s, "2024-05-01", "closed:withdrawn CT chest", NULL);
}

/* DICOM alone proves; study and report are one exam by either number. */
static void
test_dicom_proves(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST), .asks = {{CHEST_IN("P3M")}});
  STUDY(s, .uid = "1.2.3", .acc = "B2", .on = "2024-04-12", EXAM(CT, CHEST));
  REPORT(s, .acc = "B2", .on = "2024-04-12", .known = "2024-04-13", EXAM(CT, CHEST));
  expect(s, "2024-04-12", "fulfilled CT chest by B2 2024-04-12", NULL);
  g_autoptr(GPtrArray) items = story_items(s, "2024-04-13");
  const ItvFollowup *f = g_ptr_array_index(items, 0);
  g_assert_cmpstr(f->fulfilled_by.study_uid, ==, "1.2.3");
}

static void
test_order_proves_nothing(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST), .asks = {{CHEST_IN("P3M")}});
  ORDER(s, COMPLETED, .acc = "O1", .on = "2024-04-12T10:00", .known = "2024-04-12",
        EXAM(CT, CHEST));
  APPOINTMENT(s, COMPLETED, .acc = "N1", .on = "2024-04-12T10:00", .known = "2024-04-12",
              EXAM(CT, CHEST));
  expect(s, "2024-04-13", "due CT chest", NULL);
}

/* What the report leaves out stands in the order of the same number. */
static void
test_order_says_what_was_done(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST), .asks = {{CHEST_IN("P3M")}});
  REPORT(s, .acc = "B2", .on = "2024-04-12", .mod = MOD(CT));
  expect(s, "2024-04-13", "review CT chest B2: its region is not known", NULL);
  ORDER(s, ORDERED, .acc = "B2", .known = "2024-04-14", EXAM(CT, CHEST));
  expect(s, "2024-04-14", "fulfilled CT chest by B2", NULL);
}

/* An addendum that says only what it adds. */
static void
test_addendum(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST), .asks = {{CHEST_IN("P6M")}});
  REPORT(s, .acc = "A1", .adds = TRUE, .on = "2024-01-12", EXAM(CT, CHEST),
         .asks = {{EXAM(US, KIDNEY), .in = "P3M"}});
  expect(s, "2024-01-11", "not-due CT chest 2024-07-10", NULL);
  expect(s, "2024-01-12", "not-due CT chest 2024-07-10", "not-due US kidney 2024-04-10", NULL);
  REPORT(s, .acc = "A1", .on = "2024-01-10", .known = "2024-01-20", .status = 'C', EXAM(CT, CHEST));
  expect(s, "2024-01-20", "closed:withdrawn CT chest", "not-due US kidney 2024-04-10", NULL);
  REPORT(s, .acc = "A1", .on = "2024-01-10", .known = "2024-01-25", .status = 'X', EXAM(CT, CHEST));
  expect(s, "2024-01-25", "closed:withdrawn CT chest", "closed:withdrawn US kidney", NULL);
}

/* Documents (MDM): what replaces, edits and cancels is told by their numbers. */
static void
test_documents(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .doc = {"D1"}, .on = "2024-01-10", EXAM(CT, CHEST), .asks = {{CHEST_IN("P6M")}});
  REPORT(s, .doc = {"D2", "D1"}, .adds = TRUE, .on = "2024-01-12", EXAM(CT, CHEST),
         .asks = {{EXAM(US, KIDNEY), .in = "P3M"}});
  /* another document of the same day is another report */
  REPORT(s, .doc = {"E1"}, .on = "2024-01-10", EXAM(MR, BRAIN),
         .asks = {{EXAM(MR, BRAIN), .in = "P1Y"}});
  expect(s, "2024-01-12", "not-due CT chest 2024-07-10", "not-due US kidney 2024-04-10",
         "not-due MR brain 2025-01-10", NULL);
  /* replaced twice, each naming only the one before */
  REPORT(s, .doc = {"D3", "D1"}, .on = "2024-01-10", .known = "2024-01-13", .status = 'C',
         EXAM(CT, CHEST), .asks = {{CHEST_IN("P3M")}});
  REPORT(s, .doc = {"D4", "D3"}, .on = "2024-01-10", .known = "2024-01-14", .status = 'C',
         EXAM(CT, CHEST), .asks = {{CHEST_IN("P1Y")}});
  expect(s, "2024-01-14", "not-due CT chest 2025-01-10", "not-due US kidney 2024-04-10",
         "not-due MR brain 2025-01-10", NULL);
  /* the addendum is replaced, and that is cancelled: the report itself stands */
  REPORT(s, .doc = {"D5", "D2"}, .on = "2024-01-12", .known = "2024-01-15", .status = 'C',
         EXAM(CT, CHEST), .asks = {{EXAM(US, KIDNEY), .in = "P6M"}});
  expect(s, "2024-01-15", "not-due CT chest 2025-01-10", "not-due US kidney 2024-07-10",
         "not-due MR brain 2025-01-10", NULL);
  REPORT(s, .doc = {"D5"}, .on = "2024-01-12", .known = "2024-01-16", .status = 'X',
         EXAM(CT, CHEST));
  expect(s, "2024-01-16", "not-due CT chest 2025-01-10", "closed:withdrawn US kidney",
         "not-due MR brain 2025-01-10", NULL);
  REPORT(s, .doc = {"D4"}, .on = "2024-01-10", .known = "2024-01-17", .status = 'X',
         EXAM(CT, CHEST));
  expect(s, "2024-01-17", "closed:withdrawn CT chest", "closed:withdrawn US kidney",
         "not-due MR brain 2025-01-10", NULL);
}

/* A cancellation that bears nothing but the document's number. */
static void
test_document_without_accession(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .doc = {"R/1"}, .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M")}});
  REPORT(s, .acc = "A2", .doc = {"R/2"}, .on = "2024-01-10", EXAM(MR, BRAIN),
         .asks = {{EXAM(MR, BRAIN), .in = "P6M"}});
  REPORT(s, .acc = "R/1", .doc = {"R/1"}, .on = "2024-01-10", .known = "2024-01-12", .status = 'X');
  expect(s, "2024-01-11", "not-due CT chest", "not-due MR brain", NULL);
  expect(s, "2024-01-12", "closed:withdrawn CT chest", "not-due MR brain", NULL);
}

/* Who told of a study takes it back: what it fulfilled is open again. */
static void
test_study_taken_back(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST), .asks = {{CHEST_IN("P6M")}});
  STUDY(s, .uid = "1.2", .on = "2024-01-20", EXAM(CT, CHEST));
  ItvStudy *study = &g_array_index(s->h->studies, ItvStudy, 0);
  study->until = moment("2024-02-01");
  expect(s, "2024-01-31", "fulfilled CT chest by 1.2", NULL);
  expect(s, "2024-02-01", "due CT chest", NULL);
  g_autoptr(GPtrArray) items = story_items(s, "2024-01-31");
  g_assert_cmpint(itv_derive_valid_until(s->h, items, day("2024-01-31")), ==, day("2024-02-01"));
}

/* --- persons ----------------------------------------------------------------------- */

static void
tell_two_clinics(Story *s)
{
  REPORT(s, .id = "SYNTH-N", .acc = "A1", .on = "2024-04-12", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P3M")}});
  REPORT(s, .id = "SYNTH-B", .acc = "B2", .on = "2024-07-15", EXAM(CT, CHEST));
}

static void
test_merge_and_part(void)
{
  g_autoptr(Story) s = story_new();
  tell_two_clinics(s);
  link_ids(s, ITV_LINK_MERGE, "SYNTH-B", "SYNTH-N", "2024-08-20");
  link_ids(s, ITV_LINK_PART, "SYNTH-B", "SYNTH-N", "2024-10-01");
  const guint n = who(s, "SYNTH-N", NULL), b = who(s, "SYNTH-B", NULL);
  expect(s, "2024-08-12", "overdue CT chest", NULL);
  expect(s, "2024-08-20", "fulfilled CT chest by B2 2024-07-15", NULL);
  expect(s, "2024-10-01", "overdue CT chest", NULL);
  g_assert_cmpuint(itv_derive_person(s->h, n, day("2024-08-19")), ==, n);
  g_assert_cmpuint(itv_derive_person(s->h, n, day("2024-08-20")), ==, b);
  g_assert_cmpuint(itv_derive_person(s->h, b, day("2024-08-20")), ==, b);
  g_assert_cmpuint(itv_derive_person(s->h, n, day("2024-10-01")), ==, n);
}

/* Merged one after the other, then one parted: the others stay together. */
static void
test_chain_of_merges(void)
{
  g_autoptr(Story) s = story_new();
  tell_two_clinics(s);
  link_ids(s, ITV_LINK_MERGE, "SYNTH-C", "SYNTH-N", "2024-08-01");
  link_ids(s, ITV_LINK_MERGE, "SYNTH-D", "SYNTH-C", "2024-08-02");
  link_ids(s, ITV_LINK_LINK, "SYNTH-D", "SYNTH-B", "2024-08-03");
  const guint n = who(s, "SYNTH-N", NULL), d = who(s, "SYNTH-D", NULL);
  const guint c = who(s, "SYNTH-C", NULL);
  expect(s, "2024-08-03", "fulfilled CT chest by B2", NULL);
  g_assert_cmpuint(itv_derive_person(s->h, n, day("2024-08-02")), ==, d);
  link_ids(s, ITV_LINK_PART, "SYNTH-D", "SYNTH-N", "2024-09-01");
  expect(s, "2024-09-01", "overdue CT chest", NULL);
  g_assert_cmpuint(itv_derive_person(s->h, n, day("2024-09-01")), ==, n);
  g_assert_cmpuint(itv_derive_person(s->h, c, day("2024-09-01")), ==,
                   itv_derive_person(s->h, d, day("2024-09-01")));
}

/* Merged the wrong way round, then the other way. */
static void
test_merge_turned_round(void)
{
  g_autoptr(Story) s = story_new();
  tell_two_clinics(s);
  link_ids(s, ITV_LINK_MERGE, "SYNTH-B", "SYNTH-N", "2024-08-01");
  link_ids(s, ITV_LINK_MERGE, "SYNTH-N", "SYNTH-B", "2024-08-05");
  const guint n = who(s, "SYNTH-N", NULL), b = who(s, "SYNTH-B", NULL);
  g_assert_cmpuint(itv_derive_person(s->h, n, day("2024-08-01")), ==, b);
  g_assert_cmpuint(itv_derive_person(s->h, b, day("2024-08-05")), ==, n);
  /* a third id that lives beside it does not take over */
  link_ids(s, ITV_LINK_LINK, "SYNTH-N", "SYNTH-Z", "2024-08-06");
  g_assert_cmpuint(itv_derive_person(s->h, b, day("2024-08-06")), ==, n);
}

static void
test_same_number_two_issuers(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .issuer = "A", .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P3M")}});
  REPORT(s, .issuer = "B", .acc = "B2", .on = "2024-04-12", EXAM(CT, CHEST));
  expect(s, "2024-04-12", "due CT chest", NULL);
}

/* Two hospitals count their accession numbers alike: still two exams. */
static void
test_same_accession_two_issuers(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .id = "SYNTH-N", .issuer = "A", .acc = "1001", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P3M")}});
  REPORT(s, .id = "SYNTH-B", .issuer = "B", .acc = "1001", .on = "2024-04-12", EXAM(CT, CHEST));
  const ItvLink l = {evidence(s, "SYNTH-B", "B", "2024-05-01"), ITV_LINK_MERGE,
                     who(s, "SYNTH-N", "A"), NULL};
  g_array_append_val(s->h->links, l);
  expect(s, "2024-05-01", "fulfilled CT chest by 1001 2024-04-12", NULL);
}

/* An id that was merged into the wrong person is moved to the right one, and back. */
static void
test_move(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .id = "X", .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M")}});
  link_ids(s, ITV_LINK_MERGE, "WRONG", "X", "2024-02-01");
  link_ids(s, ITV_LINK_MERGE, "X", "Y", "2024-02-02");
  link_ids(s, ITV_LINK_MOVE, "RIGHT", "X", "2024-03-01");
  link_ids(s, ITV_LINK_MOVE, "WRONG", "X", "2024-04-01");
  static const struct {
    const char *on, *holder;
  } days[] = {{"2024-01-20", "X"},
              {"2024-02-03", "WRONG"},
              {"2024-03-01", "RIGHT"},
              {"2024-04-01", "WRONG"}};
  for (guint i = 0; i < G_N_ELEMENTS(days); i++) {
    const guint holder = who(s, days[i].holder, "A"), y = who(s, "Y", "A");
    g_assert_cmpuint(itv_derive_person(s->h, who(s, "X", "A"), day(days[i].on)), ==, holder);
    if (i > 0)
      g_assert_cmpuint(itv_derive_person(s->h, y, day(days[i].on)), ==, holder);
  }
  g_assert_cmpuint(itv_derive_person(s->h, who(s, "WRONG", "A"), day("2024-03-01")), ==,
                   who(s, "WRONG", "A"));
}

/* Only what bears the number of the visit goes over, and comes back. */
static void
test_move_visit(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .id = "P", .acc = "A1", .visit = "V1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M")}});
  REPORT(s, .id = "P", .acc = "A2", .visit = "V2 ACC2", .on = "2024-01-11", EXAM(MR, BRAIN),
         .asks = {{EXAM(MR, BRAIN), .in = "P1Y"}});
  REPORT(s, .id = "Q", .acc = "B1", .on = "2024-07-10", EXAM(CT, CHEST));
  move_visit(s, "V1", "P", "Q", "2024-08-01");
  move_visit(s, "V1", "Q", "P", "2024-09-01");
  move_visit(s, "ACC2", "P", "Q", "2024-09-01");
  expect(s, "2024-07-31", "due CT chest", "not-due MR brain", NULL);
  expect(s, "2024-08-01", "fulfilled CT chest by B1", "not-due MR brain", NULL);
  expect(s, "2024-09-01", "overdue CT chest", "not-due MR brain", NULL);
  g_autoptr(GPtrArray) items = story_items(s, "2024-09-01");
  g_assert_cmpuint(((ItvFollowup *)items->pdata[0])->patient, ==, who(s, "P", "A"));
  g_assert_cmpuint(((ItvFollowup *)items->pdata[1])->patient, ==, who(s, "Q", "A"));
}

/* The number that the message names is the one that the report's was merged into; the
 * same number of a visit at another hospital stays. */
static void
test_move_visit_after_merge(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .id = "OLD", .acc = "A1", .visit = "V1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M")}});
  REPORT(s, .id = "FAR", .issuer = "B", .acc = "B1", .visit = "V1", .on = "2024-01-11",
         EXAM(MR, BRAIN), .asks = {{EXAM(MR, BRAIN), .in = "P1Y"}});
  link_ids(s, ITV_LINK_MERGE, "NEW", "OLD", "2024-02-01");
  const ItvLink far = {evidence(s, "NEW", "A", "2024-02-01"), ITV_LINK_LINK, who(s, "FAR", "B"),
                       NULL};
  g_array_append_val(s->h->links, far);
  move_visit(s, "V1", "NEW", "OTHER", "2024-03-01");
  static const char *const holders[][3] = {{"2024-02-15", "NEW", "NEW"},
                                           {"2024-03-01", "OTHER", "NEW"}};
  for (guint i = 0; i < G_N_ELEMENTS(holders); i++) {
    g_autoptr(GPtrArray) items = story_items(s, holders[i][0]);
    g_assert_cmpuint(items->len, ==, 2);
    for (guint k = 0; k < 2; k++) {
      const ItvFollowup *f = items->pdata[k];
      const gboolean chest = f->region == ITV_REGION_CHEST;
      const guint want = who(s, holders[i][chest ? 1 : 2], "A");
      const guint root = itv_derive_person(s->h, f->patient, day(holders[i][0]));
      const gboolean same = root == itv_derive_person(s->h, want, day(holders[i][0]));
      g_assert_true(same);
    }
  }
}

static void
test_death(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-09-12", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M")}, {EXAM(US, KIDNEY), .in = "P4W"}});
  REPORT(s, .acc = "B2", .on = "2023-10-12", EXAM(US, KIDNEY));
  death(s, 1, "2024-03-20", "2024-04-16");
  expect(s, "2024-04-15", "overdue CT chest", "fulfilled US kidney by B2", NULL);
  expect(s, "2024-04-16", "closed:deceased CT chest", "fulfilled US kidney by B2", NULL);
  g_autoptr(GPtrArray) items = story_items(s, "2024-04-16");
  for (guint i = 0; i < items->len; i++) {
    const ItvFollowup *f = g_ptr_array_index(items, i);
    if (f->status == ITV_STATUS_CLOSED)
      g_assert_cmpint(f->closed_on, ==, day("2024-03-20"));
  }
  death(s, 0, NULL, "2024-05-02"); /* it was another person of that name */
  expect(s, "2024-05-02", "overdue CT chest", "fulfilled US kidney by B2", NULL);
  death(s, 1, NULL, "2024-06-01"); /* without a date: from when it is known */
  expect(s, "2024-06-01", "closed:deceased CT chest", "fulfilled US kidney by B2", NULL);
}

/* A scan of the last day, known weeks later, was done alive. */
static void
test_death_on_the_day(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST), .asks = {{CHEST_IN("P3M")}});
  death(s, 1, "2024-04-12", "2024-04-12");
  REPORT(s, .acc = "B2", .on = "2024-04-12T08:00", .known = "2024-05-20", EXAM(CT, CHEST));
  expect(s, "2024-05-19", "closed:deceased CT chest", NULL);
  expect(s, "2024-05-20", "fulfilled CT chest by B2", NULL);
}

/* --- appointments --------------------------------------------------------------------- */

static void
test_appointment(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-03-15", EXAM(CT, ABDOMEN),
         .asks = {{EXAM(CT, ABDOMEN), .in = "P3M"}});
  APPOINTMENT(s, BOOKED, .acc = "N1", .on = "2024-07-22T10:30", .known = "2024-07-08T09:20",
              EXAM(CT, ABDOMEN));
  APPOINTMENT(s, NO_SHOW, .acc = "N1", .on = "2024-07-22T10:30", .known = "2024-07-22T18:10",
              EXAM(CT, ABDOMEN));
  expect(s, "2024-07-07", "due CT abdomen", NULL);
  expect(s, "2024-07-08",
         "scheduled CT abdomen 2024-06-15..2024-06-15 after 2024-07-15 on "
         "2024-07-22",
         NULL);
  expect(s, "2024-07-21", "scheduled CT abdomen", NULL);
  expect(s, "2024-07-22", "overdue CT abdomen", NULL); /* once known, on the same day */
  APPOINTMENT(s, BOOKED, .acc = "N2", .on = "2024-08-13T08:00", .known = "2024-08-05",
              EXAM(CT, ABDOMEN));
  APPOINTMENT(s, RESCHEDULED, .acc = "N2", .on = "2024-08-20T08:00", .known = "2024-08-10",
              EXAM(CT, ABDOMEN));
  expect(s, "2024-08-09",
         "scheduled CT abdomen 2024-06-15..2024-06-15 after 2024-07-15 on 2024-08-13", NULL);
  expect(s, "2024-08-20",
         "scheduled CT abdomen 2024-06-15..2024-06-15 after 2024-07-15 on 2024-08-20", NULL);
  expect(s, "2024-08-21", "overdue CT abdomen", NULL);
}

static void
test_appointment_of_another_exam(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-03-15", EXAM(CT, ABDOMEN),
         .asks = {{EXAM(CT, ABDOMEN), .in = "P3M"}});
  APPOINTMENT(s, BOOKED, .acc = "N1", .on = "2024-07-22", .known = "2024-07-08", EXAM(CT, HEAD));
  APPOINTMENT(s, BOOKED, .acc = "N2", .on = "2024-07-23", .known = "2024-07-08"); /* names none */
  expect(s, "2024-07-16", "overdue CT abdomen", NULL);
}

/* The appointment at six months is for the six-month item. */
static void
test_appointment_of_two(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-03-31", EXAM(CT, CHEST),
         .asks = {{CHEST_IN("P6M")}, {CHEST_IN("P12M")}});
  APPOINTMENT(s, BOOKED, .acc = "N1", .on = "2023-10-02", .known = "2023-09-01", EXAM(CT, CHEST));
  expect(s, "2023-09-01", "scheduled CT chest 2023-09-30", "not-due CT chest 2024-03-31", NULL);
}

static void
test_order_cancels_its_appointment(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-03-15", EXAM(CT, ABDOMEN),
         .asks = {{EXAM(CT, ABDOMEN), .in = "P3M"}});
  ORDER(s, ORDERED, .acc = "O1", .known = "2024-06-20", EXAM(CT, ABDOMEN));
  expect(s, "2024-06-20", "due CT abdomen", NULL);
  ORDER(s, SCHEDULED, .acc = "O1", .on = "2024-07-01", .known = "2024-06-21", EXAM(CT, ABDOMEN));
  expect(s, "2024-06-21", "scheduled CT abdomen", NULL);
  ORDER(s, CANCELLED, .acc = "O1", .known = "2024-06-25");
  expect(s, "2024-06-25", "due CT abdomen", NULL);
}

/* --- protocols -------------------------------------------------------------------------- */

static void
test_protocol(void)
{
  g_autoptr(Story) s = story_new();
  g_autoptr(ItvProtocol) nail = itv_protocol_new();
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  static const char *const visits[][4] = {{"week-2", "P2W", "P1W", "P3W"},
                                          {"week-6", "P6W", "P5W", "P8W"}};
  nail->name = g_strdup("tibia-im-nail");
  nail->region = ITV_REGION_TIBIA;
  nail->modalities = MOD(XR);
  nail->sided = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(visits); i++) {
    const ItvVisit v = {.id = g_strdup(visits[i][0]),
                        .target = period(visits[i][1]),
                        .earliest = period(visits[i][2]),
                        .latest = period(visits[i][3])};
    g_array_append_val(nail->visits, v);
  }
  g_ptr_array_add(all, nail);
  s->rules.protocols = all;
  surgery(s, "tibia-im-nail", "2024-01-05", ITV_LATERALITY_LEFT);
  surgery(s, "tibia-im-nail", "2024-01-05", ITV_LATERALITY_LEFT); /* told twice */
  expect(s, "2024-01-05", "not-due XR tibia left 2024-01-12..2024-01-26 after 2024-02-02",
         "not-due XR tibia left 2024-02-09..2024-03-01 after 2024-03-08", NULL);
  /* The film of the day after surgery belongs to no visit. */
  REPORT(s, .acc = "B1", .on = "2024-01-06", EXAM(XR, TIBIA), .side = ITV_LATERALITY_LEFT);
  expect(s, "2024-01-06", "not-due XR tibia left 2024-01-12..2024-01-26 after 2024-02-02",
         "not-due XR tibia left 2024-02-09..2024-03-01 after 2024-03-08", NULL);
  REPORT(s, .acc = "B2", .on = "2024-01-19", EXAM(XR, TIBIA), .side = ITV_LATERALITY_LEFT,
         .asks = {{EXAM(XR, TIBIA), .side = ITV_LATERALITY_LEFT, .in = "P4W"}});
  expect(s, "2024-01-19", "fulfilled XR tibia left by B2", "not-due XR tibia left 2024-02-09",
         "not-due XR tibia left 2024-02-16", NULL);
  g_autoptr(GPtrArray) items = story_items(s, "2024-01-05");
  const ItvFollowup *f = g_ptr_array_index(items, 0);
  g_assert_cmpint(f->source, ==, ITV_SOURCE_PROTOCOL);
  g_assert_cmpstr(f->visit, ==, "week-2");
  surgery(s, "tibia-im-nail", "2024-02-01", ITV_LATERALITY_LEFT); /* operated again */
  expect(s, "2024-02-01", "fulfilled XR tibia left by B2", "closed:superseded XR tibia left",
         "not-due XR tibia left 2024-02-16", "not-due XR tibia left 2024-02-08",
         "not-due XR tibia left 2024-03-07", NULL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/derive/report/preliminary-then-final", test_preliminary_then_final);
  g_test_add_func("/derive/report/dropped-by-the-final", test_dropped_by_the_final);
  g_test_add_func("/derive/report/corrected-interval", test_corrected_interval_keeps_the_item);
  g_test_add_func("/derive/report/addendum", test_addendum);
  g_test_add_func("/derive/report/documents", test_documents);
  g_test_add_func("/derive/report/document-without-accession", test_document_without_accession);
  g_test_add_func("/derive/report/study-taken-back", test_study_taken_back);
  g_test_add_func("/derive/report/unread", test_unread_takes_nothing_back);
  g_test_add_func("/derive/report/one-of-two-dropped", test_one_of_two_dropped);
  g_test_add_func("/derive/report/ids-and-text-order", test_ids_do_not_hang_on_text_order);
  g_test_add_func("/derive/report/cancelled", test_cancelled);
  g_test_add_func("/derive/report/cancelled-restatement", test_cancelled_restatement);
  g_test_add_func("/derive/report/cancelled-proof", test_cancelled_proof);
  g_test_add_func("/derive/report/own-withdrawal", test_own_withdrawal_beats_fulfilment);
  g_test_add_func("/derive/report/dicom-proves", test_dicom_proves);
  g_test_add_func("/derive/report/order-proves-nothing", test_order_proves_nothing);
  g_test_add_func("/derive/report/order-says-what", test_order_says_what_was_done);
  g_test_add_func("/derive/person/merge-and-part", test_merge_and_part);
  g_test_add_func("/derive/person/chain", test_chain_of_merges);
  g_test_add_func("/derive/person/turned-round", test_merge_turned_round);
  g_test_add_func("/derive/person/two-issuers", test_same_number_two_issuers);
  g_test_add_func("/derive/person/accession-of-two-issuers", test_same_accession_two_issuers);
  g_test_add_func("/derive/person/move", test_move);
  g_test_add_func("/derive/person/move-visit", test_move_visit);
  g_test_add_func("/derive/person/move-visit-after-merge", test_move_visit_after_merge);
  g_test_add_func("/derive/person/death", test_death);
  g_test_add_func("/derive/person/death-on-the-day", test_death_on_the_day);
  g_test_add_func("/derive/schedule/appointment", test_appointment);
  g_test_add_func("/derive/schedule/another-exam", test_appointment_of_another_exam);
  g_test_add_func("/derive/schedule/of-two", test_appointment_of_two);
  g_test_add_func("/derive/schedule/order-cancels", test_order_cancels_its_appointment);
  g_test_add_func("/derive/protocol/visits", test_protocol);
  return g_test_run();
}
