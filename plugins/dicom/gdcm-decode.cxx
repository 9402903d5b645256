/* SPDX-License-Identifier: Apache-2.0 */
#include "gdcm-decode.h"

#include <cstdio>
#include <cstring>
#include <exception>
#include <vector>

#include <gdcmImage.h>
#include <gdcmJPEGLSCodec.h>
#include <gdcmSequenceOfFragments.h>
#include <gdcmTrace.h>
#include <gdcmTransferSyntax.h>

namespace {

void
describe(gdcm::Image &image, const DcmCodecFormat &f, gdcm::TransferSyntax const &syntax)
{
  const gdcm::PixelFormat format(
      static_cast<unsigned short>(f.samples), static_cast<unsigned short>(f.allocated),
      static_cast<unsigned short>(f.stored), static_cast<unsigned short>(f.high_bit),
      static_cast<unsigned short>(f.is_signed ? 1 : 0));
  image.SetNumberOfDimensions(2);
  image.SetDimension(0, f.columns);
  image.SetDimension(1, f.rows);
  image.SetPhotometricInterpretation(
      gdcm::PhotometricInterpretation(gdcm::PhotometricInterpretation::GetPIType(f.photometric)));
  image.SetPixelFormat(format);
  image.SetPlanarConfiguration(f.planar);
  image.SetTransferSyntax(syntax);
}

void
attach(gdcm::Image &image, const void *data, size_t n)
{
  gdcm::SmartPointer<gdcm::SequenceOfFragments> fragments = new gdcm::SequenceOfFragments;
  gdcm::Fragment fragment;
  fragment.SetByteValue(static_cast<const char *>(data), static_cast<uint32_t>(n));
  fragments->AddFragment(fragment);
  gdcm::DataElement pixels(gdcm::Tag(0x7fe0, 0x0010));
  pixels.SetVR(gdcm::VR::OB);
  pixels.SetValue(*fragments);
  image.SetDataElement(pixels);
}

int
fail(char *error, size_t size, const char *why)
{
  snprintf(error, size, "%s", why);
  return -1;
}

/* The image class asserts that the codec gave enough: ask the codec itself. */
bool
decode_jpeg_ls(const gdcm::Image &image, std::vector<char> &buffer)
{
  gdcm::JPEGLSCodec codec;
  gdcm::DataElement out;
  codec.SetPlanarConfiguration(image.GetPlanarConfiguration());
  codec.SetPhotometricInterpretation(image.GetPhotometricInterpretation());
  codec.SetPixelFormat(image.GetPixelFormat());
  codec.SetBufferLength(image.GetBufferLength());
  codec.SetNumberOfDimensions(image.GetNumberOfDimensions());
  codec.SetDimensions(image.GetDimensions());
  if (!codec.Decode(image.GetDataElement(), out))
    return false;
  const gdcm::ByteValue *bytes = out.GetByteValue();
  if (!bytes || bytes->GetLength() < image.GetBufferLength())
    return false;
  memcpy(buffer.data(), bytes->GetPointer(), image.GetBufferLength());
  return true;
}

bool
is_jpeg_ls(gdcm::TransferSyntax::TSType type)
{
  return type == gdcm::TransferSyntax::JPEGLSLossless ||
         type == gdcm::TransferSyntax::JPEGLSNearLossless;
}

int
decode(const DcmCodecFormat &f, const void *data, size_t n, void *out, size_t out_size,
       int *ret_planar, int *ret_ybr, char *error, size_t error_size)
{
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
  const gdcm::TransferSyntax::TSType type = gdcm::TransferSyntax::GetTSType(f.transfer_syntax);
  if (type == gdcm::TransferSyntax::TS_END)
    return fail(error, error_size, "GDCM does not know the transfer syntax");
  if (gdcm::PhotometricInterpretation::GetPIType(f.photometric) ==
      gdcm::PhotometricInterpretation::PI_END)
    return fail(error, error_size, "the photometric interpretation is unknown");
  gdcm::Image image;
  describe(image, f, gdcm::TransferSyntax(type));
  attach(image, data, n);
  const unsigned long length = image.GetBufferLength();
  std::vector<char> buffer(length > out_size ? length : out_size);
  if (!(is_jpeg_ls(type) ? decode_jpeg_ls(image, buffer) : image.GetBuffer(buffer.data())))
    return fail(error, error_size, "GDCM cannot decode the compressed pixels: they are damaged");
  if (image.GetPixelFormat().GetBitsAllocated() != f.allocated || length != out_size)
    return fail(error, error_size,
                "the compressed pixels are of another format than the header says");
  const gdcm::PhotometricInterpretation pi = image.GetPhotometricInterpretation();
  *ret_ybr = pi == gdcm::PhotometricInterpretation::YBR_FULL ||
             pi == gdcm::PhotometricInterpretation::YBR_FULL_422;
  *ret_planar = image.GetPlanarConfiguration() != 0;
  memcpy(out, buffer.data(), out_size);
  return 0;
}

} // namespace

extern "C" int
dcm_gdcm_decode(const DcmCodecFormat *format, const void *data, size_t n, void *out,
                size_t out_size, int *ret_planar, int *ret_ybr, char *error, size_t error_size)
{
  try {
    return decode(*format, data, n, out, out_size, ret_planar, ret_ybr, error, error_size);
  } catch (const std::exception &e) {
    return fail(error, error_size, e.what());
  } catch (...) {
    return fail(error, error_size, "GDCM threw an unknown exception");
  }
}
