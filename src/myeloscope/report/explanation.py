"""Why a finding or a region has its grade: the numbers of a reading, step by step.

Everything stands in the reading; what a number was held against comes from whoever read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from myeloscope.domain.anatomy import Region, Side
from myeloscope.domain.grade import FindingKind, Grade, Pattern, Technique
from myeloscope.domain.reading import Finding, Reading, Root
from myeloscope.grading.scale import MRM_RULES, MrmEvidence, tried_rules
from myeloscope.report.marks import GRADE_WORDS, grade_text, name_of, place_of
from myeloscope.report.page import number
from myeloscope.report.reading_words import (
    by_rank,
    is_sign,
    kind_text,
    numbering_text,
    pattern_text,
    range_text,
    rule_text,
)

LATERAL = frozenset((Pattern.STREAKS, Pattern.RETICULAR, Pattern.HAZE))
NEIGHBOURS = 3
"""Roots above and below on the same side that show what is normal there."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a number is held against: at least this, or at most; ``of`` says whose limit it is."""

    value: float
    at_least: bool = True
    of: str = ""

    def met(self, number: float) -> bool:
        """Return whether a number keeps it."""
        return number >= self.value if self.at_least else number <= self.value


Limits = Mapping[str, Limit]
"""By the names of a finding's evidence, ``snr`` and ``score`` beside them."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a step: what it is, its value, and what it was held against, in words."""

    label: str
    value: str
    against: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a grade."""

    title: str
    text: str = ""
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something has its grade, from the place to the conclusion."""

    title: str
    steps: tuple[Step, ...]


def explain_finding(reading: Reading, finding: Finding, limits: Limits) -> Explanation:
    """Return the steps that led to a finding's kind and grade.

    Parameters
    ----------
    reading
        The reading that holds the finding.
    finding
        One of its findings.
    limits
        What its numbers were held against; nothing is said of what is missing.
    """
    steps = [_place(reading, finding), _image(reading, finding, limits)]
    if finding.evidence and reading.technique is Technique.MRM:
        steps += [
            _normal(reading, finding),
            _beyond(finding, limits),
            _kind(finding, limits),
        ]
    if reading.technique is Technique.RIC:
        steps.append(_times(finding))
    steps += [_grade(reading, finding), _of_region(reading, finding.region)]
    return Explanation(
        f"{name_of(finding)}: why", tuple(step for step in steps if step.text or step.numbers)
    )


def explain_region(reading: Reading, region: Region, limits: Limits) -> Explanation:
    """Return the steps that led to a region's grade, or to none; parameters likewise."""
    graded = reading.regions[region]
    return Explanation(
        f"{region.value} {grade_text(graded)}: why",
        (
            _judged(reading, region, limits),
            _found(reading, region),
            _doubt(reading, region, limits),
            _of_region(reading, region),
        ),
    )


def _place(reading: Reading, finding: Finding) -> Step:
    numbers = [
        Number("root and side", place_of(finding)),
        Number("the root may be", range_text(finding).replace("\N{EN DASH}", " to ")),
        Number("patient position (left, back, up)", _mm3(finding.position_mm)),
    ]
    if finding.source is not None:
        at = finding.source
        station = next((s.station for s in reading.sources if s.sop_uid == at.sop_uid), "")
        numbers.append(Number("pixel", f"row {at.row:.0f}, column {at.column:.0f}", station))
    return Step("Where it lies", numbering_text(reading), _said(numbers))


def _image(reading: Reading, finding: Finding, limits: Limits) -> Step:
    evidence = finding.evidence
    return Step(
        "What the image allows",
        numbers=_said(
            [
                _held("sac signal over noise", reading.quality.snr, "", "snr", limits),
                _held("signal over the spread around it", evidence.get("contrast"), "", "", limits),
            ]
        ),
    )


def _normal(reading: Reading, finding: Finding) -> Step:
    """Return what a normal sleeve would be there."""
    tip = finding.evidence.get("tip")
    near = _neighbours(reading, finding)
    others = [r.sleeve_mm for r in reading.roots if _opposite(r, finding) and r.sleeve_mm]
    lengths = sorted(root.sleeve_mm for root in near if root.sleeve_mm is not None)
    numbers = [
        _held("end of the expected normal sleeve", tip, " mm", "", {}),
        _held("sleeve of the other side", max(others, default=None), " mm", "", {}),
    ]
    if lengths:
        numbers.append(
            Number(
                f"sleeves of {len(lengths)} roots next to it",
                f"{lengths[0]:.1f} to {lengths[-1]:.1f} mm",
            )
        )
    return Step("What is normal there", numbers=_said(numbers))


def _beyond(finding: Finding, limits: Limits) -> Step:
    get = finding.evidence.get
    rows = [
        ("brightness, over the sac's", get("brightness"), "", "brightness"),
        ("unexplained area", get("area"), " mm\N{SUPERSCRIPT TWO}", "area"),
        ("of it next to the sac", get("expansion"), " mm\N{SUPERSCRIPT TWO}", "expansion"),
        ("of it beyond the longest sleeve", get("lateral"), " mm\N{SUPERSCRIPT TWO}", "lateral"),
        ("width at the sac", get("base"), " mm", "base"),
        ("width far out over near", get("taper"), "", "taper"),
        ("fine structure, over brightness", get("texture"), "", "texture"),
    ]
    text = f"Seen: {pattern_text(finding)}."
    return Step("What goes beyond it", text, _said([_held(*row, limits) for row in rows]))


def _kind(finding: Finding, limits: Limits) -> Step:
    get = finding.evidence.get
    depth = None
    if "brightness" in finding.evidence and finding.evidence.get("dome_diameter"):
        depth = finding.evidence["brightness"] / finding.evidence["dome_diameter"]
    shape = {
        "fit": get("dome_fit"),
        "diameter": get("dome_diameter"),
        "rim": get("dome_rim"),
        "depth": depth,
    }
    which = _sphere(shape, limits)
    numbers = [
        _held("likeness to a sphere", shape["fit"], "", f"{which}_fit", limits),
        _held("its diameter", shape["diameter"], " mm", f"{which}_diameter", limits),
        _held("signal outside its rim", shape["rim"], "", f"{which}_rim", limits),
        _held("brightness over diameter", depth, " /mm", f"{which}_depth", limits),
        _held("unexplained area outside it", get("rest"), " mm\N{SUPERSCRIPT TWO}", "", limits),
    ]
    numbers.append(_held("the picture, to the network (logit)", get("pattern"), "", "", limits))
    numbers.append(_held("evidence for a leak (score)", finding.score, "", "score", limits))
    return Step("Leak or round outpouching", f"Taken for: {kind_text(finding)}.", _said(numbers))


def _sphere(shape: Mapping[str, float | None], limits: Limits) -> str:
    """Return whose limits a round shape is held against.

    A nearly perfect sphere may be dimmer than a sphere: its own limits are told where it keeps
    those and not a sphere's.
    """

    def kept(which: str) -> bool:
        held = [(shape[name], limits.get(f"{which}_{name}")) for name in shape]
        return all(limit is None or (v is not None and limit.met(v)) for v, limit in held)

    known = any(f"perfect_{name}" in limits for name in shape)
    return "perfect" if known and kept("perfect") and not kept("dome") else "dome"


def _times(finding: Finding) -> Step:
    """Return a cisternogram's activity at each time, over the canal's there and then."""
    get, numbers = finding.evidence.get, []
    count = sum(name.startswith("hours_") for name in finding.evidence)
    for n in range(1, count + 1):
        sure = get(f"certainty_{n}")
        against = "" if sure is None else f"{number(sure)} times its error"
        numbers.append(
            Number(f"at {get(f'hours_{n}'):.1f} h", number(get(f"ratio_{n}"), 2), against)
        )
    return Step("Activity over the canal's, at each time", numbers=_said(numbers))


def _grade(reading: Reading, finding: Finding) -> Step:
    numbers = [_held("reach from the sac's edge", finding.reach_mm, " mm", "", {})]
    reach, extent, width = finding.reach_mm, finding.extent_mm, finding.sac_width_mm
    against = ""
    if reach is not None and extent is not None:
        against = f"reach less {reach - extent:.1f} mm of sleeve"
    ric = reading.technique is Technique.RIC
    names = ("length", "canal width") if ric else ("extent", "sac width")
    numbers += [
        Number(names[0], _mm(extent), "" if ric else against),
        Number(names[1], _mm(width)),
        Number(f"{names[0]} over {names[1]}", number(finding.ratio, 2)),
    ]
    numbers += _rules(reading, finding)
    grade = finding.grade
    verdict = "listed, not graded" if grade is None else f"grade {grade} {GRADE_WORDS[grade]}"
    text = f"Rule of {reading.scale}: {rule_text(finding.rule)}. So: {verdict}."
    return Step("The grade", text, _said(numbers))


def _rules(reading: Reading, finding: Finding) -> list[Number]:
    """Return each rule that was tried and whether it held, for a leak on MR myelography."""
    extent, width = finding.extent_mm, finding.sac_width_mm
    mrm = reading.technique is Technique.MRM and finding.kind is FindingKind.LEAK
    if not mrm or extent is None or width is None:
        return []
    forms = frozenset(finding.pattern)
    evidence = MrmEvidence(Pattern.TRIANGLE in forms, bool(forms & LATERAL), extent, width)
    tried = tried_rules(MRM_RULES, evidence)
    rows = [Number(f"rule {rule.name}", "does not hold") for rule in tried[:-1]]
    rows.append(Number(f"rule {tried[-1].name}", "holds", f"grade {tried[-1].grade.value}"))
    if tried[-1].name != finding.rule:
        rows.append(Number("the reading names another rule", finding.rule, met=False))
    return rows


def _judged(reading: Reading, region: Region, limits: Limits) -> Step:
    formula = reading.numbering.formula
    numbers = [_held("sac signal over noise", reading.quality.snr, "", "snr", limits)]
    for side in (Side.RIGHT, Side.LEFT):
        here = [
            root
            for root in reading.roots
            if root.side is side and root.segment and formula.region(root.segment) is region
        ]
        seen = sum(root.visible for root in here)
        numbers.append(Number(f"roots looked at, {side.value}", f"{len(here)}", f"{seen} seen"))
    head = f"{region.value}: "
    told = [w.removeprefix(head) for w in reading.quality.warnings if w.startswith(head)]
    text = " ".join(f"{line[:1].upper()}{line[1:]}." for line in told)
    return Step("What of it can be judged", text or numbering_text(reading), _said(numbers))


def _found(reading: Reading, region: Region) -> Step:
    here = [f for f in by_rank(reading.findings) if f.region is region]
    rows = [Number(name_of(f), _mm(f.extent_mm) or "\N{EN DASH}", f.rule) for f in here]
    signs = sum(is_sign(f) for f in here)
    text = f"Signs of a leak: {signs}. Other findings: {len(here) - signs}."
    return Step("What was found", text if here else "No sign of a leak, no mimic.", tuple(rows))


def _doubt(reading: Reading, region: Region, limits: Limits) -> Step:
    score = reading.regions[region].score
    numbers = [_held("highest score of a candidate", score, "", "score", limits)]
    text = "The score orders candidates from least to most like a leak; it is no probability."
    return Step("What came nearest to a sign", text, _said(numbers))


def _of_region(reading: Reading, region: Region) -> Step:
    read = reading.regions[region]
    signs = [f for f in by_rank(reading.findings) if f.region is region and is_sign(f)]
    if read.grade is None:
        text = f"The {region.value} region is not assessable: {read.reason}."
    elif read.grade is Grade.NONE:
        text = f"The {region.value} region is grade 0: it could be judged and holds no sign."
    else:
        decides = [name_of(f) for f in signs if f.grade == read.grade]
        text = f"The {region.value} region is {grade_text(read)}, the highest grade of its signs"
        text += f" ({', '.join(decides)})." if decides else "."
    if read.at_least:
        text += " A part of it could not be judged, so that it may be higher."
    return Step("The region", text)


def _neighbours(reading: Reading, finding: Finding) -> list[Root]:
    """Return the visible roots next to a finding's own, on its side."""
    order = reading.numbering.formula.segments
    if finding.segment not in order:
        return []
    at = order.index(finding.segment)
    near = frozenset(order[max(0, at - NEIGHBOURS) : at + NEIGHBOURS + 1]) - {finding.segment}
    return [r for r in reading.roots if r.side is finding.side and r.visible and r.segment in near]


def _opposite(root: Root, finding: Finding) -> bool:
    return root.segment is finding.segment and root.side is not finding.side


def _held(label: str, value: float | None, unit: str, name: str, limits: Limits) -> Number:
    """Return a number with what it is held against, empty where there is none."""
    if value is None:
        return Number(label, "")
    decimals = 1 if unit or abs(value) >= 10 else 2
    if unit == " /mm":
        decimals = 3
    limit = limits.get(name)
    if limit is None:
        return Number(label, number(value, decimals) + unit)
    bound = f"{'at least' if limit.at_least else 'at most'} {limit.value:g}{unit}"
    against = f"{limit.of} {bound}".strip()
    return Number(label, number(value, decimals) + unit, against, limit.met(value))


def _said(numbers: Sequence[Number]) -> tuple[Number, ...]:
    """Return the numbers that there are."""
    return tuple(each for each in numbers if each.value and each.value != "\N{EN DASH}")


def _mm(value: float | None) -> str:
    return "" if value is None else f"{number(value)} mm"


def _mm3(position: Sequence[float | None]) -> str:
    return ", ".join(number(value) for value in position) + " mm"
