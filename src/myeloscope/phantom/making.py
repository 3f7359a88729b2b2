"""Make a phantom: a study with known truth, from a spec alone."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, replace

from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Acquisition, FloatImage, PlaneGeometry, Station, Study
from myeloscope.phantom.body import draw_anatomy, draw_body, shown_roots
from myeloscope.phantom.imaging import draw_ruin, take
from myeloscope.phantom.knowing import know
from myeloscope.phantom.scene import Scene
from myeloscope.phantom.spec import DIFFICULTY, PhantomSpec
from myeloscope.phantom.stations import Protocol, draw_protocol, draw_top, plan_stations
from myeloscope.phantom.streams import stream
from myeloscope.phantom.truth import Truth
from myeloscope.phantom.vendor import PixelCoding, draw_coding

MANUFACTURER = "MyeloScope phantom"


@dataclass(frozen=True, slots=True, eq=False)
class Phantom:
    """A made phantom: its study, what is known about it, and how its pixels are stored."""

    study: Study
    truth: Truth
    coding: PixelCoding


def uid(spec: PhantomSpec, *names: str | int) -> str:
    """Return a UID that follows from the spec (2.25 and a 128-bit number, PS3.5 B.2)."""
    # A set of strings has another order in every process.
    signs = None if spec.signs_ric is None else sorted(spec.signs_ric)
    names = names if spec.curved == 1.0 else (*names, f"curved {spec.curved}")
    text = "/".join(map(str, (repr(replace(spec, signs_ric=None)), signs, *names)))
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], 'big')}"


def acquired(spec: PhantomSpec, index: int) -> str:
    """Return an ISO date and time that follows from the seed; stations take 72 s (PAPER)."""
    rng = stream(spec.seed, "date")
    day = datetime.datetime(2024, 1, 1, 8) + datetime.timedelta(
        days=int(rng.integers(0, 700)), minutes=int(rng.integers(0, 540))
    )
    return (day + datetime.timedelta(seconds=120 * index)).isoformat()


def scene(spec: PhantomSpec) -> Scene:
    """Return everything about a phantom but its pixels."""
    protocol = draw_protocol(stream(spec.seed, "protocol"), spec.variety)
    drawn = bool(stream(spec.seed, "covers").random() < 0.85)
    covers = drawn if spec.covers is None else spec.covers
    spine = draw_anatomy(spec, protocol.coverage_mm, covers=covers)
    top = draw_top(stream(spec.seed, "top"), spine, protocol.coverage_mm, covers=covers)
    body = draw_body(spec, spine, shown_roots(spine, top, top - protocol.coverage_mm))
    plans = plan_stations(stream(spec.seed, "stations"), spine, protocol, top, spec)
    snr = float(stream(spec.seed, "snr").uniform(*DIFFICULTY[spec.difficulty].sac_snr))
    return Scene(body, protocol, plans, draw_ruin(spec, plans), snr)


def make(spec: PhantomSpec) -> Phantom:
    """Make a phantom.

    Parameters
    ----------
    spec
        What to make.

    Returns
    -------
    Phantom
        Study (arrays in rescaled units, stations from the top downward) and truth; the same for
        the same spec, bit for bit on one machine.
    """
    made = scene(spec)
    coding, sac_value = draw_coding(stream(spec.seed, "vendor"))
    pictures = take(spec, made, coding, sac_value)
    stations = tuple(
        make_station(spec, made.protocol, plan.detector.slab.plane, index, pixels)
        for index, (plan, pixels) in enumerate(zip(made.plans, pictures, strict=True))
        if pixels is not None
    )
    sops = tuple(
        uid(spec, "sop", index) if pixels is not None else None
        for index, pixels in enumerate(pictures)
    )
    study = Study(uid(spec, "study"), Technique.MRM, stations)
    return Phantom(study, know(spec, made, study.uid, sops), coding)


def make_station(
    spec: PhantomSpec, protocol: Protocol, plane: PlaneGeometry, index: int, pixels: FloatImage
) -> Station:
    """Return a station with its UIDs and acquisition record."""
    return Station(
        pixels=pixels,
        geometry=plane,
        acquisition=acquisition(protocol, acquired(spec, index)),
        series_uid=uid(spec, "series", index),
        sop_uid=uid(spec, "sop", index),
        frame_of_reference_uid=uid(spec, "frame"),
    )


def acquisition(protocol: Protocol, when: str) -> Acquisition:
    """Return the acquisition record of a station."""
    return Acquisition(
        echo_time_ms=protocol.echo_ms,
        repetition_time_ms=protocol.repetition_ms,
        echo_train_length=float(protocol.train),
        slab_mm=protocol.slab_mm,
        field_of_view_mm=protocol.field_mm,
        field_strength_t=protocol.field_t,
        acquisition_type="2D",
        manufacturer=MANUFACTURER,
        acquired=when,
    )
