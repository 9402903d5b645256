/* SPDX-License-Identifier: Apache-2.0
 *
 * One phrase at a time in a chest CT with a nodule: ways to ask, each for one thing or
 * a known few, and ways to say something of exams that ask for nothing.
 */
#include "runner.h"

#define NODULE                                                                                     \
  "EXAM: CT CHEST\nFINDINGS: 8 mm nodule in the right upper lobe.\nIMPRESSION: 8 mm right upper "  \
  "lobe nodule. "

static const struct {
  const char *phrase, *answer;
} asked[] = {
    {"CT chest recommended.", "imaging CT chest"},
    {"Advise CT.", "imaging CT chest"},
    {"CT advised.", "imaging CT chest"},
    {"Suggest US.", "imaging US chest"},
    {"Would recommend CT in 6 months.", "imaging CT chest P6M..P6M"},
    {"I would suggest further evaluation with MRI.", "imaging MR chest"},
    {"MRI may be helpful.", "imaging MR chest consider"},
    {"CT may be of benefit.", "imaging CT chest consider"},
    {"Follow-up CT is suggested.", "imaging CT chest"},
    {"Follow-up recommended.", "imaging lung right"},
    {"Close follow-up is recommended.", "imaging lung right"},
    {"Short term follow-up is advised.", "imaging lung right"},
    {"Recommend correlation with CT.", "imaging CT chest"},
    {"Further characterization with MRI is recommended.", "imaging MR chest"},
    {"Nonemergent MRI recommended.", "imaging MR chest"},
    {"Recommend biopsy.", "procedure chest"},
    {"Tissue diagnosis recommended.", "procedure chest"},
    {"Surgical consultation is recommended.", "referral chest"},
    {"Consider CT for further evaluation.", "imaging CT chest consider"},
    {"Consider short interval follow up.", "imaging lung right consider"},
    {"Dedicated CT is recommended.", "imaging CT chest"},
    {"This can be further evaluated with ultrasound.", "imaging US chest consider"},
    {"Ultrasound would be helpful for further characterization.", "imaging US chest"},
    {"Ultrasound could further characterize this.", "imaging US chest consider"},
    {"If clinically indicated, CT may be obtained.", "imaging CT chest if consider"},
    {"Repeat radiographs are recommended to ensure resolution.", "imaging XR chest"},
    {"Recommend repeat imaging in 3-6 months.", "imaging chest P3M..P6M"},
    {"Interval follow-up in 6-12 months.", "imaging lung right P6M..P12M"},
    {"Six month follow-up is recommended.", "imaging lung right P6M..P6M"},
    {"Recommend follow up to resolution.", "imaging lung right"},
    {"Recommend follow-up chest radiograph following treatment.", "imaging XR chest"},
    {"PET/CT or biopsy should be considered.",
     "imaging PT chest consider | procedure chest consider"},
    {"Thoracic surgery referral.", "referral chest"},
    {"Recommend annual low dose CT.", "imaging CT chest P1Y..P1Y every P1Y"},
    {"Return in 1 year for screening mammogram.", "imaging MG breast P1Y..P1Y"},
    {"Please correlate with prior outside imaging.", "clinical chest"},
    {"Pulmonary consultation and PET/CT recommended.", "referral chest | imaging PT chest"},
    {"Needs CT follow-up.", "imaging CT chest"},
    {"CT follow up in 1 yr.", "imaging CT chest P1Y..P1Y"},
    {"F/u CT 3mo.", "imaging CT chest P3M..P3M"},
    {"Rec f/u CT in 3 mos.", "imaging CT chest P3M..P3M"},
    {"Rec CT f/u 6-12m.", "imaging CT chest P6M..P12M"},
    {"Follow up w/ CT in 6mo.", "imaging CT chest P6M..P6M"},
    {"Recommend CT chest w/o contrast in one year's time.", "imaging CT chest P1Y..P1Y"},
    {"Suggest repeating the CT in three months.", "imaging CT chest P3M..P3M"},
    {"A follow up scan is advised in 12 weeks.", "imaging CT chest P12W..P12W"},
    {"To be followed up with CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"Will need follow-up CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"Should have a follow-up CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"Requires follow-up in 3 months.", "imaging lung right P3M..P3M"},
    {"CT follow-up in 3 months is needed.", "imaging CT chest P3M..P3M"},
    {"It is recommended that a CT be obtained in 3 months.", "imaging CT chest P3M..P3M"},
    {"We recommend that the patient undergo CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"The recommendation is for CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"My recommendation would be a CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"Recommendation: CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"CT in 3 months is appropriate.", "imaging CT chest P3M..P3M"},
    {"CT in 3 months would be reasonable.", "imaging CT chest P3M..P3M"},
    {"Imaging follow-up in 3 months is reasonable.", "imaging chest P3M..P3M"},
    {"Three-month CT follow-up is prudent.", "imaging CT chest P3M..P3M"},
    {"Further imaging with CT is warranted.", "imaging CT chest"},
    {"Further workup is warranted.", "imaging lung right"},
    {"CT is suggested as the next step.", "imaging CT chest"},
    {"Attention on follow up.", "imaging chest"},
    {"Could be followed with CT in 3 months.", "imaging CT chest P3M..P3M consider"},
    {"Can be reassessed on CT in 3 months.", "imaging CT chest P3M..P3M consider"},
    {"May be followed in 6 months with CT.", "imaging CT chest P6M..P6M consider"},
    {"Would benefit from CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"At a minimum, CT in 3 months is recommended.", "imaging CT chest P3M..P3M"},
    {"At least one follow-up CT is recommended in 12 months.", "imaging CT chest P12M..P12M"},
    {"Biannual CT is recommended.", "imaging CT chest P6M..P6M every P6M"},
    {"CT every three months for the first two years.", "imaging CT chest P3M..P3M every P3M"},
    {"Serial CT at 3, 9 and 24 months.",
     "imaging CT chest P3M..P3M | imaging CT chest P9M..P9M | imaging CT chest P24M..P24M"},
    {"Obtain CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"Please obtain CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"Get CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"Order CT chest.", "imaging CT chest"},
    {"Schedule follow-up CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"Re-evaluate with CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"Reassess in 3 months with CT.", "imaging CT chest P3M..P3M"},
    {"Recheck CT in 3 months.", "imaging CT chest P3M..P3M"},
    {"CT 3/12.", "imaging CT chest P3M..P3M"},
    {"CT in 3/12 please.", "imaging CT chest P3M..P3M"},
    {"Suggest 3/12 CT.", "imaging CT chest P3M..P3M"},
    {"Referral to thoracic surgery is advised.", "referral chest"},
    {"Discuss at MDT.", "referral chest"},
    {"For MDT discussion.", "referral chest"},
    {"Suggest respiratory referral.", "referral chest"},
    {"?biopsy. Suggest MDT.", "referral chest"},
};

static const char *const not_asked[] = {
    "Recommendation for follow-up was communicated to the referring clinician.",
    "The recommended exposure was used.",
    "CT was performed at the request of the ED.",
    "Suggested by the prior examination.",
    "Findings suggest pneumonia.",
    "This suggests chronic infarct.",
    "The appearance would suggest a benign etiology.",
    "Surgical clips from prior biopsy.",
    "If there is a fracture it is not displaced.",
    "MRI compatible pacemaker.",
    "No follow up necessary.",
    "Follow-up of known aneurysm.",
    "Routine follow-up.",
    "Status post biopsy of the left lobe.",
    "Scheduled for surgery tomorrow.",
    "Reviewed with the on-call surgeon who agreed with CT.",
    "Ultrasound was limited by bowel gas.",
    "PET/CT correlation with the prior CT was made.",
    "Biopsy-proven melanoma.",
    "Patient is due for chemotherapy.",
    "Exam was requested to evaluate for PE.",
    "Possible pneumonia versus aspiration.",
    "Considerations include infection and aspiration.",
    "Consider infection, inflammation or malignancy.",
    "Differential considerations include lymphoma.",
    "Consideration should be given to atypical infection.",
    "Need to exclude pneumonia.",
    "Evaluate for free air.",
    "Rule out fracture.",
    "Please see separate MRI report.",
    "Please refer to CT report of the same day.",
    "Correlation made with outside CT.",
    "Recommend none.",
    "Recommendations: None.",
    "Follow-up: Not applicable.",
    "An echocardiogram was obtained in 2019.",
    "Echocardiogram is pending.",
    "Patient will be returning for the left side.",
    "6 month follow up CT shows stability.",
    "Annual screening exam.",
    "Technique: repeat views were obtained.",
    "Delayed images at 5 minutes may show washout.",
    "The patient should hold metformin for 48 hours.",
    "Scanning was repeated after 10 minutes.",
    "Interval follow up of the nodule shows no change.",
    "A biopsy clip marks the prior site.",
    "She had an MRI 2 weeks ago.",
    "CT from 3 months ago is compared.",
    "Growth since the 6-month study.",
    "Further details are in the operative note.",
    "Further increase in the effusion.",
    "Dr Smith suggested CT for this patient.",
    "Images should be viewed in conjunction with the prior study.",
    "Clinical concern for appendicitis.",
    "Findings are consistent with follow-up imaging.",
    "Attention was paid to the adrenals.",
    "Unable to obtain lateral view.",
    "Repeat lateral view was obtained.",
    "The study should be interpreted with caution.",
    "Colonoscopy last year was normal.",
    "Post lumpectomy change requiring no action.",
    "The patient may return to normal activity.",
    "Contrast may be given in future studies.",
    "This could represent artifact.",
    "Biopsy could not be performed.",
    "It may be normal variation.",
};

static void
test_asked(void)
{
  g_autoptr(TestHost) host = runner_new();
  for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
    g_autofree char *text = g_strconcat(NODULE, asked[i].phrase, NULL);
    g_autofree char *got = runner_answer(host, "CT chest 2024-01-10", text);
    if (g_strcmp0(got, asked[i].answer) != 0)
      g_test_message("\"%s\"", asked[i].phrase);
    g_assert_cmpstr(got, ==, asked[i].answer);
  }
}

static void
test_not_asked(void)
{
  g_autoptr(TestHost) host = runner_new();
  for (size_t i = 0; i < G_N_ELEMENTS(not_asked); i++) {
    g_autofree char *text = g_strconcat("EXAM: CT CHEST\nFINDINGS: Heart size normal. ",
                                        not_asked[i], "\nIMPRESSION: ", not_asked[i], NULL);
    g_assert_cmpint(runner_run(host, "CT chest 2024-01-10", text, strlen(text)), ==, ITV_OK);
    if (test_host_find(host, "interval.recommendation/1", 0) != NULL)
      g_test_message("\"%s\"", not_asked[i]);
    g_assert_null(test_host_find(host, "interval.recommendation/1", 0));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recommendation/phrases/asked", test_asked);
  g_test_add_func("/recommendation/phrases/not-asked", test_not_asked);
  return g_test_run();
}
