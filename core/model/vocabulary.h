/* SPDX-License-Identifier: Apache-2.0
 *
 * model/vocabulary.h - the closed code lists of the outside contract
 * (schemas/records.xml): modality, region, laterality and the like, as enums
 * and as sets.  A code that is not in its list does not exist.
 */
#ifndef ITV_MODEL_VOCABULARY_H
#define ITV_MODEL_VOCABULARY_H

#include <glib.h>

typedef enum {
  ITV_MODALITY_NONE = 0,
  ITV_MODALITY_XR,
  ITV_MODALITY_CT,
  ITV_MODALITY_MR,
  ITV_MODALITY_US,
  ITV_MODALITY_MG,
  ITV_MODALITY_NM,
  ITV_MODALITY_PT,
  ITV_MODALITY_DXA,
  ITV_MODALITY_FL,
  ITV_MODALITY_XA,
  ITV_MODALITY_SR,
  ITV_MODALITY_OT, /* of objects only, never asked for */
  ITV_MODALITY_N,
} ItvModality;
typedef guint32 ItvModalitySet; /* bit (1 << ItvModality) */

typedef enum {
  ITV_REGION_NONE = 0,
  ITV_REGION_HEAD,
  ITV_REGION_BRAIN,
  ITV_REGION_ORBIT,
  ITV_REGION_SINUS,
  ITV_REGION_FACE,
  ITV_REGION_NECK,
  ITV_REGION_THYROID,
  ITV_REGION_CSPINE,
  ITV_REGION_TSPINE,
  ITV_REGION_LSPINE,
  ITV_REGION_SPINE,
  ITV_REGION_CHEST,
  ITV_REGION_LUNG,
  ITV_REGION_BREAST,
  ITV_REGION_HEART,
  ITV_REGION_AORTA,
  ITV_REGION_ABDOMEN,
  ITV_REGION_LIVER,
  ITV_REGION_GALLBLADDER,
  ITV_REGION_PANCREAS,
  ITV_REGION_SPLEEN,
  ITV_REGION_KIDNEY,
  ITV_REGION_ADRENAL,
  ITV_REGION_BLADDER,
  ITV_REGION_PELVIS,
  ITV_REGION_UTERUS,
  ITV_REGION_OVARY,
  ITV_REGION_PROSTATE,
  ITV_REGION_TESTIS,
  ITV_REGION_HIP,
  ITV_REGION_FEMUR,
  ITV_REGION_KNEE,
  ITV_REGION_TIBIA,
  ITV_REGION_ANKLE,
  ITV_REGION_FOOT,
  ITV_REGION_SHOULDER,
  ITV_REGION_HUMERUS,
  ITV_REGION_ELBOW,
  ITV_REGION_FOREARM,
  ITV_REGION_WRIST,
  ITV_REGION_HAND,
  ITV_REGION_EXTREMITY,
  ITV_REGION_VASCULAR,
  ITV_REGION_WHOLEBODY,
  ITV_REGION_N,
} ItvRegion;
typedef guint64 ItvRegionSet; /* bit (1 << ItvRegion) */

typedef enum {
  ITV_LATERALITY_NONE = 0, /* unknown or not applicable */
  ITV_LATERALITY_LEFT,
  ITV_LATERALITY_RIGHT,
  ITV_LATERALITY_BILATERAL,
} ItvLaterality;

typedef enum {
  ITV_KIND_OF_IMAGING = 1,
  ITV_KIND_OF_PROCEDURE,
  ITV_KIND_OF_REFERRAL,
  ITV_KIND_OF_LAB,
  ITV_KIND_OF_CLINICAL,
} ItvActionKind;

#define ITV_MODALITY_BIT(m) ((ItvModalitySet)1 << (m))
#define ITV_REGION_BIT(r) ((ItvRegionSet)1 << (r))

/* Codes in upper or lower case as the contract writes them; NULL for NONE. */
const char *itv_modality_code(ItvModality modality);
const char *itv_region_code(ItvRegion region);
const char *itv_laterality_code(ItvLaterality laterality);
const char *itv_action_kind_code(ItvActionKind kind);
/* NONE (0) for NULL and for what is no code. */
ItvModality itv_modality_parse(const char *code);
ItvRegion itv_region_parse(const char *code);
ItvLaterality itv_laterality_parse(const char *code);
ItvActionKind itv_action_kind_parse(const char *code);

#endif
