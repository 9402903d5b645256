/* SPDX-License-Identifier: Apache-2.0
 *
 * Inner loops are written once, as bodies that the compiler vectorises, and
 * compiled twice: for AVX2 and for any machine.  Which of the two runs is
 * decided at run time; float sums within a body have a fixed order, but for
 * the fused multiplication of AVX2.
 */
#ifndef REGISTRATION_SIMD_H
#define REGISTRATION_SIMD_H

#include <stdbool.h>

#define REG_SIMD_BODY static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__GNUC__)
#define REG_SIMD_TARGET __attribute__((target("avx2,fma")))
static inline bool
reg_simd_avx2(void)
{
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#else
#define REG_SIMD_TARGET
static inline bool
reg_simd_avx2(void)
{
  return false;
}
#endif

/* Defines NAME_best, which calls the body NAME. */
#define REG_SIMD_DISPATCH(name, parameters, arguments)                                             \
  static REG_SIMD_TARGET void name##_wide parameters                                               \
  {                                                                                                \
    name arguments;                                                                                \
  }                                                                                                \
  static void name##_best parameters                                                               \
  {                                                                                                \
    if (reg_simd_avx2())                                                                           \
      name##_wide arguments;                                                                       \
    else                                                                                           \
      name arguments;                                                                              \
  }

#endif
