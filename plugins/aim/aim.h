/* SPDX-License-Identifier: Apache-2.0
 *
 * aim.h - the parts of the AIM importer.  AIM v3 keeps its values in attributes
 * (name="0022"), v4 in elements (<name value="0022"/>); otherwise the two are
 * close enough to be read by the same code.
 */
#ifndef INTERVAL_AIM_H
#define INTERVAL_AIM_H

#include "xmldoc.h"

/* ---- aim-node.c: both versions ---- */

/* The value that a node holds under this name, whatever the case of its letters:
 * an attribute, or the value, root or extension of a child.  NULL without one. */
const char *aim_value(const XdNode *node, const char *name);
/* The items of a collection, <nameCollection><Name/>... or of
 * <nameEntityCollection><NameEntity/>...; NULL without one; xd_next goes on. */
const XdNode *aim_items(const XdNode *node, const char *name);
/* <imageStudy><ImageStudy .../></imageStudy> or <imageStudy>...</imageStudy>. */
const XdNode *aim_inner(const XdNode *node, const char *name);
/* Code and meaning of what a node is (borrowed; NULL where not told). */
const char *aim_code(const XdNode *node);
const char *aim_meaning(const XdNode *node);

/* ---- aim-terms.c ---- */

/* Which of our measures this is, NULL for none: by its code, then its names;
 * any may be NULL.  `unit` tells what a bare "mean" is of. */
const char *aim_measure(const char *code, const char *const names[3], const char *unit);

/* ---- aim-shape.c ---- */

#define AIM_MAX_COORDINATES 12

typedef struct {
  double points[AIM_MAX_COORDINATES];
  guint n; /* 0: an outline, or none */
  const char *unit;
  const char *image; /* SOP instance UID, NULL where not told */
} AimShape;

/* The shape that a calculation was made on: the one it refers to, else the only
 * calculation's first line.  FALSE without one. */
gboolean aim_shape_of(const XdNode *annotation, const XdNode *calculation, AimShape *ret);

/* ---- aim-xml.c ---- */

typedef struct AimSchemas AimSchemas;
/* The schemas that the host has; never NULL. */
AimSchemas *aim_schemas_read(const itv_host *host);
void aim_schemas_free(AimSchemas *schemas);
/* What is not valid, by line (g_free); NULL when all is, or no schema is there. */
char *aim_schemas_check(const AimSchemas *schemas, const XdNode *root, const char *utf8, gsize n);

/* ---- aim-read.c ---- */

void aim_read(const XdNode *root, const itv_host *host, XdUnit *unit);

#endif
