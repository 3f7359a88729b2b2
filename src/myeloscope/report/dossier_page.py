"""The dossier of a patient: one HTML page, on screen and, as PDF, on A4."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from PIL import Image

from myeloscope.domain.anatomy import Region
from myeloscope.errors import InputError
from myeloscope.pathway.criteria import CriteriaAnswer
from myeloscope.pathway.dossier import Dossier
from myeloscope.pathway.facts import FACTS
from myeloscope.pathway.patient import Diverticulum, Examination
from myeloscope.report import dossier_words as words
from myeloscope.report.dossier_course import course_picture
from myeloscope.report.page import data_uri, render
from myeloscope.report.sheet import to_jpeg

SPINE_HEIGHT = 1100
"""Height of a spine's picture on the page, pixels."""
MOST_SPINES = 2


def dossier_page(dossier: Dossier, spines: Mapping[str, bytes]) -> str:
    """Return a dossier as a self-contained HTML page.

    Parameters
    ----------
    dossier
        What to show.
    spines
        Pictures of straightened spines, PNG, by the path of their reading.

    Raises
    ------
    InputError
        If a picture can't be read.
    """
    cited: list[str] = []

    def cite(names: Sequence[str]) -> str:
        cited.extend(name for name in names if name not in cited)
        return "[" + ", ".join(str(cited.index(name) + 1) for name in names) + "]"

    course = course_picture(dossier.course)
    return render(
        "dossier.html",
        dossier=dossier,
        patient=dossier.patient,
        words=words,
        cite=cite,
        cited=cited,
        matrix=_matrix(dossier.criteria),
        notes=_notes(dossier.criteria),
        exams=[_exam(exam) for exam in dossier.patient.examinations],
        bulges=_bulges(dossier.patient.examinations),
        spines=_spines(dossier.patient.examinations, spines),
        course=None if course is None else data_uri(course.encode(), "image/svg+xml"),
        wanted=[item for item in dossier.missing if item.needed_by],
        gaps=[item for item in dossier.missing if not item.needed_by],
    )


def _matrix(criteria: Sequence[CriteriaAnswer]) -> list[dict[str, object]]:
    """Return one row a fact that any set asks for: what is known, and each set's answer."""
    rows: dict[str, dict[str, object]] = {}
    for column, answer in enumerate(criteria):
        for item in answer.signs:
            row = rows.setdefault(
                item.sign.input,
                {
                    "label": FACTS[item.sign.input][0],
                    "said": item.said,
                    "imaging": item.sign.spine_imaging,
                    "cells": [None] * len(criteria),
                },
            )
            cells = row["cells"]
            if isinstance(cells, list):
                cells[column] = item.answer
    return list(rows.values())


def _notes(criteria: Sequence[CriteriaAnswer]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return sign, note and sources of every sign that has a note, each once."""
    signs = {item.sign.id: item.sign for answer in criteria for item in answer.signs}
    return [(sign.text, sign.note, sign.sources) for sign in signs.values() if sign.note]


def _exam(exam: Examination) -> dict[str, object]:
    cells = []
    for region in Region:
        read = exam.regions.get(region)
        if read is None:
            cells.append(("\N{EN DASH}", "soft"))
        elif read.grade is None:
            cells.append(("not assessable", "soft"))
        else:
            least = "\N{GREATER-THAN OR EQUAL TO} " if read.at_least else ""
            cells.append((f"{least}grade {read.grade.value}", f"chip g{read.grade.value}"))
    return {"exam": exam, "cells": cells}


def _bulges(exams: Sequence[Examination]) -> list[tuple[Examination, Diverticulum]]:
    """Return every diverticulum with its examination, the largest first; unsized ones last."""
    found = [(exam, bulge) for exam in exams for bulge in exam.diverticula or ()]
    return sorted(found, key=lambda item: -(item[1].size_mm or 0.0))


def _spines(
    exams: Sequence[Examination], pictures: Mapping[str, bytes]
) -> list[tuple[Examination, str]]:
    """Return the first and the last examination that have a picture, reduced for the page."""
    shown = [exam for exam in exams if exam.reading in pictures]
    chosen = shown if len(shown) <= MOST_SPINES else [shown[0], shown[-1]]
    return [(exam, _reduced(pictures[exam.reading], exam.reading)) for exam in chosen]


def _reduced(png: bytes, place: str) -> str:
    try:
        with Image.open(io.BytesIO(png)) as opened:
            picture = opened.convert("RGB")
    except (OSError, Image.DecompressionBombError) as error:
        raise InputError(
            "the picture beside a reading can be read", value=error,
            place=f"straightened.png of {place}", remedy="read the study again, or take it away",
        ) from error  # fmt: skip
    picture.thumbnail((SPINE_HEIGHT, SPINE_HEIGHT), Image.Resampling.LANCZOS)
    return data_uri(to_jpeg(picture), "image/jpeg")
