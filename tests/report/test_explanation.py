"""An explanation tells the reading's own numbers, and shows them where they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
import pytest

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, Pattern, Technique
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Reading, RegionReading
from myeloscope.errors import InputError
from myeloscope.report.explanation import (
    Explanation,
    Limit,
    Number,
    explain_finding,
    explain_region,
)
from myeloscope.report.explanation_picture import (
    finding_picture,
    region_picture,
    signal_profile,
)
from myeloscope.report.scene import set_scene
from myeloscope.report.sketch import SPACING_MM, sketch


class Sample(Protocol):
    """What the fixture ``sample`` gives."""

    study: Study
    reading: Reading


LIMITS = {"snr": Limit(6.0), "score": Limit(0.5), "dome_rim": Limit(0.12, at_least=False)}


def told(why: Explanation) -> dict[str, Number]:
    return {number.label: number for step in why.steps for number in step.numbers}


def text(why: Explanation) -> str:
    return " ".join(step.text for step in why.steps)


def test_a_leak_s_numbers_lead_to_its_grade(sample: Sample) -> None:
    finding = sample.reading.findings[0]
    numbers = told(explain_finding(sample.reading, finding, LIMITS))
    # a ring of 6 mm beside the sac: reach 12, 4 of it normal, sac 16 mm wide
    assert numbers["reach from the sac's edge"].value == "12.0 mm"
    assert numbers["extent"].value == "8.0 mm"
    assert numbers["extent"].against == "reach less 4.0 mm of sleeve"
    assert numbers["extent over sac width"].value == "0.50"
    # PAPER: lateral, no further than the sac is wide, and a triangle: grade 2
    assert numbers["rule lateral>width"].value == "does not hold"
    assert (numbers["rule lateral<=width"].value, numbers["rule lateral<=width"].against) == (
        "holds",
        "grade 2",
    )
    assert "the reading names another rule" not in numbers
    assert numbers["sac signal over noise"] == Number(
        "sac signal over noise", "31.0", "at least 6", met=True
    )
    assert numbers["sleeves of 6 roots next to it"].value == "4.0 to 4.0 mm"
    assert numbers["evidence for a leak (score)"].met is True


def test_what_the_network_says_of_the_picture_is_told_where_a_reading_has_it(
    sample: Sample,
) -> None:
    finding = sample.reading.findings[0]
    assert "the picture, to the network (logit)" not in told(
        explain_finding(sample.reading, finding, LIMITS)
    )
    seen = replace(finding, evidence={**finding.evidence, "pattern": 3.116})
    numbers = told(explain_finding(sample.reading, seen, LIMITS))
    assert numbers["the picture, to the network (logit)"].value.startswith("3.1")


def test_a_rule_that_does_not_follow_is_told(sample: Sample) -> None:
    finding = replace(sample.reading.findings[0], rule="triangle", pattern=(Pattern.HAZE,))
    reading = replace(sample.reading, findings=(finding,))
    numbers = told(explain_finding(reading, finding, {}))
    assert numbers["rule no-triangle"].value == "holds"
    assert numbers["the reading names another rule"] == Number(
        "the reading names another rule", "triangle", met=False
    )


def test_a_limit_from_above_is_one(sample: Sample) -> None:
    evidence = {"dome_rim": 0.2, "dome_diameter": 8.0, "brightness": 0.4}
    finding = replace(sample.reading.findings[2], evidence=evidence)
    reading = replace(sample.reading, findings=(finding,))
    numbers = told(explain_finding(reading, finding, LIMITS))
    assert numbers["signal outside its rim"].against == "at most 0.12"
    assert numbers["signal outside its rim"].met is False
    assert numbers["brightness over diameter"].value == "0.050 /mm"


@pytest.mark.parametrize(
    ("fit", "against"), [(0.97, "nearly at least 0.02"), (0.94, "at least 0.045")]
)
def test_a_dim_sphere_is_held_against_what_it_was_taken_by(
    sample: Sample, fit: float, against: str
) -> None:
    limits = {
        "dome_fit": Limit(0.93), "dome_depth": Limit(0.045),
        "perfect_fit": Limit(0.965, of="nearly"), "perfect_depth": Limit(0.02, of="nearly"),
    }  # fmt: skip
    evidence = {"dome_fit": fit, "dome_diameter": 10.0, "brightness": 0.3}
    finding = replace(sample.reading.findings[2], evidence=evidence)
    numbers = told(explain_finding(sample.reading, finding, limits))
    assert numbers["brightness over diameter"].against.startswith(against)


def test_what_a_person_read_has_fewer_steps(sample: Sample) -> None:
    bare = replace(
        sample.reading.findings[0], evidence={}, reach_mm=None, extent_mm=None, source=None,
        segment=None, segment_range=None,
    )  # fmt: skip
    why = explain_finding(replace(sample.reading, findings=(bare,)), bare, {})
    assert [step.title for step in why.steps] == [
        "Where it lies", "What the image allows", "The grade", "The region",
    ]  # fmt: skip
    assert "extent" not in told(why)


def test_a_cisternogram_is_told_in_its_own_words(sample: Sample) -> None:
    evidence = {"hours_1": 1.0, "ratio_1": 0.6, "certainty_1": 9.0, "hours_2": 4.5}
    finding = replace(sample.reading.findings[0], rule="hot>canal", pattern=(), evidence=evidence)
    reading = replace(sample.reading, technique=Technique.RIC, findings=(finding,))
    numbers = told(explain_finding(reading, finding, {}))
    assert {"length", "canal width", "length over canal width"} <= set(numbers)
    assert numbers["at 1.0 h"] == Number("at 1.0 h", "0.60", "9.0 times its error")
    assert "at 4.5 h" not in numbers  # it could not be judged then


def test_a_finding_without_a_known_root_has_no_neighbours(sample: Sample) -> None:
    finding = replace(sample.reading.findings[0], segment=None)
    reading = replace(sample.reading, findings=(finding,))
    assert not [n for n in told(explain_finding(reading, finding, {})) if "next to it" in n]


def test_an_ungraded_finding_is_listed(sample: Sample) -> None:
    finding = replace(sample.reading.findings[2], grade=None)
    assert "listed, not graded" in text(explain_finding(sample.reading, finding, {}))


def test_a_region_s_grade_is_that_of_its_signs(sample: Sample) -> None:
    why = explain_region(sample.reading, Region.THORACIC, LIMITS)
    # C8 to T11, on each side, all seen in the drawn study
    assert told(why)["roots looked at, left"] == Number("roots looked at, left", "12", "12 seen")
    assert "Signs of a leak: 2. Other findings: 1." in text(why)
    assert "2 probable, the highest grade of its signs (T3 L  grade 2)." in text(why)


def test_a_region_without_a_sign_says_so(sample: Sample) -> None:
    why = explain_region(sample.reading, Region.CERVICAL, LIMITS)
    assert told(why)["highest score of a candidate"] == Number(
        "highest score of a candidate", "0.04", "at least 0.5", met=False
    )
    assert "grade 0: it could be judged and holds no sign" in text(why)
    assert "No sign of a leak, no mimic." in text(why)


def test_a_region_without_a_grade_says_why(sample: Sample) -> None:
    why = explain_region(sample.reading, Region.LUMBAR, {})
    assert "not assessable: L2-L5 carry too little signal." in text(why)


def test_a_region_judged_in_part_says_so(sample: Sample) -> None:
    partly = RegionReading(Grade.POSSIBLE, True, at_least=True, score=0.6)
    regions = {**sample.reading.regions, Region.LUMBAR: partly}
    warnings = ("lumbar: not judged: L3 (too noisy)",)
    quality = replace(sample.reading.quality, warnings=warnings)
    reading = replace(sample.reading, regions=regions, quality=quality)
    said = text(explain_region(reading, Region.LUMBAR, {}))
    assert "it may be higher" in said
    assert "Not judged: L3 (too noisy)." in said


def test_the_profile_falls_to_a_quarter_at_the_reach_of_a_drawn_spot(sample: Sample) -> None:
    scene = set_scene(sample.study, sample.reading)
    profile = signal_profile(scene, sample.reading.findings[0])
    assert profile is not None
    # inside the sac it is the sac's own; 12 mm beyond the spot's reach there is only noise
    assert profile.signal[profile.d_mm < -4].max() > 0.8
    assert profile.signal[-4:].max() < 0.2
    assert profile.d_mm[0] == -8.0


def test_a_finding_without_reach_has_no_profile(sample: Sample) -> None:
    bare = replace(sample.reading.findings[0], reach_mm=None)
    reading = replace(sample.reading, findings=(bare,))
    scene = set_scene(sample.study, reading)
    assert signal_profile(scene, bare) is None
    why = explain_finding(reading, bare, LIMITS)
    assert finding_picture(scene, bare, why, "note").height > 300


def test_pictures_hold_what_is_spoken_of(sample: Sample) -> None:
    scene = set_scene(sample.study, sample.reading)
    finding = sample.reading.findings[0]
    why = explain_finding(sample.reading, finding, LIMITS)
    picture = np.asarray(finding_picture(scene, finding, why, "note")).astype(int)
    orange = np.abs(picture - (230, 159, 0)).sum(axis=2) < 60
    assert orange[60:340, 300:600].any()  # the outline, in the marked pane
    assert orange[340:560, 20:600].any()  # the reach, in the profile
    region = region_picture(
        scene, Region.THORACIC, explain_region(sample.reading, Region.THORACIC, {}), "note"
    )
    # the drawn thoracic roots lie 11 x 19 mm apart in height, at 3 pixels a mm
    assert region.height > 11 * 19 * 3


def test_a_sketch_shows_the_sac_as_wide_as_it_was_measured(sample: Sample) -> None:
    scene = sketch(sample.reading)
    pixels = scene.study.stations[0].pixels
    row = pixels[pixels.shape[0] // 2]
    assert row.sum() * SPACING_MM == pytest.approx(16.0, abs=1.0)
    finding = sample.reading.findings[1]
    why = explain_finding(sample.reading, finding, LIMITS)
    drawn = finding_picture(scene, finding, why, "note", imaged=False)
    assert drawn.width < finding_picture(scene, finding, why, "note").width


def test_a_sketch_without_a_sac_is_empty(sample: Sample) -> None:
    reading = replace(sample.reading, sac=(), roots=(), findings=())
    scene = sketch(reading)
    assert scene.study.stations[0].pixels.max() == 0
    why = explain_region(reading, Region.LUMBAR, {})
    assert region_picture(scene, Region.LUMBAR, why, "note").width > 600


def test_a_sketch_of_impossible_places_is_refused_before_it_is_drawn(sample: Sample) -> None:
    far = replace(sample.reading.findings[0], position_mm=(1e9, 0.0, 0.0))
    with pytest.raises(InputError, match="must fit in 2500 mm"):
        sketch(replace(sample.reading, findings=(far,)))
