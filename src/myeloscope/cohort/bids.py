"""Studies of a BIDS data set: the T2-weighted NIfTI images of each subject and session.

Brain Imaging Data Structure 1.10: ``sub-<label>/[ses-<label>/]anat/<entities>_T2w.nii[.gz]`` with
metadata in ``.json`` of the same name. A study is a subject's session; its UID is derived from the
data set's name and both labels, so that it is the same wherever the data set lies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from myeloscope.cohort.listing import Tell, digest_of
from myeloscope.cohort.record import Form, Left, Listing, StudyRef
from myeloscope.errors import InputError
from myeloscope.pipeline.each import Run
from myeloscope.pipeline.sidecar import ENDINGS, derived_uid, read_sidecar, sidecar_of

DESCRIPTION = "dataset_description.json"
SUFFIX = "_T2w"
LEAST_ECHO_S = 0.2
"""Echo time below which an image shows more than fluid, s (PAPER's is 1.0)."""


@dataclass(frozen=True, slots=True)
class Bids:
    """A BIDS data set; workers see it under the same path."""

    folder: Path
    fetch: None = None

    def listing(self, run: Run, tell: Tell) -> Listing:
        """Return a study for each subject and session with T2-weighted images."""
        name = _name(self.folder)
        studies: list[StudyRef] = []
        damaged: list[Left] = []
        others: list[Left] = []
        looked = 0
        for place in _places(self.folder):
            label = str(place.relative_to(self.folder))
            images = []
            for image in _images(place):
                looked += 1
                try:
                    reason = _unwanted(image)
                except InputError as error:
                    damaged.append(Left("", str(image.relative_to(self.folder)), str(error)))
                    continue
                if reason:
                    others.append(Left("", str(image.relative_to(self.folder)), reason))
                else:
                    images.append(image)
            tell(looked)
            if images:
                studies.append(_ref(derived_uid("bids", name, label), images, self.folder))
        studies.sort(key=lambda study: study.uid)
        return Listing(tuple(studies), tuple(damaged), tuple(others))


def is_bids(folder: Path) -> bool:
    """Return whether a folder is a BIDS data set."""
    return (folder / DESCRIPTION).is_file()


def _name(folder: Path) -> str:
    try:
        described: object = json.loads((folder / DESCRIPTION).read_bytes())
        if isinstance(described, dict) and isinstance(described.get("Name"), str):
            return str(described["Name"])
    except (OSError, ValueError, RecursionError):
        pass
    raise InputError(
        f"{DESCRIPTION} gives the data set a Name", value="none", place=str(folder),
        remedy="name the data set as BIDS asks",
    )  # fmt: skip


def _places(folder: Path) -> Iterator[Path]:
    """Yield the folder of each session, or of a subject without sessions, in a fixed order."""
    for subject in sorted(folder.glob("sub-*")):
        sessions = sorted(subject.glob("ses-*"))
        yield from sessions or [subject]


def _images(place: Path) -> list[Path]:
    return [
        path
        for path in sorted((place / "anat").glob("*"))
        if any(path.name.endswith(SUFFIX + ending) for ending in ENDINGS) and path.is_file()
    ]


def _unwanted(image: Path) -> str:
    """Return why an image is no myelogram, by its metadata; empty if it may be one."""
    echo = read_sidecar(sidecar_of(image)).get("EchoTime")
    if isinstance(echo, int | float) and echo < LEAST_ECHO_S:
        return f"not heavily T2-weighted: an echo time below {1000 * LEAST_ECHO_S:g} ms"
    return ""


def _ref(uid: str, images: list[Path], folder: Path) -> StudyRef:
    files = [*images, *(sidecar_of(image) for image in images if sidecar_of(image).is_file())]
    stats = [(file, file.stat()) for file in files]
    return StudyRef(
        uid,
        Form.NIFTI,
        tuple(str(image) for image in images),
        sum(stat.st_size for _, stat in stats),
        digest_of(f"{f.relative_to(folder)} {s.st_size} {s.st_mtime_ns}" for f, s in stats),
    )
