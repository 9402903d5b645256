/* SPDX-License-Identifier: Apache-2.0
 *
 * May a person trust this map?  Two heads, two chests can be brought to overlap
 * quite well without being the same patient's; what gives them away is the
 * detail: small blocks that do not agree although the outline does.
 */
#ifndef REGISTRATION_GATE_H
#define REGISTRATION_GATE_H

#include "align.h"
#include "detail.h"

typedef struct {
  double similarity_before, similarity_after; /* NCC, -1..1; of E[fixed | moving] when mapped */
  double overlap;                             /* share of the fixed image covered */
  double moving_overlap;                      /* share of the moving image covered */
  double similarity_mirrored;                 /* of the best mirrored map; -1: not in doubt */
  double inconsistency_mm; /* of the map there and the map back; 0: not in doubt */
  RegDetail detail;
  double scale; /* cube root (plane: square root) of |det| */
} RegEvidence;

itv_status reg_gate_measure(const RegJob *job, const RegPair *pair, const RegAlignment *alignment,
                            bool affine, RegEvidence *ret);

enum { REG_MAX_REASONS = 12 };
typedef struct {
  const char *code, *severity; /* static */
  char text[256];
} RegReason;

/* What speaks against the map; it is accepted when no reason is "blocking". */
typedef struct {
  bool accepted;
  int n;
  RegReason reason[REG_MAX_REASONS];
} RegVerdict;
/* `severity` "blocking" refuses the map; both strings are static. */
void reg_verdict_add(RegVerdict *verdict, const char *code, const char *severity,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
void reg_gate_decide(const RegPair *pair, const RegAlignment *alignment,
                     const RegEvidence *evidence, RegVerdict *ret);

#endif
