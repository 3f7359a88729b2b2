"""Renew the pictures of the viewer from its tests in the browser.

``python -m docs.make_viewer_figures`` runs them and keeps a picture of every page.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent / "figures"
COLOURS = 256


def main() -> None:
    """Run the tests and keep their pictures with few colours, so that they stay small."""
    with tempfile.TemporaryDirectory() as folder:
        where = {**os.environ, "MYELOSCOPE_PICTURES": folder}
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "tests/viewer"], check=True, env=where
        )
        for made in sorted(Path(folder).glob("*.png")):
            with Image.open(made) as image:
                few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(HERE / f"viewer-{made.name}", optimize=True)


if __name__ == "__main__":
    main()
