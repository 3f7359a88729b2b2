"""Nothing a user can type or set is undocumented, and no page is stale."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from docs import generate
from myeloscope import cli
from myeloscope.settings import ReadSettings

DOCS = Path(generate.__file__).parent


def _silent_options(parser: ArgumentParser) -> list[str]:
    return [generate.option_name(a) for a, text in generate.described_actions(parser) if not text]


def _silent_settings(settings: type) -> list[str]:
    meanings = generate.attribute_docs(settings.__doc__ or "")
    return [item.name for item in fields(settings) if not meanings.get(item.name)]


@pytest.mark.parametrize("name", generate.PAGES)
def test_page_is_what_the_program_says(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == generate.PAGES[name](), "run scripts/docs and commit the pages"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_command_is_documented(name: str) -> None:
    parser = cli.command_parser(name)
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert parser.description
    assert _silent_options(parser) == []
    for action, _ in generate.described_actions(parser):
        for option in action.option_strings:
            assert option in section, f"{option} of {name} is not on the page"


def test_an_option_without_help_is_seen() -> None:
    parser = ArgumentParser()
    parser.add_argument("--mute")
    parser.add_argument("study", help="a folder")
    assert _silent_options(parser) == ["`--mute MUTE`"]


def test_settings_are_documented() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert _silent_settings(ReadSettings) == []
    for item in fields(ReadSettings):
        assert f"| `{item.name}` |" in page


def test_a_setting_without_meaning_is_seen() -> None:
    @dataclass
    class Settings:
        """Settings.

        Attributes
        ----------
        low, high
            Bounds of the window,
            in units of noise.
        """

        low: float = 1.0
        high: float = 2.0
        mute: float = 3.0

    assert _silent_settings(Settings) == ["mute"]
    meanings = generate.attribute_docs(Settings.__doc__ or "")
    assert meanings["high"] == "Bounds of the window, in units of noise."


@pytest.mark.parametrize(("text", "status"), [("[](missing.md)", 1), ("Sound.", 0)])
def test_a_broken_link_fails_the_build(text: str, status: int, tmp_path: Path) -> None:
    shutil.copy(DOCS / "conf.py", tmp_path)
    (tmp_path / "index.md").write_text(f"# Title\n\n{text}\n", encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", ".", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr


def test_every_decision_says_what_why_and_price() -> None:
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert re.findall(r"^\*\*(\w+)\.\*\*", page.read_text(), re.M) == [
            "Decision",
            "Why",
            "Price",
        ], page.name
