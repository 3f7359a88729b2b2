"""How the documentation is built: ``scripts/docs``; a warning is an error."""

from __future__ import annotations

from myeloscope import __version__

project = "MyeloScope"
author = "The MyeloScope authors"
version = release = __version__
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"MyeloScope {release}"
html_copy_source = False
html_show_sphinx = False
nitpicky = True
