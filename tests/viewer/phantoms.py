"""Phantoms as files that people upload: a folder of images and the list of cases beside it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from myeloscope import phantom
from myeloscope.cli.phantom import write_phantom
from tests.leaks import three_leaks


def images(folder: Path) -> Path:
    """Write one phantom's images into a folder of their own, and its list of cases beside it."""
    made = phantom.make(three_leaks())
    write_phantom(made, "one-8", folder / "made")
    (folder / "images").mkdir()
    for path in (folder / "made").glob("*.dcm"):
        path.rename(folder / "images" / path.name)
    (folder / "cases.csv").write_text(f"study_uid,case,truth\n{made.study.uid},one-8,1\n")
    return folder / "images"


def zipped(folder: Path) -> Path:
    """Write the same images as a zip, and return it."""
    target = folder / "images.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(images(folder).iterdir()):
            archive.write(path, path.name)
    return target
