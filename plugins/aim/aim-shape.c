/* SPDX-License-Identifier: Apache-2.0
 *
 * Where on the image it was measured.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "aim.h"

typedef struct {
  gint64 index;
  double at[3];
} Coordinate;

static gboolean
number(const XdNode *node, const char *name, double *ret)
{
  const char *text = aim_value(node, name);
  char *end = NULL;
  const double value = text ? g_ascii_strtod(text, &end) : NAN;
  if (!text || end == text || !isfinite(value))
    return FALSE;
  *ret = value;
  return TRUE;
}

static int
by_index(gconstpointer a, gconstpointer b)
{
  const gint64 x = ((const Coordinate *)a)->index, y = ((const Coordinate *)b)->index;
  return x < y ? -1 : x > y;
}

/* The same shapes as in DICOM SR count as lines: ends, points, axes. */
static gboolean
is_line(const char *type, guint n_points)
{
  const char *kind = g_str_has_prefix(type, "TwoDimension")     ? type + 12
                     : g_str_has_prefix(type, "ThreeDimension") ? type + 14
                                                                : type;
  if (strcmp(kind, "Polyline") == 0)
    return n_points == 2;
  return strcmp(kind, "Point") == 0 || strcmp(kind, "MultiPoint") == 0 ||
         strcmp(kind, "Ellipse") == 0;
}

/* The first coordinate below, and whether it lies in space. */
static const XdNode *
coordinates_of(const XdNode *shape, gboolean *ret_in_space)
{
  static const char *const paths[] = {
      "twoDimensionSpatialCoordinateCollection/TwoDimensionSpatialCoordinate",
      "spatialCoordinateCollection/SpatialCoordinate",
      "threeDimensionSpatialCoordinateCollection/ThreeDimensionSpatialCoordinate"};
  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
    const XdNode *c = xd_at(shape, paths[i]);
    if (c) {
      *ret_in_space = i == 2 || strcmp(xd_type(c), "ThreeDimensionSpatialCoordinate") == 0;
      return c;
    }
  }
  return NULL;
}

static void
read_points(const XdNode *shape, AimShape *ret)
{
  static const char *const axes[] = {"x", "y", "z"};
  Coordinate found[AIM_MAX_COORDINATES];
  gboolean in_space = FALSE;
  guint n = 0;
  const XdNode *c = coordinates_of(shape, &in_space);
  const guint n_axes = in_space ? 3 : 2;
  for (; c; c = xd_next(c)) {
    const char *index = aim_value(c, "coordinateIndex");
    if ((n + 1) * n_axes > AIM_MAX_COORDINATES)
      return; /* an outline */
    found[n] = (Coordinate){.index = index ? g_ascii_strtoll(index, NULL, 10) : n};
    for (guint k = 0; k < n_axes; k++)
      if (!number(c, axes[k], &found[n].at[k]))
        return;
    n++;
  }
  if (n == 0 || !is_line(xd_type(shape), n))
    return;
  qsort(found, n, sizeof found[0], by_index);
  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < n_axes; k++)
      ret->points[ret->n++] = found[i].at[k];
  ret->unit = in_space ? "mm" : "{pixel}";
}

static AimShape
read_shape(const XdNode *shape)
{
  AimShape s = {.image = aim_value(shape, "imageReferenceUid")};
  gboolean in_space;
  if (!s.image)
    s.image = aim_value(coordinates_of(shape, &in_space), "imageReferenceUID");
  read_points(shape, &s);
  return s;
}

static const XdNode *
first_shape(const XdNode *annotation)
{
  const XdNode *shape = aim_items(annotation, "GeometricShape");
  return shape ? shape : aim_items(annotation, "Markup");
}

static const XdNode *
find_shape(const XdNode *annotation, const char *key, const char *value)
{
  const XdNode *s = first_shape(annotation);
  while (s && g_strcmp0(aim_value(s, key), value) != 0)
    s = xd_next(s);
  return s;
}

/* v3: the calculation names the shape's number; v4: a statement links the two. */
static const XdNode *
referenced_shape(const XdNode *annotation, const XdNode *calculation)
{
  const XdNode *r = aim_items(calculation, "ReferencedGeometricShape");
  const char *number_of_shape = aim_value(r, "referencedShapeIdentifier");
  if (number_of_shape)
    return find_shape(annotation, "shapeIdentifier", number_of_shape);
  const char *own = aim_value(calculation, "uniqueIdentifier");
  const XdNode *s = aim_items(annotation, "ImageAnnotationStatement");
  for (; s && own; s = xd_next(s)) {
    const char *subject = aim_value(s, "subjectUniqueIdentifier");
    const char *object = aim_value(s, "objectUniqueIdentifier");
    const char *other = g_strcmp0(subject, own) == 0  ? object
                        : g_strcmp0(object, own) == 0 ? subject
                                                      : NULL;
    const XdNode *shape = other ? find_shape(annotation, "uniqueIdentifier", other) : NULL;
    if (shape)
      return shape;
  }
  return NULL;
}

gboolean
aim_shape_of(const XdNode *annotation, const XdNode *calculation, AimShape *ret)
{
  const XdNode *shape = referenced_shape(annotation, calculation);
  if (shape) {
    *ret = read_shape(shape);
    return TRUE;
  }
  const gboolean only =
      !xd_next(calculation) && calculation == aim_items(annotation, "Calculation");
  shape = first_shape(annotation);
  if (!shape || (!only && xd_next(shape)))
    return FALSE;
  *ret = read_shape(shape);
  for (; shape && ret->n == 0; shape = xd_next(shape)) {
    const AimShape s = read_shape(shape);
    if (s.n)
      *ret = s;
  }
  /* Several numbers on one shape: the ends of a line belong to one of them only. */
  if (!only)
    ret->n = 0;
  return TRUE;
}
