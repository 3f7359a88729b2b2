"""How fast the statistics are, as ratios to other software measured in the same run.

    python -m benchmarks.statistics [--short] [--peers DIR]

Times are CPU time of one thread, so that other work on the machine does not count; the whole
command is shown in wall time too. irrCAC and MLstatkit pin old libraries: they get an environment
of their own, made with pip under ``--peers`` (default ``build/benchmark-peers``); ``--short``
leaves them out and works on less.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from myeloscope.accuracy import (
    Coefficient,
    GroupCoefficient,
    Resampling,
    Statistic,
    Weights,
    auc_difference,
    bootstrap,
    draw,
    group_contributions,
    group_figure,
    pair_contributions,
    pair_figure,
    pair_table,
    ratings,
)

PEERS = Path(__file__).parent.parent / "build" / "benchmark-peers"
PACKAGES = {"irrCAC": "irrCAC==0.4.4", "MLstatkit": "MLstatkit==0.1.91"}
GIB = 2.0**30
SHORT_SLACK = 3.0
"""What the short form allows over the limit of time: it runs on any machine, beside other work."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: our time, the peer's, and the ratio asked for."""

    work: str
    peer: str
    theirs_s: float
    ours_s: float
    asked: float

    @property
    def ratio(self) -> float:
        """Return how many times faster we are."""
        return self.theirs_s / self.ours_s

    def __str__(self) -> str:
        """Return the line as Markdown."""
        verdict = "yes" if self.ratio >= self.asked else "NO"
        times = f"{self.theirs_s * 1e3:,.1f} ms | {self.ours_s * 1e3:,.2f} ms"
        goal = f"{self.ratio:,.0f} | {self.asked:g} | {verdict}"
        return f"| {self.work} | {self.peer} | {times} | {goal} |"


def median_seconds(work: Callable[[], object], runs: int) -> float:
    """Return the median CPU time of a call, after one call to warm up."""
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def grades(cases: int, readers: int, seed: int = 1) -> NDArray[np.int8]:
    """Return grades that agree more often than not, shape (cases, readers)."""
    generator = np.random.default_rng(seed)
    true = generator.choice(4, p=[0.5, 0.2, 0.2, 0.1], size=(cases, 1))
    error = generator.choice([-1, 0, 1], p=[0.15, 0.7, 0.15], size=(cases, readers))
    return np.asarray(np.clip(true + error, 0, 3), dtype=np.int8)


def kappa_lines(resamples: int) -> list[Line]:
    """Return the bootstrap of quadratic kappa against the loops of scikit-learn and statsmodels."""
    one, two = grades(200, 2).T
    base = Statistic(statistic="cohen_kappa")
    figure = pair_figure(Coefficient.COHEN, Weights.QUADRATIC)

    def ours() -> object:
        shares = pair_contributions(one, two, 4)
        return bootstrap(base, draw(shares, Resampling(resamples, 1)), figure)

    generator = np.random.default_rng(1)
    index = generator.integers(0, 200, (resamples, 200))

    def by_sklearn() -> object:
        labels = [0, 1, 2, 3]
        return [
            cohen_kappa_score(one[i], two[i], labels=labels, weights="quadratic") for i in index
        ]

    def by_statsmodels() -> object:
        return [
            cohens_kappa(pair_table(one[i], two[i], 4), wt="fc", return_results=False)
            for i in index
        ]

    seconds = median_seconds(ours, 9)
    work = f"{resamples:,} bootstraps of quadratic kappa, 200 cases (percentile and BCa)"
    return [
        Line(work, "scikit-learn loop", _once(by_sklearn), seconds, 150),
        Line(work, "statsmodels loop", _once(by_statsmodels), seconds, 10),
    ]


def _once(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


_IRRCAC = """
import json, sys, time
import numpy as np, pandas as pd
from irrCAC.raw import CAC
data = np.array(json.loads(sys.stdin.read()))
index = np.random.default_rng(1).integers(0, len(data), (100, len(data)))
CAC(pd.DataFrame(data), weights="ordinal", categories=[0, 1, 2, 3]).gwet()
start = time.process_time()
for i in index:
    CAC(pd.DataFrame(data[i]), weights="ordinal", categories=[0, 1, 2, 3]).gwet()
print((time.process_time() - start) / len(index))
"""
_MLSTATKIT = """
import json, sys, time
import numpy as np
from MLstatkit import Delong_test
truth, one, two = (np.array(x) for x in json.loads(sys.stdin.read()))
Delong_test(truth, one, two)
times = []
for _ in range(25):
    start = time.process_time()
    Delong_test(truth, one, two)
    times.append(time.process_time() - start)
print(sorted(times)[len(times) // 2])
"""


def peer_seconds(script: str, data: object, peers: Path) -> float:
    """Return what a script in the peers' environment prints."""
    python = peers / "bin" / "python"
    done = subprocess.run(
        [str(python), "-c", script], input=json.dumps(data), text=True, capture_output=True,
        check=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def make_peers(peers: Path) -> None:
    """Make the peers' environment, unless it stands."""
    if (peers / "made").exists():
        return
    venv.create(peers, with_pip=True, clear=True)
    pip = [str(peers / "bin" / "python"), "-m", "pip", "install", "-q"]
    subprocess.run([*pip, *PACKAGES.values()], check=True)
    (peers / "made").touch()


def ac2_line(peers: Path) -> Line:
    """Return the bootstrap of ordinal AC2 against irrCAC's loop (100 runs, scaled to 1,000)."""
    data = grades(200, 5)
    figure = group_figure(GroupCoefficient.GWET, Weights.ORDINAL, 4)
    base = Statistic(statistic="gwet_ac")

    def ours() -> object:
        shares = group_contributions(ratings(data, 4))
        return bootstrap(base, draw(shares, Resampling(1000, 1)), figure)

    theirs = 1000 * peer_seconds(_IRRCAC, data.tolist(), peers)
    work = "1,000 bootstraps of ordinal AC2, 200 cases x 5 readers"
    return Line(work, "irrCAC 0.4.4 loop", theirs, median_seconds(ours, 9), 50)


def _scores(n: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    generator = np.random.default_rng(3)
    truth = generator.integers(0, 2, n)
    one, two = truth * 0.8 + generator.normal(size=(2, n))
    return truth, one, two


def delong_line(peers: Path) -> Line:
    """Return the paired DeLong test against MLstatkit's."""
    truth, one, two = _scores(5000)
    theirs = peer_seconds(_MLSTATKIT, [x.tolist() for x in (truth, one, two)], peers)
    ours = median_seconds(lambda: auc_difference(one, two, truth), 25)
    return Line("paired DeLong, n = 5,000", "MLstatkit 0.1.91", theirs, ours, 2)


def delong_growth(sizes: Sequence[int]) -> list[str]:
    """Return the time of the paired test at rising n, over n log n."""
    lines = []
    for n in sizes:
        truth, one, two = _scores(n)
        seconds = median_seconds(lambda data=(one, two, truth): auc_difference(*data), 3)  # type: ignore[misc]
        unit = seconds / (n * math.log2(n)) * 1e9
        lines.append(f"| {n:,} | {seconds * 1e3:,.2f} ms | {unit:.2f} ns |")
    return lines


def write_table(path: Path, cases: int) -> None:
    """Write a table of reads: 5 readers in 2 modalities."""
    generator = np.random.default_rng(5)
    truth = generator.integers(0, 2, cases)
    with path.open("w") as file:
        file.write("case,truth,modality,reader,grade\n")
        for modality in ("MRM", "RIC"):
            for reader in range(1, 6):
                read = np.clip(2 * truth + generator.integers(-1, 2, cases), 0, 3)
                file.writelines(
                    f"c{i},{t},{modality},{reader},{g}\n"
                    for i, (t, g) in enumerate(zip(truth.tolist(), read.tolist(), strict=True))
                )


def analyze_line(cases: int, limit_s: float) -> tuple[str, bool]:
    """Return time and peak memory of ``myeloscope analyze``, a whole process, with its verdict."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "reads.csv"
        write_table(table, cases)
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "myeloscope", "analyze", str(table), "--out", f"{folder}/out"],
            check=True, capture_output=True,
        )  # fmt: skip
        seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    gib, cpu = used.ru_maxrss * 1024 / GIB, used.ru_utime + used.ru_stime
    kept = cpu <= limit_s and gib <= 2
    verdict = "yes" if kept else "NO"
    return (
        f"| {cases:,} | {seconds:.1f} s | {cpu:.1f} s | {gib:.2f} GiB "
        f"| {limit_s:g} s, 2 GiB | {verdict} |",
        kept,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables of docs/BENCHMARKS.md; return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description="time the statistics against other software")
    parser.add_argument("--short", action="store_true", help="small, without foreign environments")
    parser.add_argument("--peers", type=Path, default=PEERS, help="environment of the peers")
    options = parser.parse_args(argv)
    # The whole process first: its peak is read as that of all children so far.
    whole, kept = (
        analyze_line(1000, 20 * SHORT_SLACK) if options.short else analyze_line(100_000, 20)
    )
    lines = kappa_lines(200 if options.short else 10_000)
    if not options.short:
        make_peers(options.peers)
        lines += [ac2_line(options.peers), delong_line(options.peers)]
    print(
        "| work | peer | peer's time | ours | ratio | goal | kept |\n|---|---|---|---|---|---|---|"
    )
    print(*lines, sep="\n")
    print("\n| n, paired DeLong | time | over n log2 n |\n|---|---|---|")
    print(
        *delong_growth((1000, 10_000) if options.short else (10**3, 10**4, 10**5, 10**6)), sep="\n"
    )
    print("\n| cases x 5 readers x 2 modalities | analyze | CPU | peak memory | goal | kept |")
    print("|---|---|---|---|---|---|")
    print(whole)
    good = kept and (options.short or all(line.ratio >= line.asked for line in lines))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
