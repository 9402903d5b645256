/* SPDX-License-Identifier: Apache-2.0
 *
 * TID 1500 Imaging Measurement Report (PS3.16), as a Comprehensive SR.
 */
#include <cstring>
#include <set>

#include <glib.h>

#include <gdcmWriter.h>

#include "dicom-attributes.hxx"

namespace synth {

namespace {

struct Code {
  std::string value, scheme, meaning;
};

struct Term {
  const char *word;
  const char *code, *scheme, *meaning;
};

const Term finding_terms[] = {
    {"nodule", "27925004", "SCT", "Nodule"},     {"mass", "4147007", "SCT", "Mass"},
    {"lesion", "52988006", "SCT", "Lesion"},     {"fracture", "72704001", "SCT", "Fracture"},
    {"cyst", "441457006", "SCT", "Cyst"},        {"lymph node", "59441001", "SCT", "Lymph node"},
    {"aneurysm", "85659009", "SCT", "Aneurysm"},
};

const Term site_terms[] = {
    {"lung", "39607008", "SCT", "Lung"},
    {"liver", "10200004", "SCT", "Liver"},
    {"tibia", "12611008", "SCT", "Tibia"},
    {"femur", "71341001", "SCT", "Femur"},
    {"kidney", "64033007", "SCT", "Kidney"},
    {"thyroid", "69748006", "SCT", "Thyroid"},
    {"breast", "76752008", "SCT", "Breast"},
    {"brain", "12738006", "SCT", "Brain"},
    {"adrenal", "23451007", "SCT", "Adrenal gland"},
    {"pancreas", "15776009", "SCT", "Pancreas"},
    {"aorta", "15825003", "SCT", "Aorta"},
    {"spine", "421060004", "SCT", "Vertebral column"},
};

const Term side_terms[] = {
    {"left", "7771000", "SCT", "Left"},
    {"right", "24028007", "SCT", "Right"},
    {"bilateral", "51440002", "SCT", "Right and left"},
};

struct MeasureTerm {
  const char *measure;
  Code concept;
  const char *unit, *unit_meaning;
  bool is_mean; /* the concept is qualified by the derivation Mean */
};

const MeasureTerm measure_terms[] = {
    {"long-axis", {"103339001", "SCT", "Long Axis"}, "mm", "millimeter", false},
    {"short-axis", {"103340004", "SCT", "Short Axis"}, "mm", "millimeter", false},
    {"mean-diameter", {"81827009", "SCT", "Diameter"}, "mm", "millimeter", true},
    {"area", {"42798000", "SCT", "Area"}, "mm2", "square millimeter", false},
    {"volume", {"118565006", "SCT", "Volume"}, "mm3", "cubic millimeter", false},
    {"distance", {"121206", "DCM", "Distance"}, "mm", "millimeter", false},
    {"angle", {"1483009", "SCT", "Angle"}, "deg", "degree", false},
    {"attenuation",
     {"112031", "DCM", "Attenuation Coefficient"},
     "[hnsf'U]",
     "Hounsfield unit",
     true},
    {"rust", {"RUST", "99INTERVAL", "RUST score"}, "{score}", "score", false},
    {"mrust", {"MRUST", "99INTERVAL", "Modified RUST score"}, "{score}", "score", false},
    {"callus-area", {"CALLUSAREA", "99INTERVAL", "Callus area"}, "mm2", "square millimeter", false},
    {"gap-width", {"GAPWIDTH", "99INTERVAL", "Gap width"}, "mm", "millimeter", false},
    {"displacement", {"DISPLACEMENT", "99INTERVAL", "Displacement"}, "mm", "millimeter", false},
    {"cobb-angle", {"COBBANGLE", "99INTERVAL", "Cobb angle"}, "deg", "degree", false},
};

/* A word that has no code gets one of the writer's own scheme. */
Code
code_of(const Term *terms, size_t n, const char *word)
{
  for (size_t i = 0; i < n; i++)
    if (g_ascii_strcasecmp(terms[i].word, word) == 0)
      return {terms[i].code, terms[i].scheme, terms[i].meaning};
  std::string value;
  for (const char *p = word; *p && value.size() < 16; p++)
    if (g_ascii_isalnum(*p))
      value += g_ascii_toupper(*p);
  return {value.empty() ? "X" : value, "99INTERVAL", word};
}

void
put_code(gdcm::DataSet &d, uint16_t group, uint16_t element, const Code &code)
{
  gdcm::DataSet item;
  put(item, 0x0008, 0x0100, gdcm::VR::SH, code.value);
  put(item, 0x0008, 0x0102, gdcm::VR::SH, code.scheme);
  put(item, 0x0008, 0x0104, gdcm::VR::LO, code.meaning);
  Sequence s = new_sequence();
  add_item(s, item);
  put_sequence(d, group, element, s);
}

/* A content item; children are added to the sequence that goes into it last. */
class Node {
public:
  Node(const char *relation, const char *type, const Code &concept) : children(new_sequence())
  {
    if (relation)
      put(set, 0x0040, 0xa010, gdcm::VR::CS, relation);
    put(set, 0x0040, 0xa040, gdcm::VR::CS, type);
    if (!concept.value.empty())
      put_code(set, 0x0040, 0xa043, concept);
    if (strcmp(type, "CONTAINER") == 0)
      put(set, 0x0040, 0xa050, gdcm::VR::CS, "SEPARATE");
  }

  Node &add(const Node &child)
  {
    add_item(children, child.finished());
    n++;
    return *this;
  }

  gdcm::DataSet finished() const
  {
    gdcm::DataSet copy = set;
    Sequence s = children;
    if (n)
      put_sequence(copy, 0x0040, 0xa730, s);
    return copy;
  }

  gdcm::DataSet set;

private:
  Sequence children;
  int n = 0;
};

Node
code_item(const char *relation, const Code &concept, const Code &value)
{
  Node node(relation, "CODE", concept);
  put_code(node.set, 0x0040, 0xa168, value);
  return node;
}

Node
text_item(const char *relation, const Code &concept, const char *text)
{
  Node node(relation, "TEXT", concept);
  put(node.set, 0x0040, 0xa160, gdcm::VR::UT, text);
  return node;
}

gdcm::DataSet
sop_reference(const SynthFinding &f)
{
  gdcm::DataSet item;
  put(item, 0x0008, 0x1150, gdcm::VR::UI, f.image_class);
  put(item, 0x0008, 0x1155, gdcm::VR::UI, f.image_uid);
  return item;
}

Node
image_item(const char *relation, const Code &concept, const SynthFinding &f)
{
  Node node(relation, "IMAGE", concept);
  Sequence s = new_sequence();
  add_item(s, sop_reference(f));
  put_sequence(node.set, 0x0008, 0x1199, s);
  return node;
}

/* A line on the image, in columns and rows. */
Node
line_item(const SynthFinding &f)
{
  Node node("INFERRED FROM", "SCOORD", {"121055", "DCM", "Path"});
  char bytes[16];
  for (int i = 0; i < 4; i++) {
    const float v = static_cast<float>(f.line[i]);
    memcpy(bytes + 4 * i, &v, 4);
  }
  gdcm::DataElement e(gdcm::Tag(0x0070, 0x0022), 16, gdcm::VR::FL);
  e.SetByteValue(bytes, 16);
  node.set.Replace(e);
  put(node.set, 0x0070, 0x0023, gdcm::VR::CS, "POLYLINE");
  node.add(image_item("SELECTED FROM", Code(), f));
  return node;
}

Node
number_item(const SynthFinding &f, const SynthMeasure &m)
{
  const MeasureTerm *term = nullptr;
  for (const auto &t : measure_terms)
    if (m.measure && strcmp(t.measure, m.measure) == 0)
      term = &t;
  if (!term)
    throw std::invalid_argument(std::string("no code for the measure ") +
                                (m.measure ? m.measure : "NULL"));
  Node node("CONTAINS", "NUM", term->concept);
  gdcm::DataSet value;
  put_code(value, 0x0040, 0x08ea, {term->unit, "UCUM", term->unit_meaning});
  put_ds(value, 0x0040, 0xa30a, &m.value, 1);
  Sequence s = new_sequence();
  add_item(s, value);
  put_sequence(node.set, 0x0040, 0xa300, s);
  if (term->is_mean)
    node.add(code_item("HAS CONCEPT MOD", {"121401", "DCM", "Derivation"},
                       {"373098007", "SCT", "Mean"}));
  if (f.line && strcmp(term->measure, "long-axis") == 0 && f.image_uid)
    node.add(line_item(f));
  else if (f.image_uid)
    node.add(image_item("INFERRED FROM", {"121112", "DCM", "Source of Measurement"}, f));
  return node;
}

Node
group_item(const SynthFinding &f)
{
  if (!f.tracking_uid)
    throw std::invalid_argument("a finding needs a tracking UID");
  if (f.image_uid && !f.image_class)
    throw std::invalid_argument("an image is named by SOP class and instance");
  Node group("CONTAINS", "CONTAINER", {"125007", "DCM", "Measurement Group"});
  if (f.tracking_id)
    group.add(
        text_item("HAS OBS CONTEXT", {"112039", "DCM", "Tracking Identifier"}, f.tracking_id));
  Node uid("HAS OBS CONTEXT", "UIDREF", {"112040", "DCM", "Tracking Unique Identifier"});
  put(uid.set, 0x0040, 0xa124, gdcm::VR::UI, f.tracking_uid);
  group.add(uid);
  if (f.finding)
    group.add(code_item("CONTAINS", {"121071", "DCM", "Finding"},
                        code_of(finding_terms, G_N_ELEMENTS(finding_terms), f.finding)));
  if (f.site) {
    Node site = code_item("HAS CONCEPT MOD", {"363698007", "SCT", "Finding Site"},
                          code_of(site_terms, G_N_ELEMENTS(site_terms), f.site));
    if (f.laterality)
      site.add(code_item("HAS CONCEPT MOD", {"272741003", "SCT", "Laterality"},
                         code_of(side_terms, G_N_ELEMENTS(side_terms), f.laterality)));
    group.add(site);
  }
  for (size_t i = 0; i < f.n_measures; i++)
    group.add(number_item(f, f.measures[i]));
  return group;
}

/* (0040,a375): every image that is named, once. */
void
put_evidence(gdcm::DataSet &d, const SynthStudy &study, const SynthReport &report)
{
  Sequence images = new_sequence(), series = new_sequence(), studies = new_sequence();
  std::set<std::string> seen;
  for (size_t i = 0; i < report.n_findings; i++)
    if (report.findings[i].image_uid && seen.insert(report.findings[i].image_uid).second)
      add_item(images, sop_reference(report.findings[i]));
  if (seen.empty())
    return;
  if (!report.image_series)
    throw std::invalid_argument("a report that names images needs their series UID");
  gdcm::DataSet series_item, study_item;
  put_sequence(series_item, 0x0008, 0x1199, images);
  put(series_item, 0x0020, 0x000e, gdcm::VR::UI, report.image_series);
  add_item(series, series_item);
  put_sequence(study_item, 0x0008, 0x1115, series);
  put(study_item, 0x0020, 0x000d, gdcm::VR::UI,
      report.image_study ? report.image_study : study.uid);
  add_item(studies, study_item);
  put_sequence(d, 0x0040, 0xa375, studies);
}

Node
content(const SynthReport &report)
{
  Node root(nullptr, "CONTAINER", {"126000", "DCM", "Imaging Measurement Report"});
  Node measurements("CONTAINS", "CONTAINER", {"126010", "DCM", "Imaging Measurements"});
  root.add(code_item("HAS CONCEPT MOD",
                     {"121049", "DCM", "Language of Content Item and Descendants"},
                     {"en", "RFC5646", "English"}));
  root.add(code_item("HAS OBS CONTEXT", {"121005", "DCM", "Observer Type"},
                     {"121006", "DCM", "Person"}));
  Node observer("HAS OBS CONTEXT", "PNAME", {"121008", "DCM", "Person Observer Name"});
  put(observer.set, 0x0040, 0xa123, gdcm::VR::PN,
      report.observer ? report.observer : "SYNTH^READER");
  root.add(observer);
  root.add(code_item("HAS CONCEPT MOD", {"121058", "DCM", "Procedure reported"},
                     {"363679005", "SCT", "Imaging procedure"}));
  for (size_t i = 0; i < report.n_findings; i++)
    measurements.add(group_item(report.findings[i]));
  root.add(measurements);
  return root;
}

void
write_report(const char *path, const SynthPatient &patient, const SynthStudy &study,
             const SynthSeries &series, const SynthReport &report)
{
  const char *sop_class = synth_dicom_class("SR");
  gdcm::Writer writer;
  gdcm::File &file = writer.GetFile();
  gdcm::DataSet d = content(report).finished();
  put_common(d, patient, study, series, sop_class, report.uid);
  put_is(d, 0x0020, 0x0013, report.number ? report.number : 1);
  put(d, 0x0040, 0xa491, gdcm::VR::CS, "COMPLETE");
  put(d, 0x0040, 0xa493, gdcm::VR::CS, "UNVERIFIED");
  Sequence procedure = new_sequence(), step = new_sequence(), templates = new_sequence();
  put_sequence(d, 0x0040, 0xa372, procedure);
  put_sequence(d, 0x0008, 0x1111, step);
  gdcm::DataSet id;
  put(id, 0x0008, 0x0105, gdcm::VR::CS, "DCMR");
  put(id, 0x0040, 0xdb00, gdcm::VR::CS, "1500");
  add_item(templates, id);
  put_sequence(d, 0x0040, 0xa504, templates);
  put_evidence(d, study, report);
  set_meta(file, sop_class, report.uid);
  file.GetHeader().SetDataSetTransferSyntax(gdcm::TransferSyntax::ExplicitVRLittleEndian);
  file.SetDataSet(d);
  writer.SetFileName(path);
  if (!writer.Write())
    throw std::runtime_error(std::string("cannot write ") + path);
}

} // namespace

} // namespace synth

extern "C" int
synth_dicom_write_sr(const char *path, const SynthPatient *patient, const SynthStudy *study,
                     const SynthSeries *series, const SynthReport *report)
{
  return synth::run([=] { synth::write_report(path, *patient, *study, *series, *report); });
}
