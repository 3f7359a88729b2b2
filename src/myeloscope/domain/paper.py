"""The source paper (AJNR 2008) as data: Table 1, the control counts and every printed figure.

Nothing here is recomputed: these are the paper's own numbers, kept as they were printed, so that
``myeloscope replay`` can hold them against what follows from Table 1. The paper prints no grade
for any patient, only the levels called positive; none is added here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from myeloscope.domain.anatomy import Region

Levels = tuple[Region, ...]


class Sex(StrEnum):
    """Sex as Table 1 prints it."""

    FEMALE = "F"
    MALE = "M"


class Treatment(StrEnum):
    """Treatment as Table 1 prints it; ``EBP`` is an epidural blood patch."""

    EBP = "EBP"
    CONSERVATIVE = "conservative"


class PaperReader(StrEnum):
    """Who made the calls of Table 1: two blinded MRM readers and the RIC consensus of three."""

    READER_1 = "reader 1"
    READER_2 = "reader 2"
    RIC = "RIC"


@dataclass(frozen=True, slots=True)
class PaperPatient:
    """One row of Table 1.

    Attributes
    ----------
    patient
        Running number of the patient, from 1.
    age
        Years.
    sex, treatment
        As printed.
    reader1, reader2, ric
        Levels called positive (grade >= 1); empty means no leak.
    ebp_count
        Number of epidural blood patches.
    """

    patient: int
    age: int
    sex: Sex
    reader1: Levels
    reader2: Levels
    ric: Levels
    treatment: Treatment
    ebp_count: int

    def levels(self, reader: PaperReader) -> Levels:
        """Return the levels that one reader called positive."""
        if reader is PaperReader.READER_1:
            return self.reader1
        return self.reader2 if reader is PaperReader.READER_2 else self.ric


@dataclass(frozen=True, slots=True)
class ControlCounts:
    """The controls, of whom the paper prints counts only.

    Attributes
    ----------
    n
        Number of controls; none had RIC.
    reader1_positive, reader2_positive
        Controls called grade 1 (nobody called a higher grade).
    both_positive
        Controls called positive by both readers: one, shown in Figure 2D.
    """

    n: int
    reader1_positive: int
    reader2_positive: int
    both_positive: int


class PaperQuantity(StrEnum):
    """The quantities of which the paper prints a figure or makes a countable claim."""

    PATIENTS = "number of cases"
    POSITIVES = "positive cases"
    SENSITIVITY = "sensitivity"
    SENSITIVITY_LOW = "sensitivity, 95% CI lower"
    SENSITIVITY_HIGH = "sensitivity, 95% CI upper"
    SPECIFICITY = "specificity"
    SPECIFICITY_LOW = "specificity, 95% CI lower"
    SPECIFICITY_HIGH = "specificity, 95% CI upper"
    ACCURACY = "accuracy"
    ACCURACY_LOW = "accuracy, 95% CI lower"
    ACCURACY_HIGH = "accuracy, 95% CI upper"
    KAPPA = "kappa, presence of a leak"
    KAPPA_WORD = "kappa in words"
    THORACIC = "positive in T"
    LUMBAR = "positive in L"
    CERVICAL = "positive in C"
    MULTIPLE_SITES = "cases with multiple sites"
    LEVEL_ORDER = "most frequent levels"
    EBP_TREATED = "treated by EBP"
    EBP_REPEATED = "EBP more than once"
    EBP_NONE = "treated conservatively only"
    AGE_MEAN = "age, mean (years)"
    AGE_MIN = "age, youngest (years)"
    AGE_MAX = "age, oldest (years)"
    MEN = "men"
    WOMEN = "women"
    SEX_RATIO = "men : women"
    ORDER_OF_STUDIES = "MRM first / RIC first"
    INTERVAL = "days between MRM and RIC, mean (range)"
    ACQUISITION = "acquisition time (s)"
    ACTIVITY = "activity of the tracer (MBq)"
    STATION = "acquisition time of a station (s)"
    FIGURE_CASE = "case shown in a figure"
    FIGURE_2D = "control called grade 1 by both readers"
    COMPARABLE = "MRM comparable to RIC"
    IMPROVED = "improved after EBP"
    FOLLOW_UP = "follow-up MRM"
    GRADES = "grades 0-3 by case and level"


@dataclass(frozen=True, slots=True)
class PaperFigure:
    """One figure of the paper as it was printed.

    Attributes
    ----------
    quantity
        What it is, one of :class:`PaperQuantity`.
    reader
        Whose it is: a reader, a pair (``reader 1 vs RIC``), or ``patients``, ``controls``.
    text
        The printed characters, so that the number of printed digits is kept.
    """

    quantity: PaperQuantity
    reader: str
    text: str


_C, _T, _L = Region.CERVICAL, Region.THORACIC, Region.LUMBAR
_F, _M = Sex.FEMALE, Sex.MALE
_EBP, _NONE = Treatment.EBP, Treatment.CONSERVATIVE

TABLE_1: Final[tuple[PaperPatient, ...]] = (
    PaperPatient(1, 42, _F, (_T, _L), (), (_T,), _EBP, 3),
    PaperPatient(2, 33, _M, (_C, _T), (_T, _L), (_T,), _EBP, 4),
    PaperPatient(3, 52, _F, (), (), (_T,), _EBP, 1),
    PaperPatient(4, 53, _F, (_L,), (_L,), (_L,), _EBP, 1),
    PaperPatient(5, 45, _M, (_C,), (_C, _T), (_C, _T), _EBP, 2),
    PaperPatient(6, 36, _M, (), (), (), _NONE, 0),
    PaperPatient(7, 40, _F, (_T,), (_T,), (_T,), _EBP, 1),
    PaperPatient(8, 28, _F, (_T,), (_T,), (_T,), _EBP, 3),
    PaperPatient(9, 26, _F, (_T, _L), (_T, _L), (_T,), _EBP, 2),
    PaperPatient(10, 17, _M, (_L,), (_L,), (_L,), _NONE, 0),
    PaperPatient(11, 33, _F, (_T,), (_T, _L), (_C, _T), _EBP, 2),
    PaperPatient(12, 44, _F, (_C, _T), (_C, _T), (_T,), _EBP, 1),
    PaperPatient(13, 42, _F, (_L,), (_L,), (_C, _L), _EBP, 1),
    PaperPatient(14, 32, _F, (_L,), (_L,), (_T, _L), _EBP, 1),
    PaperPatient(15, 40, _M, (_T,), (_T,), (_C, _T), _EBP, 2),
)

CONTROLS: Final = ControlCounts(n=15, reader1_positive=2, reader2_positive=1, both_positive=1)

_R1, _R2, _RIC = PaperReader.READER_1, PaperReader.READER_2, PaperReader.RIC
R1_RIC: Final = f"{_R1} vs {_RIC}"
R2_RIC: Final = f"{_R2} vs {_RIC}"
R1_R2: Final = f"{_R1} vs {_R2}"
PATIENTS: Final = "patients"
CONTROL_GROUP: Final = "controls"
_Q = PaperQuantity


def _with_interval(
    names: tuple[PaperQuantity, PaperQuantity, PaperQuantity],
    reader: str,
    texts: tuple[str, str, str],
) -> tuple[PaperFigure, ...]:
    """Return a value and its printed limits as three figures."""
    return tuple(PaperFigure(q, reader, text) for q, text in zip(names, texts, strict=True))


_SE = (_Q.SENSITIVITY, _Q.SENSITIVITY_LOW, _Q.SENSITIVITY_HIGH)
_SP = (_Q.SPECIFICITY, _Q.SPECIFICITY_LOW, _Q.SPECIFICITY_HIGH)
_ACC = (_Q.ACCURACY, _Q.ACCURACY_LOW, _Q.ACCURACY_HIGH)

PRINTED: Final[tuple[PaperFigure, ...]] = (
    PaperFigure(_Q.PATIENTS, PATIENTS, "15"),
    PaperFigure(_Q.PATIENTS, CONTROL_GROUP, "15"),
    PaperFigure(_Q.AGE_MEAN, PATIENTS, "37.6"),
    PaperFigure(_Q.AGE_MIN, PATIENTS, "17"),
    PaperFigure(_Q.AGE_MAX, PATIENTS, "53"),
    PaperFigure(_Q.AGE_MEAN, CONTROL_GROUP, "37.3"),
    PaperFigure(_Q.AGE_MIN, CONTROL_GROUP, "18"),
    PaperFigure(_Q.AGE_MAX, CONTROL_GROUP, "59"),
    PaperFigure(_Q.MEN, PATIENTS, "5"),
    PaperFigure(_Q.WOMEN, PATIENTS, "10"),
    PaperFigure(_Q.SEX_RATIO, CONTROL_GROUP, "2:1"),
    PaperFigure(_Q.ORDER_OF_STUDIES, PATIENTS, "7/8"),
    PaperFigure(_Q.INTERVAL, PATIENTS, "2 (1-5)"),
    PaperFigure(_Q.STATION, "MRM", "72"),
    PaperFigure(_Q.ACQUISITION, "MRM", "144"),
    PaperFigure(_Q.ACTIVITY, _RIC, "185-259"),
    PaperFigure(_Q.POSITIVES, _R1, "13"),
    PaperFigure(_Q.POSITIVES, _R2, "12"),
    PaperFigure(_Q.POSITIVES, _RIC, "14"),
    PaperFigure(_Q.POSITIVES, f"{_R1}, {CONTROL_GROUP}", "2"),
    PaperFigure(_Q.POSITIVES, f"{_R2}, {CONTROL_GROUP}", "1"),
    *_with_interval(_SE, _R1, ("0.867", "0.694", "1.000")),
    *_with_interval(_SE, _R2, ("0.800", "0.598", "1.000")),
    *_with_interval(_SE, _RIC, ("0.933", "0.807", "1.000")),
    *_with_interval(_SP, _R1, ("0.867", "0.694", "1.000")),
    *_with_interval(_SP, _R2, ("0.933", "0.807", "1.000")),
    *_with_interval(_ACC, _R1, ("0.867", "0.745", "1.000")),
    *_with_interval(_ACC, _R2, ("0.867", "0.745", "1.000")),
    PaperFigure(_Q.KAPPA, R1_RIC, "0.634"),
    PaperFigure(_Q.KAPPA, R2_RIC, "0.444"),
    PaperFigure(_Q.KAPPA, R1_R2, "0.867"),
    PaperFigure(_Q.KAPPA_WORD, R1_RIC, "substantial"),
    PaperFigure(_Q.KAPPA_WORD, R2_RIC, "moderate"),
    PaperFigure(_Q.KAPPA_WORD, R1_R2, "almost perfect"),
    PaperFigure(_Q.THORACIC, _R1, "7"),
    PaperFigure(_Q.THORACIC, _R2, "8"),
    PaperFigure(_Q.THORACIC, _RIC, "11"),
    PaperFigure(_Q.LUMBAR, _R1, "6"),
    PaperFigure(_Q.LUMBAR, _R2, "7"),
    PaperFigure(_Q.LUMBAR, _RIC, "4"),
    PaperFigure(_Q.MULTIPLE_SITES, "all readers", "all"),
    PaperFigure(_Q.LEVEL_ORDER, "all readers", "T, then L"),
    PaperFigure(_Q.EBP_TREATED, PATIENTS, "13"),
    PaperFigure(_Q.EBP_REPEATED, PATIENTS, "7"),
    PaperFigure(_Q.EBP_NONE, PATIENTS, "2"),
    PaperFigure(_Q.IMPROVED, PATIENTS, "13"),
    PaperFigure(_Q.FOLLOW_UP, PATIENTS, "6"),
    PaperFigure(_Q.COMPARABLE, "MRM", "comparable"),
)


@dataclass(frozen=True, slots=True)
class FigureCase:
    """A patient pictured in the paper, as the caption describes her.

    Attributes
    ----------
    figure
        Number of the paper's figure.
    age
        Years, as printed.
    sex
        As printed.
    mrm, ric
        Levels the caption names, per technique.
    """

    figure: str
    age: int
    sex: Sex
    mrm: Levels
    ric: Levels


FIGURE_CASES: Final[tuple[FigureCase, ...]] = (
    FigureCase("Fig 2A, B", 28, Sex.FEMALE, mrm=(_T,), ric=(_T,)),
    FigureCase("Fig 3", 33, Sex.FEMALE, mrm=(_T, _L), ric=(_T, _L)),
)


@dataclass(frozen=True, slots=True)
class Acquisition:
    """The printed acquisition: what the MRM's duration depends on (ms, s), the RIC's tracer."""

    tr_ms: int = 8000
    station_s: int = 72
    stations: int = 2
    phase_lines: int = 512
    echo_train: int = 256
    activity_mci: tuple[int, int] = (5, 7)


ACQUISITION: Final = Acquisition()
MBQ_PER_MCI: Final = 37
