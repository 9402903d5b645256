/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/cards-export.h - our guidelines as ACR Assist CARDS 2.0 modules.
 */
#ifndef ITV_ENGINE_CARDS_EXPORT_H
#define ITV_ENGINE_CARDS_EXPORT_H

#include "model/guideline.h"

/* The module's XML, owned; it fits schemas/cards.rng and reaches for every complete
 * case the end point that the guideline reaches ("_end-ID").  A CARDS follow-up has one time
 * frame: repeats, later steps, stop and restart rules stand in the recommendation's text.
 * CARDS cannot round: where a variable is rounded, the bounds are moved by as much. */
char *itv_cards_export(const ItvGuideline *guideline);

#endif
