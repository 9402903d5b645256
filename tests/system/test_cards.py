#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CARDS modules as a user meets them: guideline check, run, export."""
import unittest

import harness

MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<ReportingModule>
<Metadata><Label>Nodule</Label><ID>nodule</ID><SchemaVersion>2.0</SchemaVersion><ModuleVersion>1</ModuleVersion>
<CreatedDate>2024-01-01</CreatedDate><LastModifiedDate>2024-01-01</LastModifiedDate><ReportCitationText/>
<ApplicableSexes Value="Both"/></Metadata>
<DataElements>
<NumericDataElement Id="size" IsRequired="true" Unit="mm"><Label>How large?</Label></NumericDataElement>
</DataElements>
<Rules><DecisionPoint Id="dp"><Label>by size</Label>
<Branch><Label>large</Label><GreaterThanOrEqualsCondition DataElementId="size" ComparisonValue="6"/>
<EndPointRef EndPointId="ct"/></Branch>
<Branch><Label>small</Label><LessThanCondition DataElementId="size" ComparisonValue="LIMIT"/>
<EndPointRef EndPointId="END"/></Branch></DecisionPoint></Rules>
<EndPoints>
<EndPoint Id="ct"><Label>CT</Label><ReportSections><ReportSection SectionId="impression"><Branch>
<ReportText Type="PlainText">Nodule of </ReportText><ReportText Type="InsertDataElementValue" Value="size"/>
<ReportText Type="PlainText"> mm.</ReportText></Branch></ReportSection></ReportSections>
<ImagingFollowup><PreferredImagingExam Code="24627-2">CT chest</PreferredImagingExam><AcceptableImagingExams>
<Exam Code="24627-2" CodeSystem="LOINC" Modality="CT" BodyRegion="Chest">CT chest</Exam></AcceptableImagingExams>
<IndicationForFollowup Code="RID50149">nodule</IndicationForFollowup>
<RecommendedTimeFrame Earliest="P180D" Latest="P12M"/></ImagingFollowup></EndPoint>
<EndPoint Id="nothing"><Label>Nothing</Label><ReportSections><ReportSection SectionId="impression"><Branch>
<ReportText Type="PlainText">Nothing.</ReportText></Branch></ReportSection></ReportSections></EndPoint>
</EndPoints></ReportingModule>
"""


class Cards(harness.Case):
    def module(self, name, limit="6", end="nothing"):
        path = self.folder / name
        path.write_text(MODULE.replace("LIMIT", limit).replace("END", end, 1) if end else MODULE)
        return path

    def test_a_sound_module(self):
        path = self.module("sound.xml")
        self.assertTrue(self.ok("guideline", "check", path).out.startswith("ok "))
        answer = self.ok("guideline", "run", path, "--set", "size=7.5", "--json").json
        self.assertEqual([e["id"] for e in answer["ends"]], ["ct"])
        self.assertEqual(answer["ends"][0]["sections"], [{"section": "impression", "text": "Nodule of 7.5 mm."}])
        followup = answer["ends"][0]["followup"]
        self.assertEqual((followup["kind"], followup["modality"], followup["region"], followup["interval"],
                          followup["finding"]), ("imaging", ["CT"], "chest", ["P180D", "P1Y"], "nodule"))
        self.assertIn("follow-up: CT of chest", self.ok("guideline", "run", path, "--set", "size=7.5").out)

    def test_what_is_missing_is_asked_for(self):
        answer = self.ok("guideline", "run", self.module("open.xml"), "--json").json
        self.assertEqual((answer["ends"], answer["decided"]), ([], False))
        self.assertEqual(answer["questions"][0]["variable"], "size")

    def test_faults_have_their_line(self):
        answer = self.run_interval("guideline", "check", self.module("faulty.xml", "five", "nowhere"))
        self.assertEqual(answer.status, 3)
        for part in (":12: warning: unknown-choice", ":13: error: dangling-reference", ":9: warning: gap",
                     ":22: error: unreachable-end-point"):
            self.assertIn(part, answer.out.replace(str(self.folder), ""))

    def test_wrong_values_are_refused(self):
        path = self.module("values.xml")
        for value in ("size=big", "colour=red", "size"):
            self.assertEqual(self.run_interval("guideline", "run", path, "--set", value).status, 2)
        (self.folder / "entity.xml").write_text('<!DOCTYPE a [<!ENTITY e "x">]><ReportingModule>&e;</ReportingModule>')
        self.assertEqual(self.run_interval("guideline", "check", self.folder / "entity.xml").status, 3)

    def test_our_guideline_as_a_module(self):
        path = self.folder / "fleischner.xml"
        path.write_text(self.ok("guideline", "export", "fleischner-2017", "--cards").out)
        self.assertTrue(self.ok("guideline", "check", path).out.startswith("ok "))
        case = [f"--set={v}" for v in ("age=60", "cancer-history=no", "immunosuppressed=no", "screening=no",
                                       "density=solid", "count=single", "size=5.5", "risk=low")]
        theirs = self.ok("guideline", "run", path, *case, "--json").json
        ours = self.ok("guideline", "run", "fleischner-2017", *case, "--json").json
        self.assertEqual([e["id"] for e in theirs["ends"]], ["_end-" + ours["end"]["id"]])
        self.assertEqual(theirs["ends"][0]["followup"]["interval"],
                         [ours["end"]["steps"][0]["from"], ours["end"]["steps"][0]["to"]])


if __name__ == "__main__":
    unittest.main()
