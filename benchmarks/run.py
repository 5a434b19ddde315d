"""One table of what is promised about speed and memory, each measured against its baseline.

    python benchmarks/run.py            # a few minutes; streams 400,000 draws
    python benchmarks/run.py --full     # streams 10 million draws, and runs NUTS

Baselines and measured commands are whole processes that run in turn on this machine, so that what
else goes on here falls on both; the table gives the median of their ratios and the range.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FORECAST = str(Path(sys.executable).with_name("forecast"))
TOOLS = [sys.executable, "-c", "import click, ruamel.yaml; from pydantic import BaseModel"]
ARRAYS = [sys.executable, "-c", "import jax, xarray"]
GIGABYTE = 1e9
FULL = 10_000_000
POLICIES = HERE.parent / "scenarios"
WORLDS = ("base", "history", "outlook", "low", "central", "high")


class Failed(Exception):
    """A command that does not exist or ends with an error."""


@dataclass(frozen=True)
class Ran:
    """Seconds and peak bytes of a process."""

    seconds: float
    peak: float


@dataclass(frozen=True)
class Row:
    """One line of the table; without a limit it is told and not judged."""

    what: str
    baseline: str
    ratios: tuple[float, ...] = ()
    limit: float | None = None
    least: bool = False
    failed: str = ""

    def cells(self) -> tuple[str, str, str, str, str]:
        if self.failed:
            return self.what, self.baseline, self.failed[:60], self.target(), "no"
        middle = statistics.median(self.ratios)
        span = f" ({min(self.ratios):.2f}-{max(self.ratios):.2f})" if len(self.ratios) > 1 else ""
        met = "" if self.limit is None else ("yes" if self.holds(middle) else "no")
        return self.what, self.baseline, f"{middle:.2f}{span}", self.target(), met

    def target(self) -> str:
        if self.limit is None:
            return ""
        return f"{'at least' if self.least else 'at most'} {self.limit:g}"

    def holds(self, ratio: float) -> bool:
        assert self.limit is not None
        return ratio >= self.limit if self.least else ratio <= self.limit


def ran(command: list[str], folder: Path, cache: Path) -> Ran:
    """Run a process to its end; this one stays small, since a child's peak starts from it."""
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    started = time.perf_counter()
    with (folder / "stderr").open("w+") as errors:
        try:
            child = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors
            )
        except OSError as error:
            raise Failed(f"not there: {error.strerror}") from error
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        taken = time.perf_counter() - started
        if child.returncode != 0:
            errors.seek(0)
            lines = errors.read().strip().splitlines()
            raise Failed(f"exit {child.returncode}: {lines[-1] if lines else ''}")
    return Ran(taken, usage.ru_maxrss * 1024)


def in_turn(
    command: Callable[[], Ran], baseline: Callable[[], Ran], repeats: int
) -> tuple[float, ...]:
    """Ratios of the times of two commands, which run one after the other."""
    found = []
    for _ in range(repeats):
        below = baseline().seconds
        found.append(command().seconds / below)
    return tuple(found)


def commands(folder: Path, repeats: int) -> list[Row]:
    """The commands against imports that they cannot do without."""
    cache = folder / "cache"
    fresh = iter(range(1_000_000))
    run = [FORECAST, "run", "base.yaml", "--force", "--output", str(folder / "outputs"), "--quiet"]

    def again(command: list[str]) -> Callable[[], Ran]:
        return lambda: ran(command, folder, cache)

    def first() -> Ran:
        return ran(run, folder, folder / f"cache-{next(fresh)}")

    tie = [FORECAST, "calibrate", "base.yaml", "--force", "--output", str(folder / "outputs")]

    def first_tie() -> Ran:
        return ran(tie, folder, folder / f"cache-{next(fresh)}")

    plan = [
        ("forecast calibrate base.yaml, warm", tie, ARRAYS, 20.0),
        ("forecast calibrate base.yaml, first", first_tie, ARRAYS, 60.0),
        ("forecast --help", [FORECAST, "--help"], TOOLS, 3.0),
        ("forecast validate base.yaml", [FORECAST, "validate", "base.yaml"], TOOLS, 5.0),
        ("forecast run base.yaml, warm", run, ARRAYS, 5.0),
        ("forecast run base.yaml, first", first, ARRAYS, 15.0),
    ]
    rows = []
    for what, command, baseline, limit in plan:
        name = "import click, ruamel.yaml, pydantic" if baseline is TOOLS else "import jax, xarray"
        measured = again(command) if isinstance(command, list) else command
        long = min(repeats, 3) if "calibrate" in what else repeats
        try:
            measured(), ran(baseline, folder, cache)  # files read once, programs compiled
            ratios = in_turn(measured, again(baseline), long)
            rows.append(Row(what, name, ratios, limit))
        except Failed as error:
            rows.append(Row(what, name, limit=limit, failed=str(error)))
    return rows


def engine(repeats: int) -> list[Row]:
    """The engine against NumPy, in one process of its own."""
    command = [sys.executable, str(HERE / "engine.py"), str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    what = "engine, 16,384 draws x 21 years"
    if done.returncode != 0:
        told = done.stderr.strip().splitlines()
        return [Row(what, "NumPy", limit=2.5, least=True, failed=told[-1] if told else "failed")]
    found = json.loads(done.stdout.splitlines()[-1])
    return [
        Row(what, f"NumPy, {how}", tuple(ratios), 2.5, least=True) for how, ratios in found.items()
    ]


def policies(folder: Path, repeats: int) -> list[Row]:
    """Many policies over the same draws against one scenario with as many draws in all."""
    names = [one.stem for one in sorted(POLICIES.glob("*.yaml")) if one.stem not in WORLDS]
    # Policies that adapt go through a program of their own.
    plain = [one for one in names if "\nwhen:" not in (POLICIES / f"{one}.yaml").read_text()]
    laid = [f"base+{one}" for one in plain]
    laid += ["base+right-sizing+carbon-price", "base+model-reuse+lean-serving"]
    laid = ["base", *laid][:20]
    end = ["--prior", "--force", "--quiet", "--output", str(folder / "policies")]
    many = [FORECAST, "run", *laid, "--draws", "16384", *end]
    one = [FORECAST, "run", "base", "--draws", str(16384 * len(laid)), *end]
    what, baseline = f"{len(laid)} policies, 16,384 draws", f"one, {16384 * len(laid):,} draws"
    cache = folder / "cache"
    try:
        ran(many, folder, cache)
        ratios = in_turn(
            lambda: ran(many, folder, cache), lambda: ran(one, folder, cache), min(repeats, 2)
        )
    except Failed as error:
        return [Row(what, baseline, limit=1.2, failed=str(error))]
    return [Row(what, baseline, ratios, 1.2)]


def sobol() -> list[Row]:
    """Sobol indices, model runs included, against SALib on the same sample."""
    found = []
    for second in (False, True):
        command = [sys.executable, str(HERE / "sobol.py"), "--json", *["--second"] * second]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        what = "Sobol indices, second order too" if second else "Sobol indices, first and total"
        if done.returncode != 0:
            told = done.stderr.strip().splitlines()
            found.append(Row(what, "SALib", limit=20, least=True, failed=told[-1] if told else "?"))
            continue
        one = json.loads(done.stdout.splitlines()[-1])
        found.append(Row(what, "SALib", (one["ratio"],), 20, least=True))
    return found


def samplers(folder: Path) -> list[Row]:
    """Time per effective draw of a posterior, against the no-U-turn sampler."""
    command = [sys.executable, str(HERE / "nuts.py"), str(folder / "programs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    what, other = "NUTS, time per effective draw", "SMC"
    if done.returncode != 0:
        told = done.stderr.strip().splitlines()
        return [Row(what, other, limit=5, least=True, failed=told[-1] if told else "failed")]
    found = json.loads(done.stdout.splitlines()[-1])
    return [Row(what, other, (found["nuts"] / found["smc"],), 5, least=True)]


def streamed(folder: Path, draws: int) -> list[Row]:
    """Memory of a streamed run: against 2 GB, and against a quarter of the draws."""

    def stream(count: int) -> Ran:
        options = ["--prior", "--summary-only", "--draws", str(count), "--force", "--quiet"]
        output = ["--output", str(folder / "streamed")]
        return ran([FORECAST, "run", "base.yaml", *options, *output], folder, folder / "cache")

    what = f"{draws:,} draws streamed"
    try:
        few, many = stream(draws // 4), stream(draws)
    except Failed as error:
        return [Row(f"memory of {what}", "2 GB", limit=1, failed=str(error))]
    rate = (draws - draws // 4) / (many.seconds - few.seconds)
    return [
        Row(f"memory of {what}", "2 GB", (many.peak / (2 * GIGABYTE),), 1),
        Row(f"memory of {what}", f"{draws // 4:,} draws", (many.peak / few.peak,), 1.25),
        Row("draws a second, streamed", "1,000 a second", (rate / 1000,)),
    ]


def table(rows: list[Row]) -> str:
    head = ("what", "baseline", "ratio (range)", "limit", "met")
    lines = [head, *(one.cells() for one in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed and memory against their baselines.")
    parser.add_argument("--repeats", type=int, default=5, help="times that each pair is measured")
    parser.add_argument("--draws", type=int, default=400_000, help="draws to stream")
    parser.add_argument("--full", action="store_true", help=f"stream {FULL:,} draws; NUTS")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = commands(folder, asked.repeats) + engine(asked.repeats) + sobol()
        rows += policies(folder, asked.repeats)
        rows += samplers(folder) if asked.full else []
        rows += streamed(folder, FULL if asked.full else asked.draws)
    print(table(rows))


if __name__ == "__main__":
    main()
