"""``rules.toml`` to a :class:`~myeloscope.pathway.rulebook.Rulebook`, checked when it is read.

A clinician reads and corrects that file; a slip in it is refused with value, rule and place, so
that no dossier is made by half a rule.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from myeloscope.errors import InputError
from myeloscope.pathway.answer import Answer
from myeloscope.pathway.facts import FACTS, QUANTITIES
from myeloscope.pathway.levels import is_root
from myeloscope.pathway.rulebook import (
    RANGE,
    SAFETY,
    SEEN,
    STATES,
    BernRules,
    Clause,
    CriteriaSet,
    Option,
    Remark,
    Rulebook,
    SafetyRule,
    Scheme,
    Sign,
    Source,
)
from myeloscope.pathway.table import Table, refused

RULES_FILE = "rules.toml"


@cache
def shipped_rules() -> Rulebook:
    """Return the rules that come with the program."""
    text = resources.files("myeloscope.pathway").joinpath(RULES_FILE).read_text("utf-8")
    return rulebook_from_text(text, RULES_FILE)


def rulebook_from_text(text: str, place: str) -> Rulebook:
    """Return the rules that a text of ``rules.toml`` holds.

    Raises
    ------
    InputError
        If the text is no TOML, or a rule is incomplete or names what does not exist.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            "rules are written in TOML", value=error, place=place,
            remedy="correct that line, or start again from the shipped file",
        ) from error  # fmt: skip
    return _Reader(place, data).rulebook()


class _Reader:
    """Reads the tables of one file; the sources come first, since every rule names some."""

    def __init__(self, place: str, data: Mapping[str, Any]) -> None:
        self.root = Table(data, place)
        self.sources = {
            name: Source(
                name, table.text("cite"), table.choice("seen", SEEN), table.text("link", "")
            )
            for name, table in self.root.named_tables("sources")
        }
        self.signs: dict[str, Sign] = {}

    def rulebook(self) -> Rulebook:
        root = self.root
        for table in root.tables("sign"):
            sign = self._sign(table)
            if sign.id in self.signs:
                raise refused("an id is used once", sign.id, table.place, "choose another")
            self.signs[sign.id] = sign
        book = Rulebook(
            version=root.whole("version"),
            sources=self.sources,
            signs=self.signs,
            criteria=tuple(self._criteria(table) for table in root.tables("criteria")),
            bern=self._bern(root.table("bern")),
            safety={rule.id: rule for rule in map(self._safety, root.tables("safety"))},
            schemes={scheme.id: scheme for scheme in map(self._scheme, root.tables("scheme"))},
            options=tuple(self._option(table) for table in root.tables("option")),
            targeting=self._targeting(root.table("targeting")),
        )
        root.close()
        return book

    def _sourced(self, table: Table) -> tuple[str, ...]:
        names = table.texts("source")
        for name in names:
            if name not in self.sources:
                raise refused(
                    "a rule names its source", repr(name), table.at("source"),
                    f"add [sources.{name}] or choose one that is there",
                )  # fmt: skip
        return names

    def _sign(self, table: Table, sources: tuple[str, ...] | None = None) -> Sign:
        answers = tuple(Answer)
        made = Sign(
            id=table.text("id"),
            text=table.text("text"),
            input=table.choice("input", tuple(FACTS)),
            sources=self._sourced(table) if sources is None else sources,
            below=table.number("below", None),
            equal=Answer(table.choice("equal", answers, Answer.MET)),
            yes=Answer(table.choice("yes", answers, Answer.MET)),
            no=Answer(table.choice("no", answers, Answer.NOT_MET)),
            spine_imaging=table.flag("spine_imaging") or False,
            note=table.text("note", ""),
        )
        if (made.below is not None) is not (made.input in QUANTITIES):
            raise refused(
                "a quantity is held against 'below', a yes or no is not", made.input, table.place,
                "add or take away 'below'",
            )  # fmt: skip
        if sources is None:
            table.close()
        return made

    def _criteria(self, table: Table) -> CriteriaSet:
        made = CriteriaSet(
            table.text("id"), table.text("name"), self._sourced(table),
            self._clause(table.table("rule")), table.text("note", ""),
        )  # fmt: skip
        table.close()
        return made

    def _clause(self, table: Table) -> Clause:
        key = next((key for key in ("all", "any", "of") if key in table.data), "all")
        parts = tuple(self._part(part, table) for part in table.array(key))
        number = {"all": len(parts), "any": 1}.get(key) or table.whole("at_least")
        if not 1 <= number <= len(parts):
            raise refused(
                "a rule asks for some of its signs", f"{number} of {len(parts)}", table.place,
                "correct at_least",
            )  # fmt: skip
        label = table.text("label", "")
        table.close()
        return Clause(number, parts, label)

    def _part(self, part: object, table: Table) -> str | Clause:
        if isinstance(part, dict):
            return self._clause(Table(part, table.place))
        if part not in self.signs:
            raise refused(
                "a rule is made of signs", repr(part), table.place,
                "add a [[sign]] of that id or choose one that is there",
            )  # fmt: skip
        return str(part)

    def _bern(self, table: Table) -> BernRules:
        sources = self._sourced(table)
        made = BernRules(
            sources,
            table.text("meaning"),
            tuple(self._bern_item(item, sources) for item in table.tables("item")),
            tuple((band.whole("upto"), band.text("name")) for band in table.tables("bands")),
            self._remarks(table, "caution"),
        )
        table.close()
        most = sum(points for _, points in made.items)
        uptos = [upto for upto, _ in made.bands]
        if uptos != sorted(set(uptos)) or uptos[-1] < most:
            raise refused(
                f"the bands rise and reach the score's {most} points", uptos, table.at("bands"),
                "correct them",
            )  # fmt: skip
        return made

    def _bern_item(self, table: Table, sources: tuple[str, ...]) -> tuple[Sign, int]:
        made = self._sign(table, sources), table.whole("points")
        table.close()
        return made

    def _remarks(self, table: Table, key: str) -> tuple[Remark, ...]:
        return tuple(
            Remark(item.text("text"), self._sourced(item)) for item in table.tables(key, missing=())
        )

    def _safety(self, table: Table) -> SafetyRule:
        made = SafetyRule(
            table.choice("id", tuple(SAFETY)), table.text("title"), table.text("text"),
            table.texts("inputs"), self._sourced(table), table.mapping("settings"),
        )  # fmt: skip
        table.close()
        settings = table.table("settings")
        for name in SAFETY[made.id]:
            if name not in RANGE:
                settings.whole(name)
            elif not is_root(settings.text(name)):
                raise refused(
                    "a range goes from root to root", settings.text(name), settings.at(name),
                    "write C7 or T1",
                )  # fmt: skip
        settings.close()
        return made

    def _scheme(self, table: Table) -> Scheme:
        types = {code: str(meaning) for code, meaning in table.mapping("types").items()}
        made = Scheme(
            table.text("id"), table.text("name"), self._sourced(table), types, table.text("note")
        )
        table.close()
        return made

    def _option(self, table: Table) -> Option:
        made = Option(
            table.text("id"), table.choice("when", STATES), table.text("text"),
            self._sourced(table), self._remarks(table, "for"), self._remarks(table, "against"),
        )  # fmt: skip
        table.close()
        return made

    def _targeting(self, table: Table) -> Option:
        made = Option(
            "targeting", table.text("title"), table.text("text"), self._sourced(table),
            self._remarks(table, "for"), self._remarks(table, "against"),
        )  # fmt: skip
        table.close()
        return made
