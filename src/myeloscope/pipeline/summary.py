"""A reading in a few lines of plain text, for a terminal or a log."""

from __future__ import annotations

from myeloscope.domain.anatomy import Region
from myeloscope.domain.reading import Reading
from myeloscope.report.marks import grade_text, measure_of, name_of
from myeloscope.report.reading_words import by_rank, conclusion

MOST = 5


def summary(reading: Reading) -> tuple[str, ...]:
    """Return the answer, the three regions and the most suspicious findings, one line each."""
    regions = "; ".join(f"{r.value} {grade_text(reading.regions[r])}" for r in Region)
    findings = by_rank(reading.findings)
    lines = [conclusion(reading), regions]
    lines += [f"{name_of(f)}: {measure_of(f)}" for f in findings[:MOST]]
    if len(findings) > MOST:
        lines.append(f"and {len(findings) - MOST} more findings")
    return tuple(lines)
