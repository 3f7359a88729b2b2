"""What the rules of a trial refuse, as errors a person can act on."""

from __future__ import annotations

from myeloscope.errors import InputError


class TrialError(InputError):
    """Something that the trial's protocol, state or roles do not allow now."""


class ConflictError(TrialError):
    """A save that rests on an older draft than the one that is stored."""


class ForbiddenError(TrialError):
    """Something that this person may not do, or not see."""


def refused(rule: str, value: object, place: str, remedy: str) -> TrialError:
    """Return the error for a step that the rules do not allow."""
    return TrialError(rule, value=value, place=place, remedy=remedy)
