"""``python -m myeloscope`` is the same program as ``myeloscope``."""

from __future__ import annotations

import sys

from myeloscope.cli import run

if __name__ == "__main__":
    sys.exit(run())
