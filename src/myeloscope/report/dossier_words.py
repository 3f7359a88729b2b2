"""What a dossier says, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from myeloscope.pathway.answer import Answer
from myeloscope.pathway.bern import BernScore
from myeloscope.pathway.dossier import Dossier
from myeloscope.pathway.patient import TECHNIQUE_NAMES, Diverticulum, SpineSign
from myeloscope.pathway.rulebook import Clause, Rulebook, Source
from myeloscope.pathway.safety import kind_text, sign_text
from myeloscope.pathway.steps import MrmStanding

NOT_AN_ORDER = (
    "Nothing here is an order or a recommendation to treat. The page shows what was recorded, "
    "what published rules make of it, and what is missing."
)
INCORPORATION = (
    "Criteria that count what spine imaging shows can't judge spine imaging: the test would be "
    "part of its own reference standard (incorporation bias). In the lower row those signs are "
    "struck; only that row may serve as a reference standard for MR myelography or cisternography."
)
TECHNIQUES = TECHNIQUE_NAMES
ANSWER_CSS: Mapping[Answer, str] = {
    Answer.MET: "met",
    Answer.NOT_MET: "notmet",
    Answer.CANT_TELL: "open",
}
ANSWER_MARKS: Mapping[Answer, str] = {
    Answer.MET: "\N{CHECK MARK}",
    Answer.NOT_MET: "\N{MULTIPLICATION SIGN}",
    Answer.CANT_TELL: "?",
}
SHORT_NAMES: Mapping[str, str] = {
    "paper": "The paper, 2 of 3",
    "ichd3-7.2": "ICHD-3 7.2",
    "ichd3-7.2.3": "ICHD-3 7.2.3",
    "schievink2008": "Schievink 2008",
}
_SEEN: Mapping[str, str] = {
    "whole": "",
    "abstract": "abstract seen",
    "excerpt": "excerpt seen",
    "unseen": "not seen",
}


def title(dossier: Dossier) -> str:
    """Return the page's title."""
    return f"Dossier of patient {dossier.patient.id}"


def who(dossier: Dossier) -> str:
    """Return age, sex, onset and consent in one line, what is missing named as missing."""
    patient = dossier.patient
    sex = {"F": "female", "M": "male", "other": "other sex", None: "sex missing"}[patient.sex]
    age = "age missing" if patient.age is None else f"{patient.age} years"
    onset = patient.symptoms.onset
    since = "onset missing" if onset is None else f"onset {onset}"
    consent = {
        True: "consent to research given",
        False: "no consent to research",
        None: "consent to research missing",
    }[patient.research_consent]
    return ", ".join([age, sex, since, consent])


def short_name(criteria_id: str, name: str) -> str:
    """Return the short name of a set of criteria for a column's head."""
    return SHORT_NAMES.get(criteria_id, name)


def score_text(score: BernScore) -> str:
    """Return the Bern score as one number, or as a range where items are missing."""
    return f"{score.low}" if score.low == score.high else f"{score.low} to {score.high}"


def points_text(points: int, answer: Answer) -> str:
    """Return the points that an item gives."""
    return {Answer.MET: f"{points}", Answer.NOT_MET: "0", Answer.CANT_TELL: f"0 to {points}"}[
        answer
    ]


def standing_text(standing: MrmStanding) -> str:
    """Return what the MR myelogram says, in a few words."""
    if standing.exam is None:
        return "none"
    calls = {True: "positive", False: "negative", None: "can't tell"}
    text = calls[standing.by_the_paper]
    return f"{text} and equivocal" if standing.equivocal else text


def clause_text(clause: Clause, rules: Rulebook) -> str:
    """Return a rule in words, nested ones in brackets."""
    parts = [
        f"({clause_text(part, rules)})" if isinstance(part, Clause) else rules.signs[part].text
        for part in clause.parts
    ]
    if clause.number == len(parts):
        return " and ".join(parts)
    if clause.number == 1:
        return " or ".join(parts)
    return f"at least {clause.number} of {', '.join(parts)}"


def count_text(number: int, word: str) -> str:
    """Return a number and what it counts, with an s where it is not one."""
    return f"{number} {word}" + ("" if number == 1 else "s")


def bulge_text(bulge: Diverticulum) -> tuple[str, str, str, str]:
    """Return root, side, kind and size of a diverticulum."""
    size = "not measured" if bulge.size_mm is None else f"{bulge.size_mm:.0f} mm"
    return str(bulge.segment or "not named"), str(bulge.side), kind_text(bulge.kind), size


def signs_text(signs: Sequence[SpineSign] | None) -> str:
    """Return every sign of an examination, or that none is recorded."""
    if signs is None:
        return "not recorded"
    return "; ".join(sign_text(sign) for sign in signs) or "none"


def seen_text(source: Source) -> str:
    """Return how far a source was checked, empty where the passage itself was read."""
    return _SEEN[source.seen]


def since_text(days: int | None) -> str:
    """Return the days since the onset of the symptoms."""
    return "" if days is None else f"{days}".replace("-", "\N{MINUS SIGN}")


def users_text(users: Sequence[str]) -> str:
    """Return what waits for a missing input."""
    return ", ".join(SHORT_NAMES.get(user, user) for user in users)


def bands_text(rules: Rulebook) -> str:
    """Return the bands of the Bern score with their points."""
    lows = [0, *(upto + 1 for upto, _ in rules.bern.bands)]
    ranges = zip(lows, rules.bern.bands, strict=False)
    return ", ".join(f"{low}\N{EN DASH}{upto} {name}" for low, (upto, name) in ranges)


def settings_text(settings: Mapping[str, object]) -> str:
    """Return a safety rule's settings."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items())


def state_text(state: str) -> str:
    """Return the state in which a step is shown, as a heading."""
    return _STATES[state]


_STATES: Mapping[str, str] = {
    "not treated": "Not treated yet",
    "no MR myelogram": "No MR myelogram before any intervention",
    "positive": "MR myelogram positive",
    "equivocal": "MR myelogram equivocal",
    "negative": "MR myelogram negative",
    "patched without lasting relief": "Patched, without lasting relief",
    "patched with relief": "Patched, with relief",
}


def standing_sentence(standing: MrmStanding) -> str:
    """Return what the MR myelogram says and why it is equivocal, where it is."""
    if standing.exam is None:
        return "No MR myelogram before any intervention is recorded."
    calls = {
        True: "positive by the paper's rule (a region of grade 1 or more)",
        False: "negative by the paper's rule (no region of grade 1 or more)",
        None: "neither positive nor negative by the paper's rule",
    }
    text = f"The MR myelogram of {standing.exam.day} is {calls[standing.by_the_paper]}"
    if not standing.equivocal:
        return f"{text}."
    also = "and also" if standing.by_the_paper is not None else "and"
    return f"{text} {also} counts as equivocal: {'; '.join(standing.equivocal)}."
