/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts that are no imaging, by the words that name them in a recommendation
 * or in the description of a performed report: the common key by which "a
 * percutaneous biopsy is recommended" meets "US GUIDED FNA THYROID".
 */
#include "engine/derive-internal.h"

#include <string.h>

/* One line an act; a word ending in * matches the beginning of a word. */
static const char *const acts[] = {
    "biops*|bx|fna|fine needle|fine-needle|core needle|aspiration cytology|patholog*|cytolog*|"
    "histolog*|histopatholog*",
    "drain*|paracentesis|thoracentesis|aspiration|arthrocentesis",
    "surger*|resection|excision|lobectomy|nephrectomy|hysterectomy|mastectomy|lumpectomy|"
    "cholecystectomy|appendectomy|thyroidectomy|fixation|orif|arthroplasty|arthroscopy",
    "colonoscop*|sigmoidoscop*",
    "egd|esophagogastroduodenoscop*|gastroscop*|upper endoscop*|endoscopic ultrasound|eus|"
    "endoscop*",
    "ercp|cholangiopancreatograph*",
    "bronchoscop*|ebus",
    "cystoscop*|ureteroscop*",
    "hysteroscop*|endometrial sampling",
    "laryngoscop*|nasopharyngoscop*",
    "colposcop*|pap smear|cervical cytology",
    "lumbar puncture|spinal tap",
    "ekg|ecg|electrocardiogra*",
    "emg|electromyogra*|nerve conduction",
    "eeg|electroencephalogra*",
    "pulmonary function|pft|pfts|spirometry",
    "embolization|embolisation|ablation",
    "stent*|angioplasty",
    "psa|prostate specific antigen|prostate-specific antigen",
    "tsh|thyroid function|thyroid stimulating|free t4",
    "creatinine|renal function|egfr|bun",
    "liver function|lft|lfts|hepatic panel|transaminase*|bilirubin",
    "cbc|blood count|hemoglobin|haemoglobin",
    "afp|alpha fetoprotein|alpha-fetoprotein|alphafetoprotein",
    "cea|carcinoembryonic",
    "ca-125|ca 125|ca125",
    "ca 19-9|ca19-9",
    "d-dimer|d dimer",
    "troponin*",
    "metanephrine*|catecholamine*|aldosterone|cortisol|dexamethasone|renin|hormon*",
    "urinalysis|urine culture|urine",
    "culture*|gram stain|sputum",
    "lipase|amylase",
    "hcg|pregnancy test",
    "crp|esr|sedimentation|c-reactive",
    "calcium|pth|parathyroid hormone",
    "urolog*",
    "pulmonolog*|pulmonary clinic|pulmonary consult*|respiratory medicine|lung clinic",
    "oncolog*|tumor board|tumour board",
    "neurosurg*",
    "neurolog*",
    "gynecolog*|gynaecolog*|ob/gyn|obgyn",
    "hepatolog*|liver clinic",
    "gastroenterolog*|gi consult*",
    "endocrinolog*",
    "dermatolog*",
    "vascular surg*|vascular consult*",
    "cardiolog*",
    "orthop*",
    "otolaryngolog*|ent|ear nose",
    "nephrolog*",
    "rheumatolog*",
    "breast surg*|breast clinic",
    "thoracic surg*|cardiothoracic",
    "hematolog*|haematolog*",
    "ophthalmolog*|optometr*",
    "dentist*|dental|oral surg*",
    "spine surg*|pain clinic|pain management",
};
G_STATIC_ASSERT(G_N_ELEMENTS(acts) <= 64);

#define N_TISSUE_ACTS 3 /* biopsy, drainage, surgery: of a place, which must agree */

static gboolean
word_char(char c)
{
  return g_ascii_isalnum(c) || (guchar)c >= 0x80;
}

/* Does one alternative stand in the lower-case text on word borders? */
static gboolean
stands(const char *text, const char *word, gsize n)
{
  const gboolean open = n && word[n - 1] == '*';
  n -= open;
  g_autofree char *needle = g_strndup(word, n);
  for (const char *at = text; (at = strstr(at, needle)); at++)
    if ((at == text || !word_char(at[-1])) && (open || !word_char(at[n])))
      return TRUE;
  return FALSE;
}

static gboolean
names(const char *text, const char *line)
{
  for (const char *at = line; *at;) {
    const gsize n = strcspn(at, "|");
    if (stands(text, at, n))
      return TRUE;
    at += n + (at[n] == '|');
  }
  return FALSE;
}

ItvActSet
itv_acts_named(const char *text, gssize length)
{
  if (!text)
    return 0;
  g_autofree char *lower = g_ascii_strdown(text, length);
  ItvActSet set = 0;
  for (guint i = 0; i < G_N_ELEMENTS(acts); i++)
    if (names(lower, acts[i]))
      set |= (ItvActSet)1 << i;
  return set;
}

gboolean
itv_acts_need_region(ItvActSet set)
{
  return set && !(set >> N_TISSUE_ACTS);
}
