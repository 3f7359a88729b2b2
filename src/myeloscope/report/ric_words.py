"""What a reading of a cisternogram says, in whole sentences for its report."""

from __future__ import annotations

from myeloscope.domain.anatomy import Region
from myeloscope.domain.reading import Finding, IndirectSign, Reading
from myeloscope.domain.scintigraphy import IndirectSignKind
from myeloscope.report.reading_words import place_text as place_text

LIMITS: tuple[str, ...] = (
    "Cisternography may show nothing when there is no active leak at the time, or when it is "
    "smaller than the camera's resolution; about a third of proven leaks show no direct sign.",
    "The readers of the source study knew the patients and read by consensus; the scale's words "
    "'hot' and 'faint' carry no figure there. The bounds used here are in the settings below.",
    "CSF that leaks through the puncture itself shows beside the lower lumbar canal, not in the "
    "first hour but later. A cyst that fills looks like faint or hot activity.",
    "Levels are named from what a planar image shows of the body, and may be off by a vertebra "
    "or two; an MR myelography reading of the patient names them better.",
    "Early bladder activity was seen in 62 % of people without a leak: indirect signs are listed "
    "and never raise a grade.",
    "Kidneys, bladder and the needle's track are tracer where it belongs, and no finding.",
)
"""What the reader of a report must not forget (Clin Nucl Med 2007;32:850; Spine 2012)."""

SCALE_ROWS: tuple[tuple[str, str], ...] = (
    ("0 none", "No paraspinal activity; or activity that is no leak, such as the puncture's own."),
    ("1 possible", "Faint paraspinal activity, however long."),
    ("2 probable", "Hot paraspinal activity, no longer than the canal is wide."),
    ("3 definite", "Hot paraspinal activity, longer than the canal is wide."),
    (
        "not assessable",
        "More than two adjacent roots of C4 to L5 in the region cannot be judged at any time.",
    ),
)

DEFINITIONS: tuple[tuple[str, str], ...] = (
    (
        "Activity",
        "counts beside the canal that neither canal nor background explain, over the canal's own "
        "at that level and time (geometric mean of opposed views)",
    ),
    ("Hot, faint", "activity from the bound for hot on; from the bound for faint on, below hot"),
    ("Length", "full width at half maximum across the canal's axis"),
    ("Canal", "the canal's apparent width at that level: full width at half maximum"),
    ("Score", "orders cases from least to most suspicious; it is not a probability"),
)

_SIGNS = {
    IndirectSignKind.EARLY_BLADDER: "Early bladder activity",
    IndirectSignKind.SLOW_ASCENT: "Slow ascent",
    IndirectSignKind.FAST_CLEARANCE: "Fast clearance",
}


def sign_name(sign: IndirectSign) -> str:
    """Return an indirect sign's name."""
    return _SIGNS[sign.kind]


def sign_state(sign: IndirectSign) -> str:
    """Return whether an indirect sign is there."""
    return {True: "present", False: "absent", None: "not measured"}[sign.present]


def time_rows(reading: Reading) -> list[tuple[str, list[str]]]:
    """Return region and its grade at each time, as cells show them."""
    rows = []
    for region in Region:
        cells = [
            "\N{EN DASH}" if each.grade is None else str(each.grade.value)
            for each in reading.regions[region].by_time or ()
        ]
        rows.append((region.value, cells))
    return rows


def times(reading: Reading) -> list[str]:
    """Return the times of a reading, as heads show them."""
    return [f"{each.hours:.1f} h" for each in reading.regions[Region.LUMBAR].by_time or ()]


def ratios_text(finding: Finding) -> str:
    """Return a finding's activity at each time."""
    parts = []
    number = 1
    while f"hours_{number}" in finding.evidence:
        ratio = finding.evidence.get(f"ratio_{number}")
        shown = "\N{EN DASH}" if ratio is None else f"{ratio:.2f}"
        parts.append(f"{finding.evidence[f'hours_{number}']:.1f} h {shown}")
        number += 1
    return ", ".join(parts)


def first_seen(finding: Finding) -> str:
    """Return when a finding is first graded 1 or more."""
    number = 1
    while f"hours_{number}" in finding.evidence:
        if finding.evidence.get(f"grade_{number}", 0.0) >= 1:
            return f"{finding.evidence[f'hours_{number}']:.1f} h"
        number += 1
    return "\N{EN DASH}"
