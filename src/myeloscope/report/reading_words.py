"""What a reading says, in whole sentences for its report."""

from __future__ import annotations

from collections.abc import Mapping

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import FindingKind, Grade, Technique, Verdict
from myeloscope.domain.reading import Finding, Reading, Root
from myeloscope.grading.scale import MRM_RULES, RIC_RULES
from myeloscope.report.marks import GRADE_WORDS, KIND_WORDS, place_of

LEVEL_CAUTION = "The level of a sign is not proof of the level of the dural defect."

LIMITS: tuple[str, ...] = (
    "The criteria of the scale were written by one author after seeing the very images they were "
    "tried on, together with the cisternograms: published figures are optimistic.",
    "Bright streaks beside a sleeve may be fluid that has leaked, or engorged veins or lymphatics.",
    "The level of a leak is hard to name exactly; signs are often many and on both sides, and "
    "those at the cervicothoracic junction are the ones whose level readers dispute.",
    "Round bulges of the sleeves (perineurial cysts, meningoceles) are common without disease; one "
    "was called a possible leak by both readers of the source study in a control.",
    "The image shows the whole depth of the body in one plane: fluid in front of or behind the "
    "spine may project beside a sleeve. A recent lumbar puncture leaves fluid of its own.",
    "The signs of spontaneous intracranial hypotension outside this image (brain, epidural "
    "collections, veins) were not looked at.",
)
"""What the reader of a report must not forget (clinical source of the scale)."""

SCALE_ROWS: tuple[tuple[str, str], ...] = (
    (
        "0 none",
        "Normal column and sleeves; or fluid that is no leak, such as a round, discrete cyst.",
    ),
    (
        "1 possible",
        "Triangular expansion of the column at a sleeve, beyond that root's normal shape.",
    ),
    (
        "2 probable",
        "Streaky, reticular or hazy signal lateral to the sleeve, reaching beyond the normal "
        "sleeve by no more than the sac's width.",
    ),
    ("3 definite", "The same, reaching beyond the normal sleeve by more than the sac's width."),
    (
        "not assessable",
        "More than two adjacent roots of C4 to L5 in the region cannot be judged.",
    ),
)

DEFINITIONS: tuple[tuple[str, str], ...] = (
    (
        "Sac width",
        "between the edges of the sac's silhouette, across its axis, as without the leak",
    ),
    ("Reach", "from that sac edge to where the signal falls to a quarter of the finding's own"),
    ("Extent", "the part of the reach beyond the tip of the root's expected normal sleeve"),
    ("Ratio", "extent over sac width"),
    ("Score", "orders cases from least to most suspicious; it is not a probability"),
)

_MIMIC_RULES: Mapping[str, str] = {
    f"{FindingKind.PERINEURIAL_CYST}-alone": "round, smooth and discrete at a sleeve, without "
    "triangular expansion or streaks along the root",
    f"{FindingKind.MENINGOCELE}-alone": "round and smooth, broad at the sac, without triangular "
    "expansion or streaks along the root",
    f"{FindingKind.OTHER_FLUID}-alone": "fluid outside every root's corridor",
    "injection-site": "activity near the puncture that was not there in the first image and came "
    "later: CSF that leaks through the puncture, no sign",
    "c1-c2": "activity at C1 or C2, where the cisterns end and fluid is no sign of a leak's place",
    "dose-beside-sac": "part of the dose lies beside the sac around the injection: what lies there "
    "is the dose, no sign",
    "other-depth": "activity in front of or behind the spine, by what opposed views show of it "
    "(skin, thyroid, stomach): no sign",
    "in-balance": "round activity that keeps one share of the canal's from the first hours on: a "
    "cyst open to the sac; what has leaked gathers; no sign",
    "sacral-cyst": "faint, short activity below L5 that is not there in the first image: "
    "perineurial cysts lie there and fill over hours; no sign",
    f"{FindingKind.EPIDURAL_COLLECTION}-alone": "fluid along the sac; listed, not graded",
}
_RULES: Mapping[str, str] = {
    **{rule.name: rule.text for rule in MRM_RULES},
    **{rule.name: rule.text for rule in RIC_RULES},
    **_MIMIC_RULES,
}
_ITEMS: Mapping[str, str] = {
    "EchoTime": "Echo time, ms",
    "RepetitionTime": "Repetition time, ms",
    "EchoTrainLength": "Echo train length",
    "SliceThickness": "Slab, mm",
    "FieldOfView": "Field of view, mm",
    "MagneticFieldStrength": "Field strength, T",
    "Matrix": "Matrix",
    "MRAcquisitionType": "Acquisition",
}
_VERDICT_MARKS: Mapping[Verdict, str] = {
    Verdict.AS_IN_THE_PAPER: "\N{CHECK MARK}",
    Verdict.DIFFERS: "\N{NOT EQUAL TO}",
    Verdict.MISSING: "?",
}
_TECHNIQUES: Mapping[Technique, str] = {
    Technique.MRM: "MR myelography",
    Technique.RIC: "Radioisotope cisternography",
}


def title(reading: Reading) -> str:
    """Return the report's title."""
    return f"{_TECHNIQUES[reading.technique]}: signs of a spinal CSF leak"


def conclusion(reading: Reading) -> str:
    """Return the answer in one sentence."""
    graded = {r: read.grade for r, read in reading.regions.items() if read.grade is not None}
    unread = [region.value for region in Region if reading.regions[region].grade is None]
    top = max(graded.values(), default=Grade.NONE)
    if reading.positive:
        where = _listed([region.value for region in Region if graded.get(region) == top])
        text = f"Signs of a leak: highest grade {top.value} ({GRADE_WORDS[top]}), {where} region"
        text += "s." if " and " in where else "."
    elif reading.positive is False:
        text = "No sign of a leak in the cervical, thoracic or lumbar region."
    elif graded:
        text = "No sign of a leak where the image can be judged, which is not everywhere."
    else:
        text = "No region of this study can be judged."
    return text + (f" Not assessable: {_listed(unread)}." if unread else "")


def rule_text(name: str) -> str:
    """Return a rule of a scale in words, or its name where it is of no scale known here."""
    return _RULES.get(name, name.replace("-", " "))


def pattern_text(finding: Finding) -> str:
    """Return the visible forms of a finding, such as ``triangle, streaks``."""
    return ", ".join(finding.pattern) or "none named"


def place_text(finding: Finding) -> str:
    """Return root, side and the range of roots that the uncertain numbering leaves open."""
    between = range_text(finding)
    return f"{place_of(finding)} ({between})" if between else place_of(finding)


def range_text(finding: Finding) -> str:
    """Return the range of roots that the numbering leaves open; nothing where it is one root."""
    first, last = finding.segment_range or (None, None)
    return "" if first == last else f"{first}\N{EN DASH}{last}"


def limits_of(reading: Reading) -> tuple[str, ...]:
    """Return what limits a reading: its warnings and what is doubtful about the roots' names."""
    note = reading.numbering.note
    return (*((note,) if note else ()), *reading.quality.warnings)


def protocol_text(item: str) -> str:
    """Return the name of an acquisition setting, as a page shows it."""
    return _ITEMS.get(item, item)


def verdict_mark(verdict: Verdict) -> str:
    """Return the sign that stands before a verdict."""
    return _VERDICT_MARKS[verdict]


def numbering_text(reading: Reading) -> str:
    """Return how root names were found and how far they may be off."""
    numbering = reading.numbering
    formula = numbering.formula
    if numbering.kind == "failed":
        text = "Roots could not be named; findings keep their place in the image."
    elif numbering.kind == "anchored":
        pinned = ", ".join(f"{root} at {at:.0f} mm" for root, at in numbering.anchors.items())
        text = f"Roots were counted from what the user named ({pinned})."
    else:
        text = (
            f"Roots were named from the whole pattern of sleeves, assuming 7 cervical, "
            f"{formula.thoracic} thoracic and {formula.lumbar} lumbar vertebrae."
        )
    if numbering.uncertainty_roots is not None:
        text += f" The names may be off by about {numbering.uncertainty_roots:.1f} roots."
    text += (
        f" C8 leaves at C7/T1 and counts as thoracic; T{formula.thoracic} leaves at "
        f"T{formula.thoracic}/L1 and counts as lumbar."
    )
    return f"{text} {numbering.note}" if numbering.note else text


def is_sign(finding: Finding) -> bool:
    """Return whether a finding is a leak sign of grade 1 or more."""
    return finding.kind is FindingKind.LEAK and bool(finding.grade)


def kind_text(finding: Finding) -> str:
    """Return what a finding is; a candidate that was graded 0 is no sign."""
    if finding.kind is FindingKind.LEAK and not is_sign(finding):
        return "looked at, no sign"
    return KIND_WORDS[finding.kind]


def by_rank(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return leak signs from the highest grade downward, then what is listed only."""
    return sorted(
        findings,
        key=lambda f: (not is_sign(f), -(f.grade or 0), -f.score, f.id),
    )


def root_cell(root: Root | None, findings: tuple[Finding, ...] = ()) -> str:
    """Return what is said of one root on one side, with its grade and the mimics found there."""
    if root is None:
        return "outside"
    if not root.visible:
        return "not seen"
    said = ["seen" if root.sleeve_mm is None else f"{root.sleeve_mm:.1f} mm"]
    if root.grade:
        said.append(f"grade {root.grade.value}")
    for finding in findings:
        here = (finding.segment, finding.side) == (root.segment, root.side)
        if here and finding.kind is not FindingKind.LEAK:
            said.append(KIND_WORDS[finding.kind])
    return ", ".join(said)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def value_text(value: float | str | None) -> str:
    """Return an acquisition setting as a page shows it."""
    if value is None:
        return "\N{EN DASH}"
    return value if isinstance(value, str) else f"{value:g}"


def date_text(acquired: str | None) -> str:
    """Return an ISO 8601 date and time to the minute, as a page shows it."""
    return "\N{EN DASH}" if not acquired else acquired.replace("T", " ")[:16]
