"""What the header of a planar nuclear medicine object says of each of its frames (PS3.3 A.5)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydicom import Dataset

from myeloscope.domain.scintigraphy import TC99M_HALF_LIFE_H, NuclearAcquisition, View

VIEW_VALUES = {("399321004", "SCT"): View.ANTERIOR, ("399001007", "SCT"): View.POSTERIOR}
"""Codes of the projections (PS3.16 CID 26), in figures: the table of all codes loads slowly."""
PLANAR = frozenset(("STATIC", "WHOLE BODY", "DYNAMIC"))
HALF_LIVES_H = {"99m": TC99M_HALF_LIFE_H, "111": 67.31, "169": 768.4}
"""Half-lives of nuclides used in cisternography by mass number, h (Tc-99m, In-111, Yb-169)."""
PEAKS_KEV = {"99m": (140.5,), "111": (171.3, 245.4), "169": (63.1, 177.2, 198.0)}
OTHER_TRACERS = re.compile(
    r"medronate|oxidronate|mdp|hdp|macroaggregat|\bmaa\b|sestamibi|tetrofosmin|mibg|pertechnetate"
    r"|mebrofenin|disofenin|succimer|dmsa|colloid|exametazime|hmpao|bicisate|fdg",
    re.IGNORECASE,
)
OTHER_VIEWS = re.compile(r"lateral|oblique|\b(?:[lr]ao|[lr]po|l ?lat|r ?lat)\b", re.IGNORECASE)
FRONT = re.compile(r"(?<![a-z])(?:ant|anterior|frontal|front|ap)(?![a-z])", re.IGNORECASE)
BEHIND = re.compile(r"(?<![a-z])(?:post|posterior|back|pa|dorsal)(?![a-z])", re.IGNORECASE)
HOURS = re.compile(r"(\d+(?:[.,]\d+)?) ?(min|m(?=\b)|h|hr|hrs|hour|hours|std)\b", re.IGNORECASE)
MOST_MBQ = 20_000.0
"""A larger dose is taken as Bq, which some headers give."""


@dataclass(frozen=True, slots=True)
class NmFrame:
    """One frame of an object.

    Attributes
    ----------
    number
        From 1 in a multi-frame object, else ``None``.
    acquisition
        How it was acquired; ``hours`` from the injection where the header has both times.
    left_grows
        Whether the patient's left lies at high columns; ``None`` where the header does not say.
    window
        Number of its energy window, from 1.
    trouble
        Why it cannot be read as a view of a cisternogram, or ``None``.
    text
        Free text that may name a time.
    """

    number: int | None
    acquisition: NuclearAcquisition
    left_grows: bool | None
    window: int
    trouble: str | None
    text: str


def nm_frames(header: Dataset) -> tuple[NmFrame, ...]:
    """Return the frames of an object by its header."""
    count = int(header.get("NumberOfFrames", 1) or 1)
    multi = count > 1
    detectors = list(header.get("DetectorInformationSequence") or [])
    vectors = {
        name: _vector(header, f"{name}Vector", count)
        for name in ("EnergyWindow", "Detector", "Phase")
    }
    phases = _phase_starts(header, count, vectors["Phase"])
    text = " ".join(
        str(header.get(keyword, "") or "")
        for keyword in ("SeriesDescription", "ProtocolName", "ImageID", "ImageComments")
    )
    trouble = _no_cisternogram(header)
    window = _photopeak(header)
    frames = []
    for index in range(count):
        detector = detectors[vectors["Detector"][index] - 1 : vectors["Detector"][index]]
        place = detector[0] if detector else Dataset()
        view, other = _view(place, text, alone=len(set(vectors["Detector"])) == 1)
        why = trouble or (f"{other} view" if other else None)
        if why is None and vectors["EnergyWindow"][index] != window:
            why = "another energy window than the photopeak"
        frames.append(
            NmFrame(
                number=index + 1 if multi else None,
                acquisition=_acquisition(header, view, phases[index], window),
                left_grows=_left_grows(place),
                window=vectors["EnergyWindow"][index],
                trouble=why,
                text=text,
            )
        )
    return tuple(frames)


def _vector(header: Dataset, keyword: str, count: int) -> list[int]:
    """Return one index of each frame; all 1 where the vector is missing or of another length."""
    value = header.get(keyword)
    if value is None or value == "":
        return [1] * count
    numbers = [int(value)] if isinstance(value, int) else [int(each) for each in value]
    return numbers if len(numbers) == count else [1] * count


def _no_cisternogram(header: Dataset) -> str | None:
    """Return why an object is no cisternogram's view, by kind of image and tracer."""
    kinds = [str(kind).upper() for kind in header.get("ImageType") or ()]
    if len(kinds) > 2 and kinds[2] not in PLANAR:
        return f"image type {kinds[2]}, not planar"
    if kinds and kinds[0] == "DERIVED":
        return "image type DERIVED"
    for drug in header.get("RadiopharmaceuticalInformationSequence") or ():
        names = [str(drug.get("Radiopharmaceutical", "") or "")]
        names += [
            str(c.get("CodeMeaning", "")) for c in drug.get("RadiopharmaceuticalCodeSequence") or ()
        ]
        if found := OTHER_TRACERS.search(" ".join(names)):
            return f"tracer {found.group(0)}, not one of cerebrospinal fluid"
    return None


def _drug(header: Dataset) -> Dataset:
    drugs = header.get("RadiopharmaceuticalInformationSequence") or []
    return drugs[0] if drugs else Dataset()


def nuclide_of(header: Dataset) -> tuple[str | None, str]:
    """Return the nuclide's name as recorded, and the mass number it stands for (else 99m)."""
    drug = _drug(header)
    names = [
        str(code.get("CodeMeaning", "")) for code in drug.get("RadionuclideCodeSequence") or ()
    ]
    names += [str(drug.get("Radiopharmaceutical", "") or "")]
    names += [
        str(code.get("CodeMeaning", ""))
        for code in drug.get("RadiopharmaceuticalCodeSequence") or ()
    ]
    for name in names:
        for mass in HALF_LIVES_H:
            if re.search(rf"(?<!\d){mass}(?!\d)", name, re.IGNORECASE):
                return {"99m": "Tc-99m", "111": "In-111", "169": "Yb-169"}[mass], mass
    return next((name for name in names if name), None), "99m"


def _photopeak(header: Dataset) -> int:
    """Return the number of the energy window that holds a photopeak, from 1; the first if none."""
    peaks = PEAKS_KEV[nuclide_of(header)[1]]
    for number, limits in enumerate(_windows(header), start=1):
        if limits and any(limits[0] < peak < limits[1] for peak in peaks):
            return number
    return 1


def _windows(header: Dataset) -> list[tuple[float, float] | None]:
    """Return the limits of each energy window, keV."""
    found: list[tuple[float, float] | None] = []
    for window in header.get("EnergyWindowInformationSequence") or ():
        spans = window.get("EnergyWindowRangeSequence") or []
        try:
            found.append(
                (
                    float(spans[0].EnergyWindowLowerLimit),
                    float(spans[0].EnergyWindowUpperLimit),
                )
            )
        except (AttributeError, IndexError, TypeError, ValueError):
            found.append(None)
    return found


def _view(place: Dataset, text: str, *, alone: bool) -> tuple[View, str | None]:
    """Return the view of a detector, and the name of a view that is neither front nor back.

    By view code, else by the detector's orientation, else, where the object has one detector only,
    by the words of its series.
    """
    for code in place.get("ViewCodeSequence") or ():
        value = (str(code.get("CodeValue", "")), str(code.get("CodingSchemeDesignator", "")))
        if value in VIEW_VALUES:
            return VIEW_VALUES[value], None
        found = _in_words(str(code.get("CodeMeaning", "")))
        if found is not None:
            return found
    left = _left_grows(place)
    if left is not None:
        return (View.ANTERIOR if left else View.POSTERIOR), None
    faced = _by_angle(place)
    if faced is not None:
        return faced, None
    return (_in_words(text) if alone else None) or (View.UNKNOWN, None)


def _in_words(text: str) -> tuple[View, str | None] | None:
    """Return the view that a text names, and the name of one that is neither front nor back."""
    if other := OTHER_VIEWS.search(text):
        return View.UNKNOWN, other.group(0).lower()
    named = _by_words(text)
    return None if named is None else (named, None)


def _by_angle(place: Dataset) -> View | None:
    """Return the view by the detector's angle: 0 above a patient who lies on the back."""
    angle = place.get("StartAngle")
    if angle is None or angle == "":
        return None
    turned = float(angle) % 360
    if min(turned, 360 - turned) < 20:
        return View.ANTERIOR
    return View.POSTERIOR if abs(turned - 180) < 20 else None


def _by_words(text: str) -> View | None:
    """Return the view that a text names, if it names one and not both."""
    front, behind = bool(FRONT.search(text)), bool(BEHIND.search(text))
    if front == behind:
        return None
    return View.ANTERIOR if front else View.POSTERIOR


def _left_grows(place: Dataset) -> bool | None:
    """Return whether columns grow to the patient's left, by the detector's orientation."""
    six = place.get("ImageOrientationPatient")
    if not six or len(six) != 6 or abs(float(six[0])) < 0.7:
        return None
    return float(six[0]) > 0


def _acquisition(
    header: Dataset, view: View, phase: tuple[float, float | None], window: int
) -> NuclearAcquisition:
    """Return how a frame was acquired."""
    offset, duration = phase
    start = moment(header, "Acquisition") or moment(header, "Series") or moment(header, "Content")
    start = None if start is None else start + timedelta(seconds=offset)
    drug = _drug(header)
    hours, words = hours_after(start, _injection(header, drug), duration or 0.0)
    name, mass = nuclide_of(header)
    given = _number(drug, "RadionuclideHalfLife")
    dose = _number(drug, "RadionuclideTotalDose")
    limits = _windows(header)
    kinds = [str(kind).upper() for kind in header.get("ImageType") or ()]
    return NuclearAcquisition(
        view=view,
        started=None if start is None else start.isoformat(timespec="seconds"),
        hours=hours,
        duration_s=duration,
        nuclide=name,
        half_life_h=given / 3600 if given else HALF_LIVES_H[mass],
        dose_mbq=dose / 1e6 if dose is not None and dose > MOST_MBQ else dose,
        window_kev=limits[window - 1] if len(limits) >= window else None,
        whole_body="WHOLE BODY" in kinds,
        times_from=words,
    )


def _number(place: Dataset, keyword: str) -> float | None:
    value = place.get(keyword)
    if value is None or value == "":
        return None
    number = float(value)
    return number if math.isfinite(number) and number > 0 else None


def moment(header: Dataset, kind: str) -> datetime | None:
    """Return date and time of ``Acquisition``, ``Series`` or ``Content``, if both are recorded.

    Where only the time is, the study's date stands for the date.
    """
    stamp = str(header.get(f"{kind}DateTime", "") or "")
    date = stamp[:8] or str(header.get(f"{kind}Date", "") or header.get("StudyDate", "") or "")
    time = stamp[8:] or str(header.get(f"{kind}Time", "") or "")
    return _moment(date, time)


def _moment(date: str, time: str) -> datetime | None:
    clock = re.match(r"(\d\d)(\d\d)?(\d\d)?", time)
    if clock is None or not re.fullmatch(r"\d{8}", date):
        return None
    hour, minute, second = (int(part or 0) for part in clock.groups())
    try:
        return datetime(int(date[:4]), int(date[4:6]), int(date[6:]), hour, minute, min(second, 59))
    except ValueError:
        return None


def _injection(header: Dataset, drug: Dataset) -> datetime | str | None:
    """Return when the dose was given: a moment, a time of day (``HHMMSS``), or ``None``."""
    stamp = str(drug.get("RadiopharmaceuticalStartDateTime", "") or "")
    if (found := _moment(stamp[:8], stamp[8:])) is not None:
        return found
    time = str(drug.get("RadiopharmaceuticalStartTime", "") or "")
    return time if re.match(r"\d\d", time) else None


def hours_after(
    start: datetime | None, injection: datetime | str | None, duration_s: float
) -> tuple[float | None, str]:
    """Return hours from injection to the middle of an acquisition, and where they come from.

    A bare time of day of the injection is taken on the acquisition's day, or, where that would be
    later than the image, on the day before (PS3.3 C.8.4.10 gives no date).
    """
    if start is None or injection is None:
        return None, ""
    if isinstance(injection, str):
        given = _moment(start.strftime("%Y%m%d"), injection)
        if given is None:
            return None, ""
        if given > start + timedelta(minutes=1):
            given -= timedelta(days=1)
    else:
        given = injection
    seconds = (start - given).total_seconds() + duration_s / 2
    return (
        (round(seconds / 3600, 4), "injection and acquisition time")
        if seconds > -120
        else (None, "")
    )


def hours_in_words(text: str) -> float | None:
    """Return the hours that a text such as ``4 h post`` or ``30 min`` names, if it names one."""
    found = {
        float(number.replace(",", ".")) / (60 if unit.lower().startswith("m") else 1)
        for number, unit in HOURS.findall(text)
    }
    return found.pop() if len(found) == 1 else None


def _phase_starts(
    header: Dataset, count: int, vector: Sequence[int]
) -> list[tuple[float, float | None]]:
    """Return each frame's start after the object's (s) and duration (s, ``None`` if not said)."""
    phases = list(header.get("PhaseInformationSequence") or [])
    plain = _milliseconds(header, "ActualFrameDuration")
    if not phases:
        return [(0.0, plain if plain else _dwell(header))] * count
    starts: list[tuple[float, float | None]] = []
    at = 0.0
    for phase in phases:
        at += _milliseconds(phase, "PhaseDelay") or 0.0
        long = _milliseconds(phase, "ActualFrameDuration")
        starts.append((at, long))
        frames = int(phase.get("NumberOfFramesInPhase", 1) or 1)
        at += frames * ((long or 0.0) + (_milliseconds(phase, "PauseBetweenFrames") or 0.0))
    return [starts[min(number, len(starts)) - 1] for number in vector]


def _milliseconds(place: Dataset, keyword: str) -> float | None:
    number = _number(place, keyword)
    return None if number is None else number / 1000


def _dwell(header: Dataset) -> float | None:
    """Return how long a sweep sees each point, for a detector of 390 mm, s."""
    speed = _number(header, "ScanVelocity")
    return None if speed is None else 390.0 / speed
