/* SPDX-License-Identifier: Apache-2.0
 *
 * Build tool: prints the tables of charset-tables.h as C, from iconv.
 */
#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The BMP code point of one character, 0 if it is none. */
static unsigned
convert(iconv_t cd, const char *bytes, size_t n)
{
  char in[8];
  unsigned char out[8];
  memcpy(in, bytes, n);
  char *from = in, *to = (char *)out;
  size_t left = n, room = sizeof out;
  iconv(cd, NULL, NULL, NULL, NULL);
  if (iconv(cd, &from, &left, &to, &room) == (size_t)-1 || left != 0 || room != sizeof out - 2)
    return 0;
  return (unsigned)(out[0] << 8 | out[1]);
}

static iconv_t
open_set(const char *name)
{
  iconv_t cd = iconv_open("UTF-16BE", name);
  if (cd == (iconv_t)-1) {
    fprintf(stderr, "charset-tables: iconv does not know %s\n", name);
    exit(1);
  }
  return cd;
}

static void
print_single(const char *name)
{
  iconv_t cd = open_set(name);
  printf("{");
  for (int c = 0xA0; c <= 0xFF; c++) {
    char b[1] = {(char)c};
    printf("%u,", convert(cd, b, 1));
  }
  printf("},\n");
  iconv_close(cd);
}

/* Lead and trail bytes first..last; `prefix` (0 for none) comes before them. */
static void
print_double(const char *table, const char *set, int prefix, int lead0, int lead1, int trail0,
             int trail1)
{
  iconv_t cd = open_set(set);
  printf("const uint16_t %s[] = {", table);
  for (int a = lead0; a <= lead1; a++) {
    for (int b = trail0; b <= trail1; b++) {
      char bytes[3] = {(char)prefix, (char)a, (char)b};
      printf("%u,", convert(cd, prefix ? bytes : bytes + 1, prefix ? 3 : 2));
    }
    printf("\n");
  }
  printf("};\n");
  iconv_close(cd);
}

int
main(void)
{
  static const char *const singles[] = {"ISO-8859-1", "ISO-8859-2",  "ISO-8859-3", "ISO-8859-4",
                                        "ISO-8859-5", "ISO-8859-6",  "ISO-8859-7", "ISO-8859-8",
                                        "ISO-8859-9", "ISO-8859-15", "TIS-620",    "SHIFT_JIS"};
  printf("/* SPDX-License-Identifier: Apache-2.0 */\n#include \"charset-tables.h\"\n"
         "const uint16_t dcm_single_table[DCM_N_SINGLE][96] = {\n");
  for (size_t i = 0; i < sizeof singles / sizeof singles[0]; i++)
    print_single(singles[i]);
  printf("};\n");
  print_double("dcm_jis0208_table", "EUC-JP", 0, 0xA1, 0xFE, 0xA1, 0xFE);
  print_double("dcm_jis0212_table", "EUC-JP", 0x8F, 0xA1, 0xFE, 0xA1, 0xFE);
  print_double("dcm_ksx1001_table", "EUC-KR", 0, 0xA1, 0xFE, 0xA1, 0xFE);
  print_double("dcm_gb2312_table", "EUC-CN", 0, 0xA1, 0xFE, 0xA1, 0xFE);
  print_double("dcm_gb18030_table", "GB18030", 0, 0x81, 0xFE, 0x40, 0xFE);
  return 0;
}
