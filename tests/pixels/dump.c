/* SPDX-License-Identifier: Apache-2.0
 *
 * dicom-dump FILE OUT: the stored values of all frames of a DICOM file, as this program
 * decodes them, as doubles in the machine's byte order.  Prints a line of JSON: the
 * shape, or why there is none. */
#include <stdio.h>

#include "decode.h"
#include "test-host.h"

static void
print_problem(const char *problem)
{
  g_autofree char *escaped = g_strescape(problem, NULL);
  printf("{\"problem\": \"%s\"}\n", escaped);
}

static gboolean
write_frames(const DcmImage *im, DcmDecoder *decoder, FILE *out, GError **error)
{
  const gsize n = (gsize)(im->rows * im->columns);
  g_autofree double *values = g_new(double, n);
  for (guint f = 0; f < (guint)im->frames; f++)
    if (!dcm_decoder_frame(decoder, f, values, error))
      return FALSE;
    else if (fwrite(values, sizeof *values, n, out) != n)
      g_error("cannot write");
  return TRUE;
}

int
main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize n = 0;
  if (argc != 3 || !g_file_get_contents(argv[1], &bytes, &n, &error)) {
    fprintf(stderr, "usage: dicom-dump FILE OUT\n");
    return 2;
  }
  g_autoptr(GBytes) content = g_bytes_new_static(bytes, n);
  const itv_source source = test_source_bytes(content, argv[1]);
  g_autoptr(DcmObject) object = dcm_object_open(&source, &error);
  g_autoptr(DcmImage) image = object ? dcm_image_new(object) : NULL;
  g_autoptr(DcmDecoder) decoder = image ? dcm_decoder_new(image, &error) : NULL;
  FILE *out = fopen(argv[2], "wb");
  if (!out)
    return 2;
  const gboolean ok = decoder && write_frames(image, decoder, out, &error);
  fclose(out);
  if (!ok) {
    print_problem(error->message);
    return 0;
  }
  printf("{\"frames\": %d, \"rows\": %d, \"columns\": %d}\n", (int)image->frames, (int)image->rows,
         (int)image->columns);
  return 0;
}
