"""What the wheel carries may be carried."""

from __future__ import annotations

from docs.licences import libraries

FREE = {
    "MIT", "ISC", "BSD-3-Clause", "Apache-2.0", "OFL-1.1", "Python-2.0", "CC-BY-4.0", "BSL-1.0",
    "(MIT AND Zlib)", "(WTFPL OR MIT)",
}  # fmt: skip


def test_no_library_of_the_viewer_binds_its_users() -> None:
    found = list(libraries())
    assert {"@cornerstonejs/core", "preact"} <= {name for name, _, _ in found}
    assert {licence for _, _, licence in found} <= FREE
