/* SPDX-License-Identifier: Apache-2.0
 *
 * What the DICOM writers share: attributes into a data set, the common
 * modules, and the file on disk.  C++ inside tests/data only.
 */
#ifndef INTERVAL_TESTS_DICOM_ATTRIBUTES_HXX
#define INTERVAL_TESTS_DICOM_ATTRIBUTES_HXX

#include <stdexcept>
#include <string>

#include <gdcmDataSet.h>
#include <gdcmFile.h>
#include <gdcmSequenceOfItems.h>

#include "dicom-writer.h"

namespace synth {

/* Text of any string VR, padded to even length; nothing for an empty one. */
void put(gdcm::DataSet &d, uint16_t group, uint16_t element, gdcm::VR::VRType vr,
         const std::string &value);
void put(gdcm::DataSet &d, uint16_t group, uint16_t element, gdcm::VR::VRType vr,
         const char *value);
void put_us(gdcm::DataSet &d, uint16_t group, uint16_t element, unsigned value);
/* Numbers of a DS, joined by backslashes. */
void put_ds(gdcm::DataSet &d, uint16_t group, uint16_t element, const double *values, int n);
void put_is(gdcm::DataSet &d, uint16_t group, uint16_t element, int value);
/* A type 2 attribute: present even when its value is not known. */
void put_or_empty(gdcm::DataSet &d, uint16_t group, uint16_t element, gdcm::VR::VRType vr,
                  const char *value);

using Sequence = gdcm::SmartPointer<gdcm::SequenceOfItems>;
Sequence new_sequence();
void add_item(Sequence &sequence, const gdcm::DataSet &item);
void put_sequence(gdcm::DataSet &d, uint16_t group, uint16_t element, Sequence &sequence);

/* Patient, study, series, equipment and SOP modules. */
void put_common(gdcm::DataSet &d, const SynthPatient &patient, const SynthStudy &study,
                const SynthSeries &series, const char *sop_class, const char *sop_uid);

/* Meta information: same writer, same bytes. */
void set_meta(gdcm::File &file, const char *sop_class, const char *sop_uid);

/* Runs `body`, turns any exception into -1 and a message. */
int guarded(void (*body)(const void *), const void *arguments);

template <typename Body>
int
run(Body body)
{
  return guarded([](const void *b) { (*static_cast<const Body *>(b))(); }, &body);
}

} // namespace synth

#endif
