"""Indirect signs: measured and listed, never graded (DESIGN)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from myeloscope.cisternography.activity import Activity
from myeloscope.cisternography.bounds import BOUNDS, Bounds
from myeloscope.cisternography.canal import Canal
from myeloscope.cisternography.landmarks import Landmarks
from myeloscope.cisternography.levels import Ladder
from myeloscope.cisternography.planar import STEP_MM, nuclear
from myeloscope.domain.anatomy import Segment
from myeloscope.domain.image import Study
from myeloscope.domain.reading import IndirectSign
from myeloscope.domain.scintigraphy import IndirectSignKind, View


def indirect_signs(
    study: Study, canal: Canal, activities: Sequence[Activity], landmarks: Landmarks,
    ladder: Ladder, bounds: Bounds = BOUNDS,
) -> tuple[IndirectSign, ...]:  # fmt: skip
    """Return early bladder, slow ascent and fast clearance, each measured or said not to be."""
    return (
        _early_bladder(study, canal, activities, ladder, bounds),
        _slow_ascent(canal, activities, ladder, bounds),
        _fast_clearance(activities, bounds),
    )


def _early_bladder(
    study: Study, canal: Canal, activities: Sequence[Activity], ladder: Ladder, bounds: Bounds
) -> IndirectSign:
    """Measure counts in the pelvis in front, over all, in the first hours (anterior view)."""
    unit, kind = "share of counts", IndirectSignKind.EARLY_BLADDER
    shares: list[tuple[float, float]] = []
    lowest = ladder.exits_mm[max(ladder.exits_mm, key=lambda s: ladder.exits_mm[s])]
    for activity in activities:
        moment = activity.straight.moment
        front = [i for i in moment.stations if nuclear(study.stations[i]).view is View.ANTERIOR]
        if moment.hours > bounds.early_bladder_h or not front:
            continue
        station = study.stations[front[0]]
        row_mm = float(np.interp(lowest + 15.0, canal.s, activity.straight.z))
        plane = station.geometry
        first = int((plane.position[2] - row_mm) / plane.row_spacing)
        last = int(first + 130.0 / plane.row_spacing)
        rows = station.pixels.sum(axis=1)
        seen = np.flatnonzero(rows > 0)
        if len(seen) == 0 or first + 50.0 / plane.row_spacing > seen[-1] or first < 0:
            continue
        x = float(activity.straight.axis[-1])
        column = (x - plane.position[0]) / (plane.along_row[0] * plane.column_spacing)
        half = 55.0 / plane.column_spacing
        low, high = max(int(column - half), 0), int(column + half) + 1
        box = station.pixels[first:last, low:high].astype(float)
        floor = np.percentile(box, 20) if box.size else 0.0
        shares.append((float((box - floor).clip(0).sum() / rows.sum()), moment.hours))
    if not shares:
        note = "the bladder is not in an early anterior image"
        return IndirectSign(kind, None, None, unit, bounds.early_bladder, None, note)
    share, hours = max(shares)
    present = share > bounds.early_bladder
    note = f"{100 * share:.1f} % of all counts lie in the pelvis at {hours:.1f} h; early bladder "
    note += "activity is frequent without a leak too"
    return IndirectSign(kind, present, share, unit, bounds.early_bladder, hours, note)


def _slow_ascent(
    canal: Canal, activities: Sequence[Activity], ladder: Ladder, bounds: Bounds
) -> IndirectSign:
    """Measure how far below C7 the front of activity is at the last time that counts."""
    kind, unit = IndirectSignKind.SLOW_ASCENT, "mm below C7"
    early = [a for a in activities if 1.5 < a.straight.moment.hours <= bounds.ascent_h]
    if not early:
        return IndirectSign(kind, None, None, unit, 0.0, None, "no image at 1.5 to 4.6 h")
    activity = early[-1]
    hours = activity.straight.moment.hours
    goal = ladder.exits_mm[Segment.C7]
    rows = np.flatnonzero(activity.valid & (activity.canal > 0.08 * activity.canal.max()))
    if len(rows) == 0:
        return IndirectSign(kind, None, None, unit, 0.0, hours, "no canal activity to follow")
    front = float(canal.s[rows[0]])
    seen = np.flatnonzero(activity.straight.seen[:, activity.straight.seen.shape[1] // 2])
    top = float(canal.s[seen[0]]) if len(seen) else 0.0
    below = front - max(goal, top + 3 * STEP_MM)
    sd = ladder.sd_mm[Segment.C7]
    present = below > sd
    note = f"activity reaches {ladder.nearest(front)} at {hours:.1f} h"
    return IndirectSign(kind, present, below, unit, sd, hours, note)


def _fast_clearance(activities: Sequence[Activity], bounds: Bounds) -> IndirectSign:
    """Measure what is left in the spinal canal late, decay-corrected, over the first time's."""
    kind, unit = IndirectSignKind.FAST_CLEARANCE, "share left"
    late = [a for a in activities if a.straight.moment.hours >= bounds.clearance_h]
    first = activities[0]
    if not late or first.straight.moment.hours > 1.6:
        note = "an early and a late image are needed"
        return IndirectSign(kind, None, None, unit, bounds.clearance, None, note)
    if len({len(a.straight.moment.views) for a in (first, late[0])}) > 1:
        note = "one view at one time and two at the other: their counts cannot be compared"
        return IndirectSign(kind, None, None, unit, bounds.clearance, None, note)
    total = [
        float(np.where(a.valid, a.canal * a.width, 0.0).sum() * a.straight.moment.scale)
        for a in (first, late[0])
    ]
    left = total[1] / max(total[0], 1e-12)
    hours = late[0].straight.moment.hours
    note = f"{100 * left:.0f} % of the first image's spinal activity is left at {hours:.1f} h"
    return IndirectSign(kind, left < bounds.clearance, left, unit, bounds.clearance, hours, note)
