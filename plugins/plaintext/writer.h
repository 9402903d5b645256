/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.h - lines of words: blanks are one blank, empty lines at most one.
 */
#ifndef INTERVAL_PLUGINS_PLAINTEXT_WRITER_H
#define INTERVAL_PLUGINS_PLAINTEXT_WRITER_H

#include "plaintext.h"

typedef struct {
  const PlainSink *sink;
  bool any;      /* something was written */
  bool space;    /* a blank waits for the next word of the line */
  unsigned ends; /* line ends that wait for the next word */
} PlainWriter;

/* A character; blanks of any kind part words, controls are left out. */
void plain_write(PlainWriter *w, uint32_t code);
/* The next word stands in a new line; `empty`: with an empty line between. */
void plain_end_line(PlainWriter *w, bool empty);

#endif
