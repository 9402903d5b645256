/* SPDX-License-Identifier: Apache-2.0
 *
 * To merge two persons and to part them again is to do nothing: over ten thousand random
 * histories, whatever else was linked before, in whatever order links are taken back, and
 * in whatever order the evidence lies.
 */
#include "story.h"

#define SEQUENCES 10000
#define IDS 5

static const char *const ids[IDS] = {"SYNTH1", "SYNTH2", "SYNTH3", "SYNTH4", "SYNTH5"};

typedef struct {
  guint a, b;
} Joined;

static guint
any(guint n)
{
  return (guint)g_test_rand_int_range(0, (gint32)n);
}

/* Links follow one another by a second. */
static void
link_next(Story *s, ItvLinkKind kind, guint a, guint b, guint *clock)
{
  ++*clock;
  g_autofree char *known =
      g_strdup_printf("2024-03-01T%02u:%02u:%02u", *clock / 3600, *clock / 60 % 60, *clock % 60);
  link_ids(s, kind, ids[a], ids[b], known);
}

/* Each id has an exam that asks for another; some have had it. */
static Story *
random_story(guint *clock)
{
  Story *s = story_new();
  for (guint i = 0; i < IDS; i++) {
    g_autofree char *first = g_strdup_printf("A%u", i), *second = g_strdup_printf("B%u", i);
    who(s, ids[i], "A");
    if (any(3) > 0)
      REPORT(s, .id = ids[i], .acc = first, .on = "2024-01-10", EXAM(CT, CHEST),
             .asks = {{EXAM(CT, CHEST), .in = any(2) ? "P6M" : "P3M", .head = "nodule"}});
    if (any(3) == 0)
      STUDY(s, .id = ids[i], .acc = second, .uid = second, .on = "2024-07-15", EXAM(CT, CHEST));
  }
  for (guint n = any(6); n > 0; n--) {
    const guint a = any(IDS), b = (a + 1 + any(IDS - 1)) % IDS;
    link_next(s, (ItvLinkKind)any(3), a, b, clock);
  }
  return s;
}

/* Who is who, and what each is to have. */
static char *
state_of(const Story *s, const char *as_of)
{
  GString *state = g_string_new(NULL);
  g_autoptr(GPtrArray) items = story_items(s, as_of);
  for (guint i = 0; i < IDS; i++)
    g_string_append_printf(state, "%u ", itv_derive_person(s->h, i, day(as_of)));
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < items->len; i++) {
    const ItvFollowup *f = items->pdata[i];
    g_autofree char *line = item_line(f);
    g_ptr_array_add(lines, g_strdup_printf("%u %s %s", f->patient, f->id, line));
  }
  g_ptr_array_sort(lines, by_length);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf(state, "\n%s", (char *)lines->pdata[i]);
  return g_string_free(state, FALSE);
}

static void
shuffle(GArray *array)
{
  const guint size = g_array_get_element_size(array);
  g_autofree char *kept = g_malloc(size);
  for (guint i = array->len; i > 1; i--) {
    char *x = array->data + (gsize)(i - 1) * size, *y = array->data + (gsize)any(i) * size;
    memcpy(kept, x, size);
    memmove(x, y, size);
    memcpy(y, kept, size);
  }
}

/* Joins persons that are two; FALSE when all are one. */
static gboolean
join_two(Story *s, GArray *joined, guint *clock)
{
  for (guint attempt = 0; attempt < 20; attempt++) {
    const Joined j = {any(IDS), any(IDS)};
    if (itv_derive_person(s->h, j.a, day("2025-01-01")) ==
        itv_derive_person(s->h, j.b, day("2025-01-01")))
      continue;
    link_next(s, any(2) ? ITV_LINK_MERGE : ITV_LINK_LINK, j.a, j.b, clock);
    g_array_append_val(joined, j);
    return TRUE;
  }
  return FALSE;
}

static void
test_merge_and_unmerge(void)
{
  guint moved = 0, tried = 0;
  while (tried < SEQUENCES) {
    guint clock = 0;
    g_autoptr(Story) s = random_story(&clock);
    g_autoptr(GArray) joined = g_array_new(FALSE, FALSE, sizeof(Joined));
    g_autofree char *before = state_of(s, "2025-01-01");
    for (guint k = 1 + any(3); k > 0 && join_two(s, joined, &clock); k--)
      continue;
    if (joined->len == 0)
      continue;
    tried++;
    g_autofree char *between = state_of(s, "2025-01-01");
    moved += strcmp(before, between) != 0;
    shuffle(joined);
    for (guint k = 0; k < joined->len; k++) {
      const Joined j = g_array_index(joined, Joined, k);
      const gboolean turn = any(2);
      link_next(s, ITV_LINK_PART, turn ? j.b : j.a, turn ? j.a : j.b, &clock);
    }
    shuffle(s->h->links);
    shuffle(s->h->reports);
    shuffle(s->h->studies);
    g_autofree char *after = state_of(s, "2025-01-01");
    g_assert_cmpstr(after, ==, before);
  }
  /* All of them moved who is who: nobody can say that nothing was tried. */
  g_assert_cmpuint(moved, ==, tried);
}

/* What was true in between stays true for that day. */
static void
test_time_travel(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .id = ids[0], .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P6M", .head = "nodule"}});
  STUDY(s, .id = ids[1], .acc = "B1", .uid = "1.2", .on = "2024-07-15", EXAM(CT, CHEST));
  link_ids(s, ITV_LINK_LINK, ids[0], ids[1], "2024-08-01");
  link_ids(s, ITV_LINK_PART, ids[1], ids[0], "2024-09-01");
  expect(s, "2024-07-31", "due CT chest", NULL);
  expect(s, "2024-08-15", "fulfilled CT chest by B1", NULL);
  expect(s, "2024-09-01", "overdue CT chest", NULL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/unmerge/ten-thousand-sequences", test_merge_and_unmerge);
  g_test_add_func("/unmerge/time-travel", test_time_travel);
  return g_test_run();
}
