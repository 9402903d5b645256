/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/urgency.h - in which order a coordinator should see the items.
 */
#ifndef ITV_ENGINE_URGENCY_H
#define ITV_ENGINE_URGENCY_H

#include "model/followup.h"

/* Smaller is more urgent.  Depends on status and dates only, so it stays right
 * while the status does. */
gint64 itv_followup_urgency(const ItvFollowup *item);

#endif
