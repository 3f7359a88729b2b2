"""Why a finding or a region has its grade: steps and one picture, in the worker process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from myeloscope.dicom.load import load_all
from myeloscope.dicom.source import Loaded
from myeloscope.domain.codec import loads
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Finding, Reading
from myeloscope.errors import InputError
from myeloscope.myelography.judge import BOUNDS
from myeloscope.myelography.quality import MIN_SNR
from myeloscope.myelography.signs import REPORTED
from myeloscope.pipeline.job import Explained, ExplainJob
from myeloscope.pipeline.reading import Tell
from myeloscope.pipeline.worker import Step
from myeloscope.report.explanation import Explanation, Limit, explain_finding, explain_region
from myeloscope.report.explanation_picture import finding_picture, region_picture
from myeloscope.report.scene import Scene, set_scene
from myeloscope.report.sheet import to_png
from myeloscope.report.sketch import sketch

SPHERE, PERFECT = "a sphere's is", "a nearly perfect sphere's is"
LIMITS: Mapping[str, Limit] = {
    "snr": Limit(MIN_SNR),
    "score": Limit(REPORTED),
    "lateral": Limit(BOUNDS.lateral_mm2),
    "dome_fit": Limit(BOUNDS.sphere_fit, of=SPHERE),
    "dome_rim": Limit(BOUNDS.sphere_rim, at_least=False, of=SPHERE),
    "dome_depth": Limit(BOUNDS.sphere_depth, of=SPHERE),
    "perfect_fit": Limit(BOUNDS.perfect_fit, of=PERFECT),
    "perfect_rim": Limit(BOUNDS.perfect_rim, at_least=False, of=PERFECT),
    "perfect_depth": Limit(BOUNDS.perfect_depth, of=PERFECT),
    "perfect_diameter": Limit(BOUNDS.perfect_mm, of=PERFECT),
}
"""What this program's reader of myelograms holds its numbers against."""
FROM_IMAGES = (
    "Left as it is, right with sac edges, outline and ruler; below, the signal along the ruler. "
    "Sides are the patient's."
)
STRAIGHTENED = "Straightened along the sac; the patient's right is on the left."
SKETCHED = (
    "Drawn from the numbers of the reading: no image was given (--study). Sides are the patient's."
)


def explain(job: ExplainJob, tell: Tell) -> Explained:
    """Explain a finding or a region.

    Raises
    ------
    InputError
        If the reading breaks its contract, or its images are not in the study.
    """
    reading = loads(job.reading)
    tell(Step("opening the images" if job.study else "drawing"))
    scene = sketch(reading) if job.study is None else set_scene(_images(reading, job), reading)
    finding = next((f for f in reading.findings if f.id == job.finding), None)
    why, picture = _made(scene, finding, job, _note(finding, job))
    return Explained(as_lines(why), picture)


def _made(
    scene: Scene, finding: Finding | None, job: ExplainJob, note: str
) -> tuple[Explanation, bytes]:
    limits = LIMITS if scene.reading.technique is Technique.MRM else {}
    if finding is not None:
        why = explain_finding(scene.reading, finding, limits)
        return why, to_png(finding_picture(scene, finding, why, note, imaged=job.study is not None))
    if job.region is None:
        raise ValueError("a job names a finding of the reading, or a region")
    why = explain_region(scene.reading, job.region, limits)
    return why, to_png(region_picture(scene, job.region, why, note))


def _note(finding: Finding | None, job: ExplainJob) -> str:
    if job.study is None:
        return SKETCHED
    return STRAIGHTENED if finding is None else FROM_IMAGES


def _images(reading: Reading, job: ExplainJob) -> Study:
    """Return the very images that a reading was made from."""
    wanted = [(source.sop_uid, source.frame) for source in reading.sources]
    series = {source.series_uid for source in reading.sources}
    named = series.pop() if len(series) == 1 else None
    place = job.study or ""
    for chosen in dict.fromkeys((None, named)):
        for found in load_all([Path(place)], series=chosen):
            if isinstance(found, Loaded):
                shown = [(s.sop_uid, s.frame) for s in found.study.stations]
                if shown == wanted:
                    return found.study
    raise InputError(
        "the study holds the images that the reading was made from",
        value=f"none of SOP Instance UID {wanted[0][0] if wanted else 'missing'}",
        place=place,
        remedy="pass that study, or leave --study out",
    )


def as_lines(why: Explanation) -> tuple[str, ...]:
    """Return an explanation as lines of plain text."""
    lines = [why.title]
    for number, step in enumerate(why.steps, start=1):
        lines.append(f"{number}  {step.title}")
        if step.text:
            lines.append(f"   {step.text}")
        for each in step.numbers:
            mark = {None: "", True: "\N{CHECK MARK} ", False: "\N{MULTIPLICATION X} "}[each.met]
            against = f"  {mark}{each.against}" if each.against or mark else ""
            lines.append(f"   {each.label:<38} {each.value:<14}{against}".rstrip())
    return tuple(lines)
