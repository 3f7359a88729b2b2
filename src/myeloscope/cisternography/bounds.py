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
    tellable
        The same for a level to count as judged: with less, faint activity (a third of the
        canal's, over the noise of canal edge and background) would not reach ``certain``.
    least_share
        Canal activity over the brightest at that time below which scatter covers the canal.
    fill_out
        Observed over expected activity in the first hours, below which activity near the puncture
        came late: CSF that leaks through the puncture is not there at 1 h, while a leak is fed
        from the beginning where tracer is injected beside it (PubMed 22990687). What is fed from
        the beginning and cleared as it goes lies at 1 or above.
    fill_out_faint
        The same for faint activity, in which the errors added weigh more: what leaks lies at 1.2
        or above even so (tuning phantoms and another simulator's). Hot activity that comes late
        stays a leak's: one may open late.
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
    attenuation
        Effective attenuation of Tc-99m in tissue, broad beam, 1/mm (0.12-0.15 per cm; the lower
        end, so that depths are not overstated).
    absorbed
        Greatest share of its activity that a leak's pool loses, 1/h: absorbed with a half-time of
        50 minutes or more (leaks stay visible for hours).
    balance
        Difference of chi squared from which on a greater share is sure: three SD.
    depth_mm
        Depth against the canal's, at two SD, from which on activity is no leak: what leaks stays
        beside the spine; skin behind lies 40-80 mm away, the thyroid 45-65 mm in front.
    organ_mm
        Depth against the canal's from which on activity that is surely not at the canal's depth is
        skin's or the thyroid's: half way to them and more.
    lungs_mm
        How much nearer to the front activity beside the spine looks in the chest than it lies: in
        front of the canal lie heart and vessels, in front of what lies beside it some 80 mm of
        lung, which weaken by a third of what tissue does (0.04-0.05 per cm).
    motion_mm
        Shift between opposed views from which on their mean blurs what it shall show.
    """

    hot: float = 0.5
    faint: float = 0.15
    certain: float = 4.6
    least_canal: float = 6.0
    tellable: float = 9.0
    least_share: float = 0.02
    fill_out: float = 0.65
    fill_out_faint: float = 1.2
    early_h: float = 1.3
    near_mm: float = 75.0
    early_bladder_h: float = 2.6
    early_bladder: float = 0.02
    ascent_h: float = 4.6
    clearance_h: float = 5.0
    clearance: float = 0.25
    infiltrated: float = 0.18
    beside_mm: float = 130.0
    attenuation: float = 0.0125
    absorbed: float = 0.8
    balance: float = 9.0
    depth_mm: float = 22.0
    organ_mm: float = 35.0
    lungs_mm: float = 27.0
    motion_mm: float = 5.0


BOUNDS = Bounds()
