"""How a printed figure stands to the recomputed one: verdicts, rounding rules, number texts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_TIE = 1e-9


class ReplayVerdict(StrEnum):
    """What recomputing says about a printed figure.

    ``exact``: it rounds to what is printed. ``last digit``: it is one off in the last printed
    digit. ``inconsistent``: it contradicts the paper's own data. ``suspect``: the data speak
    against it without settling it. ``plausible``: nothing speaks against it, nothing proves it.
    ``not derivable``: what is printed cannot give it. ``not printed``: added here.
    """

    EXACT = "exact"
    LAST_DIGIT = "last digit"
    INCONSISTENT = "inconsistent"
    SUSPECT = "suspect"
    PLAUSIBLE = "plausible"
    NOT_DERIVABLE = "not derivable"
    NOT_PRINTED = "not printed"


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """One line of a replay.

    Attributes
    ----------
    section
        Heading under which the line stands on screen and page.
    quantity, reader
        What it is and whose.
    printed
        The paper's characters; empty where the paper prints nothing.
    recomputed
        What follows from the data, with more digits than the paper gives.
    verdict, reason
        How the two stand to each other, and why.
    """

    section: str
    quantity: str
    reader: str
    printed: str
    recomputed: str
    verdict: ReplayVerdict
    reason: str


def number_verdict(printed: str, recomputed: float | None) -> ReplayVerdict:
    """Return the verdict on a printed number.

    Parameters
    ----------
    printed
        The number as printed; its decimals set the unit of the last digit. An exact tie may be
        rounded either way.
    recomputed
        The figure at full precision; ``None`` (undefined) contradicts any printed number.

    Returns
    -------
    ReplayVerdict
        ``exact``, ``last digit`` (decimals only: a count is right or wrong) or ``inconsistent``.
    """
    if recomputed is None:
        return ReplayVerdict.INCONSISTENT
    decimals = len(printed.partition(".")[2])
    off = abs(recomputed - float(printed)) * 10**decimals
    if off <= 0.5 + _TIE:
        return ReplayVerdict.EXACT
    if decimals and off <= 1.5 + _TIE:
        return ReplayVerdict.LAST_DIGIT
    return ReplayVerdict.INCONSISTENT


def claim_verdict(holds: bool) -> ReplayVerdict:
    """Return ``exact`` or ``inconsistent`` for a statement that the data decide."""
    return ReplayVerdict.EXACT if holds else ReplayVerdict.INCONSISTENT


def number_text(value: float | None, decimals: int = 5) -> str:
    """Return a recomputed number: a count plainly, others to five places, or ``undefined``."""
    if value is None:
        return "undefined"
    return str(value) if isinstance(value, int) else f"{value:.{decimals}f}"


def interval_text(low: float | None, high: float | None, decimals: int = 5) -> str:
    """Return a recomputed interval, such as ``0.62118 to 0.96264``."""
    if low is None or high is None:
        return "undefined"
    return f"{low:.{decimals}f} to {high:.{decimals}f}"


def people(patients: tuple[int, ...]) -> str:
    """Return patients' numbers in words: ``patient 6``, ``patients 3, 6``, ``no patient``."""
    if not patients:
        return "no patient"
    listed = ", ".join(str(p) for p in patients)
    return f"patient {listed}" if len(patients) == 1 else f"patients {listed}"
