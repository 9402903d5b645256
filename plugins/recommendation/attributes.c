/* SPDX-License-Identifier: Apache-2.0
 *
 * Region, side and finding of an action: named in the action, else those of
 * the finding, else those of the exam.
 */
#include <string.h>

#include "engine.h"

enum { NP_LEFT = 7, NP_RIGHT = 16, ITEM_REACH = 6 };

int
region_named(const char *code)
{
  return code_index(region_codes, N_REGIONS, code);
}

static gboolean
in_list(int region, const char *const *list)
{
  for (; region >= 0 && *list != NULL; list++)
    if (strcmp(region_codes[region], *list) == 0)
      return TRUE;
  return FALSE;
}

gboolean
region_is_paired(int region)
{
  static const char *const paired[] = {
      "orbit",   "face",  "breast", "kidney",    "adrenal", "ovary",    "testis",  "hip",
      "femur",   "knee",  "tibia",  "ankle",     "foot",    "shoulder", "humerus", "elbow",
      "forearm", "wrist", "hand",   "extremity", "neck",    "vascular", NULL};
  return in_list(region, paired);
}

gboolean
region_covers(int a, int b)
{
  static const struct {
    const char *whole;
    const char *const parts[16];
  } table[] = {
      {"head", {"brain", "orbit", "sinus", "face", NULL}},
      {"neck", {"thyroid", NULL}},
      {"spine", {"cspine", "tspine", "lspine", NULL}},
      {"chest", {"lung", "heart", "aorta", NULL}},
      {"abdomen",
       {"liver", "gallbladder", "pancreas", "spleen", "kidney", "adrenal", "aorta", NULL}},
      {"pelvis", {"uterus", "ovary", "bladder", "prostate", NULL}},
      {"extremity",
       {"hip", "femur", "knee", "tibia", "ankle", "foot", "shoulder", "humerus", "elbow", "forearm",
        "wrist", "hand", NULL}},
  };
  if (a < 0 || b < 0)
    return FALSE;
  if (a == b || strcmp(region_codes[a], "wholebody") == 0)
    return TRUE;
  for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
    if (strcmp(region_codes[a], table[i].whole) == 0)
      return in_list(b, table[i].parts);
  return FALSE;
}

/* Head and neck, spine, trunk, arm, leg: an MRI or a film of two of them is two exams. */
static int
body_part(int region)
{
  static const char *const parts[][20] = {
      {"head", "brain", "orbit", "sinus", "face", "neck", "thyroid", NULL},
      {"cspine", "tspine", "lspine", "spine", NULL},
      {"chest", "lung", "breast", "heart", "aorta", "abdomen", "liver", "gallbladder", "pancreas",
       "spleen", "kidney", "adrenal", "bladder", "pelvis", "uterus", "ovary", "prostate", "testis",
       NULL},
      {"shoulder", "humerus", "elbow", "forearm", "wrist", "hand", NULL},
      {"hip", "femur", "knee", "tibia", "ankle", "foot", NULL},
  };
  for (int i = 0; i < (int)G_N_ELEMENTS(parts); i++)
    if (in_list(region, parts[i]))
      return i;
  return -1;
}

gboolean
regions_apart(int a, int b)
{
  int p = body_part(a), q = body_part(b);
  return p >= 0 && q >= 0 && p != q;
}

/* ---- findings ---------------------------------------------------------------- */

static gboolean
extends_finding(const Text *t, int k)
{
  const Token *token = text_token(t, k);
  if (token->ch == '-')
    return TRUE;
  if (token->kind == TOKEN_PUNCT)
    return FALSE;
  const Term *word = text_cover(t, k, LAYER_WORD, NULL, NULL);
  const Term *cue = text_cover(t, k, LAYER_CUE, NULL, NULL);
  if (cue != NULL && cue->role != ROLE_PAST)
    return FALSE;
  return word == NULL || word->role == ROLE_PRIOR;
}

/* Site and side of a finding: nearest in its own sentence, its term's first. */
static void
locate(const Text *t, int begin, int end, int at, const Term *term, Finding *f)
{
  f->region = term->region;
  for (int d = 0; d < end - begin; d++) {
    for (int sign = -1; sign <= 1; sign += 2) {
      int k = at + sign * d;
      if (k < begin || k >= end || (d == 0 && sign > 0))
        continue;
      /* "Bosniak 2F cyst": the other word says which organ */
      const Term *other = text_cover(t, k, LAYER_FINDING, NULL, NULL);
      if (other && d <= 3 && f->region < 0)
        f->region = other->region;
      const Term *site = text_cover(t, k, LAYER_SITE, NULL, NULL);
      if (site == NULL || d > 14)
        continue;
      if (site->role == ROLE_ANATOMY && f->region < 0)
        f->region = site->region;
      if (site->side != SIDE_NONE && f->side == SIDE_NONE)
        f->side = site->side;
    }
  }
}

static Finding
finding_at(const Text *t, int begin, int end, int at, int stop, const Term *term)
{
  Finding f = {.found = TRUE, .region = REGION_NONE, .head = term->head};
  int first = at, last = stop;
  while (first > begin && at - first < 8 && extends_finding(t, first - 1))
    first--;
  while (first < at && text_token(t, first)->kind == TOKEN_PUNCT)
    first++;
  f.span = (Span){text_token(t, first)->start, text_token(t, last - 1)->end};
  locate(t, begin, end, at, term, &f);
  return f;
}

static gboolean
denied(const Text *t, int begin, int at)
{
  for (int k = at - 1; k >= begin && k > at - 6; k--) {
    if (text_token(t, k)->ch == ',' || text_token(t, k)->ch == ';')
      return FALSE;
    if (text_has_role(t, k, LAYER_CUE, ROLE_NEGATION))
      return TRUE;
  }
  return FALSE;
}

Finding
attribute_finding_in(const Text *t, int begin, int end)
{
  for (int k = begin; k < end; k++) {
    int stop = 0;
    const Term *term = text_begin(t, k, LAYER_FINDING, &stop);
    if (term && term->role == ROLE_FINDING && stop <= end)
      return finding_at(t, begin, end, k, stop, term);
  }
  return (Finding){.region = REGION_NONE};
}

/* The last finding of [begin, end) that is not denied. */
static gboolean
supposed(const Text *t, int begin, int at)
{
  for (int k = at - 1; k >= begin; k--) {
    if (text_token(t, k)->ch == ',')
      return FALSE;
    if (text_has_role(t, k, LAYER_CUE, ROLE_CONDITION))
      return TRUE;
  }
  return FALSE;
}

static Finding
last_finding(const Text *t, int begin, int end, int limit)
{
  for (int k = limit - 1; k >= begin; k--) {
    int stop = 0;
    const Term *term = text_begin(t, k, LAYER_FINDING, &stop);
    if (term && term->role == ROLE_FINDING && stop <= end && !denied(t, begin, k) &&
        !supposed(t, begin, k))
      return finding_at(t, begin, end, k, stop, term);
  }
  return (Finding){.region = REGION_NONE};
}

/* "CT ... for the lingular nodule", "for characterization of the cyst": said outright. */
static Finding
purpose_finding(const Text *t, const Sentence *s, int from)
{
  for (int k = from; k < s->end && k < from + 16; k++) {
    if (text_begin(t, k, LAYER_ACTION, NULL) != NULL || text_token(t, k)->ch == ';')
      break;
    if (!text_has_role(t, k, LAYER_WORD, ROLE_FOR))
      continue;
    for (int j = k + 1; j < s->end && j <= k + 9; j++) {
      int stop = 0;
      const Term *term = text_begin(t, j, LAYER_FINDING, &stop);
      if (term && term->role == ROLE_FINDING && stop <= s->end)
        return finding_at(t, k, s->end, j, stop, term);
      if (text_has_role(t, j, LAYER_CUE, ROLE_CONDITION) || text_token(t, j)->ch == ',')
        break;
    }
  }
  return (Finding){.region = REGION_NONE};
}

/* A site alone ("the left S1 screws") when no finding is named. */
static Finding
bare_site(const Text *t, int begin, int end)
{
  Finding f = {.region = REGION_NONE};
  for (int k = end - 1; k >= begin; k--) {
    const Term *site = text_cover(t, k, LAYER_SITE, NULL, NULL);
    if (site == NULL)
      continue;
    if (site->role == ROLE_ANATOMY && f.region < 0)
      f.region = site->region;
    if (site->side != SIDE_NONE && f.side == SIDE_NONE)
      f.side = site->side;
  }
  return f;
}

static gboolean
has_number(const Text *t, const Sentence *s)
{
  for (int k = s->begin; k < s->end; k++)
    if (text_token(t, k)->kind == TOKEN_NUMBER)
      return TRUE;
  return FALSE;
}

/* Under a heading of recommendations: the finding of the lines above it, when they speak of
 * one place only. */
static Finding
only_finding(const Text *t, int index)
{
  const Sentence *s = &g_array_index(t->sentences, Sentence, index);
  Finding best = {.region = REGION_NONE};
  if (s->section != ROLE_RECOMMENDATION)
    return best;
  for (int i = index - 1; i >= 0 && i >= index - ITEM_REACH; i--) {
    const Sentence *o = &g_array_index(t->sentences, Sentence, i);
    Finding f = last_finding(t, o->begin, o->end, o->end);
    f.sentence = i;
    if (!f.found || f.region < 0)
      continue;
    if (best.found && best.region != f.region)
      return (Finding){.region = REGION_NONE};
    if (!best.found)
      best = f;
  }
  return best;
}

/* The finding that the report speaks of before the action: in its sentence,
 * else in the sentences of its item, else behind the action. */
static Finding
told_finding(const Text *t, int index, int at, int action_end)
{
  const Sentence *s = &g_array_index(t->sentences, Sentence, index);
  Finding f = last_finding(t, s->begin, s->end, at);
  Finding site = bare_site(t, s->begin, at);
  f.sentence = index;
  if (f.found) {
    if (f.region < 0 && f.side == SIDE_NONE)
      f.region = site.region;
    return f;
  }
  Finding best = f;
  for (int i = index - 1; i >= 0 && i >= index - ITEM_REACH; i--) {
    const Sentence *o = &g_array_index(t->sentences, Sentence, i);
    if (o->item != s->item && !(i == index - 1 && s->section == ROLE_RECOMMENDATION))
      break;
    f = last_finding(t, o->begin, o->end, o->end);
    f.sentence = i;
    /* the one that says where it is */
    if (f.found && (!best.found || (best.region < 0 && best.side == SIDE_NONE &&
                                    (f.region >= 0 || f.side != SIDE_NONE))))
      best = f;
    if (best.found && (best.region >= 0 || best.side != SIDE_NONE))
      return best;
    /* "Ascending aorta 4.3 cm." measures a part without naming a finding */
    if (site.region < 0 && has_number(t, o))
      site = bare_site(t, o->begin, o->end);
  }
  if (best.found)
    return best;
  best = only_finding(t, index);
  if (best.found && site.region < 0)
    return best;
  f = last_finding(t, action_end, s->end, s->end);
  f.sentence = index;
  if (!f.found) {
    f.region = site.region;
    f.side = site.side;
  }
  return f;
}

Finding
attribute_finding(const Text *t, int index, int at, int action_end)
{
  const Sentence *s = &g_array_index(t->sentences, Sentence, index);
  Finding purpose = purpose_finding(t, s, action_end);
  Finding told = told_finding(t, index, at, action_end);
  if (!purpose.found)
    return told;
  purpose.sentence = index;
  if (purpose.region < 0 && purpose.side == SIDE_NONE) {
    purpose.region = told.region;
    purpose.side = told.side;
  }
  return purpose;
}

static gboolean
finding_near(const Text *t, const Sentence *s, int at)
{
  for (int k = MAX(s->begin, at - 8); k < s->end && k <= at + 8; k++)
    if (text_has_role(t, k, LAYER_FINDING, ROLE_FINDING))
      return TRUE;
  return FALSE;
}

void
attribute_document_sides(const Text *t, Side ret_sides[N_REGIONS])
{
  gboolean both[N_REGIONS] = {FALSE};
  memset(ret_sides, 0, N_REGIONS * sizeof *ret_sides);
  for (unsigned i = 0; i < t->sentences->len; i++) {
    const Sentence *s = &g_array_index(t->sentences, Sentence, i);
    if (s->section == ROLE_HISTORY || s->section == ROLE_COMPARISON || s->section == ROLE_TITLE)
      continue;
    for (int k = s->begin; k < s->end; k++) {
      const Term *site = text_begin(t, k, LAYER_SITE, NULL);
      if (site == NULL || site->role != ROLE_SIDE || site->side == SIDE_BILATERAL ||
          !finding_near(t, s, k))
        continue;
      for (int j = MAX(s->begin, k - 3); j < s->end && j <= k + 4; j++) {
        const Term *part = text_cover(t, j, LAYER_SITE, NULL, NULL);
        if (part == NULL || part->role != ROLE_ANATOMY || part->region < 0)
          continue;
        Side *side = &ret_sides[part->region];
        both[part->region] |= *side != SIDE_NONE && *side != site->side;
        *side = site->side;
      }
    }
  }
  for (int r = 0; r < N_REGIONS; r++)
    if (both[r])
      ret_sides[r] = SIDE_NONE;
}

const char *
attribute_guideline(const Text *t, const Sentence *s)
{
  for (int k = s->begin; k < s->end; k++) {
    const Term *term = text_begin(t, k, LAYER_FINDING, NULL);
    if (term && term->role == ROLE_GUIDELINE)
      return term->head;
  }
  return NULL;
}

/* ---- region and side of the action --------------------------------------------- */

static gboolean
np_stops(const Frame *f, int k)
{
  const Token *token = text_token(f->t, k);
  const Term *word = text_cover(f->t, k, LAYER_WORD, NULL, NULL);
  const Term *cue = text_cover(f->t, k, LAYER_CUE, NULL, NULL);
  if (cue && cue->role != ROLE_DO && cue->role != ROLE_PAST)
    return TRUE;
  if (text_has_role(f->t, k, LAYER_FINDING, ROLE_FINDING))
    return TRUE;
  if (word && word->role != ROLE_DET && word->role != ROLE_ADVERB)
    return TRUE;
  return token->kind == TOKEN_PUNCT && token->ch != '-' && token->ch != '/' && token->ch != '\'';
}

static void
take_site(const Frame *f, int k, int *region, Side *side)
{
  const Term *site = text_cover(f->t, k, LAYER_SITE, NULL, NULL);
  /* the "lung" of Lung-RADS */
  if (site == NULL || text_has_role(f->t, k, LAYER_FINDING, ROLE_GUIDELINE))
    return;
  int spine = region_named("spine");
  if (site->role == ROLE_ANATOMY && *region < 0)
    *region = site->region;
  else if (site->role == ROLE_ANATOMY && region_covers(spine, *region) &&
           region_covers(spine, site->region) && *region != site->region)
    *region = spine; /* "C-spine and T-spine" */
  /* "CT of the right upper lobe" is an exam of no side */
  if (site->role == ROLE_SIDE && *side == SIDE_NONE)
    *side = site->side;
}

static void
look_left(const Frame *f, const Action *a, int *region, Side *side)
{
  for (int k = a->begin - 1; k >= f->s->begin && k >= a->begin - NP_LEFT; k--) {
    if (np_stops(f, k) || text_cover(f->t, k, LAYER_ACTION, NULL, NULL))
      return;
    take_site(f, k, region, side);
  }
}

/* "of the chest", "chest and abdomen", "with contrast of both knees" */
static void
look_right(const Frame *f, const Action *a, int from, int *region, Side *side)
{
  gboolean chain = FALSE;
  for (int k = from; k < f->s->end && k < from + NP_RIGHT; k++) {
    const Term *word = text_cover(f->t, k, LAYER_WORD, NULL, NULL);
    const Term *time = text_cover(f->t, k, LAYER_TIME, NULL, NULL);
    const Term *action = text_begin(f->t, k, LAYER_ACTION, NULL);
    gboolean plain = text_token(f->t, k)->ch == '(' || text_token(f->t, k)->ch == ')';
    gboolean joins = word && (word->role == ROLE_OF || word->role == ROLE_WITH ||
                              word->role == ROLE_AND || word->role == ROLE_OR);
    if (time && time->role >= ROLE_AT && time->role <= ROLE_DURATION && time->role != ROLE_AT &&
        time->role != ROLE_DURATION)
      return;
    if (action != NULL && !(action->flags & FLAG_GENERIC) && k >= a->end)
      return;
    if (!plain && !joins && np_stops(f, k) && !(word && word->role == ROLE_FOR && !chain) &&
        !(word && word->role == ROLE_PREP))
      return;
    chain |= text_cover(f->t, k, LAYER_SITE, NULL, NULL) != NULL;
    take_site(f, k, region, side);
  }
}

static int
context_region(const Context *c)
{
  return c->n_regions > 0 ? c->regions[0] : REGION_NONE;
}

/* The finding's site against the exam's: a lung nodule in a chest CT is
 * followed in the chest, a renal cyst in an abdominal CT in the kidney. */
static int
choose_region(const Context *c, int site)
{
  int exam = context_region(c);
  if (site < 0)
    return exam;
  if (exam >= 0 && (region_covers(site, exam) || strcmp(region_codes[site], "lung") == 0)) {
    if (region_covers(exam, site) || region_covers(site, exam))
      return exam;
  }
  return strcmp(region_codes[site], "lung") == 0 ? region_named("chest") : site;
}

/* Does the side of a finding there hold for an exam here?  A nodule of the right lung makes no
 * mammogram one of the right breast. */
static gboolean
side_reaches(int region, int finding)
{
  enum { ARM = 3, LEG = 4 };
  int part = body_part(region);
  return finding < 0 || region_covers(region, finding) || region_covers(finding, region) ||
         ((part == ARM || part == LEG) && part == body_part(finding));
}

void
attribute_place(const Frame *f, Action *a, const Finding *finding)
{
  int region = REGION_NONE;
  Side side = SIDE_NONE;
  look_left(f, a, &region, &side);
  region = a->split >= 0 ? a->split : region;
  if (region < 0 && !(a->term->flags & FLAG_IMPLIED))
    region = a->term->region;
  int right = REGION_NONE;
  /* "MRI of the spine or bone scan": behind the first name, too */
  if (a->tail < a->end)
    look_right(f, a, a->tail, &right, &side);
  if (right < 0)
    look_right(f, a, a->end, &right, &side);
  region = region < 0 ? right : region;
  a->region_named = region >= 0;
  if (region < 0 && (a->term->flags & FLAG_IMPLIED)) {
    int exam = context_region(f->context);
    region = finding->region >= 0 && region_covers(a->term->region, finding->region)
                 ? finding->region
             : exam >= 0 && region_covers(a->term->region, exam) ? exam
                                                                 : a->term->region;
  }
  int lung = region_named("lung");
  gboolean follows = a->modalities == 0 && (a->term->flags & FLAG_VISIT) && finding->region == lung;
  /* a densitometry has no region of its own */
  unsigned modalities = a->modalities;
  if (modalities == 0 && (a->term->flags & FLAG_SAME_EXAM))
    modalities = f->context->modalities;
  if (region < 0 && modalities != 1u << code_index(modality_codes, N_MODALITIES, "DXA"))
    region = follows ? lung : choose_region(f->context, finding->region);
  a->region = region;
  a->side = side;
  a->side_named = side != SIDE_NONE;
  /* a scan of the whole body has both sides */
  if (a->modalities == 1u << code_index(modality_codes, N_MODALITIES, "PT") &&
      a->kind == KIND_IMAGING)
    return;
  int ovary = region_named("ovary");
  gboolean adnexal = region >= 0 && region == region_named("pelvis") && finding->region == ovary;
  if (!region_is_paired(region) && !adnexal && !(follows && region == lung)) {
    gboolean chest = side == SIDE_BILATERAL && region == region_named("chest");
    a->side = chest ? SIDE_NONE : side;
    return;
  }
  /* screening goes on in both breasts whatever was found in one */
  for (int i = 0; i < a->n_whens; i++)
    if (region == region_named("breast") && a->whens[i].repeat.unit != 0)
      return;
  if (a->side == SIDE_NONE && side_reaches(region, finding->region))
    a->side = finding->side;
  Side exam = f->context->side;
  if (a->side == SIDE_NONE && exam != SIDE_BILATERAL)
    a->side = exam;
  if (a->side == SIDE_NONE)
    a->side = f->sides[region];
}
