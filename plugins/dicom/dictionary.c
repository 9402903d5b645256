/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary.h"

typedef struct {
  guint32 tag;
  char vr[3];
} Entry;

static const Entry entries[] = {
    {0x00020000, "UL"}, {0x00280002, "US"}, {0x00280006, "US"}, {0x00280009, "AT"},
    {0x00280010, "US"}, {0x00280011, "US"}, {0x00280100, "US"}, {0x00280101, "US"},
    {0x00280102, "US"}, {0x00280103, "US"}, {0x00280106, "SS"}, {0x00280107, "SS"},
    {0x00280120, "US"}, {0x00281101, "US"}, {0x00281102, "US"}, {0x00281103, "US"},
    {0x00281201, "OW"}, {0x00281202, "OW"}, {0x00281203, "OW"}, {0x00189310, "FD"},
    {0x00209057, "UL"}, {0x00209157, "UL"}, {0x00409094, "FD"}, {0x00409096, "SQ"},
    {0x00409224, "FD"}, {0x00409225, "FD"}, {0x0040A161, "FD"}, {0x0040A162, "SL"},
    {0x0040A163, "UL"}, {0x00700022, "FL"}, {0x00189306, "FD"}, {0x00189307, "FD"},
    {0x0040DB73, "UL"}, {0x00189313, "FD"}, {0x00283002, "US"}, {0x00620004, "US"},
    {0x0062000B, "US"}, {0x0062000E, "US"}, {0x00640007, "UL"}, {0x00640008, "FD"},
    {0x00186012, "US"}, {0x00186018, "UL"}, {0x0018601A, "UL"}, {0x0018601C, "UL"},
    {0x0018601E, "UL"}, {0x00186024, "US"}, {0x00186026, "US"}, {0x0018602C, "FD"},
    {0x0018602E, "FD"},
};

const char *
dcm_dictionary_vr(guint32 tag)
{
  for (gsize i = 0; i < G_N_ELEMENTS(entries); i++)
    if (entries[i].tag == tag)
      return entries[i].vr;
  return "UN";
}
