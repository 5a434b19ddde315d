"""Simulation-based calibration of history: docs/images/recovery.png and a table of quantities.

    python benchmarks/recovery.py

Truths from the prior of scenarios/history.yaml, data made from them with the errors of the
published numbers, and a calibration to each. Takes a few minutes on two cores.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import xarray as xr

from forecast.calibration.observables import Quantity
from forecast.export.tables import number, write_rows
from forecast.figures.ranks import ranks
from forecast.figures.style import save_figure
from forecast.spec.register import read_register
from forecast.spec.resolve import read_scenario
from forecast.studies.recovery import history_problem, recovery

ROOT = Path(__file__).parents[1]
OUTPUTS = (Quantity("total", 2026), Quantity("data_centres", 2026), Quantity("ai", 2026))
INFORMED = 0.1
"""Correlation with an observed quantity above which data speak; that of 4,096 independent draws is
0.016 in the root mean square."""


def informed(found: xr.Dataset) -> xr.Dataset:
    """What the data can say something of."""
    chosen = (found["kind"] != "latent") | (found["correlation"] > INFORMED)
    return found.isel(quantity=np.flatnonzero(chosen))


def table(found: xr.Dataset) -> list[tuple[str, ...]]:
    levels = found["level"].values
    inside = (f"inside_{100 * one:.0f}" for one in levels)
    rows = [("quantity", "kind", "correlation", "p_value", "outside", *inside)]
    for name in found["quantity"].values:
        one = found.sel(quantity=name)
        numbers = [one["correlation"], one["p_value"]]
        rows.append(
            (
                str(name),
                str(one["kind"].values),
                *(number(float(value)) for value in numbers),
                str(int(one["outside"])),
                *(number(float(value)) for value in one["coverage"].values),
            )
        )
    return rows


def told(found: xr.Dataset) -> list[str]:
    """The numbers, over all quantities and over those that data speak of."""
    at = found.attrs
    lines = [
        f"{found.sizes['simulation']} of {at['simulations']} simulations, {at['populations']} x"
        f" {at['particles']} particles, {at['draws']} draws ranked; {at['redrawn']} truths redrawn,"
        f" {at['refused']} calibrations refused {at['refusals']}",
        "populations' means spread by (median, 90 %, most): "
        + ", ".join(f"{one:.3f}" for one in found["spread"].quantile([0.5, 0.9, 1]).values)
        + f"; {float((found['spread'] > 0.15).mean()):.1%} above 0.15",
    ]
    for name, part in (("all", found), ("informed", informed(found))):
        # Quantities of a simulation go together, so the error is that over simulations.
        apart = np.abs(part["below"] - 0.5)
        shares = [(apart < level / 2).mean("quantity") for level in part["level"].values]
        inside = ", ".join(
            f"{level:.0%}: {float(one.mean()):.3f} +- {float(one.std(ddof=1)) / one.size**0.5:.3f}"
            for level, one in zip(part["level"].values, shares, strict=True)
        )
        lines.append(
            f"{name} ({part.sizes['quantity']}): coverage {inside};"
            f" {float(part['outside'].mean()):.1%} outside the band,"
            f" least p-value {float(part['p_value'].min()):.4f}"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description="Simulation-based calibration of history.")
    parser.add_argument("--simulations", type=int, default=300)
    parser.add_argument("--particles", type=int, default=512)
    parser.add_argument("--populations", type=int, default=2)
    parser.add_argument("--draws", type=int, default=127, help="posterior draws to rank among")
    parser.add_argument("--seed", type=int, default=1804)
    parser.add_argument("--csv", type=Path, default=ROOT / "outputs" / "recovery.csv")
    parser.add_argument("--png", type=Path, default=ROOT / "docs" / "images" / "recovery.png")
    asked = parser.parse_args()
    began = time.monotonic()
    register = read_register()
    scenario = read_scenario("history", register=register)

    def progress(done: int, total: int) -> None:
        if done % 20 == 0 or done == total:
            print(f"{done}/{total}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    found = recovery(
        history_problem(scenario, register, OUTPUTS),
        seed=asked.seed,
        simulations=asked.simulations,
        particles=asked.particles,
        populations=asked.populations,
        draws=asked.draws,
        progress=progress,
    )
    title = f"Simulation-based calibration: {scenario.title}"
    figure = ranks(
        found["rank"].values,
        [str(one) for one in found["quantity"].values],
        draws=asked.draws,
        attributes={"title": title},
    )
    save_figure(figure, asked.png)
    asked.csv.parent.mkdir(parents=True, exist_ok=True)
    write_rows(asked.csv, table(found))
    print("\n".join(told(found)))


if __name__ == "__main__":
    main()
