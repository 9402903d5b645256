/* SPDX-License-Identifier: Apache-2.0
 *
 * app/walk.h - the files below some paths, in a stable order.
 */
#ifndef ITV_APP_WALK_H
#define ITV_APP_WALK_H

#include <glib.h>

typedef struct {
  char *path;
  char *problem; /* NULL: a regular file; else why it cannot be read */
} ItvWalkFile;

/* Regular files of all paths, folders walked by name, links to folders not
 * followed; ItvWalkFile, owned. */
GPtrArray *itv_walk(const char *const *paths, gsize n);

#endif
