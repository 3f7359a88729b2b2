from __future__ import annotations

import csv
import io
import json
import math

from myeloscope.accuracy import COLUMNS, Statistic, undefined
from myeloscope.exchange.statistics_table import analysis_json, statistics_csv

ROWS = (
    Statistic(statistic="auc", modality="A", threshold=None, value=1 / 3, cut=0, n=7),
    undefined("auc", "one class, or none", modality="B"),
    Statistic(statistic="noninferiority", value=0.5, test=math.inf),
)


def test_csv_is_tidy_and_precise() -> None:
    header, *rows = csv.reader(io.StringIO(statistics_csv(ROWS)))
    assert tuple(header) == COLUMNS
    first = dict(zip(header, rows[0], strict=True))
    assert float(first["value"]) == 1 / 3
    assert (first["threshold"], first["cut"], first["n"]) == ("", "0", "7")
    assert rows[1][-1] == "undefined: one class, or none"
    assert "inf" not in rows[2]
    assert "nan" not in statistics_csv(ROWS)


def test_json_holds_the_same_and_the_settings() -> None:
    made = json.loads(analysis_json(ROWS, {"margin": 0.1}, "1.2.3"))
    assert made["schema"] == "myeloscope.analysis/1"
    assert made["version"] == "1.2.3"
    assert made["settings"] == {"margin": 0.1}
    first = {"statistic": "auc", "modality": "A", "value": 1 / 3, "cut": 0, "n": 7}
    assert made["statistics"][0] == first
    assert made["statistics"][2] == {"statistic": "noninferiority", "value": 0.5}
