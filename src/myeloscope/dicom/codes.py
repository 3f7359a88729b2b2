"""Coded words of a reading: SNOMED CT, DCM and UCUM where they have the concept, else our own.

Own codes are of the private scheme ``99MYELOSCOPE``; the standard has none for these: a *sign* of
a leak (SNOMED CT's leak is the disorder), spinal roots by name, the grades of the published scale,
and lengths measured across the sac's axis.
"""

from __future__ import annotations

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade, Pattern, Technique

SCHEME = "99MYELOSCOPE"
SCHEME_NAME = "MyeloScope concepts of readings"


def own(value: str, meaning: str) -> Code:
    """Return a code of the private scheme; a meaning has at most 64 characters (VR LO)."""
    return Code(value, SCHEME, meaning)


PROCEDURES: dict[Technique, tuple[Code, ...]] = {
    Technique.MRM: (codes.LN.MRISpineReport, own("MRM", "MR myelography")),
    Technique.RIC: (own("RIC", "Radioisotope cisternography"),),
}
REGIONS: dict[Region, Code] = {
    Region.CERVICAL: codes.SCT.CervicalSpine,
    Region.THORACIC: codes.SCT.ThoracicSpine,
    Region.LUMBAR: codes.SCT.LumbarSpine,
}
SIDES: dict[Side, Code] = {
    Side.LEFT: codes.SCT.Left,
    Side.RIGHT: codes.SCT.Right,
    Side.MIDLINE: codes.SCT.Midline,
}
KINDS: dict[FindingKind, Code] = {
    FindingKind.LEAK: own("LEAK-SIGN", "Sign of cerebrospinal fluid leak"),
    FindingKind.PERINEURIAL_CYST: own("PERINEURIAL-CYST", "Perineurial cyst"),
    FindingKind.MENINGOCELE: own("MENINGOCELE", "Spinal meningocele"),
    FindingKind.EPIDURAL_COLLECTION: own("EPIDURAL-COLLECTION", "Epidural fluid collection"),
    FindingKind.OTHER_FLUID: own("OTHER-FLUID", "Fluid outside the spinal canal"),
}
CATEGORY = codes.SCT.MorphologicallyAbnormalStructure
SEGMENT_TYPES: dict[FindingKind, Code] = {
    FindingKind.LEAK: KINDS[FindingKind.LEAK],
    FindingKind.PERINEURIAL_CYST: codes.SCT.Cyst,
    FindingKind.MENINGOCELE: KINDS[FindingKind.MENINGOCELE],
}
SAC_CATEGORY = codes.SCT.AnatomicalStructure
SAC_TYPE = codes.SCT.SpinalCerebrospinalFluidPathway

MILLIMETRE = codes.UCUM.Millimeter
RATIO_UNIT = codes.UCUM.Ratio
NO_UNITS = codes.UCUM.NoUnits

REACH = own("REACH", "Reach from the edge of the thecal sac")
EXTENT = own("EXTENT", "Extent beyond the expected normal root sleeve")
SAC_WIDTH = own("SAC-WIDTH", "Width of the thecal sac at the finding")
RATIO = own("EXTENT-RATIO", "Extent / width of the thecal sac")
LENGTHS: dict[Technique, tuple[Code, Code, Code, Code]] = {
    Technique.MRM: (REACH, EXTENT, SAC_WIDTH, RATIO),
    Technique.RIC: (
        own("RIC-REACH", "Reach from the apparent edge of the canal"),
        own("RIC-LENGTH", "Apparent length (FWHM) of paraspinal activity"),
        own("RIC-CANAL", "Apparent width (FWHM) of the canal"),
        own("RIC-RATIO", "Apparent length / apparent width of the canal"),
    ),
}
SCORE = own("SCORE", "Score that orders cases; not a probability")
UNCERTAINTY = own("UNCERTAINTY-ROOTS", "Uncertainty of root names, in roots")

GRADE = own("GRADE", "Grade of the sign of a leak")
CASE = own("CASE", "Any level positive")
CASE_SUMMARY = own("CASE-SUMMARY", "Reading of the whole spine")
LEVEL = own("LEVEL", "Graded level of the spine")
SPINE = codes.SCT.Spine
PATTERN = own("PATTERN", "Form of the signal")
AT_LEAST = own("AT-LEAST", "Part of the region could not be judged")
RULE = own("RULE", "Rule of the scale that fired")
SCALE = own("SCALE", "Grading scale")
BY_TIME = own("BY-TIME", "Grade at each time after the injection")
INDIRECT = own("INDIRECT-SIGN", "Indirect sign of a leak, listed, not graded")
MODE = own("READER-MODE", "Whether the automatic reading was seen, and when")
REMARK = codes.DCM.Comment
NUMBERING = own("NUMBERING", "How root names were found")
DISCLAIMER = own("DISCLAIMER", "Limits of use")
REASON = own("REASON", "Reason why not assessable")
NOT_ASSESSABLE = own("NOT-ASSESSABLE", "Not assessable")
YES = codes.SCT.Yes
NO = codes.SCT.No
QUALITATIVE_EVALUATIONS = Code("C0034375", "UMLS", "Qualitative Evaluations")
SNR = codes.DCM.SignalToNoiseRatio
QUALITY_ISSUE = codes.DCM.QualityIssue

# PAPER, "The grading scale": possible, probable, definite; 0 is no sign.
GRADES: dict[Grade, Code] = {
    Grade.NONE: own("GRADE-0", "Grade 0: none"),
    Grade.POSSIBLE: own("GRADE-1", "Grade 1: possible"),
    Grade.PROBABLE: own("GRADE-2", "Grade 2: probable"),
    Grade.DEFINITE: own("GRADE-3", "Grade 3: definite"),
}
PATTERNS: dict[Pattern, Code] = {
    pattern: own(f"PATTERN-{pattern.value.upper()}", pattern.value.capitalize())
    for pattern in Pattern
}
ROOTS: dict[Segment, Code] = {
    segment: own(f"ROOT-{segment.value}", f"{segment.value} spinal nerve root")
    for segment in Segment
}
