/* SPDX-License-Identifier: Apache-2.0
 *
 * hl7-split.h - a source as a sequence of messages, read in one pass.
 *
 * Segments may end in CR, LF or CRLF; MLLP framing, batch and file segments
 * (FHS BHS BTS FTS), byte order marks and blank lines belong to no message.
 */
#ifndef HL7_SPLIT_H
#define HL7_SPLIT_H

#include "hl7-message.h"

#define MAX_MESSAGE ((int64_t)64 << 20) /* bytes */

typedef enum {
  PIECE_MESSAGE = 1,
  PIECE_TOO_LONG, /* a message over MAX_MESSAGE: its bytes were skipped */
  PIECE_GARBAGE,  /* bytes outside any message */
  PIECE_END,
  PIECE_ERROR, /* the source could not be read, or no memory */
} PieceKind;

typedef struct {
  PieceKind kind;
  int64_t offset, length; /* of the piece in the source */
  Slice whole;            /* a message's bytes, until the next call */
  const Line *lines;
  size_t n_lines;
} Piece;

typedef struct Splitter Splitter;

Splitter *splitter_new(const itv_source *source); /* NULL: no memory */
void splitter_free(Splitter *splitter);
Piece splitter_next(Splitter *splitter);
bool splitter_saw_hl7(const Splitter *splitter); /* a message or batch segment so far */

#endif
