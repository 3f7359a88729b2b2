"""The benchmark of cohorts makes new studies, bad ones as many as it says, and can fail."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pydicom import dcmread

from benchmarks import cohort
from benchmarks.cohort_data import copies, originals


def test_copies_differ_in_their_uids_alone(tmp_path: Path) -> None:
    made = originals(tmp_path / "originals", 1, 9300)
    first, second = (
        [dcmread(file) for file in sorted(place.glob("*.dcm"))]
        for place in copies(made, 2, tmp_path / "copies")
    )
    for one, other in zip(first, second, strict=True):
        for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
            assert one[name].value != other[name].value
            assert len(one[name].value) == len(other[name].value)
        assert other.file_meta.MediaStorageSOPInstanceUID == other.SOPInstanceUID
        assert one.PixelData == other.PixelData
    assert first[0].StudyInstanceUID == first[1].StudyInstanceUID
    assert first[0].SOPInstanceUID != first[1].SOPInstanceUID


@pytest.mark.parametrize("count", [100, 1000, 1001])
def test_the_bad_studies_are_as_many_as_named_and_spread_out(count: int) -> None:
    bad = ["corrupt", "hang", "gorge"] * (count // 100)
    studies = cohort.stand_ins(count, bad)
    kinds = Counter(study.paths[0] for study in studies)
    assert kinds.pop("read") == count - len(bad)
    assert set(kinds.values()) == {count // 100}
    assert len({study.uid for study in studies}) == count


def test_rows_that_fall_short_are_marked_and_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [("one", "1.0", True), ("two", "0.1", False)]
    monkeypatch.setattr(cohort, "rows", lambda *_, **__: iter(told))
    assert cohort.main([]) == 1
    assert cohort.main(["--short"]) == 0
    out = capsys.readouterr().out
    assert "| two | 0.1 **short** |" in out
    assert "| one | 1.0 |" in out
