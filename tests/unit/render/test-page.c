/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole page from a made-up chest and a made-up film.  ITV_RENDER_OUT keeps
 * the files for a look; otherwise they go.
 */
#include "render/page.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "base/error.h"

#define N 96
#define SLICES 64
#define SPACING 3.6
#define THICK 4.5

/* fontconfig keeps what it has read until the process ends. */
ITV_EXPORT const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
  return "leak:libfontconfig\nleak:libpango\n";
}

static gint16 now_data[N * N * SLICES], then_data[N * N * SLICES];
static float film_now[200 * 260], film_then[200 * 260];

static double
ball(double x, double y, double z, double cx, double cy, double cz, double r)
{
  double d = sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy) + (z - cz) * (z - cz));
  return 1 / (1 + exp((d - r) / 0.8));
}

/* HU of a chest at a place in mm around its middle. */
static double
chest(double x, double y, double z, double nodule_mm)
{
  double body = (x * x) / (150.0 * 150) + (y * y) / (105.0 * 105);
  if (body > 1)
    return -1000;
  double hu = body > 0.82 ? -90 : 45;
  for (int side = -1; side <= 1; side += 2) {
    double lx = (x - side * 68) / 52, ly = (y + 8) / 72, lz = z / 125;
    if (lx * lx + ly * ly + lz * lz < 1)
      hu = -830 + 40 * sin(x / 9) * sin(y / 8) * sin(z / 10);
  }
  if ((x - 10) * (x - 10) + (y + 15) * (y + 15) + z * z < 45 * 45)
    hu = 60;
  if (x * x + (y - 70) * (y - 70) < 18 * 18)
    hu = 350;
  double w = ball(x, y, z, -72, 6, 18, nodule_mm / 2);
  return hu * (1 - w) + 40 * w;
}

static itv_volume
shape(gint16 *data)
{
  itv_volume v = {.struct_size = sizeof v,
                  .pixel = ITV_PIX_I16,
                  .dim = {N, N, SLICES},
                  .flags = ITV_VOL_ORIENTED,
                  .spacing_mm = {SPACING, SPACING, THICK},
                  .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                  .slope = 1,
                  .data = data,
                  .data_size = sizeof now_data};
  v.origin_mm[0] = v.origin_mm[1] = -SPACING * (N - 1) / 2;
  v.origin_mm[2] = -THICK * (SLICES - 1) / 2;
  return v;
}

/* current LPS mm to prior LPS mm: 6 degrees about z, shifted. */
static void
set_matrix(double m[16])
{
  double a = 6 * G_PI / 180;
  const double values[16] = {cos(a), -sin(a), 0, 14, sin(a), cos(a), 0, -9,
                             0,      0,       1, 11, 0,      0,      0, 1};
  memcpy(m, values, sizeof values);
}

static void
make_chest(gint16 *data, double nodule_mm, gboolean moved)
{
  double m[16];
  set_matrix(m);
  guint32 seed = moved ? 7 : 3;
  for (int k = 0; k < SLICES; k++)
    for (int j = 0; j < N; j++)
      for (int i = 0; i < N; i++) {
        double at[3] = {(i - (N - 1) / 2.0) * SPACING, (j - (N - 1) / 2.0) * SPACING,
                        (k - (SLICES - 1) / 2.0) * THICK};
        double q[3] = {at[0], at[1], at[2]};
        if (moved) /* the inverse of a rotation is its transpose */
          for (int c = 0; c < 3; c++)
            q[c] = m[c] * (at[0] - m[3]) + m[4 + c] * (at[1] - m[7]) + m[8 + c] * (at[2] - m[11]);
        seed = seed * 1664525u + 1013904223u;
        double noise = ((seed >> 16) % 41) - 20.0;
        data[(k * N + j) * N + i] =
            (gint16)lround(CLAMP(chest(q[0], q[1], q[2], nodule_mm) + noise, -1000, 1500));
      }
}

static void
make_film(float *data, double shift, double gain, double offset, double callus)
{
  for (int j = 0; j < 260; j++)
    for (int i = 0; i < 200; i++) {
      double x = i - 100 - shift, y = j - 130;
      double soft = exp(-x * x / (2 * 62.0 * 62)) * 300;
      double shaft = fabs(x) < 26 ? 420 + 250 * (fabs(x) > 17) : 0;
      double gap = fabs(y - 0.15 * x) < 4 && fabs(x) < 27 ? 330 : 0;
      double c = callus * exp(-((fabs(x) - 32) * (fabs(x) - 32)) / 60 - y * y / 500);
      data[j * 200 + i] = (float)(gain * (soft + shaft - gap + c + 40) + offset);
    }
}

static ItvPageChange changes[] = {
    {"Nodule, right upper lobe <script>alert(1)</script>", "long-axis", "mm", 8, 18, 10, 125, 8.1,
     11.9, 96, "increased", "error model: RIDER", NULL},
    {"Lymph node, station 4R", "short-axis", "mm", 9, 9.6, 0.6, 6.7, -1.2, 2.4, NAN,
     "not-resolvable", "difference within the measurement error", NULL},
    {"Nodule, left lower lobe", "volume", "mm3", 320, 150, -170, -53, -230, -110, -310, "decreased",
     NULL, NULL},
    {"Nodule, lingula", "long-axis", "mm", NAN, 5, NAN, NAN, NAN, NAN, NAN, "new", NULL, NULL}};
static const ItvPageReason reasons[] = {
    {"info", "Both studies have slices of 4.5 mm."},
    {"warning", "The prior was reconstructed with another kernel (B30f, now B70f): small diameters "
                "may seem larger by up to 1 mm."}};
static const ItvPageSource sources[] = {
    {"registration", "org.interval.registration", "0.1.0",
     "sha256:0f343b0931126a20f133d67c2b018a3b0f343b0931126a20f133d67c2b018a3b"},
    {"measurement", "org.interval.measurement", "0.1.0",
     "sha256:5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592"}};
static ItvCurvePoint points[] = {
    {19000, 8, 7, 9, NAN, NAN, FALSE, "baseline", "CT, accession A1", NULL},
    {19090, 8.6, 7.6, 9.6, NAN, NAN, TRUE, "not-resolvable", "CT, accession A2", NULL},
    {19200, 11.2, 10.2, 12.2, NAN, NAN, FALSE, "increased", "CT, accession A3", NULL},
    {19380, 18, 16.9, 19.1, NAN, NAN, FALSE, "increased", "CT, accession A4", "new kernel"}};
static const ItvCurveEvent events[] = {{19100, "Chemotherapy"}, {19230, "Scanner change"}};
static const ItvCurveWindow windows[] = {{19080, 19110, "3 months"}, {19350, 19400, "1 year"}};
static const ItvCurve curves[] = {{.title = "Nodule, right upper lobe: long axis",
                                   .measure = "long-axis",
                                   .unit = "mm",
                                   .points = points,
                                   .n_points = G_N_ELEMENTS(points),
                                   .events = events,
                                   .n_events = G_N_ELEMENTS(events),
                                   .windows = windows,
                                   .n_windows = G_N_ELEMENTS(windows),
                                   .error = 1.7,
                                   .target = NAN}};

static itv_volume now_volume, then_volume;

static ItvComparisonPage
ct_page(void)
{
  now_volume = shape(now_data);
  then_volume = shape(then_data);
  ItvComparisonPage page = {
      .patient = {"SYNTH-0042", "SITE <b>&\"", "O'HARA & <script>^JANE", 0, "F"},
      .current = {&now_volume, NULL, "1.2.3", "ACC-2", "CT CHEST W CONTRAST", "AX 4.5 B70f", 19380,
                  ITV_MODALITY_CT, ITV_LATERALITY_NONE},
      .prior = {&then_volume, NULL, "1.2.4", "ACC-1", "CT CHEST", "AX 4.5 B30f", 19200,
                ITV_MODALITY_CT, ITV_LATERALITY_NONE},
      .region = ITV_REGION_CHEST,
      .comparable = TRUE,
      .reasons = reasons,
      .n_reasons = G_N_ELEMENTS(reasons),
      .registration = {.model = "rigid",
                       .accepted = TRUE,
                       .similarity_before = 0.71,
                       .similarity_after = 0.97,
                       .overlap = 0.93,
                       .method = "mutual information, 4 levels"},
      .changes = changes,
      .n_changes = G_N_ELEMENTS(changes),
      .curves = curves,
      .n_curves = 1,
      .sources = sources,
      .n_sources = G_N_ELEMENTS(sources),
      .program = "interval 0.1.0",
      .made_on = 19381};
  page.patient.birth_date = itv_date_new(1961, 3, 9);
  set_matrix(page.registration.map.matrix);
  return page;
}

static char *
directory(const char *name)
{
  const char *keep = g_getenv("ITV_RENDER_OUT");
  if (keep)
    return g_build_filename(keep, name, NULL);
  g_autofree char *base = g_dir_make_tmp("itv-page-XXXXXX", NULL);
  return g_build_filename(base, name, NULL);
}

static void
discard(const char *dir, const GPtrArray *paths)
{
  if (g_getenv("ITV_RENDER_OUT"))
    return;
  for (guint i = 0; i < paths->len; i++)
    g_unlink(paths->pdata[i]);
  g_rmdir(dir);
  g_autofree char *base = g_path_get_dirname(dir);
  g_rmdir(base);
}

static char *
read_file(const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename(dir, name, NULL);
  char *text = NULL;
  g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
  return text;
}

static void
test_ct(void)
{
  ItvComparisonPage page = ct_page();
  g_autofree char *dir = directory("ct");
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) paths = NULL;
  g_assert_true(itv_comparison_write(&page, dir, &paths, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(paths->len, ==, 8);
  g_assert_true(g_str_has_suffix(paths->pdata[3], "difference.png"));
  g_autofree char *html = read_file(dir, "comparison.html");
  g_assert_null(strstr(html, "<script"));
  g_assert_null(strstr(html, "SITE <b>"));
  g_assert_nonnull(strstr(html, "O&#39;HARA &amp; &lt;script&gt;, JANE"));
  g_assert_nonnull(strstr(html, "<html lang=\"en\">"));
  g_assert_nonnull(strstr(html, "▲ increased"));
  g_assert_nonnull(strstr(html, "data:image/png;base64,"));
  g_assert_nonnull(strstr(html, "1961-03-09"));
  g_autofree char *pdf = read_file(dir, "comparison.pdf");
  g_assert_true(g_str_has_prefix(pdf, "%PDF-"));
  discard(dir, paths);
}

/* The same page twice: the same bytes. */
static void
test_deterministic(void)
{
  ItvComparisonPage page = ct_page();
  g_autoptr(GPtrArray) a = itv_comparison_pictures(&page, NULL);
  g_autoptr(GPtrArray) b = itv_comparison_pictures(&page, NULL);
  g_assert_cmpuint(a->len, ==, 5);
  for (guint i = 0; i < a->len; i++)
    g_assert_true(
        g_bytes_equal(((ItvPicture *)a->pdata[i])->png, ((ItvPicture *)b->pdata[i])->png));
  g_autofree char *html_a = itv_comparison_html(&page, a), *html_b = itv_comparison_html(&page, b);
  g_assert_cmpstr(html_a, ==, html_b);
  g_autoptr(GBytes) pdf_a = itv_comparison_pdf(&page, a, NULL);
  g_autoptr(GBytes) pdf_b = itv_comparison_pdf(&page, b, NULL);
  g_assert_true(g_bytes_equal(pdf_a, pdf_b));
}

/* No difference picture without an accepted registration, and none left over. */
static void
test_refused(void)
{
  ItvComparisonPage page = ct_page();
  g_autofree char *dir = directory("refused");
  g_autoptr(GPtrArray) first = NULL, paths = NULL;
  g_assert_true(itv_comparison_write(&page, dir, &first, NULL));
  page.registration.accepted = FALSE;
  page.registration.refusal = "The similarity after registration (0.41) is below 0.60.";
  g_assert_true(itv_comparison_write(&page, dir, &paths, NULL));
  g_assert_cmpuint(paths->len, ==, 4);
  g_assert_true(g_str_has_suffix(paths->pdata[0], "side-by-side.png"));
  g_autofree char *stale = g_build_filename(dir, "difference.png", NULL);
  g_assert_false(g_file_test(stale, G_FILE_TEST_EXISTS));
  g_autofree char *html = read_file(dir, "comparison.html");
  g_assert_nonnull(strstr(html, "below 0.60"));
  discard(dir, paths);
}

static ItvPicture *
only_picture(const GPtrArray *pictures)
{
  g_assert_cmpuint(pictures->len, ==, 1);
  return pictures->pdata[0];
}

static void
test_without_pixels(void)
{
  ItvComparisonPage page = ct_page();
  page.prior.volume = NULL;
  page.prior.problem = "JPEG XL is not decodable here";
  g_autoptr(GPtrArray) one = itv_comparison_pictures(&page, NULL);
  g_assert_nonnull(strstr(only_picture(one)->alt, "JPEG XL"));
  page.current.volume = NULL;
  g_autoptr(GPtrArray) none = itv_comparison_pictures(&page, NULL);
  g_assert_cmpuint(none->len, ==, 0);
  g_autofree char *html = itv_comparison_html(&page, none);
  g_assert_nonnull(strstr(html, "</html>"));
  then_volume.data_size = 10; /* shorter than its shape says */
  page.prior.volume = page.current.volume = &then_volume;
  g_autoptr(GPtrArray) short_ones = itv_comparison_pictures(&page, NULL);
  g_assert_nonnull(short_ones);
}

static void
test_film(void)
{
  make_film(film_now, 0, 1, 0, 260);
  make_film(film_then, 9, 1.6, 120, 0);
  itv_volume now = {.struct_size = sizeof now,
                    .pixel = ITV_PIX_F32,
                    .dim = {200, 260, 1},
                    .spacing_mm = {0.8, 0.8, 1},
                    .slope = 1,
                    .data = film_now,
                    .data_size = sizeof film_now};
  itv_volume then = now;
  then.data = film_then;
  ItvComparisonPage page = ct_page();
  page.current.volume = &now;
  page.prior.volume = &then;
  page.current.modality = page.prior.modality = ITV_MODALITY_XR;
  page.current.laterality = page.prior.laterality = ITV_LATERALITY_LEFT;
  page.current.description = page.prior.description = "XR TIB FIB 2V LT";
  page.current.series_description = page.prior.series_description = "AP";
  page.region = ITV_REGION_TIBIA;
  const double shift[16] = {1, 0, 0, 7.2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  memcpy(page.registration.map.matrix, shift, sizeof shift);
  g_autofree char *dir = directory("film");
  g_autoptr(GPtrArray) paths = NULL;
  g_autoptr(GError) error = NULL;
  g_assert_true(itv_comparison_write(&page, dir, &paths, &error));
  g_assert_no_error(error);
  discard(dir, paths);
}

/* What changed leads, the rows of one finding and reader stand together. */
static void
test_changes_are_ordered(void)
{
  static const ItvPageChange some[] = {
      {.finding = "quiet",
       .measure = "long-axis",
       .verdict = "not-resolvable",
       .change_percent = 80},
      {.finding = "grown", .measure = "long-axis", .verdict = "increased", .reader = "A"},
      {.finding = "grown", .measure = "long-axis", .verdict = "unchanged", .reader = "B"},
      {.finding = "quiet", .measure = "volume", .verdict = "unchanged"},
      {.finding = "grown", .measure = "volume", .verdict = "not-resolvable", .reader = "A"}};
  static const guint want[] = {1, 4, 0, 3, 2};
  ItvComparisonPage page = ct_page();
  page.changes = some;
  page.n_changes = G_N_ELEMENTS(some);
  g_autoptr(GPtrArray) none = g_ptr_array_new();
  g_autofree char *html = itv_comparison_html(&page, none);
  g_assert_nonnull(strstr(html, "▲ grown (read by A), increased: long axis"));
  g_assert_nonnull(strstr(html, "○ 1 other finding: any change is smaller"));
  g_assert_nonnull(strstr(html, "rowspan=\"2\">grown (read by A)</th><td>long axis"));
  const char *at = html;
  for (guint i = 0; i < G_N_ELEMENTS(want); i++) {
    const ItvPageChange *c = &some[want[i]];
    if (i == 0 || strcmp(c->finding, some[want[i - 1]].finding) != 0 ||
        c->reader != some[want[i - 1]].reader) {
      g_autofree char *head = g_strdup_printf(
          "\">%s%s%s", c->finding, c->reader ? " (read by " : "</th>", c->reader ? c->reader : "");
      at = strstr(at, head);
      g_assert_nonnull(at);
    }
  }
}

static itv_volume
film_volume(float *data)
{
  return (itv_volume){.struct_size = sizeof(itv_volume),
                      .pixel = ITV_PIX_F32,
                      .dim = {200, 260, 1},
                      .spacing_mm = {0.8, 0.8, 1},
                      .slope = 1,
                      .data = data,
                      .data_size = sizeof film_now};
}

/* First, latest and difference; side by side with the reason when they do not lie upon each
 * other; none when neither can be read. */
static void
test_healing_films(void)
{
  make_film(film_now, 0, 1, 0, 260);
  make_film(film_then, 9, 1.6, 120, 0);
  const itv_volume now = film_volume(film_now), then = film_volume(film_then);
  ItvHealingFilms films[3] = {{"AP", ct_page()}, {"LATERAL", ct_page()}, {"OBLIQUE", ct_page()}};
  for (guint i = 0; i < 2; i++) {
    films[i].pair.current.volume = &now;
    films[i].pair.prior.volume = &then;
    films[i].pair.current.modality = films[i].pair.prior.modality = ITV_MODALITY_XR;
  }
  const double shift[16] = {1, 0, 0, 7.2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  memcpy(films[0].pair.registration.map.matrix, shift, sizeof shift);
  films[1].pair.registration.accepted = FALSE;
  films[1].pair.registration.refusal = "the limb was turned";
  films[2].pair.current.volume = films[2].pair.prior.volume = NULL;
  static const char *const notes[] = {"Film of 2024-01-05: <not> laid upon the first film"};
  const ItvHealingPage page = {.patient = {"SYNTH-0042", "SITE", "DOE^JANE", 0, "F"},
                               .procedure_date = 19000,
                               .verdict = "delayed",
                               .reason = "rust 5 on day 200: 95 % reach 7 by day 180",
                               .films = films,
                               .n_films = 3,
                               .notes = notes,
                               .n_notes = 1};
  g_autofree char *dir = directory("films");
  g_autoptr(GPtrArray) paths = NULL;
  g_autoptr(GError) error = NULL;
  g_assert_true(itv_healing_write(&page, dir, &paths, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(paths->len, ==, 4);
  g_assert_true(g_str_has_suffix(paths->pdata[1], "films-2.png"));
  g_autofree char *html = read_file(dir, "healing.html");
  g_assert_nonnull(strstr(html, "Three films side by side"));
  g_assert_nonnull(strstr(html, "the limb was turned"));
  g_assert_nonnull(strstr(html, "&lt;not&gt;"));
  g_assert_nonnull(strstr(html, "class=\"sum bad\">! Delayed. RUST 5 on day 200"));
  discard(dir, paths);
}

static void
test_healing(void)
{
  static ItvCurvePoint rust[] = {
      {19000, 4, 4, 5, 4, 5, FALSE, "baseline", "XR, accession B1", NULL},
      {19042, 5, 4, 6, 5, 8, TRUE, "too-early", "XR, accession B2", NULL},
      {19090, 8, 7, 9, 7, 11, FALSE, "on-course", "XR, accession B3", NULL},
      {19180, 11, 10, 12, 9, 12, FALSE, "united", "XR, accession B4", NULL}};
  static const ItvCurveEvent surgery[] = {{18998, "Surgery"}};
  static const ItvCurveWindow visits[] = {
      {19035, 19049, "6 weeks"}, {19078, 19102, "3 months"}, {19165, 19195, "6 months"}};
  ItvCurve curve = {.title = "Fracture healing: RUST",
                    .measure = "rust",
                    .unit = "{score}",
                    .points = rust,
                    .n_points = 4,
                    .events = surgery,
                    .n_events = 1,
                    .windows = visits,
                    .n_windows = 3,
                    .error = 1,
                    .target = 10,
                    .target_label = "united from"};
  ItvHealingPage page = {.patient = {"SYNTH-0042", "SITE", "DOE^JANE", 0, "F"},
                         .procedure = "Tibia, intramedullary nail",
                         .procedure_date = 18998,
                         .laterality = ITV_LATERALITY_LEFT,
                         .verdict = "united",
                         .reason = "RUST reached 11 of 12 at day 182.",
                         .curves = &curve,
                         .n_curves = 1,
                         .sources = sources,
                         .n_sources = 1,
                         .program = "interval 0.1.0",
                         .made_on = 19181};
  g_autofree char *dir = directory("healing");
  g_autoptr(GPtrArray) paths = NULL;
  g_assert_true(itv_healing_write(&page, dir, &paths, NULL));
  g_assert_cmpuint(paths->len, ==, 3);
  g_autofree char *html = read_file(dir, "healing.html");
  g_assert_nonnull(strstr(html, "✓ United. RUST reached 11 of 12 at day 182."));
  discard(dir, paths);
}

static void
test_unwritable(void)
{
  ItvComparisonPage page = ct_page();
  g_autoptr(GPtrArray) paths = NULL;
  g_autoptr(GError) error = NULL;
  g_assert_false(itv_comparison_write(&page, "/dev/null/here", &paths, &error));
  g_assert_error(error, ITV_ERROR, ITV_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, "/dev/null/here"));
  g_assert_null(paths);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  make_chest(now_data, 18, FALSE);
  make_chest(then_data, 8, TRUE);
  g_test_add_func("/page/ct", test_ct);
  g_test_add_func("/page/deterministic", test_deterministic);
  g_test_add_func("/page/refused", test_refused);
  g_test_add_func("/page/without-pixels", test_without_pixels);
  g_test_add_func("/page/film", test_film);
  g_test_add_func("/page/changes-are-ordered", test_changes_are_ordered);
  g_test_add_func("/page/healing-films", test_healing_films);
  g_test_add_func("/page/healing", test_healing);
  g_test_add_func("/page/unwritable", test_unwritable);
  return g_test_run();
}
