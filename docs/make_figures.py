"""Renew the pictures of the documentation from real output: ``python -m docs.make_figures``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent / "figures"
PROGRAM = Path(sys.executable).with_name("myeloscope")
WIDTH = 720
COLOURS = 256


def shrink(picture: Path, target: Path) -> None:
    """Write a picture at the documentation's width with few colours, so that it stays small."""
    with Image.open(picture) as image:
        height = round(image.height * WIDTH / image.width)
        small = image.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def main() -> None:
    """Run the demonstration and keep its picture of the straightened spine."""
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "demo"
        subprocess.run([PROGRAM, "demo", "--out", folder], check=True)
        shrink(folder / "straightened.png", HERE / "demo-straightened.png")


if __name__ == "__main__":
    main()
