"""The STARD diagram and the files beside it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
from PIL import Image

from myeloscope.accuracy.stard import IndexResult, StardBranch, StardFlow
from myeloscope.report.stard import stard_csv, stard_json, stard_plot, stard_rows

FLOW = StardFlow(
    modality="MRM", reader="1", threshold=1, eligible=30, no_index_test=2,
    branches=(
        StardBranch(IndexResult.NEGATIVE, 14, 1, 2, 11),
        StardBranch(IndexResult.POSITIVE, 13, 0, 11, 2),
        StardBranch(IndexResult.INCONCLUSIVE, 1, 0, 1, 0),
    ),
)  # fmt: skip


def test_csv_holds_every_box_and_closes_the_sums() -> None:
    table = list(csv.DictReader(io.StringIO(stard_csv((FLOW,), 40))))
    n = {row["box"]: int(row["n"]) for row in table}
    assert n["potentially eligible"] - n["excluded"] == n["eligible"] == 30
    assert n["index test"] == 28
    assert n["index test negative, reference standard"] == 13
    assert sum(n[f"index test {result}"] for result in IndexResult) == n["index test"]


def test_what_the_table_cannot_know_is_left_out() -> None:
    boxes = {box for _, _, _, box, _ in stard_rows((FLOW,))}
    assert not any("potentially" in box or box == "excluded" for box in boxes)


def test_json_is_nested_as_the_diagram() -> None:
    record = json.loads(stard_json((FLOW,), "reads.csv", "1.0"))
    assert record["schema"] == "myeloscope.stard/1"
    assert record["potentially_eligible"] is None
    assert record["flows"][0]["results"]["positive"] == {
        "n": 13, "no_reference": 0, "reference": 13, "present": 11, "absent": 2,
    }  # fmt: skip


def test_diagram_grows_with_readers_and_stays_inside_its_edges() -> None:
    heights = []
    for flows in ((FLOW,), (FLOW, replace(FLOW, reader="2"))):
        plot = stard_plot(flows, 40)
        with Image.open(io.BytesIO(plot.png)) as image:
            grey = np.asarray(image.convert("L"))
        edges = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        assert edges.min() == 255
        heights.append(grey.shape[0])
        assert f"{len(flows)} readers" in plot.alt
    assert heights[1] > heights[0]


def test_long_names_are_numbered_and_told_in_a_box_of_their_own() -> None:
    short = stard_plot((FLOW, replace(FLOW, reader="2")))
    long = stard_plot((FLOW, replace(FLOW, reader="a reader with quite a long name")))
    with Image.open(io.BytesIO(short.png)) as one, Image.open(io.BytesIO(long.png)) as two:
        assert two.height > one.height


def test_diagram_repeats_byte_for_byte() -> None:
    assert stard_plot((FLOW,)).svg == stard_plot((FLOW,)).svg
