"""The dossier of a patient from texts alone, in the worker process: no file is opened."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import PurePosixPath

from myeloscope import __version__
from myeloscope.domain.codec import loads
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError
from myeloscope.pathway.dossier import make_dossier, summary
from myeloscope.pathway.patient_file import check_days, patient_from_text
from myeloscope.pathway.record import dumps
from myeloscope.pathway.rules_file import shipped_rules
from myeloscope.pipeline.job import DossierJob, DossierMade
from myeloscope.pipeline.worker import Step
from myeloscope.report.dossier_page import dossier_page

PLACE = "PATIENT.toml"
READING = "reading.json"


def dossier_of(job: DossierJob, tell: Callable[[Step], None]) -> DossierMade:
    """Return the dossier that ``myeloscope dossier`` makes of the same file.

    Raises
    ------
    InputError
        When the file, or a reading that it names, says what cannot be.
    """
    tell(Step("holding the patient against the rules"))
    rules, as_of = shipped_rules(), datetime.date.fromisoformat(job.as_of)

    def load(name: str) -> Reading:
        return loads(job.readings[given_as(name, job)])

    patient = patient_from_text(job.patient, PLACE, load, rules.schemes)
    check_days(patient, as_of, PLACE)
    dossier = make_dossier(patient, rules, as_of, __version__, "shipped")
    return DossierMade(dossier_page(dossier, {}), dumps(dossier), tuple(summary(dossier)))


def given_as(name: str, job: DossierJob) -> str:
    """Return the path under which a reading was given: the one that ends as the file names it.

    Raises
    ------
    InputError
        If none does, or several do.
    """
    wanted = PurePosixPath(name).parts
    found = [
        path for path in job.readings if _ends(path, wanted) or _ends(path, (*wanted, READING))
    ]
    if len(found) != 1:
        raise InputError(
            "each reading that the patient's file names is given beside it, once",
            value=f"{name}, given {len(found)} times", place=PLACE,
            remedy="choose the readings' folder, or the files",
        )  # fmt: skip
    return found[0]


def _ends(path: str, parts: tuple[str, ...]) -> bool:
    return PurePosixPath(path).parts[-len(parts) :] == parts
