/* SPDX-License-Identifier: Apache-2.0
 *
 * Sentences and what must come out of each.  The exam is "modality region
 * date"; an empty answer means that nothing is asked for.
 */
#include "runner.h"

typedef struct {
  const char *exam, *text, *answer;
} Row;

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

/* Short reports in the many styles of dictation. */
static const Row report_rows[] = {
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: A 3 month follow-up CT is suggested to document "
     "resolution.",
     "imaging CT chest P3M..P3M"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: These can be followed with repeat CT in 3-6 months.",
     "imaging CT chest P3M..P6M consider"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: 5 mm nodule. Optional CT at 12 months if high risk.",
     "imaging CT chest P12M..P12M if consider"},
    {"CT abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Follow-up renal mass protocol CT in 6 months to "
     "assess stability.",
     "imaging CT kidney P6M..P6M"},
    {"CT abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Suggest correlation with colonoscopy if not recently "
     "performed.",
     "procedure abdomen if"},
    {"CT abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: GI consultation for endoscopic evaluation "
     "recommended.",
     "referral abdomen"},
    {"CT abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: The adrenal lesion could be further characterized "
     "with a dedicated adrenal protocol CT.",
     "imaging CT adrenal consider"},
    {"US thyroid 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Follow-up US in 1, 2, 3 and 5 years.",
     "imaging US thyroid P1Y..P1Y | imaging US thyroid P2Y..P2Y | imaging US thyroid P3Y..P3Y | "
     "imaging US thyroid P5Y..P5Y"},
    {"US pelvis 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Recommend repeat pelvic ultrasound in 6 to 12 weeks, "
     "preferably in the early follicular phase.",
     "imaging US pelvis P6W..P12W"},
    {"US breast 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Six month follow up left breast ultrasound is "
     "recommended (BI-RADS 3).",
     "imaging US breast left P6M..P6M"},
    {"MG breast 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Return for additional imaging: left spot compression "
     "views and ultrasound.",
     "clinical breast | imaging MG breast left | imaging US breast left"},
    {"CT head 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: If there is persistent clinical concern for acute "
     "infarct, MRI is recommended.",
     "imaging MR head if"},
    {"CT head 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: MRI is more sensitive for acute ischemia and can be "
     "obtained if clinically warranted.",
     "imaging MR head if consider"},
    {"CT head 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: A follow-up head CT in 6-8 hours is recommended to "
     "ensure stability.",
     "imaging CT head P0D..P0D"},
    {"XR chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Follow-up radiographs in 4-6 weeks after treatment to "
     "document resolution.",
     "imaging XR chest P4W..P6W"},
    {"US kidney 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Follow-up ultrasound in 6 months vs CT urogram.",
     "imaging US kidney P6M..P6M | imaging CT kidney"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Follow-up per Fleischner guidelines: CT in 3-6 "
     "months.",
     "imaging CT chest P3M..P6M"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: It is recommended that a repeat CT be performed in 3 "
     "months.",
     "imaging CT chest P3M..P3M"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Suggest interval surveillance at 6 monthly intervals.",
     "imaging chest P6M..P6M every P6M"},
    {"XR chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Comparison with old films or, if none are available, "
     "CT chest.",
     "imaging CT chest if"},
    {"CT chest 2024-01-31", "FINDINGS: As described.\n\nIMPRESSION: Next annual CT due in 11/2024.",
     "imaging CT chest P275D..P275D every P1Y"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: A repeat CT on or around 15 June 2024 is recommended.",
     "imaging CT chest P136D..P136D"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: 8 mm RUL nodule, rec f/u CT 3 mo.",
     "imaging CT chest P3M..P3M"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: RLL GGO, likely infectious - rpt CT 8 wks post abx.",
     "imaging CT chest P8W..P8W"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: New 11 mm solid nodule LUL; PET or bx.",
     "imaging PT chest | procedure chest"},
    {"CT chest 2024-01-31", "FINDINGS: As described.\n\nIMPRESSION: Suggest CT thorax in 12/52.",
     "imaging CT chest P12W..P12W"},
    {"CT chest 2024-01-31", "FINDINGS: As described.\n\nIMPRESSION: Lung-RADS 3. 6 month LDCT.",
     "imaging CT chest P6M..P6M"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Lung-RADS 2: continue annual screening with LDCT in "
     "12 months.",
     "imaging CT chest P1Y..P1Y every P1Y"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Lung-RADS 4A, 3 month LDCT; PET/CT may be used if "
     "solid component 8 mm or larger.",
     "imaging CT chest P3M..P3M | imaging PT chest if consider"},
    {"CT abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Adrenal nodule: adrenal washout CT or chemical shift "
     "MRI, non-urgent.",
     "imaging CT+MR adrenal"},
    {"CT abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Pancreatic tail cyst, MRCP q2y.",
     "imaging MR pancreas P2Y..P2Y every P2Y"},
    {"CT abdomen 2024-01-31", "FINDINGS: As described.\n\nIMPRESSION: Surgical review today.",
     "referral abdomen P0D..P0D"},
    {"CT abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Repeat CT with oral contrast in 24 to 48 hrs if no "
     "improvement.",
     "imaging CT abdomen P1D..P2D if"},
    {"US thyroid 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: TR3 2.0 cm, US in 1, 3, 5 yrs.",
     "imaging US thyroid P1Y..P1Y | imaging US thyroid P3Y..P3Y | imaging US thyroid P5Y..P5Y"},
    {"US breast 2024-01-31", "FINDINGS: As described.\n\nIMPRESSION: BI-RADS 3, 6 month US.",
     "imaging US breast P6M..P6M"},
    {"MG breast 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Recall for right magnification views and US.",
     "imaging MG breast right | imaging US breast right"},
    {"XR wrist 2024-01-31", "FINDINGS: As described.\n\nIMPRESSION: Rpt films 10d if still tender.",
     "imaging XR wrist P10D..P10D if"},
    {"XR tibia 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Repeat AP and lateral films at 2, 6 and 12 weeks.",
     "imaging XR tibia P2W..P2W | imaging XR tibia P6W..P6W | imaging XR tibia P12W..P12W"},
    {"MR brain 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Neurovascular MDT. MRA 12 months.",
     "referral brain | imaging MR brain P12M..P12M"},
    {"CT aorta 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: CTA in 6 mo, then annually if stable.",
     "imaging CT aorta P6M..P6M if | imaging CT aorta P1Y..P1Y every P1Y if"},
    {"US aorta 2024-01-31", "FINDINGS: As described.\n\nIMPRESSION: AAA 3.4 cm, 3-yearly US.",
     "imaging US aorta P3Y..P3Y every P3Y"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Close follow-up is recommended with repeat CT in 6-8 "
     "weeks following antibiotic therapy.",
     "imaging CT chest P6W..P8W"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Consider PET/CT, tissue sampling, or 3 month "
     "follow-up CT.",
     "imaging PT chest consider | procedure chest consider | imaging CT chest P3M..P3M consider"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Enlarged thyroid nodule, ultrasound recommended if "
     "not previously performed.",
     "imaging US thyroid if"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: The ascending aorta measures 4.2 cm; annual imaging "
     "surveillance with CTA or MRA is recommended.",
     "imaging CT+MR aorta P1Y..P1Y every P1Y"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Follow-up with pulmonology is recommended.",
     "referral chest"},
    {"CT chest 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Stable nodule. Final follow-up CT at 24 months from "
     "the initial study is suggested.",
     "imaging CT chest P24M..P24M"},
    {"CT abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Bosniak 2F cyst. Recommend follow-up with CT or MRI "
     "in six months, twelve months, and then annually for five years.",
     "imaging CT+MR kidney P6M..P6M | imaging CT+MR kidney P12M..P12M | imaging CT+MR kidney "
     "P1Y..P1Y every P1Y"},
    {"CT abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Hepatic steatosis. Correlate with LFTs.",
     "lab abdomen"},
    {"US thyroid 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Recommend ultrasound guided FNA of nodules 1 and 3; "
     "follow-up ultrasound of nodule 2 in 12 months.",
     "procedure US thyroid | imaging US thyroid P12M..P12M"},
    {"US kidney 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Repeat renal ultrasound in 4 to 6 weeks, VCUG if "
     "persistent.",
     "imaging US kidney P4W..P6W | imaging FL kidney if"},
    {"MR lspine 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: CT could better evaluate for pars defect.",
     "imaging CT lspine consider"},
    {"MR abdomen 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Follow-up MRI in one year, then every 2 years for 4 "
     "years.",
     "imaging MR abdomen P1Y..P1Y | imaging MR abdomen P2Y..P2Y every P2Y"},
    {"XR shoulder 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: MR arthrogram would be the study of choice.",
     "imaging MR shoulder"},
    {"XR femur 2024-01-31",
     "FINDINGS: As described.\n\nIMPRESSION: Urgent orthopedic referral and MRI of the whole "
     "femur.",
     "referral femur P0D..P0D | imaging MR femur"},
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
    {"CT chest", "FINDINGS: As described.\n\nIMPRESSION: CT can be deferred.", ""},
    {"CT chest", "FINDINGS: As described.\n\nIMPRESSION: The patient was referred for CT.", ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: Evaluation of the lung bases is limited by motion.",
     ""},
    {"CT chest", "FINDINGS: As described.\n\nIMPRESSION: Comparison: CT abdomen from 6 months ago.",
     ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: CT of the chest was performed with contrast.", ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: Please see separate report for CT abdomen.", ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: Please refer to the separately dictated CT abdomen "
     "report.",
     ""},
    {"CT chest", "FINDINGS: As described.\n\nIMPRESSION: MRI would not add further information.",
     ""},
    {"CT chest", "FINDINGS: As described.\n\nIMPRESSION: Findings better seen on recent MRI.", ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: Status post biopsy of the right upper lobe nodule.",
     ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: Interval follow-up of known pulmonary nodules.", ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: The patient has known metastatic disease with "
     "biopsy-proven primary.",
     ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: CT guided biopsy performed on 3/4/2023 showed benign "
     "tissue.",
     ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: These findings were discussed with Dr. Jones who will "
     "arrange follow-up.",
     ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: The patient may have had a prior CT at an outside "
     "institution.",
     ""},
    {"CT chest", "FINDINGS: As described.\n\nIMPRESSION: Small nodules can be missed on CT.", ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: Mammography is more sensitive for calcifications.",
     ""},
    {"CT chest",
     "FINDINGS: As described.\n\nIMPRESSION: One or more dose reduction techniques were used, "
     "including automated exposure control for all CT exams.",
     ""},
    {"US thyroid", "FINDINGS: As described.\n\nIMPRESSION: Prior FNA was benign.", ""},
    {"US thyroid",
     "FINDINGS: As described.\n\nIMPRESSION: The nodule does not meet criteria for biopsy.", ""},
    {"US thyroid",
     "FINDINGS: As described.\n\nIMPRESSION: No nodule meets criteria for FNA or follow-up.", ""},
    {"MR brain", "FINDINGS: As described.\n\nIMPRESSION: MRI was requested to rule out stroke.",
     ""},
    {"MR brain", "FINDINGS: As described.\n\nIMPRESSION: The study could not be completed.", ""},
    {"MG breast", "FINDINGS: As described.\n\nIMPRESSION: Results letter was sent to the patient.",
     ""},
    {"MG breast",
     "FINDINGS: As described.\n\nIMPRESSION: Ultrasound performed the same day demonstrates a "
     "simple cyst.",
     ""},
    {"XR knee", "FINDINGS: As described.\n\nIMPRESSION: Standing films were obtained.", ""},
    {"XR chest", "FINDINGS: As described.\n\nIMPRESSION: The lungs are clear. No acute process.",
     ""},
    {"CT abdomen",
     "FINDINGS: As described.\n\nIMPRESSION: Appendix is normal. No biopsy was taken.", ""},
    {"CT abdomen",
     "FINDINGS: As described.\n\nIMPRESSION: Ultrasound of the gallbladder was negative yesterday.",
     ""},
    {"CT abdomen", "FINDINGS: As described.\n\nIMPRESSION: Colonoscopy in 2021 was normal.", ""},
    {"CT abdomen",
     "FINDINGS: As described.\n\nIMPRESSION: The lesion is unchanged since the MRI and therefore "
     "benign; no action required.",
     ""},
    {"MR knee", "FINDINGS: As described.\n\nIMPRESSION: Patient is scheduled to see orthopedics.",
     ""},
    {"CT head", "FINDINGS: As described.\n\nIMPRESSION: Follow up of subdural hematoma.", ""},
    {"CT head", "FINDINGS: As described.\n\nIMPRESSION: CT angiography is reported separately.",
     ""},
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
check(gconstpointer data, size_t n)
{
  const Row *rows = data;
  g_autoptr(TestHost) host = runner_new();
  for (size_t i = 0; i < n; i++) {
    g_autofree char *got = runner_answer(host, rows[i].exam, rows[i].text);
    if (g_strcmp0(got, rows[i].answer) != 0)
      g_test_message("exam %s, text \"%s\"", rows[i].exam, rows[i].text);
    g_assert_cmpstr(got, ==, rows[i].answer);
  }
}

static void
test_times(void)
{
  check(time_rows, G_N_ELEMENTS(time_rows));
}

static void
test_frames(void)
{
  check(frame_rows, G_N_ELEMENTS(frame_rows));
}

static void
test_reports(void)
{
  check(report_rows, G_N_ELEMENTS(report_rows));
}

static void
test_nothing(void)
{
  check(nothing_rows, G_N_ELEMENTS(nothing_rows));
}

static void
test_statements(void)
{
  check(statement_rows, G_N_ELEMENTS(statement_rows));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recommendation/times", test_times);
  g_test_add_func("/recommendation/frames", test_frames);
  g_test_add_func("/recommendation/reports", test_reports);
  g_test_add_func("/recommendation/nothing", test_nothing);
  g_test_add_func("/recommendation/statements", test_statements);
  return g_test_run();
}
