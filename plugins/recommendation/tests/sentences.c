/* SPDX-License-Identifier: Apache-2.0
 *
 * Sentences and what must come out of each.  The exam is "modality region
 * date"; an empty answer means that nothing is asked for.
 */
#include "runner.h"

static const Row time_rows[] = {
    {"CT chest", "Recommend CT chest in 6 months.", "imaging CT chest P6M..P6M"},
    {"CT chest", "Repeat chest CT in three to six months is advised.", "imaging CT chest P3M..P6M"},
    {"CT chest", "Follow-up CT at 6 and 12 months, then yearly.",
     "imaging CT chest P6M..P6M | imaging CT chest P12M..P12M | imaging CT chest P1Y..P1Y every "
     "P1Y"},
    {"CT chest", "Recommend CT in 6-12 months, then at 18-24 months.",
     "imaging CT chest P6M..P12M | imaging CT chest P18M..P24M"},
    {"CT chest", "Repeat CT within 2 weeks is suggested.", "imaging CT chest P0D..P2W"},
    {"CT chest", "Repeat CT in at least 3 months is recommended.", "imaging CT chest P3M.."},
    {"CT chest", "IMPRESSION: Stable. Continued LDCT q6mo x 2 yrs.",
     "imaging CT chest P6M..P6M every P6M"},
    {"XR chest", "IMPRESSION: Pneumonia. Repeat CXR in 6/52 to ensure clearance.",
     "imaging XR chest P6W..P6W"},
    {"CT chest 2024-01-31", "Recommend follow-up CT in March 2024.", "imaging CT chest P30D..P30D"},
    {"CT chest 2024-01-31", "A single CT on 5 February 2024 is sufficient.",
     "imaging CT chest P5D..P5D"},
    {"CT chest 2024-01-31", "CT is advised in the first week of March.",
     "imaging CT chest P30D..P36D"},
    {"CT chest 2023-10-02", "CT by the end of November is recommended.",
     "imaging CT chest P0D..P59D"},
    {"US liver", "Surveillance ultrasound every 6 months is recommended.",
     "imaging US liver P6M..P6M every P6M"},
    {"MG breast", "Annual screening mammography is recommended.",
     "imaging MG breast P1Y..P1Y every P1Y"},
    {"XR tibia", "Repeat radiographs at 6 weeks post-op are suggested.",
     "imaging XR tibia P6W..P6W"},
    {"XR chest", "Immediate CT of the chest is recommended.", "imaging CT chest P0D..P0D"},
    {"MR brain", "Follow-up MRI in half a year is suggested.", "imaging MR brain P6M..P6M"},
    {"MR brain", "Recommend MRI in 1.5 years.", "imaging MR brain P18M..P18M"},
    {"CT head", "Repeat CT head in 24 hours is advised.", "imaging CT head P1D..P1D"},
    {"CT chest", "Short-interval follow-up CT is recommended.", "imaging CT chest"},
    {"CT chest", "The nodule has been stable for 2 years. CT is suggested in 12 months.",
     "imaging CT chest P12M..P12M"},
    {"MR pancreas", "Recommend MRI every other year for 5 years.",
     "imaging MR pancreas P2Y..P2Y every P2Y"},
};

static const Row frame_rows[] = {
    {"CT abdomen", "Recommend CT or MRI of the kidneys in 6 months.",
     "imaging CT+MR kidney P6M..P6M"},
    {"CT abdomen", "Consider MRI of the liver for further characterization.",
     "imaging MR liver consider"},
    {"CT abdomen", "Further evaluation with MRI could be obtained.", "imaging MR abdomen consider"},
    {"CT abdomen", "CT in 3 months and biopsy if it grows.",
     "imaging CT abdomen P3M..P3M | procedure abdomen if"},
    {"US thyroid", "Ultrasound-guided FNA of the left thyroid nodule is recommended.",
     "procedure US thyroid left"},
    {"MR knee", "This should be re-imaged in 3 months.", "imaging MR knee P3M..P3M"},
    {"US breast",
     "IMPRESSION: Abscess of the left breast. Rescan in a week; earlier if symptoms worsen.",
     "imaging US breast left P1W..P1W"},
    {"CT head", "Urgent neurosurgical consultation is advised.", "referral brain P0D..P0D"},
    {"CT abdomen", "Urology and nephrology consultation is recommended.",
     "referral abdomen | referral abdomen"},
    {"XR chest", "Sputum culture is suggested.", "lab chest"},
    {"CT chest",
     "IMPRESSION:\n1. 8 mm nodule in the right upper lobe. Recommend PET/CT.\n2. Adrenal nodule. "
     "Adrenal protocol CT is suggested.",
     "imaging PT chest | imaging CT adrenal"},
    {"XR wrist",
     "LEFT WRIST\n\nIf pain persists, repeat radiographs of the wrist in 10-14 days are "
     "recommended.",
     "imaging XR wrist left P10D..P14D if"},
    {"CT abdomen", "A bone scan may be helpful if clinically indicated.",
     "imaging NM wholebody if consider"},
    {"CT abdomen", "RECOMMENDATION: MRCP.", "imaging MR abdomen"},
    {"CT chest",
     "IMPRESSION: Mass. PET/CT is recommended within\n4 weeks, with pulmonology referral.",
     "imaging PT chest P0D..P4W | referral chest"},
    {"XR knee", "Clinical correlation is recommended.", "clinical knee"},
    {"XR hip", "Repeat DEXA in 2 years is recommended.", "imaging DXA P2Y..P2Y"},
    {"FL abdomen", "Repeat barium swallow would be useful in 8 weeks.",
     "imaging FL abdomen P8W..P8W"},
    {"- -", "PLAN: We will obtain a chest x-ray today. She will follow up with Dr. X in 2 weeks.",
     "imaging XR chest P0D..P0D | clinical"},
    {"CT kidney", "IMPRESSION: 2 cm cyst of the left kidney (Bosniak IIF). Suggest MRI in 6 mo.",
     "imaging MR kidney left P6M..P6M"},
    {"CT ABDOMEN", "recommend ct of the chest in 3 months", "imaging CT chest P3M..P3M"},
    {"CT chest", "RECOMMEND FOLLOW UP CT CHEST IN 6 MONTHS PER FLEISCHNER SOCIETY.",
     "imaging CT chest P6M..P6M"},
    {"US pelvis", "Pelvic ultrasound in 6-8 weeks and gynecology referral are advised.",
     "imaging US pelvis P6W..P8W | referral pelvis"},
};

static const Row nothing_rows[] = {
    {"CT chest", "No follow-up is needed.", "no-follow-up"},
    {"CT chest", "No further imaging is required for this nodule.", "no-follow-up of nodule"},
    {"CT chest", "A follow-up CT is not recommended.", "no-follow-up"},
    {"CT chest", "CT of 3/2020 was recommended previously and has been performed.", ""},
    {"CT chest",
     "HISTORY: Six month repeat CT was advised on the prior report.\nFINDINGS: The nodule is "
     "unchanged.",
     ""},
    {"CT chest", "TECHNIQUE: Axial CT from the apices to the bases.", ""},
    {"CT chest", "COMPARISON: CT chest 6 months ago.", ""},
    {"CT chest", "The patient is here for follow-up of a nodule.", ""},
    {"CT chest", "The nodule is unchanged from the CT of January 2020.", ""},
    {"CT chest",
     "Fleischner Society recommendations do not apply to patients with known malignancy.", ""},
    {"CT chest", "Findings were discussed with Dr. Smith by telephone.", ""},
    {"US thyroid", "The nodule is too small to need biopsy.", ""},
    {"MR brain", "That report recommended MRI, and the present examination answers it.", ""},
    {"CT abdomen", "Surgery has already been consulted and HIDA was deemed unnecessary.", ""},
    {"CT abdomen", "Evaluation of the bowel is limited without oral contrast.", ""},
    {"US abdomen", "Ultrasound showed a cyst. MRI demonstrated no enhancement.", ""},
    {"CT chest", "Biopsy was performed in May and was negative.", ""},
};

static const Row statement_rows[] = {
    {"CT abdomen", "The lingular opacity has resolved.", "resolved of opacity"},
    {"CT abdomen", "No further follow-up of the adrenal nodule is needed.",
     "no-follow-up of nodule"},
    {"CT abdomen", "THE ADRENAL NODULE NEEDS NO FURTHER FOLLOW-UP.", "no-follow-up of nodule"},
    {"CT abdomen", "The cyst has not resolved.", ""},
    {"MR knee", "Nondiagnostic examination due to motion.", "non-diagnostic"},
    {"MR knee", "The previously seen effusion is no longer seen.", "resolved of effusion"},
    {"CT chest", "No follow-up is needed if the patient is at low risk.", ""},
    {"CT chest", "CT in 3 months is recommended to ensure resolution of the opacity.",
     "imaging CT chest P3M..P3M"},
    {"CT chest", "Follow-up CT demonstrates resolution of the nodule.", "resolved of nodule"},
};

static void
test_times(void)
{
  runner_check(time_rows, G_N_ELEMENTS(time_rows));
}

static void
test_frames(void)
{
  runner_check(frame_rows, G_N_ELEMENTS(frame_rows));
}

static void
test_nothing(void)
{
  runner_check(nothing_rows, G_N_ELEMENTS(nothing_rows));
}

static void
test_statements(void)
{
  runner_check(statement_rows, G_N_ELEMENTS(statement_rows));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recommendation/times", test_times);
  g_test_add_func("/recommendation/frames", test_frames);
  g_test_add_func("/recommendation/nothing", test_nothing);
  g_test_add_func("/recommendation/statements", test_statements);
  return g_test_run();
}
