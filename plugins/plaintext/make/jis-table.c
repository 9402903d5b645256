/* SPDX-License-Identifier: Apache-2.0
 *
 * Build tool: prints JIS X 0208 as C, from the C library's EUC-JP.
 */
#include <iconv.h>
#include <stdio.h>
#include <string.h>

/* The BMP code point of a pair, 0 if it is none. */
static unsigned
convert(iconv_t cd, int row, int column)
{
  char in[2] = {(char)(0xA1 + row), (char)(0xA1 + column)};
  unsigned char out[8];
  char *from = in, *to = (char *)out;
  size_t left = sizeof in, room = sizeof out;
  iconv(cd, NULL, NULL, NULL, NULL);
  if (iconv(cd, &from, &left, &to, &room) == (size_t)-1 || left != 0 || room != sizeof out - 2)
    return 0;
  return (unsigned)(out[0] << 8 | out[1]);
}

int
main(void)
{
  iconv_t cd = iconv_open("UTF-16BE", "EUC-JP");
  if (cd == (iconv_t)-1) {
    fprintf(stderr, "jis-table: iconv does not know EUC-JP\n");
    return 1;
  }
  printf("/* SPDX-License-Identifier: Apache-2.0 */\n#include \"plaintext.h\"\n"
         "const uint16_t plain_jis0208_table[94 * 94] = {\n");
  for (int row = 0; row < 94; row++) {
    for (int column = 0; column < 94; column++)
      printf("%u,", convert(cd, row, column));
    printf("\n");
  }
  printf("};\n");
  iconv_close(cd);
  return 0;
}
