/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields and levels of linkage: their codes in linkage.xml and their words for a
 * person.
 */
#include "engine/linkage-internal.h"

const char *const itv_link_field_codes[ITV_LF_N] = {
    [ITV_LF_FAMILY] = "family",       [ITV_LF_GIVEN] = "given",
    [ITV_LF_MIDDLE] = "middle",       [ITV_LF_SUFFIX] = "suffix",
    [ITV_LF_BIRTH] = "birth-date",    [ITV_LF_SEX] = "sex",
    [ITV_LF_STREET] = "street",       [ITV_LF_AREA] = "area",
    [ITV_LF_PHONE] = "phone",         [ITV_LF_NATIONAL] = "national-id",
    [ITV_LF_INSURANCE] = "insurance", [ITV_LF_MOTHER] = "mother",
    [ITV_LF_CONTACT] = "contact",     [ITV_LF_REFERENCE] = "reference",
    [ITV_LF_ISSUER] = "issuer"};

const char *const itv_link_level_codes[ITV_LL_N] = {
    [ITV_LL_NONE] = "none",         [ITV_LL_ONE] = "one",         [ITV_LL_SAME] = "same",
    [ITV_LL_NICKNAME] = "nickname", [ITV_LL_TURNED] = "turned",   [ITV_LL_CLOSE] = "close",
    [ITV_LL_PART] = "part",         [ITV_LL_INITIAL] = "initial", [ITV_LL_MIDDLE] = "middle",
    [ITV_LL_SWAPPED] = "swapped",   [ITV_LL_NEAR] = "near",       [ITV_LL_DIFFERS] = "differs"};

/* What a field can have beside none and one. */
static const char *const texts[ITV_LF_N][ITV_LL_N] = {
    [ITV_LF_FAMILY] = {[ITV_LL_SAME] = "family name agrees",
                       [ITV_LL_CLOSE] = "family name differs by a slip",
                       [ITV_LL_PART] = "family name shares a part",
                       [ITV_LL_SWAPPED] = "family name stands as given name",
                       [ITV_LL_NEAR] = "family name is similar",
                       [ITV_LL_DIFFERS] = "family name differs"},
    [ITV_LF_GIVEN] = {[ITV_LL_SAME] = "given name agrees",
                      [ITV_LL_NICKNAME] = "given name is a short form of the other",
                      [ITV_LL_CLOSE] = "given name differs by a slip",
                      [ITV_LL_PART] = "given name shares a part",
                      [ITV_LL_INITIAL] = "given name agrees with the initial",
                      [ITV_LL_MIDDLE] = "given name is the other's middle name",
                      [ITV_LL_SWAPPED] = "given name stands as family name",
                      [ITV_LL_NEAR] = "given name is similar",
                      [ITV_LL_DIFFERS] = "given name differs"},
    [ITV_LF_MIDDLE] = {[ITV_LL_SAME] = "middle name agrees",
                       [ITV_LL_CLOSE] = "middle name is similar",
                       [ITV_LL_INITIAL] = "middle name agrees with the initial",
                       [ITV_LL_DIFFERS] = "middle name differs"},
    [ITV_LF_SUFFIX] = {[ITV_LL_SAME] = "generation (Jr, Sr) agrees",
                       [ITV_LL_DIFFERS] = "generation (Jr, Sr) differs"},
    [ITV_LF_BIRTH] = {[ITV_LL_SAME] = "birth date agrees",
                      [ITV_LL_TURNED] = "birth date: day and month swapped",
                      [ITV_LL_CLOSE] = "birth date differs by a slip",
                      [ITV_LL_PART] = "birth date agrees in part",
                      [ITV_LL_DIFFERS] = "birth date differs"},
    [ITV_LF_SEX] = {[ITV_LL_SAME] = "sex agrees", [ITV_LL_DIFFERS] = "sex differs"},
    [ITV_LF_STREET] = {[ITV_LL_SAME] = "street address agrees",
                       [ITV_LL_CLOSE] = "street address is similar",
                       [ITV_LL_DIFFERS] = "street address differs"},
    [ITV_LF_AREA] = {[ITV_LL_SAME] = "town agrees",
                     [ITV_LL_CLOSE] = "town or postal code differs by a slip",
                     [ITV_LL_DIFFERS] = "town differs"},
    [ITV_LF_PHONE] = {[ITV_LL_SAME] = "phone agrees",
                      [ITV_LL_PART] = "phone agrees but for the area code",
                      [ITV_LL_CLOSE] = "phone differs by a digit",
                      [ITV_LL_DIFFERS] = "phone differs"},
    [ITV_LF_NATIONAL] = {[ITV_LL_SAME] = "national id agrees",
                         [ITV_LL_CLOSE] = "national id differs by a digit",
                         [ITV_LL_DIFFERS] = "national id differs"},
    [ITV_LF_INSURANCE] = {[ITV_LL_SAME] = "insurance number agrees",
                          [ITV_LL_CLOSE] = "insurance number differs by a digit",
                          [ITV_LL_DIFFERS] = "insurance number differs"},
    [ITV_LF_MOTHER] = {[ITV_LL_SAME] = "mother's maiden name agrees",
                       [ITV_LL_CLOSE] = "mother's maiden name is similar",
                       [ITV_LL_DIFFERS] = "mother's maiden name differs"},
    [ITV_LF_CONTACT] = {[ITV_LL_SAME] = "next of kin agrees",
                        [ITV_LL_CLOSE] = "next of kin is similar",
                        [ITV_LL_DIFFERS] = "next of kin differs"},
    [ITV_LF_REFERENCE] = {[ITV_LL_SAME] = "evidence under the one is about images of the other"},
    [ITV_LF_ISSUER] = {[ITV_LL_SAME] = "one issuer gave them two numbers"}};

gboolean
itv_link_level_fits(ItvLinkField field, ItvLinkLevel level)
{
  return level <= ITV_LL_ONE || texts[field][level] != NULL;
}

const char *
itv_link_level_text(ItvLinkField field, ItvLinkLevel level)
{
  return texts[field][level];
}

const char *
itv_link_zone_name(ItvLinkZone zone)
{
  static const char *const names[] = {"different", "uncertain", "certain"};
  return names[zone];
}
