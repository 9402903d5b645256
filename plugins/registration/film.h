/* SPDX-License-Identifier: Apache-2.0
 *
 * What only films have.
 */
#ifndef REGISTRATION_FILM_H
#define REGISTRATION_FILM_H

#include "image.h"

/* Marks the collimated borders, rows and columns without any content, as
 * having no data: their edge is the strongest of many a film, and it stays
 * where it is when the patient moves. */
void reg_film_mask_collimation(RegImage *film);

#endif
