"""Our figures held against outside reference numbers.

    python -m benchmarks.reference_check FOLDER

checks every number of ``FOLDER/expected.json`` and prints how many agree, by where they come from,
which do not, and which are outside the contract, by name with the reason. ``--short`` takes the
copies that live in ``tests/data/reference``.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reference.checks import Check, agrees, ours
from benchmarks.reference.mapping import Numbers, OutsideError
from benchmarks.reference.tables import Folder

COPIES = Path(__file__).parent.parent / "tests" / "data" / "reference"


_SOFTWARE = re.compile(
    r"(binom|DTComPair|epiR|irr|irrCAC|krippendorff|pROC|PropCIs|psych|survey|vcd) [\d.]+\d|R stats"
)


def origin(source: str) -> str:
    """Return the software that a reference number comes from, or what else it rests on."""
    software = _SOFTWARE.match(source)
    if software:
        return software[0]
    return "counts" if source.startswith("count") else "journals, textbooks, printouts"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check: our number, or why there is none."""

    check: Check
    got: Numbers | None
    outside: str = ""

    @property
    def agrees(self) -> bool:
        """Return whether our number is within the tolerance."""
        return self.got is not None and agrees(self.check, self.got)


def run(folder: Path) -> list[Outcome]:
    """Return what comes of every check of a folder."""
    checks: list[Check] = json.loads((folder / "expected.json").read_text())["checks"]
    data = Folder(folder)
    return [_outcome(check, data) for check in checks]


def _outcome(check: Check, data: Folder) -> Outcome:
    try:
        return Outcome(check, ours(check, data))
    except OutsideError as outside:
        return Outcome(check, None, str(outside))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the counts; return 1 if a number disagrees."""
    parser = argparse.ArgumentParser(description="check our figures against reference numbers")
    parser.add_argument("folder", type=Path, nargs="?", default=COPIES)
    parser.add_argument("--short", action="store_true", help="only the copies in tests/data")
    options = parser.parse_args(argv)
    outcomes = run(COPIES if options.short else options.folder)
    inside = [outcome for outcome in outcomes if not outcome.outside]
    wrong = [outcome for outcome in inside if not outcome.agrees]
    checked = Counter(origin(o.check["source"]) for o in inside)
    right = Counter(origin(o.check["source"]) for o in inside if o.agrees)
    print("| reference numbers from | checked | agree |\n|---|---|---|")
    for name, count in sorted(checked.items(), key=lambda item: (-item[1], item[0])):
        print(f"| {name} | {count:,} | {right[name]:,} |")
    print(f"| all | {len(inside):,} | {len(inside) - len(wrong):,} |\n")
    for outcome in wrong:
        check = outcome.check
        print(f"DISAGREES {check['id']} {check['statistic']}: {outcome.got} not {check['value']}")
    for reason, count in sorted(Counter(o.outside for o in outcomes if o.outside).items()):
        print(f"outside the contract, {count}: {reason}")
    print(
        f"{len(outcomes)} numbers: {len(inside)} checked, {len(inside) - len(wrong)} agree, "
        f"{len(wrong)} disagree, {len(outcomes) - len(inside)} outside the contract"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
