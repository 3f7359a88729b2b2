"""The page of a comparison: what became of each sign, both spines on one scale."""

from __future__ import annotations

from collections.abc import Mapping

from myeloscope.comparison.change import PATCH_DAYS, Change, Comparison, Measured, day_of
from myeloscope.comparison.record import SETTINGS, interval_days
from myeloscope.report.comparison_picture import CHANGE_COLOURS, comparison_picture
from myeloscope.report.page import data_uri, render

CHANGE_MARKS: Mapping[Change, str] = {
    Change.RESOLVED: "\N{CHECK MARK}",
    Change.IMPROVED: "\N{DOWNWARDS ARROW}",
    Change.UNCHANGED: "=",
    Change.WORSE: "\N{UPWARDS ARROW}",
    Change.NEW: "+",
    Change.NOT_COMPARABLE: "?",
}
LIMITS: tuple[str, ...] = (
    "The level of a sign is no proof of the level of the dural defect, and a sign that has gone "
    "is no proof that the defect has closed.",
    "A change is judged on extent in mm and on brightness over the sac's, not on the ratio to the "
    "sac's width: the sac re-expands after treatment.",
    "What counts as a change was set on simulated leaks, not on patients. Of the changes told of "
    "simulated leaks that nobody tuned on, about 17 in 20 were right.",
    "Signs that one reading missed look new or resolved. Where a reading was in doubt, or did not "
    "show a place, the sign is not comparable.",
    "The volume index is that of a round tube as wide as the sac: it follows change, is no volume.",
)


def comparison_page(made: Comparison, version: str) -> str:
    """Return a comparison as a self-contained HTML page."""
    counts = {change: sum(sign.change is change for sign in made.signs) for change in Change}
    return render(
        "comparison.html",
        made=made,
        version=version,
        days=(day_of(made.before), day_of(made.after)),
        interval=interval_days(made),
        counts={change: n for change, n in counts.items() if n},
        marks=CHANGE_MARKS,
        colours=CHANGE_COLOURS,
        measured=measured_text,
        picture=data_uri(comparison_picture(made).encode(), "image/svg+xml"),
        patch_days=PATCH_DAYS,
        settings=SETTINGS,
        limits=LIMITS,
    )


def measured_text(sign: Measured | None) -> str:
    """Return grade, extent and brightness of a sign, or a dash where it is not there."""
    if sign is None:
        return "\N{EN DASH}"
    parts = [f"grade {sign.grade.value}"]
    if sign.extent_mm is not None:
        parts.append(f"extent {sign.extent_mm:.1f} mm")
    if sign.brightness is not None:
        parts.append(f"brightness {sign.brightness:.2f}")
    return ", ".join(parts)
