/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INTERVAL_DICOM_CHARSET_TABLES_H
#define INTERVAL_DICOM_CHARSET_TABLES_H

#include <stdint.h>

/* Upper half (0xA0..0xFF) of the single-byte sets: BMP code points, 0 = none. */
enum {
  DCM_LATIN1,
  DCM_LATIN2,
  DCM_LATIN3,
  DCM_LATIN4,
  DCM_CYRILLIC,
  DCM_ARABIC,
  DCM_GREEK,
  DCM_HEBREW,
  DCM_LATIN5,
  DCM_LATIN9,
  DCM_THAI,
  DCM_KATAKANA,
  DCM_N_SINGLE
};
extern const uint16_t dcm_single_table[DCM_N_SINGLE][96];

/* 94x94 sets, row-major from 0x21 0x21. */
extern const uint16_t dcm_jis0208_table[94 * 94];
extern const uint16_t dcm_jis0212_table[94 * 94];
extern const uint16_t dcm_ksx1001_table[94 * 94];
extern const uint16_t dcm_gb2312_table[94 * 94];
/* GB18030's two-byte part: lead 0x81..0xFE, trail 0x40..0xFE. */
extern const uint16_t dcm_gb18030_table[126 * 191];

#endif
