"""A simulator's truth, as the JSON it tells, turned into the package's record of a truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Grade, Pattern, Technique
from myeloscope.phantom.truth import (
    Point,
    RuinedRegion,
    TrueDifficulty,
    TrueFinding,
    TrueFluid,
    TruePixel,
    TrueRoot,
    TrueSac,
    TrueStation,
    Truth,
)

Answer = Mapping[str, Any]


def truth_of(answer: Answer, study_uid: str) -> Truth:
    """Return a simulator's answer as a truth.

    What an answer leaves out is empty; a measure it has no number for (an epidural collection's
    reach, brightness of what is no leak) is 0. A finding that no image shows, or shows only where
    it cannot be read, has no station.
    """
    formula = SpineFormula(answer["formula"]["thoracic"], answer["formula"]["lumbar"])
    ruined = _ruined(answer, formula)
    seed, hard = int(answer["seed"]), answer["difficulty"]
    grades = {Region(k): Grade(v) for k, v in answer["grades"][Technique.MRM.value].items()}
    return Truth(
        seed=seed,
        study_uid=answer.get("study_uid", study_uid),
        arm=answer["arm"],
        variety=answer.get("variety", "paper"),
        signs_mrm=answer["signs_mrm"],
        signs_ric=bool(answer.get("signs_ric")),
        grades={Technique.MRM: grades},
        findings=_findings(answer["findings"], f"{seed}-finding"),
        mimics=_findings(answer["mimics"], f"{seed}-mimic"),
        other_fluid=tuple(map(_fluid, answer.get("other_fluid", ()))),
        ruined=ruined,
        ruin=answer.get("ruin") or ("ruined" if ruined else "none"),
        coverage=tuple(map(Segment, answer.get("coverage", ()))),
        difficulty=TrueDifficulty(hard["level"], hard["sac_snr"], hard["leak_over_sac"] or 0.0),
        formula=formula,
        sac=tuple(map(_sac, answer["sac"])),
        roots=tuple(map(_root, answer.get("roots", ()))),
        stations=tuple(map(_station, answer.get("stations", ()))),
        age_years=answer.get("age_years", 0),
        sex=answer.get("sex", ""),
    )


def _point(values: Sequence[float]) -> Point:
    x, y, z = values
    return x, y, z


def _findings(records: Sequence[Answer], name: str) -> tuple[TrueFinding, ...]:
    return tuple(_finding(record, f"{name}-{k + 1}") for k, record in enumerate(records))


def _finding(record: Answer, name: str) -> TrueFinding:
    segment, grade, source = record["segment"], record["grade"], record.get("source")
    first, last = record.get("segment_range", (segment, segment))
    return TrueFinding(
        id=record.get("id", name),
        kind=FindingKind(record["kind"]),
        region=Region(record["region"]),
        segment=Segment(segment),
        segment_range=(Segment(first), Segment(last)),
        side=Side(record["side"]),
        grade=None if grade is None else Grade(grade),
        reach_mm=record["reach_mm"] or 0.0,
        extent_mm=record["extent_mm"] or 0.0,
        sac_width_mm=record["sac_width_mm"],
        ratio=record["ratio"] or 0.0,
        pattern=tuple(map(Pattern, record["pattern"])),
        position_mm=_point(record["position_mm"]),
        depth_mm=record.get("depth_mm") or 0.0,
        station=record["station"] if record["covered"] else None,
        covered=record["covered"],
        source=None if source is None else TruePixel(**source),
        brightness=record["brightness"] or 0.0,
        size_mm=record["size_mm"],
    )


def _ruined(answer: Answer, formula: SpineFormula) -> tuple[RuinedRegion, ...]:
    """Return ruined regions, told by name, or by region and root for each thing that ruins."""
    found = []
    for entry in answer["ruined"]:
        if isinstance(entry, str):
            found.append(RuinedRegion(Region(entry), answer["ruin"], ()))
            continue
        lost = tuple(map(Segment, entry["roots"]))
        for region in map(Region, entry["regions"]):
            roots = tuple(root for root in lost if formula.region(root) is region)
            found.append(RuinedRegion(region, entry["kind"], roots))
    return tuple(found)


def _fluid(record: Answer) -> TrueFluid:
    return TrueFluid(record["name"], _point(record["position_mm"]), record["in_view"])


def _sac(record: Answer) -> TrueSac:
    point = _point(record["position_mm"])
    return TrueSac(record["s_mm"], point, record["width_mm"], record["station"])


def _root(record: Answer) -> TrueRoot:
    return TrueRoot(
        segment=Segment(record["segment"]),
        side=Side(record["side"]),
        visible=record["visible"],
        in_view=record["in_view"],
        judgeable=record["judgeable"],
        s_mm=record["s_mm"],
        position_mm=_point(record["position_mm"]),
        sleeve_mm=record["sleeve_mm"],
        station=record["station"],
    )


def _station(record: Answer) -> TrueStation:
    return TrueStation(
        name=record["name"],
        sop_uid=record["sop_uid"] if record["present"] else None,
        present=record["present"],
        shift_mm=_point(record["shift_mm"]),
        normal=_point(record["normal"]),
        slab_mm=record["slab_mm"],
    )
