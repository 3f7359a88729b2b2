"""A phantom with more to judge than the demonstration's."""

from __future__ import annotations

from dataclasses import replace

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.domain.grade import FindingKind, Grade, Pattern
from myeloscope.phantom import FindingSpec, PhantomSpec, demo_spec


def three_leaks() -> PhantomSpec:
    """Return the demonstration's phantom with one more leak, of grade 3 at T6 left."""
    more = FindingSpec(
        FindingKind.LEAK,
        Segment.T6,
        Side.LEFT,
        Grade.DEFINITE,
        ratio=1.4,
        pattern=(Pattern.STREAKS,),
        triangle=True,
    )
    demo = demo_spec(8)
    first, *rest = demo.findings or ()
    return replace(demo, findings=(first, more, *rest))
