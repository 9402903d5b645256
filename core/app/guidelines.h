/* SPDX-License-Identifier: Apache-2.0
 *
 * app/guidelines.h - guideline answers as JSON.  Pure.
 */
#ifndef ITV_APP_GUIDELINES_H
#define ITV_APP_GUIDELINES_H

#include "base/json.h"
#include "engine/guideline.h"

/* {"interval","repeat","steps":[...],"stop"...} of an end point; NULL for one that
 * asks for nothing at a time. */
json_object *itv_app_end_json(const ItvGuideline *guideline, const ItvGuidelineEnd *end);
/* {"id","line","source","year","where","mark"}. */
json_object *itv_app_rule_json(const ItvGuideline *guideline, const ItvGuidelineRule *rule);
/* {"fact","variable","question","values"|"unit"}. */
json_object *itv_app_question_json(const ItvVariable *variable);

#endif
