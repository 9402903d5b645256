/* SPDX-License-Identifier: Apache-2.0
 *
 * Callus: density that the current film has beyond the outline that the bone
 * had at the baseline (the idea of Lujan 2010).  Found where it rises above
 * noise and misregistration, measured out to half of its own plateau, so that
 * the area does not depend on the threshold of detection.
 */
#include "callus.h"

#include <math.h>
#include <string.h>

static const double side_mm = 15, join_mm = 2, least_mm2 = 1, floor_mm2 = 5;
static const double edge_mm = 0.07, ring_mm = 5;
static const double seed_z = 3, peak_z = 5, zone_mm = 32;
/* Of a few places the worst is not the worst there is. */
static const double caution = 1.5;

enum { OUTSIDE_ZONE, IN_ZONE, SEEN, GROWN, RIM };

/* The zone, as a picture of the outline's rows. */
typedef struct {
  const Pair *pair;
  const Outline *outline;
  guint8 *state;   /* nu x outline->n */
  GArray *stack;   /* gint32 */
  double level[2]; /* gain of the soft tissue beyond the zone, left and right */
} Search;

static size_t
pair_index(const Search *s, int i)
{
  return (size_t)s->outline->first * (size_t)s->pair->nu + (size_t)i;
}

static gboolean
is_right(const Search *s, int i)
{
  const int r = i / s->pair->nu;
  return (float)(i % s->pair->nu) > (s->outline->left[r] + s->outline->right[r]) / 2;
}

static double
gain_at(const Search *s, int i)
{
  return (double)s->pair->gain[pair_index(s, i)] - s->level[is_right(s, i)];
}

static double
sd_at(const Search *s, int i)
{
  const Pair *p = s->pair;
  const double moved = p->shift_mm * (double)p->slope[pair_index(s, i)];
  return hypot(hypot(p->noise, moved), (double)p->rest[i % p->nu]);
}

static double
z_at(const Search *s, int i)
{
  const double sd = sd_at(s, i), gain = gain_at(s, i);
  return sd > 0 ? gain / sd : gain > 0 ? 1e6 : 0;
}

/* Swelling, a cast or another position change the soft tissue as a whole: its
 * median just beyond the zone is what callus is measured against. */
static void
measure_level(Search *s)
{
  const Pair *p = s->pair;
  const Outline *o = s->outline;
  for (int side = 0; side < 2; side++) {
    g_autoptr(GArray) ring = g_array_new(FALSE, FALSE, sizeof(float));
    for (int r = 0; r < o->n; r++)
      for (int k = (int)(side_mm / p->mm);
           o->left[r] >= 0 && k < (int)((side_mm + ring_mm) / p->mm); k++) {
        const int u = side ? (int)o->right[r] + k : (int)o->left[r] - k;
        const size_t at = (size_t)(o->first + r) * (size_t)p->nu + (size_t)MAX(u, 0);
        if (u > 0 && u < p->nu && p->valid[at])
          g_array_append_val(ring, p->gain[at]);
      }
    s->level[side] = ring->len * p->mm * p->mm > 20 ? (double)take_quantile(ring, 0.5) : 0;
  }
}

/* Returns the share of the zone that is valid. */
static double
mark_zone(Search *s)
{
  const Pair *p = s->pair;
  const Outline *o = s->outline;
  const int reach = (int)(side_mm / p->mm);
  double valid = 0;
  for (int r = 0; r < o->n; r++) {
    if (o->left[r] < 0)
      continue;
    const int l = (int)floorf(o->left[r]), e = (int)ceilf(o->right[r]);
    for (int k = 0; k <= reach; k++) {
      const int u[2] = {l - k, e + k};
      for (int side = 0; side < 2; side++)
        if (u[side] > 0 && u[side] < p->nu - 1 && p->valid[(o->first + r) * p->nu + u[side]]) {
          s->state[r * p->nu + u[side]] = IN_ZONE;
          valid++;
        }
    }
  }
  return valid / (2.0 * (reach + 1) * o->n);
}

/* Visits the pixels that hang together with those on the stack, have `from` as
 * state and pass the test; they get state `to`. */
typedef gboolean (*Test)(const Search *s, int i, double limit);

static void
push(Search *s, int i, int from, int to, Test test, double limit, GArray *visited)
{
  if (s->state[i] != from || !test(s, i, limit))
    return;
  s->state[i] = (guint8)to;
  g_array_append_val(s->stack, i);
  g_array_append_val(visited, i);
}

static void
flood(Search *s, int from, int to, Test test, double limit, GArray *visited)
{
  const int nu = s->pair->nu, n = nu * s->outline->n;
  while (s->stack->len) {
    const int i = g_array_index(s->stack, gint32, s->stack->len - 1);
    g_array_set_size(s->stack, s->stack->len - 1);
    if (i % nu > 0)
      push(s, i - 1, from, to, test, limit, visited);
    if (i % nu + 1 < nu)
      push(s, i + 1, from, to, test, limit, visited);
    if (i >= nu)
      push(s, i - nu, from, to, test, limit, visited);
    if (i + nu < n)
      push(s, i + nu, from, to, test, limit, visited);
  }
}

static gboolean
is_significant(const Search *s, int i, double limit)
{
  return z_at(s, i) > limit;
}

static gboolean
is_dense(const Search *s, int i, double limit)
{
  return gain_at(s, i) >= limit;
}

/* Distance of a pixel from the bone's outline, in mm. */
static double
distance_mm(const Search *s, int i)
{
  const int r = i / s->pair->nu, u = i % s->pair->nu;
  const double l = (double)s->outline->left[r], e = (double)s->outline->right[r];
  return fmax(fmax(l - u, u - e), 0) * s->pair->mm;
}

/* How many of the pixel's four sides look at nothing new. */
static guint
open_sides(const Search *s, int i)
{
  const int nu = s->pair->nu, n = nu * s->outline->n, next[4] = {i - 1, i + 1, i - nu, i + nu};
  guint open = 0;
  for (int k = 0; k < 4; k++)
    open += next[k] >= 0 && next[k] < n && s->state[next[k]] == IN_ZONE;
  return open;
}

/* The share of a pixel that lies outside the bone. */
static double
outside_share(const Search *s, int i)
{
  const int r = i / s->pair->nu, u = i % s->pair->nu;
  const double l = (double)s->outline->left[r] - u, e = u - (double)s->outline->right[r];
  return CLAMP(fmax(l, e) + 0.5, 0, 1);
}

typedef struct {
  double area_px, sides, plateau, rows;
  double inner_px, outer_px; /* what other readings of the plateau take and add */
  gboolean endless;          /* reaches the outer border of the zone: no callus ends there */
} Part;

/* Callus that thins out has no one edge.  How much smaller it is where the plateau
 * is read off nearer to the densest, and how much larger where it is read off
 * at the middle of all that is seen of it, down to its faint rim. */
static void
measure_fading(Search *s, const GArray *core, const GArray *grown, double high, Part *ret)
{
  g_autoptr(GArray) rim = g_array_new(FALSE, FALSE, sizeof(gint32));
  g_autoptr(GArray) gains = g_array_new(FALSE, FALSE, sizeof(float));
  for (guint k = 0; k < core->len; k++)
    push(s, g_array_index(core, gint32, k), SEEN, RIM, is_significant, seed_z, rim);
  g_array_append_vals(s->stack, grown->data, grown->len);
  flood(s, IN_ZONE, RIM, is_dense, seed_z * s->pair->noise, rim);
  ret->inner_px = ret->outer_px = 0;
  for (guint k = 0; k < grown->len + rim->len; k++) {
    const int i = k < grown->len ? g_array_index(grown, gint32, k)
                                 : g_array_index(rim, gint32, k - grown->len);
    const float gain = (float)gain_at(s, i);
    g_array_append_val(gains, gain);
    if (k < grown->len && !is_dense(s, i, high))
      ret->inner_px += outside_share(s, i);
  }
  const double low = (double)take_quantile(gains, 0.5) / 2;
  for (guint k = 0; k < rim->len; k++) {
    const int i = g_array_index(rim, gint32, k);
    ret->outer_px += is_dense(s, i, low) ? outside_share(s, i) : 0;
  }
}

/* One patch of significant gain, grown to half of its plateau.  FALSE when it is
 * too small, too faint or apart from the bone. */
static gboolean
measure_part(Search *s, int seed, Part *ret)
{
  const Pair *p = s->pair;
  g_autoptr(GArray) core = g_array_new(FALSE, FALSE, sizeof(gint32));
  g_autoptr(GArray) gains = g_array_new(FALSE, FALSE, sizeof(float));
  push(s, seed, IN_ZONE, SEEN, is_significant, seed_z, core);
  flood(s, IN_ZONE, SEEN, is_significant, seed_z, core);
  double best = 0, nearest = 1e9;
  for (guint k = 0; k < core->len; k++) {
    const int i = g_array_index(core, gint32, k);
    best = fmax(best, z_at(s, i));
    nearest = fmin(nearest, distance_mm(s, i));
    const float gain = (float)gain_at(s, i);
    g_array_append_val(gains, gain);
  }
  if (best < peak_z || nearest > join_mm || core->len * p->mm * p->mm < least_mm2)
    return FALSE;
  ret->plateau = (double)take_quantile(gains, 0.7);
  const double half = fmax(ret->plateau / 2, 2 * p->noise);
  const double high = fmax((double)take_quantile(gains, 0.85) / 2, half);
  g_autoptr(GArray) grown = g_array_new(FALSE, FALSE, sizeof(gint32));
  for (guint k = 0; k < core->len; k++)
    push(s, g_array_index(core, gint32, k), SEEN, GROWN, is_dense, half, grown);
  flood(s, IN_ZONE, GROWN, is_dense, half, grown);
  g_autoptr(GHashTable) rows = g_hash_table_new(NULL, NULL);
  ret->area_px = ret->sides = 0;
  double outer = 0;
  for (guint k = 0; k < grown->len; k++) {
    const int i = g_array_index(grown, gint32, k);
    ret->area_px += outside_share(s, i);
    ret->sides += open_sides(s, i);
    outer += distance_mm(s, i) > side_mm - 1 ? p->mm : 0;
    g_hash_table_add(
        rows, GINT_TO_POINTER(i / p->nu * 2 + (i % p->nu > (int)s->outline->left[i / p->nu])));
  }
  measure_fading(s, core, grown, high, ret);
  ret->rows = g_hash_table_size(rows);
  /* `outer` is an area of about 1 mm width, in pixel rows. */
  ret->endless = outer > 0.15 * ret->rows;
  return ret->area_px > 0;
}

/* Pixels that may be as dense as callus but lie where as much is feigned (another
 * bone over this one, a steep edge): not counted, not denied. */
static double
hidden_px(const Search *s, double half)
{
  double sum = 0;
  for (int i = 0; i < s->pair->nu * s->outline->n; i++)
    if (s->state[i] == IN_ZONE && seed_z * sd_at(s, i) > half &&
        gain_at(s, i) + sd_at(s, i) >= half)
      sum += outside_share(s, i);
  return sum;
}

void
callus_measure(const Pair *p, const Outline *o, Callus *ret)
{
  *ret = (Callus){.area_mm2 = 0};
  const int n = p->nu * o->n;
  Search s = {p, o, g_malloc0((gsize)n), g_array_new(FALSE, FALSE, sizeof(gint32)), {0, 0}};
  ret->seen = mark_zone(&s);
  measure_level(&s);
  double variance = 0, faintest = INFINITY;
  for (int i = 0; i < n; i++) {
    Part part;
    if (s.state[i] != IN_ZONE || !is_significant(&s, i, peak_z) || !measure_part(&s, i, &part))
      continue;
    if (part.endless) {
      ret->broad_mm2 += part.area_px * p->mm * p->mm;
      continue;
    }
    ret->area_mm2 += part.area_px * p->mm * p->mm;
    ret->parts++;
    faintest = fmin(faintest, part.plateau);
    ret->density = fmax(ret->density, p->noise > 0 ? part.plateau / p->noise : 1e3);
    /* A shift moves the line along the bone as a whole; noise moves the free
     * edge, blurred over about 1 mm, independently about every millimetre. */
    const double contact = part.rows * p->mm * p->shift_mm;
    const double edge = part.sides * p->mm * pow(fmin(p->noise / part.plateau, 1), 2);
    /* The half-way line itself is off by up to about 0.07 mm where exposure and
     * outline are: all along the edge in one direction. */
    const double outline = edge_mm * (part.sides + part.rows) * p->mm;
    const double fading = part.inner_px * p->mm * p->mm / 1.96;
    ret->hidden_mm2 += part.outer_px * p->mm * p->mm;
    variance += contact * contact + edge + outline * outline + fading * fading;
  }
  if (ret->parts)
    ret->hidden_mm2 += hidden_px(&s, faintest / 2) * p->mm * p->mm;
  /* Against what generated legs held (tests/films), callus thinning out and a
   * fibula beside it; on surrogates of sharp edge it is a third (Lujan 2010). */
  variance += pow(0.08 * ret->area_mm2, 2);
  ret->sd_mm2 = sqrt(variance);
  g_free(s.state);
  g_array_unref(s.stack);
}

double
callus_faintest(const Pair *p, const Outline *o)
{
  const double bone = (double)(o->bone - o->soft);
  return bone > 0 ? fmin(1, peak_z * p->noise / bone) : 1;
}

/* The shaft goes on both ways: what lies beyond the zone, from where the strips are
 * carried through it, is no flaring end. */
static gboolean
lies_amid_shaft(const Pair *p, int u, int v)
{
  const int away = (int)(zone_mm / p->mm);
  for (int sign = -1; sign <= 1; sign += 2) {
    g_autoptr(Outline) next = outline_find(p, u, v + sign * away);
    if (!next || !outline_is_shaft(next, p->mm))
      return FALSE;
  }
  return TRUE;
}

double
callus_limit(Pair *p, const Fracture *f, const Outline *o, guint *ret_places)
{
  const int step = (int)(20 / p->mm), clear = (int)(62 / p->mm), half = (int)(30 / p->mm);
  double limit = floor_mm2 + 1.96 * o->n * p->mm * p->shift_mm;
  /* Places are asked that are like the fracture's own. */
  const gboolean amid = lies_amid_shaft(p, f->u, f->v);
  *ret_places = 0;
  for (int v = half; v + half < p->nv && *ret_places < 12; v += step) {
    if (ABS(v - f->v) < clear)
      continue;
    g_autoptr(Outline) other = outline_find(p, f->u, v);
    if (!other || !outline_is_shaft(other, p->mm) || (amid && !lies_amid_shaft(p, f->u, v)))
      continue;
    Callus c;
    pair_follow_strips(p, v, f->v, zone_mm);
    callus_measure(p, other, &c);
    limit = fmax(limit, caution * c.area_mm2);
    (*ret_places)++;
  }
  return limit;
}

/* ---- cortices --------------------------------------------------------------- */

/* Mean across a cortex, 1 to 3.5 mm inside the outline, in row r. */
static double
cortex_value(const Pair *p, const Outline *o, const float *image, int r, gboolean right)
{
  const double edge = (double)(right ? o->right[r] : o->left[r]), in = right ? -1 : 1;
  if (edge < 0)
    return NAN;
  const double a = edge + in * 1 / p->mm, b = edge + in * 3.5 / p->mm;
  double sum = 0;
  int n = 0;
  for (int u = (int)ceil(fmin(a, b)); u <= (int)fmax(a, b); u++, n++)
    sum += (double)image[(size_t)(o->first + r) * (size_t)p->nu + (size_t)CLAMP(u, 0, p->nu - 1)];
  return n ? sum / n : NAN;
}

typedef struct {
  double gap, cortex; /* baseline */
  double gap_now, cortex_now;
  double slope; /* steepest change along the cortex, per mm */
} Profile;

/* Values in the break (over 0.8 mm) and in the cortex 4 to 12 mm away. */
static gboolean
read_profile(const Pair *p, const Outline *o, gboolean right, Profile *ret)
{
  const size_t n = (size_t)p->nu * (size_t)p->nv;
  g_autofree float *now = g_new(float, n);
  for (size_t i = 0; i < n; i++)
    now[i] = p->baseline[i] + p->gain[i];
  const int centre = o->v0 - o->first, reach = (int)(15 / p->mm);
  int at = -1;
  double darkest = 1e30, before = NAN;
  ret->slope = 0;
  for (int r = MAX(0, centre - reach); r < MIN(o->n, centre + reach); r++) {
    const double x = cortex_value(p, o, p->baseline, r, right);
    if (isfinite(x) && isfinite(before))
      ret->slope = fmax(ret->slope, fabs(x - before) / p->mm);
    before = x;
    if (x < darkest) {
      darkest = x;
      at = r;
    }
  }
  if (at < 0)
    return FALSE;
  g_autoptr(GArray) base = g_array_new(FALSE, FALSE, sizeof(float));
  g_autoptr(GArray) later = g_array_new(FALSE, FALSE, sizeof(float));
  for (int r = 0; r < o->n; r++) {
    const double away = abs(r - at) * p->mm;
    const float x = (float)cortex_value(p, o, p->baseline, r, right),
                y = (float)cortex_value(p, o, now, r, right);
    if (away < 4 || away > 12 || !isfinite(x))
      continue;
    g_array_append_val(base, x);
    g_array_append_val(later, y);
  }
  if (base->len < 8)
    return FALSE;
  ret->cortex = (double)take_quantile(base, 0.5);
  ret->cortex_now = (double)take_quantile(later, 0.5);
  const int w = (int)(0.4 / p->mm);
  ret->gap = ret->gap_now = 0;
  for (int r = at - w; r <= at + w; r++) {
    ret->gap += cortex_value(p, o, p->baseline, CLAMP(r, 0, o->n - 1), right) / (2 * w + 1);
    ret->gap_now += cortex_value(p, o, now, CLAMP(r, 0, o->n - 1), right) / (2 * w + 1);
  }
  return isfinite(ret->gap) && isfinite(ret->gap_now);
}

/* A cortex counts as crossed when more than half of the break's depth is gone.
 * At the darkest row the slope is nil; a shift along the bone by d changes the
 * value there by half the curvature, taken as slope * d / 2. */
void
cortex_measure(const Pair *p, const Outline *o, gboolean right, Cortex *ret)
{
  *ret = (Cortex){.resolved = FALSE};
  Profile f;
  if (!read_profile(p, o, right, &f))
    return;
  const double depth = f.cortex - f.gap;
  const double error = hypot(p->noise, f.slope * p->shift_mm / 2);
  if (depth < 6 * p->noise || depth < 0.15 * (double)(o->bone - o->soft) || depth <= 0)
    return;
  ret->broken = TRUE;
  ret->fill = 1 - (f.cortex_now - f.gap_now) / depth;
  ret->sd = G_SQRT2 * error / depth;
  /* Exposure matching and the outline add up to about 5 % of the depth. */
  ret->resolved = fabs(ret->fill - 0.5) > 1.96 * ret->sd + 0.05;
  ret->crossed = ret->fill > 0.5;
}
