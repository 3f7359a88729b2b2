"""Every bound of the reading of cisternograms, with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of the decision.

    Attributes
    ----------
    hot
        Activity over the canal's there and then from which on it is hot. The paper says "hot" and
        "faint" without a figure; half of the canal's is where an eye that has the canal beside it
        stops calling it faint (estimate).
    faint
        The same from which on activity is seen at all: the canal's own edge varies by some 5 %
        of its height from root to root, because normal sleeves hold tracer.
    certain
        Paraspinal counts over their Poisson error from which on they are real. Some 2000
        independent places are looked at in a study; at 4.6 some four studies in 1000 have a
        chance finding.
    least_canal
        Canal counts over their error below which a level cannot be judged: with less, activity
        as bright as the canal would not be certain.
    least_share
        Canal activity over the brightest at that time below which scatter covers the canal.
    fill_out
        Observed over expected activity at the first time, below which activity near the puncture
        came late: CSF that leaks through the puncture is not there at 1 h, while a leak is fed
        from the beginning where tracer is injected beside it (PubMed 22990687).
    at_once
        The same above which activity was there at once: put there, not leaked.
    early_h
        Until when an image is early enough to tell that.
    near_mm
        How far above and below the injection activity can come from the puncture.
    early_bladder_h, early_bladder
        Bladder over all counts in the first hours from which on it is early.
    ascent_h
        By when tracer reaches the neck normally (basal cisterns at 1-3 h, textbook).
    clearance_h, clearance
        Spinal activity left over that at first, decay-corrected, below which it has cleared fast.
    infiltrated
        Counts beside the canal over those in it around the injection in the first image from
        which on part of the dose went beside the sac.
    beside_mm
        How far from the injection such a dose spreads.
    motion_mm
        Shift between opposed views from which on their mean blurs what it shall show.
    """

    hot: float = 0.5
    faint: float = 0.15
    certain: float = 4.6
    least_canal: float = 6.0
    least_share: float = 0.02
    fill_out: float = 0.4
    at_once: float = 4.5
    early_h: float = 1.3
    near_mm: float = 75.0
    early_bladder_h: float = 2.6
    early_bladder: float = 0.02
    ascent_h: float = 4.6
    clearance_h: float = 5.0
    clearance: float = 0.25
    infiltrated: float = 0.45
    beside_mm: float = 130.0
    motion_mm: float = 5.0


BOUNDS = Bounds()
