"""Images as the API shows them: opaque UIDs, and nothing but what display needs."""

from __future__ import annotations

from dataclasses import dataclass

from myeloscope.domain.grade import Technique
from myeloscope.server.answers import opaque_uid, study_uid
from myeloscope.trial.state import ImageRef

MODALITIES = {Technique.MRM: "MR", Technique.RIC: "NM"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A study of images as one read or look shows it, named by that alone.

    ``kind`` tells a read's own images from earlier ones.
    """

    name: str
    kind: str
    technique: Technique
    images: tuple[ImageRef, ...]

    @property
    def study_uid(self) -> str:
        """Return the UID of the study, which means nothing elsewhere."""
        return study_uid(self.name, self.kind)

    def uids(self, index: int) -> tuple[str, str]:
        """Return the series and instance UIDs of an image."""
        return (
            opaque_uid(self.name, self.kind, "series", index),
            opaque_uid(self.name, self.kind, "instance", index),
        )


def find_frame(shown: Shown, series: str, instance: str) -> ImageRef | None:
    """Return the image of a series and an instance UID; ``None`` where there is none."""
    for index, image in enumerate(shown.images):
        if (series, instance) == shown.uids(index):
            return image
    return None


def metadata(shown: Shown) -> list[dict[str, object]]:
    """Return what a viewer needs of the images: tag -> VR and value (PS3.18 F.2.2)."""
    return [_metadata(shown, index) for index in range(len(shown.images))]


def _metadata(shown: Shown, index: int) -> dict[str, object]:
    """Return it for one image.

    Positions count from the first image's, so that they say nothing outside the examination.
    """
    image, origin = shown.images[index], shown.images[0].display.position
    display = image.display
    series, instance = shown.uids(index)
    values: list[tuple[str, str, list[object]]] = [
        ("00080018", "UI", [instance]),
        ("00080060", "CS", [MODALITIES[shown.technique]]),
        ("0008103E", "LO", [image.view]),
        ("0020000D", "UI", [shown.study_uid]),
        ("0020000E", "UI", [series]),
        ("00200013", "IS", [index + 1]),
        ("00280002", "US", [1]),
        ("00280004", "CS", ["MONOCHROME2"]),
        ("00280010", "US", [display.rows]),
        ("00280011", "US", [display.columns]),
        ("00280100", "US", [16]),
        ("00280101", "US", [16]),
        ("00280102", "US", [15]),
        ("00280103", "US", [0]),
        ("00281050", "DS", [display.window_center]),
        ("00281051", "DS", [display.window_width]),
        ("00281052", "DS", [display.intercept]),
        ("00281053", "DS", [display.slope]),
    ]
    if display.row_spacing is not None:
        values.append(("00280030", "DS", [display.row_spacing, display.column_spacing]))
    if display.orientation is not None:
        values.append(("00200037", "DS", list(display.orientation)))
    if display.position is not None and origin is not None:
        away = [own - first for own, first in zip(display.position, origin, strict=True)]
        values.append(("00200032", "DS", list(away)))
    return {tag: {"vr": vr, "Value": value} for tag, vr, value in sorted(values)}
