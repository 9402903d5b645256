/* SPDX-License-Identifier: Apache-2.0 */
#include "render/paper.h"

#include <cairo-pdf.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "render/curve-draw.h"
#include "render/pen-cairo.h"
#include "render/text.h"

/* A4 in points. */
#define WIDTH 595.28
#define HEIGHT 841.89
#define SIDE 40.0
#define TOP 62.0
#define BOTTOM (HEIGHT - 46.0)
#define INNER (WIDTH - 2 * SIDE)
#define BODY 9.5
#define CELL 8.0
#define PAD 3.0
#define HEADING 34.0 /* what a section heading takes */

struct ItvPaper {
  cairo_t *cr;
  double y;
  int page, pages; /* pages 0: not counted yet */
  const char *head, *foot;
};

static void
ink(ItvPaper *p, guint32 colour)
{
  itv_cairo_colour(p->cr, colour, 1);
}

static void
rule(ItvPaper *p, double x1, double y1, double x2, double y2)
{
  ink(p, 0x999999);
  cairo_set_line_width(p->cr, 0.5);
  cairo_move_to(p->cr, x1, y1);
  cairo_line_to(p->cr, x2, y2);
  cairo_stroke(p->cr);
}

static void
begin_page(ItvPaper *p)
{
  p->page++;
  p->y = TOP;
  if (!p->head)
    return;
  ink(p, 0x000000);
  itv_cairo_text_fit(p->cr, SIDE, 38, INNER, p->head, 10, TRUE);
  rule(p, SIDE, 46, WIDTH - SIDE, 46);
}

static void
end_page(ItvPaper *p)
{
  g_autofree char *number = p->pages ? g_strdup_printf("page %d of %d", p->page, p->pages)
                                     : g_strdup_printf("page %d", p->page);
  rule(p, SIDE, HEIGHT - 38, WIDTH - SIDE, HEIGHT - 38);
  ink(p, 0x444444);
  itv_cairo_text_fit(p->cr, SIDE, HEIGHT - 26, INNER - 80, p->foot, 7.5, FALSE);
  itv_cairo_text(p->cr, WIDTH - SIDE, HEIGHT - 26, number, 7.5, FALSE, ITV_PEN_END);
  cairo_show_page(p->cr);
}

static void
new_page(ItvPaper *p)
{
  end_page(p);
  begin_page(p);
}

/* Room for a thing of that height, on this page or the next. */
static void
need(ItvPaper *p, double height)
{
  if (p->y + height > BOTTOM && p->y > TOP + 1)
    new_page(p);
}

void
itv_paper_space(ItvPaper *p, double points)
{
  p->y += points;
}

void
itv_paper_heading(ItvPaper *p, const char *text)
{
  need(p, 80); /* never alone at the foot */
  p->y += 10;
  ink(p, 0x000000);
  p->y += itv_cairo_paragraph(p->cr, SIDE, p->y, INNER, text, 12, TRUE, FALSE) + 1;
  rule(p, SIDE, p->y, WIDTH - SIDE, p->y);
  p->y += 5;
}

void
itv_paper_text(ItvPaper *p, const char *text, double size, gboolean bold)
{
  need(p, itv_cairo_paragraph(p->cr, SIDE, p->y, INNER, text, size, bold, TRUE));
  ink(p, 0x1a1a1a);
  p->y += itv_cairo_paragraph(p->cr, SIDE, p->y, INNER, text, size, bold, FALSE) + 4;
}

void
itv_paper_box(ItvPaper *p, const char *text, guint32 colour)
{
  double height = itv_cairo_paragraph(p->cr, SIDE, p->y, INNER - 20, text, 10.5, TRUE, TRUE) + 12;
  need(p, height);
  itv_cairo_colour(p->cr, colour, 0.1);
  cairo_rectangle(p->cr, SIDE, p->y, INNER, height);
  cairo_fill(p->cr);
  ink(p, colour);
  cairo_rectangle(p->cr, SIDE, p->y, 4, height);
  cairo_fill(p->cr);
  ink(p, 0x000000);
  itv_cairo_paragraph(p->cr, SIDE + 12, p->y + 6, INNER - 20, text, 10.5, TRUE, FALSE);
  p->y += height + 6;
}

/* ---- tables ------------------------------------------------------------------ */

typedef struct {
  int columns;
  double width[ITV_PAPER_COLUMNS_MAX];
} Grid;

static double
row_height(ItvPaper *p, const Grid *g, const char *const *cells, gboolean bold)
{
  double height = 0;
  for (int c = 0; c < g->columns; c++)
    height = MAX(height, itv_cairo_paragraph(p->cr, 0, 0, g->width[c] - 2 * PAD, cells[c], CELL,
                                             bold || c == 0, TRUE));
  return height + 2 * PAD;
}

/* A row with its note. */
typedef struct {
  const char *const *cells;
  const char *note; /* NULL: none */
  gboolean heading;
} Row;

#define NOTE_INDENT 14.0

static double
note_height(ItvPaper *p, const Row *row)
{
  return row->note ? itv_cairo_paragraph(p->cr, 0, 0, INNER - NOTE_INDENT - PAD, row->note, CELL,
                                         FALSE, TRUE) +
                         PAD
                   : 0;
}

static void
draw_row(ItvPaper *p, const Grid *g, const Row *row, double height)
{
  if (row->heading) {
    ink(p, 0xececec);
    cairo_rectangle(p->cr, SIDE, p->y, INNER, height);
    cairo_fill(p->cr);
  }
  double x = SIDE;
  for (int c = 0; c < g->columns; c++) {
    ink(p, 0x1a1a1a);
    itv_cairo_paragraph(p->cr, x + PAD, p->y + PAD, g->width[c] - 2 * PAD, row->cells[c], CELL,
                        row->heading || c == 0, FALSE);
    x += g->width[c];
  }
  p->y += height;
  if (row->note) {
    ink(p, 0x444444);
    itv_cairo_paragraph(p->cr, SIDE + NOTE_INDENT, p->y, INNER - NOTE_INDENT - PAD, row->note, CELL,
                        FALSE, FALSE);
    p->y += note_height(p, row);
  }
  rule(p, SIDE, p->y, WIDTH - SIDE, p->y);
}

void
itv_paper_table(ItvPaper *p, int columns, const double *shares, const char *const *cells,
                const char *const *notes, gsize rows)
{
  Grid g = {.columns = CLAMP(columns, 1, ITV_PAPER_COLUMNS_MAX)};
  double sum = 0;
  for (int c = 0; c < g.columns; c++)
    sum += shares[c];
  for (int c = 0; c < g.columns; c++)
    g.width[c] = INNER * shares[c] / sum;
  const Row head = {cells, NULL, TRUE};
  double head_height = rows ? row_height(p, &g, cells, TRUE) : 0;
  for (gsize r = 0; r < rows; r++) {
    const char *note = notes && notes[r] && notes[r][0] ? notes[r] : NULL;
    const Row row = {cells + r * (gsize)columns, note, r == 0};
    double height = row_height(p, &g, row.cells, r == 0);
    if (r && p->y + height + note_height(p, &row) > BOTTOM) {
      new_page(p);
      draw_row(p, &g, &head, head_height);
    } else if (r == 0)
      need(p, height + 30);
    draw_row(p, &g, &row, height);
  }
  p->y += 6;
}

/* ---- pictures ------------------------------------------------------------------ */

typedef struct {
  const guchar *bytes;
  gsize left;
} Reader;

static cairo_status_t
read_png(void *data, unsigned char *out, unsigned int n)
{
  Reader *reader = data;
  if (n > reader->left)
    return CAIRO_STATUS_READ_ERROR;
  memcpy(out, reader->bytes, n);
  reader->bytes += n;
  reader->left -= n;
  return CAIRO_STATUS_SUCCESS;
}

void
itv_paper_picture(ItvPaper *p, const ItvPicture *picture, const char *heading)
{
  Reader reader = {0};
  reader.bytes = g_bytes_get_data(picture->png, &reader.left);
  cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(read_png, &reader);
  if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
    double w = cairo_image_surface_get_width(surface), h = cairo_image_surface_get_height(surface);
    /* Two fit on a page. */
    double scale = MIN(INNER / w, ((BOTTOM - TOP - HEADING) / 2 - 12) / h);
    need(p, h * scale + 8 + (heading ? HEADING : 0));
    if (heading)
      itv_paper_heading(p, heading);
    cairo_save(p->cr);
    cairo_translate(p->cr, SIDE + (INNER - w * scale) / 2, p->y);
    cairo_scale(p->cr, scale, scale);
    cairo_set_source_surface(p->cr, surface, 0, 0);
    cairo_paint(p->cr);
    cairo_restore(p->cr);
    p->y += h * scale + 8;
  }
  cairo_surface_destroy(surface);
}

void
itv_paper_curve(ItvPaper *p, const ItvCurve *curve, const char *heading)
{
  const double height = 205;
  need(p, height + 8 + (heading ? HEADING : 0));
  if (heading)
    itv_paper_heading(p, heading);
  ItvCairoPen pen;
  itv_cairo_pen_init(&pen, p->cr);
  itv_curve_draw(&pen.pen, curve, SIDE, p->y, INNER, height);
  p->y += height + 8;
}

/* ---- the document ---------------------------------------------------------------- */

static cairo_status_t
append(void *data, const unsigned char *bytes, unsigned int n)
{
  g_byte_array_append(data, bytes, n);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t
discard(void *data G_GNUC_UNUSED, const unsigned char *bytes G_GNUC_UNUSED,
        unsigned int n G_GNUC_UNUSED)
{
  return CAIRO_STATUS_SUCCESS;
}

typedef struct {
  const char *title, *head, *foot;
  ItvDate made_on;
  ItvPaperWriter writer;
  gconstpointer data;
} Document;

/* Returns the number of pages; `bytes` NULL: only count. */
static int
run(const Document *d, GByteArray *bytes, int pages, cairo_status_t *status)
{
  cairo_surface_t *surface =
      cairo_pdf_surface_create_for_stream(bytes ? append : discard, bytes, WIDTH, HEIGHT);
  g_autofree char *day = itv_date_format(d->made_on);
  g_autofree char *stamp = g_strdup_printf("%sT00:00:00Z", day ? day : "1970-01-01");
  g_autofree char *title = itv_text_clean(d->title, 300);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
  /* cairo would take the clock. */
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, stamp);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, stamp);
  ItvPaper paper = {.cr = cairo_create(surface), .pages = pages};
  paper.head = d->head;
  paper.foot = d->foot;
  begin_page(&paper);
  d->writer(&paper, d->data);
  end_page(&paper);
  *status = cairo_status(paper.cr);
  cairo_destroy(paper.cr);
  cairo_surface_finish(surface);
  if (*status == CAIRO_STATUS_SUCCESS)
    *status = cairo_surface_status(surface);
  cairo_surface_destroy(surface);
  return paper.page;
}

GBytes *
itv_paper_make(const char *title, const char *head, const char *foot, ItvDate made_on,
               ItvPaperWriter writer, gconstpointer data, GError **error)
{
  const Document document = {title, head, foot, made_on, writer, data};
  cairo_status_t status = CAIRO_STATUS_SUCCESS;
  int pages = run(&document, NULL, 0, &status);
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  if (status == CAIRO_STATUS_SUCCESS)
    run(&document, bytes, pages, &status);
  if (status != CAIRO_STATUS_SUCCESS) {
    itv_fail(error, ITV_ERROR_FAILED, "PDF \"%s\": %s", title, cairo_status_to_string(status));
    return NULL;
  }
  return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}
