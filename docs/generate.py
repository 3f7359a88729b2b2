"""Write the reference pages that the program itself knows best.

``python -m docs.generate`` renews ``cli.md``, ``settings.md``, the pages of the schemas and that of
the dossier's rules; a test fails when a page is stale, or when a command, an option or a setting
says nothing about itself.
"""

from __future__ import annotations

import inspect
import json
import re
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from docs import licences
from myeloscope import cli, settings
from myeloscope.cli.parsing import EXIT_CODES
from myeloscope.pathway.rulebook import Option, Remark, Sign
from myeloscope.pathway.rules_file import shipped_rules
from myeloscope.report.dossier_words import bands_text, clause_text, settings_text
from myeloscope.server.permissions import RULES
from myeloscope.trial.protocol import Phase

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "src" / "myeloscope"
NOTE = "% Written by docs/generate.py; edit the program, not this page.\n"


def plain(text: str) -> str:
    """Return text in which nothing is taken for markup."""
    return text.strip().replace("<", "\\<").replace("*", "\\*").replace("_", "\\_")


def cell(text: str) -> str:
    """Return text that is safe in a table cell; code in backticks stays code."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "\\<")


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def option_name(action: Action) -> str:
    """Return how an option or argument is typed, with its value's name."""
    value = action.metavar or "|".join(map(str, action.choices or ())) or action.dest.upper()
    value = " ".join(value) if isinstance(value, tuple) else value
    if not action.option_strings:
        return f"`{value}`"
    names = ", ".join(action.option_strings)
    return f"`{names}`" if action.nargs == 0 else f"`{names} {value}`"


def described_actions(parser: ArgumentParser) -> Iterator[tuple[Action, str]]:
    """Yield each option or argument of a parser with its help, defaults filled in."""
    for action in parser._actions:
        if action.help == SUPPRESS:
            continue
        values = {**vars(action), "prog": parser.prog}
        yield action, (action.help or "") % values


def command_section(name: str, parser: ArgumentParser) -> str:
    """Return the section of one command."""
    found = list(described_actions(parser))
    arguments = " ".join(
        f"{action.metavar or action.dest}" for action, _ in found if not action.option_strings
    )
    rows = [(option_name(action).replace("|", "\\|"), cell(text)) for action, text in found]
    epilog = parser.epilog or ""
    return (
        f"## {name}\n\n{plain(parser.description or '')}\n\n"
        f"```text\n{f'myeloscope {name} [options] {arguments}'.strip()}\n```\n\n"
        f"{table(('option', 'meaning'), rows)}\n"
        + (f"```text\n{examples(epilog)}\n```\n\n" if examples(epilog) else "")
    )


def examples(epilog: str) -> str:
    """Return the examples of a command's help, without the table of exit codes."""
    head, _, _ = epilog.partition("exit codes:")
    return head.removeprefix("examples:").strip().replace("\n  ", "\n")


def cli_page() -> str:
    """Return the reference of the command line."""
    commands = [(f"[`{name}`](#{name})", cell(does)) for name, does in cli.COMMANDS.items()]
    codes = EXIT_CODES.partition("\n")[2]
    return (
        f"{NOTE}\n# Command line\n\n{table(('command', 'what it does'), commands)}\n"
        "`myeloscope COMMAND --help` prints the same. Errors are one line on stderr: place, "
        f"rule,\nwhat was found, what to do.\n\n```text\nexit codes\n{codes}\n```\n\n"
        + "".join(command_section(name, cli.command_parser(name)) for name in cli.COMMANDS)
    ).rstrip() + "\n"


def attribute_docs(docstring: str) -> dict[str, str]:
    """Return the meaning of each attribute in a NumPy-style docstring."""
    _, _, body = inspect.cleandoc(docstring).partition("----------\n")
    entries = re.findall(r"^(\w[\w, ]*)\n((?:^    .*\n?|^\s*\n)+)", body, re.M)
    return {
        name.strip(): " ".join(text.split()) for names, text in entries for name in names.split(",")
    }


def default_of(item: Field[Any]) -> str:
    """Return a setting's default as it is written in Python."""
    if item.default is not MISSING:
        return repr(item.default)
    return repr(item.default_factory()) if item.default_factory is not MISSING else "-"


def settings_page() -> str:
    """Return the reference of the settings."""
    meanings = attribute_docs(settings.ReadSettings.__doc__ or "")
    rows = [
        (f"`{item.name}`", cell(f"`{default_of(item)}`"), cell(meanings.get(item.name, "")))
        for item in fields(settings.ReadSettings)
    ]
    return (
        f"{NOTE}\n# Settings\n\nWhat may be set for a reading, declared once as `ReadSettings` in "
        "`settings.py`; the command line\nand the `settings` block of `reading.json` are "
        f"made from the same list.\n\n{table(('setting', 'default', 'meaning'), rows)}"
    )


def kind_of(node: Mapping[str, Any]) -> str:
    """Return a short word for what a schema node allows."""
    if "$ref" in node:
        return f"`{node['$ref'].rsplit('/', 1)[1]}`"
    if "const" in node:
        return f"`{node['const']}`"
    if "enum" in node:
        shown = [json.dumps(value).strip('"') for value in node["enum"]]
        return " ".join(f"`{value}`" for value in shown)
    if "oneOf" in node:
        return " or ".join(kind_of(part) for part in node["oneOf"])
    if node.get("properties"):
        return "object with " + " ".join(f"`{name}`" for name in node["properties"])
    kinds = node.get("type", "any")
    word = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{word} of {kind_of(node['items'])}" if node.get("items") else word


def block(name: str, node: Mapping[str, Any]) -> str:
    """Return the table of one block of the contract."""
    rows = [
        (f"`{key}`", cell(kind_of(part)), cell(part.get("description", "")))
        for key, part in node.get("properties", {}).items()
    ]
    text = f"{node['description']}\n\n" if "description" in node else ""
    return f"### {name}\n\n{text}{table(('field', 'value', 'meaning'), rows)}\n"


def schema_page(file: str, title: str, what: str) -> str:
    """Return the reference of a contract: its schema's file, the page's title, what it is."""
    schema = json.loads((PACKAGE / file).read_text(encoding="utf-8"))
    parts = schema["$defs"].items()
    blocks = "".join(block(name, node) for name, node in parts if "properties" in node)
    values = [
        (f"`{name}`", cell(kind_of(node)), cell(node.get("description", "")))
        for name, node in parts
        if "properties" not in node
    ]
    return (
        f"{NOTE}\n# {title}\n\n{what} A field that is not named here is refused.\n"
        f"The schema ships with the package: `{file}`.\n\n"
        f"## Top level\n\n{block(schema['title'], schema)}## Blocks\n\n{blocks}"
        f"## Values\n\n{table(('name', 'value', 'meaning'), values)}\n"
        "## The schema\n\n"
        f"```{{literalinclude}} ../src/myeloscope/{file}\n"
        ":language: json\n```\n"
    )


def reading_schema_page() -> str:
    """Return the reference of ``reading.json``."""
    file = "domain/schema/reading-1.schema.json"
    return schema_page(
        file, "reading.json", "The contract between the reader and every other program."
    )


def dossier_schema_page() -> str:
    """Return the reference of ``dossier.json``."""
    file = "pathway/schema/dossier-1.schema.json"
    what = "What `myeloscope dossier` writes beside its page, for other programs."
    return schema_page(file, "dossier.json", what)


def comparison_schema_page() -> str:
    """Return the reference of ``comparison.json``."""
    file = "comparison/schema/comparison-1.schema.json"
    what = "What `myeloscope compare` writes beside its page, for other programs."
    return schema_page(file, "comparison.json", what)


def cited(names: Sequence[str]) -> str:
    """Return the sources of a rule, as its table names them."""
    return ", ".join(f"`{name}`" for name in names)


def remarks_list(title: str, remarks: Sequence[Remark]) -> str:
    """Return sentences with their sources as a list, empty for none."""
    lines = "".join(f"- {plain(r.text)} ({cited(r.sources)})\n" for r in remarks)
    return f"{title}\n\n{lines}\n" if remarks else ""


def option_section(option: Option) -> str:
    """Return a step of the pathway with the evidence on both sides."""
    head = f"### {option.when}\n\n{plain(option.text)} ({cited(option.sources)})\n\n"
    return (
        head
        + remarks_list("For:", option.evidence_for)
        + remarks_list("Against, or beside it:", option.evidence_against)
    )


def sign_limit(sign: Sign) -> str:
    """Return how a sign's answer follows from its input."""
    if sign.below is not None:
        return f"below {sign.below:g}; exactly: {sign.equal}"
    return f"yes: {sign.yes}; no: {sign.no}"


def rules_page() -> str:
    """Return every rule of a dossier, with its sources."""
    rules = shipped_rules()
    signs = [
        (f"`{s.id}`", cell(s.text), cell(f"`{s.input}`"), cell(sign_limit(s)),
         cell(s.note), cited(s.sources))
        for s in (*rules.signs.values(), *(sign for sign, _ in rules.bern.items))
    ]  # fmt: skip
    sets = [
        (cell(c.name), cell(clause_text(c.rule, rules)), cited(c.sources)) for c in rules.criteria
    ]
    safety = [
        (cell(r.title), cell(r.text), cell(settings_text(r.settings)), cited(r.sources))
        for r in rules.safety.values()
    ]
    schemes = [
        (cell(s.name), cell("; ".join(f"{c} {m}" for c, m in s.types.items())), cell(s.note),
         cited(s.sources))
        for s in rules.schemes.values()
    ]  # fmt: skip
    sources = [(f"`{s.id}`", cell(f"{s.cite} {s.link}"), s.seen) for s in rules.sources.values()]
    return (
        f"{NOTE}\n# Rules of the dossier\n\nWritten from `pathway/rules.toml`, the file that a "
        "clinician reads and corrects. A corrected copy\nis used with `myeloscope dossier "
        "--rules FILE`. Nothing here is an order.\n\n"
        f"## Signs\n\n{table(('sign', 'asks for', 'input', 'answer', 'note', 'source'), signs)}\n"
        f"## Sets of criteria\n\n{table(('set', 'made up of', 'source'), sets)}\n"
        f"## Bern score\n\n{plain(rules.bern.meaning).capitalize()}. "
        f"Bands: {bands_text(rules)}.\n\n"
        + remarks_list("Cautions:", rules.bern.cautions)
        + f"## Safety rules\n\n{table(('rule', 'text', 'numbers', 'source'), safety)}\n"
        + f"## Schemes of leak types\n\n{table(('scheme', 'types', 'note', 'source'), schemes)}\n"
        + "## The paper's pathway\n\n"
        + "".join(option_section(option) for option in (*rules.options, rules.targeting))
        + "## Sources\n\n`whole`: the passage itself was read; `abstract`, `excerpt`: no more than "
        f"that.\n\n{table(('id', 'source', 'seen'), sources)}"
    )


def server_page() -> str:
    """Return the reference of the server's routes, from its permission table."""
    rows = [
        (
            f"`{rule.method} {rule.path}`",
            cell(rule.summary),
            ", ".join(sorted(rule.roles)) or str(rule.who),
            "any" if rule.phases == frozenset(Phase) else ", ".join(sorted(rule.phases)),
        )
        for rule in RULES.values()
    ]
    return (
        f"{NOTE}\n# Server\n\nWhat may be asked of `myeloscope serve`, by whom and in which phase "
        "of a trial: the one table that\nthe routes, this page and the tests read. Others get 401 "
        "or 403, another phase 409. Every change repeats\nthe session's word in `X-CSRF-Token`; "
        "`/openapi.json` describes each record.\n\n"
        f"{table(('route', 'what it does', 'who', 'phase'), rows)}"
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "settings.md": settings_page,
    "reading-schema.md": reading_schema_page,
    "dossier-schema.md": dossier_schema_page,
    "dossier-rules.md": rules_page,
    "comparison-schema.md": comparison_schema_page,
    "server.md": server_page,
    "viewer-licences.md": lambda: licences.page(NOTE),
}
"""File name -> what writes the page."""


def main() -> None:
    """Write the pages beside this file."""
    for name, write in PAGES.items():
        (HERE / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
