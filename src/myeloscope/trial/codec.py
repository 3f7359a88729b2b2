"""A trial's log to JSON and back, checked by the records themselves."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from myeloscope.trial.event import Entry, Event
from myeloscope.trial.protocol import Protocol
from myeloscope.trial.refusals import TrialError, refused

_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
_PROTOCOL: TypeAdapter[Protocol] = TypeAdapter(Protocol)


def dump_event(event: Event) -> str:
    """Return an event as one line of JSON."""
    return _EVENT.dump_json(event).decode()


def load_event(text: str) -> Event:
    """Return the event that a line of JSON holds.

    Raises
    ------
    TrialError
        If it is not one.
    """
    try:
        return _EVENT.validate_json(text)
    except ValidationError as error:
        raise _unreadable(error, "trial log") from error


def load_entry(text: str, by: str, at: str) -> Entry:
    """Return the entry of a log whose event is stored as JSON; raises as :func:`load_event`."""
    return Entry(load_event(text), by, at)


def load_protocol(text: str | bytes) -> Protocol:
    """Return the protocol that a JSON text holds.

    Raises
    ------
    TrialError
        With the first field that does not fit.
    """
    try:
        return _PROTOCOL.validate_json(text, extra="forbid")
    except ValidationError as error:
        raise _unreadable(error, "protocol") from error


def dump_protocol(protocol: Protocol) -> str:
    """Return a protocol as indented JSON."""
    return _PROTOCOL.dump_json(protocol, indent=1).decode() + "\n"


def _unreadable(error: ValidationError, place: str) -> TrialError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return refused(first["msg"], str(first["input"])[:80], f"{place} {where}", "correct it")
