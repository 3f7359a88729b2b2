"""The statistics of a cohort whose truth is known; loaded only where they are asked for."""

from __future__ import annotations

from argparse import Namespace

from myeloscope import __version__
from myeloscope.accuracy.study import Analysis, StudySettings, analyse
from myeloscope.cli.study_table import write_files
from myeloscope.cohort.record import STUDIES
from myeloscope.exchange.reading_folder import read_folder
from myeloscope.exchange.statistics_table import analysis_json, statistics_csv
from myeloscope.report.statistics_page import analysis_files

ANALYSIS = "analysis"
"""Folder of the statistics, in that of the cohort."""


def analysed(options: Namespace) -> str:
    """Write the statistics of the readings whose truth is known; return where their page is."""
    reads = read_folder(
        options.out / STUDIES, options.cases, others=options.reads, listed_only=True
    )
    settings = StudySettings()
    analysis = Analysis(options.cases.name, "", reads, settings, analyse(reads, settings))
    files = {
        "statistics.csv": statistics_csv(analysis.statistics).encode(),
        "analysis.json": analysis_json(
            analysis.statistics, {"source": analysis.source, "truth": "truth"}, __version__
        ).encode(),
        **analysis_files(analysis, __version__),
    }
    write_files(options.out / ANALYSIS, files)
    return f"{ANALYSIS}/report.html"
