from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from myeloscope.accuracy import Source, analyse
from myeloscope.domain.anatomy import Region
from myeloscope.domain.codec import dumps
from myeloscope.domain.grade import Grade, ReaderKind, Technique
from myeloscope.domain.reading import (
    Numbering,
    Quality,
    Reader,
    Reading,
    RegionReading,
    SourceImage,
)
from myeloscope.errors import InputError
from myeloscope.exchange.reading_folder import read_folder
from myeloscope.exchange.reads import TableOptions


def _region(grade: int | None, score: float | None) -> RegionReading:
    if grade is None:
        return RegionReading(None, assessable=False, reason="station missing")
    return RegionReading(Grade(grade), assessable=True, score=score)


def _put(
    folder: Path, uid: str, reader: str, grades: tuple[int | None, ...], **more: object
) -> Path:
    technique = Technique.RIC if more.get("ric") else Technique.MRM
    score = 0.5 if more.get("scored") else None
    reading = Reading(
        technique=technique,
        scale="paper-mrm/1",
        reader=Reader(ReaderKind.PERSON, reader, "1"),
        sources=(SourceImage(uid, "1.2.3", f"{uid}.1", None, None, "cervicothoracic"),),
        regions={r: _region(g, score) for r, g in zip(Region, grades, strict=True)},
        findings=(),
        sac=(),
        roots=(),
        numbering=Numbering("assumed"),
        quality=Quality(None),
        settings={},
    )
    path = folder / f"{uid}-{reader}-{technique.value}" / "reading.json"
    path.parent.mkdir(parents=True)
    path.write_text(dumps(reading))
    return path


def _cases(folder: Path, text: str = "study_uid,case,truth\n1.1,a,1\n1.2,a,1\n1.3,b,0\n") -> Path:
    path = folder / "cases.csv"
    path.write_text(text)
    return path


def test_readings_become_reads_of_levels(tmp_path: Path) -> None:
    folder = tmp_path / "readings"
    _put(folder, "1.1", "r10", (0, 2, None), scored=True)
    _put(folder, "1.3", "r10", (0, 0, 0), scored=True)
    _put(folder, "1.3", "r2", (0, 0, None), scored=True)
    _put(folder, "1.2", "panel", (0, 1, 0), ric=True, scored=True)
    reads = read_folder(folder, _cases(tmp_path))
    assert reads.sources == (Source("MRM", "r2"), Source("MRM", "r10"), Source("RIC", "panel"))
    assert dict(zip(reads.names, reads.cases.truth, strict=True)) == {"a": 1, "b": 0}
    by_name = dict(zip(reads.names, reads.cases.grade.tolist(), strict=True))
    assert by_name == {"a": [-1, 2, 1], "b": [-1, 0, -1]}
    assert reads.levels is not None
    assert set(reads.levels.truth.tolist()) == {-1}
    assert reads.cases.score is not None
    assert reads.cases.score[reads.names.index("a"), 1] == 0.5
    rows = analyse(reads)
    level = [row for row in rows if row.method == "cluster" and row.statistic == "sensitivity"]
    assert {row.undefined for row in level} == {"no such level of known truth was read"}


def test_other_reference_of_the_cases(tmp_path: Path) -> None:
    folder = tmp_path / "readings"
    _put(folder, "1.1", "r1", (0, 2, 0))
    _put(folder, "1.3", "r1", (0, 0, 0))
    cases = _cases(tmp_path, "uid,case,truth_ric\n1.1,a,0\n1.3,b,\n")
    options = TableOptions({"study_uid": "uid"}, "ric")
    reads = read_folder(folder, cases, options)
    assert sorted(reads.cases.truth.tolist()) == [-1, 0]
    assert reads.cases.score is None
    assert np.array_equal(np.sort(reads.cases.grade[:, 0]), [0, 2])


def test_folders_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "readings"
    folder.mkdir()
    with pytest.raises(InputError, match=r"holds reading\.json files; found none"):
        read_folder(folder, _cases(tmp_path))
    first = _put(folder, "1.1", "r1", (0, 2, 0))
    with pytest.raises(InputError, match="needs the column truth"):
        read_folder(folder, _cases(tmp_path, "study_uid,case\n1.1,a\n"))
    with pytest.raises(InputError, match="the truth is 0 or 1; found '2'"):
        read_folder(folder, _cases(tmp_path, "study_uid,case,truth\n1.1,a,2\n"))
    with pytest.raises(InputError, match=r"row 3, column study_uid: .*found 1\.1"):
        read_folder(folder, _cases(tmp_path, "study_uid,case,truth\n1.1,a,1\n1.1,b,1\n"))
    with pytest.raises(InputError, match=r"one study listed in .*found 1\.1; add the study"):
        read_folder(folder, _cases(tmp_path, "study_uid,case,truth\n1.9,a,1\n"))
    _put(folder, "1.2", "r1", (0, 2, 0))
    with pytest.raises(InputError, match="case a, modality MRM, reader r1; it stands in"):
        read_folder(folder, _cases(tmp_path))
    first.write_text("{}")
    with pytest.raises(InputError, match=r"reading\.json, \$\.schema: schema is"):
        read_folder(folder, _cases(tmp_path))
    first.unlink()
    first.symlink_to(folder / "gone")
    read_folder(folder, _cases(tmp_path))  # a dead link is no file
