/* SPDX-License-Identifier: Apache-2.0 */
#include "render/view.h"

#include <math.h>
#include <string.h>

/* Fewer slices than this make no picture across them. */
#define MIN_SLICES_ACROSS 12
#define MAX_PIXELS 1024

/* How the index axes of a volume lie in the patient. */
typedef struct {
  const itv_volume *volume;
  double to_mm[12];
  int index_axis[3]; /* for patient axis x, y, z: the index axis that runs along it */
  gboolean oriented;
} Frame;

static double
component(const Frame *f, int patient_axis, int index_axis)
{
  return f->to_mm[patient_axis * 4 + index_axis];
}

/* Each patient axis gets the index axis that runs most along it; a bijection
 * also for oblique volumes. */
static void
assign_axes(Frame *f)
{
  gboolean used_patient[3] = {FALSE}, used_index[3] = {FALSE};
  for (int round = 0; round < 3; round++) {
    double best = -1;
    int bp = 0, bi = 0;
    for (int p = 0; p < 3; p++)
      for (int i = 0; i < 3; i++) {
        double c = fabs(component(f, p, i)) / f->volume->spacing_mm[i];
        if (!used_patient[p] && !used_index[i] && c > best) {
          best = c;
          bp = p;
          bi = i;
        }
      }
    f->index_axis[bp] = bi;
    used_patient[bp] = used_index[bi] = TRUE;
  }
}

/* "L", "LP": the patient's sides a direction points to, strongest first. */
static void
side_letters(const double direction[3], char ret[4])
{
  static const char plus[] = "LPH", minus[] = "RAF";
  double rest[3] = {direction[0], direction[1], direction[2]};
  int n = 0;
  while (n < 2) {
    int best = 0;
    for (int i = 1; i < 3; i++)
      if (fabs(rest[i]) > fabs(rest[best]))
        best = i;
    /* A tilt of less than 20 degrees is not worth a second letter. */
    if (fabs(rest[best]) < (n ? 0.342 : 1e-6))
      break;
    ret[n++] = rest[best] > 0 ? plus[best] : minus[best];
    rest[best] = 0;
  }
  ret[n] = 0;
}

typedef struct {
  int u, v, w;   /* index axes: across, down, through */
  double su, sv; /* +1 or -1: index runs with the screen or against it */
  const char *name;
} Layout;

static void
unit_vector(const Frame *f, int axis, double sign, double ret[3])
{
  for (int c = 0; c < 3; c++)
    ret[c] = sign * component(f, c, axis) / f->volume->spacing_mm[axis];
}

static void
describe_position(const Frame *f, const Layout *l, double slice, ItvView *view)
{
  if (f->volume->dim[l->w] < 2)
    return;
  g_snprintf(view->position, sizeof view->position, "slice %d of %d", (int)slice + 1,
             f->volume->dim[l->w]);
}

static void
fill_view(const Frame *f, const Layout *l, const double key[3], ItvView *view)
{
  const itv_volume *v = f->volume;
  double length_u = v->dim[l->u] * v->spacing_mm[l->u];
  double length_v = v->dim[l->v] * v->spacing_mm[l->v];
  double pixel =
      MAX(MIN(v->spacing_mm[l->u], v->spacing_mm[l->v]), MAX(length_u, length_v) / MAX_PIXELS);
  double du[3], dv[3], slice = round(key[l->w]);
  memset(view, 0, sizeof *view);
  unit_vector(f, l->u, l->su, du);
  unit_vector(f, l->v, l->sv, dv);
  view->name = l->name;
  view->pixel_mm = pixel;
  view->grid.width = MAX(1, (int)lround(length_u / pixel));
  view->grid.height = MAX(1, (int)lround(length_v / pixel));
  /* The corner of the volume that lies at the top left of the screen. */
  double corner[3];
  corner[l->u] = l->su > 0 ? -0.5 : v->dim[l->u] - 0.5;
  corner[l->v] = l->sv > 0 ? -0.5 : v->dim[l->v] - 0.5;
  corner[l->w] = slice;
  for (int c = 0; c < 3; c++) {
    const double *m = f->to_mm + c * 4;
    double at = m[0] * corner[0] + m[1] * corner[1] + m[2] * corner[2] + m[3];
    view->grid.origin_mm[c] = at + 0.5 * pixel * (du[c] + dv[c]);
    view->grid.u_mm[c] = pixel * du[c];
    view->grid.v_mm[c] = pixel * dv[c];
  }
  view->key[0] = fabs(key[l->u] - corner[l->u]) * v->spacing_mm[l->u] / pixel - 0.5;
  view->key[1] = fabs(key[l->v] - corner[l->v]) * v->spacing_mm[l->v] / pixel - 0.5;
  if (f->oriented) {
    const double back_u[3] = {-du[0], -du[1], -du[2]}, back_v[3] = {-dv[0], -dv[1], -dv[2]};
    side_letters(du, view->right);
    side_letters(back_u, view->left);
    side_letters(dv, view->bottom);
    side_letters(back_v, view->top);
  }
  describe_position(f, l, slice, view);
}

static double
sign_of(double value)
{
  return value < 0 ? -1 : 1;
}

/* The three index planes, named by the patient axis they are taken across. */
static void
make_layouts(const Frame *f, Layout layouts[3])
{
  int x = f->index_axis[0], y = f->index_axis[1], z = f->index_axis[2];
  double sx = sign_of(component(f, 0, x)), sy = sign_of(component(f, 1, y)),
         sz = sign_of(component(f, 2, z));
  layouts[0] = (Layout){x, y, z, sx, sy, "axial"};
  layouts[1] = (Layout){x, z, y, sx, -sz, "coronal"};
  layouts[2] = (Layout){y, z, x, sy, -sz, "sagittal"};
}

static gboolean
frame_init(Frame *f, const itv_volume *volume)
{
  double back[12];
  if (!volume)
    return FALSE;
  for (int i = 0; i < 3; i++)
    if (volume->dim[i] < 1 || !(volume->spacing_mm[i] > 0) || !isfinite(volume->spacing_mm[i]))
      return FALSE;
  *f = (Frame){.volume = volume, .oriented = (volume->flags & ITV_VOL_ORIENTED) != 0};
  itv_volume_index_to_mm(volume, f->to_mm);
  if (!itv_volume_mm_to_index(volume, back))
    return FALSE;
  assign_axes(f);
  return TRUE;
}

int
itv_views_for(const itv_volume *volume, const double key_mm[3], ItvView ret_views[ITV_VIEWS_MAX])
{
  Frame f;
  if (!frame_init(&f, volume))
    return 0;
  double to_index[12], key[3];
  itv_volume_mm_to_index(volume, to_index);
  for (int c = 0; c < 3; c++) {
    const double *m = to_index + c * 4;
    key[c] = m[0] * key_mm[0] + m[1] * key_mm[1] + m[2] * key_mm[2] + m[3];
    key[c] = isfinite(key[c]) ? CLAMP(key[c], 0, volume->dim[c] - 1) : (volume->dim[c] - 1) / 2.0;
  }
  if (!f.oriented) {
    const Layout flat = {0, 1, 2, 1, 1, volume->dim[2] > 1 ? "image" : "film"};
    fill_view(&f, &flat, key, &ret_views[0]);
    return 1;
  }
  Layout layouts[3];
  make_layouts(&f, layouts);
  int n = 0;
  for (int i = 0; i < 3; i++) /* index axis 2 counts the slices as they were taken */
    if (layouts[i].w == 2)
      fill_view(&f, &layouts[i], key, &ret_views[n++]);
  for (int i = 0; i < 3 && volume->dim[2] >= MIN_SLICES_ACROSS; i++)
    if (layouts[i].w != 2)
      fill_view(&f, &layouts[i], key, &ret_views[n++]);
  return n;
}

void
itv_volume_centre(const itv_volume *volume, double ret_mm[3])
{
  double m[12];
  itv_volume_index_to_mm(volume, m);
  for (int c = 0; c < 3; c++) {
    ret_mm[c] = m[c * 4 + 3];
    for (int i = 0; i < 3; i++)
      ret_mm[c] += m[c * 4 + i] * (volume->dim[i] - 1) / 2.0;
  }
}
