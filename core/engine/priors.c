/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/priors.h"

#include "engine/exam-lexicon.h"

/* The other side of a paired part is worth this much of the same side. */
#define OTHER_SIDE 0.3
/* Pictures with and pictures without contrast medium compare less well. */
#define OTHER_CONTRAST 0.85
/* Half of the worth of being recent is lost after this many days. */
#define RECENT_DAYS 730.0

static const ItvExamTopic *
topic_at(const ItvExamLexicon *lexicon, guint i)
{
  return &g_array_index(lexicon->topics, ItvExamTopic, i);
}

static ItvTopicSet
topics_of(const ItvExamLexicon *lexicon, const ItvPriorExam *exam)
{
  const char *name = itv_playbook_name(lexicon->playbook, exam->code);
  ItvExamWords words =
      itv_exam_words(lexicon, name ? name : exam->description, exam->exam.modalities);
  ItvTopicSet topics = words.topics, narrowed = 0;
  for (guint i = 0; i < lexicon->topics->len; i++) {
    const ItvExamTopic *topic = topic_at(lexicon, i);
    if (topic->regions & exam->exam.regions)
      topics |= (ItvTopicSet)1 << i;
    if (words.topics & ((ItvTopicSet)1 << i))
      narrowed |= topic->narrows;
  }
  return topics & ~(narrowed & ~words.topics);
}

typedef struct {
  double weight;
  guint current, prior; /* topic indices, meaningless when weight is 0 */
} Match;

static void
consider(Match *best, double weight, guint current, guint prior)
{
  if (weight > best->weight)
    *best = (Match){weight, current, prior};
}

static guint
lowest_bit(ItvTopicSet set)
{
  guint i = 0;
  while (!(set & ((ItvTopicSet)1 << i)))
    i++;
  return i;
}

/* Left and right of the same part do not show the same thing. */
static gboolean
sides_differ(ItvLaterality a, ItvLaterality b)
{
  return (a == ITV_LATERALITY_LEFT && b == ITV_LATERALITY_RIGHT) ||
         (a == ITV_LATERALITY_RIGHT && b == ITV_LATERALITY_LEFT);
}

static double
side_factor(const ItvExamLexicon *lexicon, guint current, guint prior, gboolean differ)
{
  gboolean paired = topic_at(lexicon, current)->paired && topic_at(lexicon, prior)->paired;
  return paired && differ ? OTHER_SIDE : 1.0;
}

static Match
best_match(const ItvExamLexicon *lexicon, ItvTopicSet current, ItvTopicSet prior,
           const ItvPriorExam *now, const ItvPriorExam *then)
{
  gboolean differ = sides_differ(now->exam.laterality, then->exam.laterality);
  Match best = {0, 0, 0};
  for (ItvTopicSet same = current & prior; same; same &= same - 1) {
    guint t = lowest_bit(same);
    consider(&best, side_factor(lexicon, t, t, differ), t, t);
  }
  for (guint i = 0; i < lexicon->relations->len; i++) {
    const ItvExamRelation *r = &g_array_index(lexicon->relations, ItvExamRelation, i);
    if (!(r->current & current) || !(r->prior & prior) ||
        (r->current_modality && !(r->current_modality & now->exam.modalities)) ||
        (r->prior_modality && !(r->prior_modality & then->exam.modalities)))
      continue;
    guint c = lowest_bit(r->current & current), p = lowest_bit(r->prior & prior);
    consider(&best, r->weight * side_factor(lexicon, c, p, differ), c, p);
  }
  return best;
}

/* Same kind of images 1, cross-sections for cross-sections 0.7, else 0.4. */
static double
modality_worth(ItvModalitySet current, ItvModalitySet prior)
{
  const ItvModalitySet slices = ITV_MODALITY_BIT(ITV_MODALITY_CT) |
                                ITV_MODALITY_BIT(ITV_MODALITY_MR) |
                                ITV_MODALITY_BIT(ITV_MODALITY_PT);
  if (current & prior)
    return 1.0;
  return (current & slices) && (prior & slices) ? 0.7 : 0.4;
}

static double
contrast_worth(const ItvExam *current, const ItvExam *prior)
{
  gboolean said = current->contrast && prior->contrast;
  return said && !(current->contrast & prior->contrast) ? OTHER_CONTRAST : 1.0;
}

static void
add_contrast_reason(GPtrArray *reasons, const ItvExam *current, const ItvExam *prior)
{
  static const char *const words[] = {"", "without contrast medium", "with contrast medium",
                                      "before and after contrast medium"};
  if (!current->contrast || !prior->contrast || !(current->modalities & prior->modalities))
    return;
  if (current->contrast == prior->contrast)
    g_ptr_array_add(reasons, g_strdup_printf("Both are %s.", words[current->contrast]));
  else
    g_ptr_array_add(reasons, g_strdup_printf("It is %s, the current exam %s.",
                                             words[prior->contrast], words[current->contrast]));
}

static void
add_date_reason(GPtrArray *reasons, ItvDate current, ItvDate prior)
{
  if (current == ITV_DATE_NONE || prior == ITV_DATE_NONE)
    return;
  int days = current - prior;
  if (days < 0)
    g_ptr_array_add(reasons, g_strdup_printf("It is later than the current exam, by %d day%s.",
                                             -days, days == -1 ? "" : "s"));
  else if (days == 0)
    g_ptr_array_add(reasons, g_strdup("It is of the same day."));
  else if (days < 62)
    g_ptr_array_add(reasons, g_strdup_printf("It is %d day%s older.", days, days == 1 ? "" : "s"));
  else if (days < 730)
    g_ptr_array_add(reasons, g_strdup_printf("It is %d months older.", (int)(days / 30.4375)));
  else
    g_ptr_array_add(reasons, g_strdup_printf("It is %d years older.", (int)(days / 365.25)));
}

static void
add_modality_reason(GPtrArray *reasons, const ItvExam *current, const ItvExam *prior)
{
  const char *now = current->main_modality ? itv_modality_code(current->main_modality) : NULL;
  const char *then = prior->main_modality ? itv_modality_code(prior->main_modality) : NULL;
  if (!now || !then)
    return;
  if (current->modalities & prior->modalities)
    g_ptr_array_add(reasons, g_strdup_printf("It is of the same modality (%s).", now));
  else
    g_ptr_array_add(reasons, g_strdup_printf("It is of another modality (%s, not %s).", then, now));
}

static void
add_match_reason(const ItvExamLexicon *lexicon, GPtrArray *reasons, const Match *match,
                 gboolean known, gboolean differ)
{
  if (!known) {
    g_ptr_array_add(reasons, g_strdup("The body part of one of the two exams is not known."));
    return;
  }
  if (match->weight <= 0) {
    g_ptr_array_add(reasons, g_strdup("The two exams show different parts of the body."));
    return;
  }
  const ItvExamTopic *c = topic_at(lexicon, match->current), *p = topic_at(lexicon, match->prior);
  if (match->current == match->prior)
    g_ptr_array_add(reasons, g_strdup_printf("Both exams show %s.", c->title));
  else
    g_ptr_array_add(
        reasons, g_strdup_printf("The prior shows %s, the current exam %s.", p->title, c->title));
  if (differ && c->paired && p->paired)
    g_ptr_array_add(reasons, g_strdup("They are of opposite sides."));
}

ItvPriorScore
itv_prior_score(const ItvExamLexicon *lexicon, const ItvPriorExam *current,
                const ItvPriorExam *prior)
{
  ItvTopicSet now = topics_of(lexicon, current), then = topics_of(lexicon, prior);
  Match match = best_match(lexicon, now, then, current, prior);
  double recency = 0.5;
  if (current->date != ITV_DATE_NONE && prior->date != ITV_DATE_NONE) {
    double days = ABS((double)current->date - (double)prior->date);
    recency = RECENT_DAYS / (RECENT_DAYS + days);
  }
  ItvPriorScore score = {.reasons = g_ptr_array_new_with_free_func(g_free)};
  score.relevant = match.weight >= lexicon->relevant_from;
  double worth = 0.5 * match.weight +
                 0.25 * modality_worth(current->exam.modalities, prior->exam.modalities) *
                     contrast_worth(&current->exam, &prior->exam) +
                 0.25 * recency;
  /* Every relevant exam ranks above every other. */
  score.score = score.relevant ? 0.5 + 0.5 * worth : 0.5 * worth * match.weight;
  add_match_reason(lexicon, score.reasons, &match, now && then,
                   sides_differ(current->exam.laterality, prior->exam.laterality));
  add_modality_reason(score.reasons, &current->exam, &prior->exam);
  add_contrast_reason(score.reasons, &current->exam, &prior->exam);
  add_date_reason(score.reasons, current->date, prior->date);
  return score;
}
