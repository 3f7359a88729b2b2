"""Why a sign that one reading has and another lacks may not be new or gone.

A place may not be shown, or not be judged; the reading that lacks the sign may have been in doubt
at that very root; the sign may barely be one.
"""

from __future__ import annotations

from myeloscope.domain.anatomy import Region, Side
from myeloscope.domain.reading import Finding, Reading

DOUBT = 0.1
"""Score of a root without sign from which on its reader was in doubt there; of a whole region
without sign, where a reading keeps no scores of roots. Set on phantom pairs, tuning seeds
5000-5399: roots whose leak was gone or not yet there left less than 0.07 but for two, and those
whose leak was missed 0.1 or more but for two."""
CERTAIN = 0.7
"""Score below which a sign barely is one: that the other reading lacks it is no change (likewise;
false signs that one reading of two has mostly score 0.5 to 0.7)."""
ROOT_MM = 12.0
"""Roots of a side this near a place say what its reader thought of it."""
EDGE_MM = 10.0
"""A place so near the end of the sac that is shown is not covered."""
GAP_MM = 6.0
"""A place so far from any point of the sac is in a gap."""


def why_not_absent(reading: Reading, s_mm: float, side: Side, region: Region) -> str | None:
    """Return why a reading without a sign at a place does not say that there is none, or ``None``.

    Parameters
    ----------
    reading
        The reading that has no sign there.
    s_mm, side
        The place, on that reading's own distances along the sac.
    region
        The region that the other reading has the sign in.
    """
    shown = [p.s_mm for p in reading.sac]
    if not shown or not shown[0] + EDGE_MM <= s_mm <= shown[-1] - EDGE_MM:
        return "not covered"
    if min(abs(at - s_mm) for at in shown) > GAP_MM:
        return "no sac signal there"
    read = reading.regions[region]
    if read.grade is None:
        return f"{region} region not assessable ({read.reason})"
    if read.at_least:
        return f"{region} region judged in part only"
    scored = [root for root in reading.roots if root.leak_score is not None]
    if scored:
        return _doubt_at(reading, s_mm, side)
    if not read.grade and read.score is not None and read.score >= DOUBT:
        return f"no sign, but doubt in the {region} region (score {read.score:.2f})"
    return None


def _doubt_at(reading: Reading, s_mm: float, side: Side) -> str | None:
    """Return the doubt of a reading that keeps the scores of the roots it searched."""
    near = {
        root.leak_score: root.segment
        for root in reading.roots
        if root.leak_score is not None
        and root.side is side
        and root.s_mm is not None
        and abs(root.s_mm - s_mm) <= ROOT_MM
    }
    if not near:
        return f"no root was searched within {ROOT_MM:g} mm"
    score = max(near)
    at = near[score] or "a root without name"
    return f"no sign, but doubt at {at} (score {score:.2f})" if score >= DOUBT else None


def why_not_sure(finding: Finding) -> str | None:
    """Return why a sign that the other reading lacks may be none, or ``None``."""
    if finding.score >= CERTAIN:
        return None
    return f"no sign, and the other reading has barely one (score {finding.score:.2f})"
