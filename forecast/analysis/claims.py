"""What a talk claims beside the engine's own figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import xarray as xr

from forecast.analysis.comparison import chain_error
from forecast.store import inputs_group, outputs_group, stats_group

AGREES, PARTLY, DISAGREES, NOT = "agrees", "partly", "disagrees", "not comparable"
SAME: Final = "same source"
CIRCULAR: Final = "the prior behind the figure is of this talk, so that agreeing tells nothing"
PERCENT: Final = 100.0
PER_THOUSAND: Final = 1000.0
USERS: Final = 100e6 / 10e3
"""100 million users over 10,000. (definition: the claim's own numbers)"""


class Claim(Protocol):
    """What is asked of a claim: `spec.claims.ClaimEntry` has it."""

    @property
    def id(self) -> str:
        """Name of the claim."""

    @property
    def quantity(self) -> str | None:
        """Name in `QUANTITIES`, if anything here can be held against it."""

    @property
    def low(self) -> float | None:
        """Lower end of what is claimed."""

    @property
    def high(self) -> float | None:
        """Upper end."""

    @property
    def why_not(self) -> str:
        """Why it is not comparable."""

    @property
    def same_source(self) -> bool:
        """Whether the prior of the figure is of the claim."""


@dataclass(frozen=True)
class Draws:
    """Inputs and outputs of the valid draws of one scenario.

    Attributes
    ----------
    outputs, inputs : mapping
        Name → DataArray without chain and draw apart: `[sample, …]`.
    chain : array
        `[sample]`.
    """

    outputs: Mapping[str, xr.DataArray]
    inputs: Mapping[str, xr.DataArray]
    chain: np.ndarray

    def out(self, name: str, year: int, **labels: str) -> np.ndarray:
        """One output in a year, `[draw]`."""
        return np.asarray(self.outputs[name].sel({"year": year, **labels}).values)

    def given(self, name: str, **labels: str) -> np.ndarray:
        """One input, `[draw]`; a number that is the same in all is repeated."""
        one = self.inputs[name].sel(labels)
        return np.asarray(np.broadcast_to(one.values, len(self.chain)))


def draws_of(run: xr.DataTree, scenario: str) -> Draws:
    """Take the valid draws of one scenario of a Run that keeps every output.

    Raises
    ------
    ValueError
        If the run lacks outputs: it was not run with all of them.
    """
    stats = run[stats_group(run)].to_dataset()
    valid = stats["status"].sel(scenario=scenario).values.reshape(-1) == 0
    outputs, inputs = {}, {}
    for name, one in run[outputs_group(run)].to_dataset().data_vars.items():
        outputs[str(name)] = _flat(one.sel(scenario=scenario), valid)
    for group in ("constant_data", inputs_group(run)):
        for name, one in run[group].to_dataset().data_vars.items():
            ours = one.sel(scenario=scenario) if "scenario" in one.dims else one
            inputs[str(name)] = _flat(ours, valid)
    if "training.training" not in outputs:
        raise ValueError("the run keeps no outputs of the blocks; run it with --keep all")
    chains = stats.sizes["chain"]
    return Draws(outputs, inputs, np.repeat(np.arange(chains), stats.sizes["draw"])[valid])


def _flat(one: xr.DataArray, valid: np.ndarray) -> xr.DataArray:
    if "chain" not in one.dims:
        return one
    laid = one.transpose("chain", "draw", ...)
    rest = laid.dims[2:]
    values = laid.values.reshape(-1, *laid.shape[2:])[valid]
    labels = {name: laid.coords[name].values for name in rest if name in laid.coords}
    return xr.DataArray(values, labels, ("sample", *rest))


def _centres(d: Draws, year: int) -> np.ndarray:
    return d.out("totals.data_centres", year)


def _tuned(d: Draws) -> np.ndarray:
    """GWh of one full fine-tuning of a small model in 2023."""
    small = d.out("training.pretraining", 2023, base_size="small")
    return np.asarray(small / d.given("customisation.full_saving"))


def _mixed_saving(d: Draws) -> np.ndarray:
    full = d.given("customisation.full_share")
    each = full / d.given("customisation.full_saving")
    return np.asarray(1.0 / (each + (1.0 - full) / d.given("customisation.peft_saving")))


def _green(d: Draws, output: str) -> np.ndarray:
    total = {year: d.out("totals.total", year) for year in (2022, 2030)}
    green = {year: total[year] * d.out(output, year) for year in total}
    with np.errstate(divide="ignore", invalid="ignore"):
        share = PERCENT * (green[2030] - green[2022]) / (total[2030] - total[2022])
    return np.where(total[2030] > 1.05 * total[2022], share, np.nan)


def _span(d: Draws) -> np.ndarray:
    small = d.out("training.pretraining", 2023, base_size="small")
    return np.asarray(d.given("training.frontier_energy_2023") / small)


def _matched(d: Draws) -> np.ndarray:
    electricity = d.outputs["facilities.electricity"].sel(year=2024)
    held = electricity.sel(facility=["hyperscale", "colocation"]).sum("facility").values
    matched = d.outputs["emissions.matched"].sel(year=2024).sum("region").values
    return PERCENT * np.asarray(matched / held)


def _ratio(name: str, later: int, before: int) -> Callable[[Draws], np.ndarray]:
    return lambda d: d.out(name, later) / d.out(name, before)


def _input(name: str) -> Callable[[Draws], np.ndarray]:
    return lambda d: d.given(name)


def _frontier_over_small(d: Draws) -> np.ndarray:
    small = d.given("size_mix.parameters_small")
    return np.asarray(d.given("size_mix.parameters_frontier") / small)


def _pue(d: Draws, facility: str) -> np.ndarray:
    return d.out("conventional.pue_facility", 2022, facility=facility)


QUANTITIES: Final[dict[str, Callable[[Draws], np.ndarray]]] = {
    "total_2022": lambda d: d.out("totals.total", 2022),
    "share_2022": lambda d: PERCENT * d.out("totals.share_of_world_demand", 2022),
    "total_2026_over_2022": _ratio("totals.total", 2026, 2022),
    "workloads_growth": lambda d: PERCENT * (d.out("conventional.workloads", 2022) - 1.0),
    "centres_growth": lambda d: PERCENT * (_centres(d, 2022) / _centres(d, 2015) - 1.0),
    "share_2030_p95": lambda d: PERCENT * d.out("totals.share_of_world_demand", 2030),
    "growth_renewable": lambda d: _green(d, "emissions.renewable_share"),
    "growth_renewable_market": lambda d: _green(d, "emissions.renewable_share_market"),
    "pue_colocation_2022": lambda d: _pue(d, "colocation"),
    "pue_enterprise_over_hyperscale": lambda d: _pue(d, "enterprise") / _pue(d, "hyperscale"),
    "matched_share_2024": _matched,
    "hardware_2023_over_2015": _ratio("efficiency.hardware", 2023, 2015),
    "hardware_2030_over_2023": _ratio("efficiency.hardware", 2030, 2023),
    "software_total": _input("efficiency.software_total"),
    "precision_2029": _input("efficiency.precision_2029"),
    "full_saving": _input("customisation.full_saving"),
    "peft_saving": _input("customisation.peft_saving"),
    "customisation_saving": _mixed_saving,
    "retrieval_saving": _input("customisation.retrieval_saving"),
    "retrieval_over_peft": lambda d: (
        d.given("customisation.peft_saving") / d.given("customisation.retrieval_saving")
    ),
    "training_span": _span,
    "frontier_2023": _input("training.frontier_energy_2023"),
    "applications_per_model": _input("training.applications_per_model"),
    "inference_over_training_2030": lambda d: (
        d.out("inference.inference", 2030) / d.out("training.training", 2030)
    ),
    "frontier_over_small": _frontier_over_small,
    "deployment_difference": lambda d: USERS * _frontier_over_small(d),
    "preparation_per_model": lambda d: (
        d.given("customisation.model_node_hours")
        * d.given("customisation.node_power")
        / PER_THOUSAND
    ),
    "scratch_over_tuned": lambda d: d.given("training.frontier_energy_2023") / _tuned(d),
    "pretraining_small_large": lambda d: (
        PER_THOUSAND * d.out("training.pretraining", 2023, base_size="medium")
    ),
}
"""Name in a file of claims → its figure in every draw, in the unit of the claim."""


def judge(claim: Claim, draws: Draws) -> dict[str, object]:
    """Hold a claim against the draws.

    Parameters
    ----------
    claim
    draws

    Returns
    -------
    dict
        `p10`, `p50`, `p90` and `mcse` of the median (None without a quantity), `inside` (share of
        draws in the claimed range), `verdict` and `why`.

    Raises
    ------
    ValueError
        If the claim names a quantity that there is not.
    """
    if claim.quantity is None:
        return {"verdict": NOT, "why": claim.why_not}
    if claim.quantity not in QUANTITIES:
        known = ", ".join(QUANTITIES)
        raise ValueError(f"claim {claim.id}: no quantity {claim.quantity}; there are {known}")
    found = QUANTITIES[claim.quantity](draws)
    there = np.isfinite(found)
    if claim.quantity.endswith("_p95"):
        numbers = dict.fromkeys(("p10", "p50", "p90"), float(np.quantile(found[there], 0.95)))
    else:
        shares = np.quantile(found[there], [0.1, 0.5, 0.9])
        numbers = dict(zip(("p10", "p50", "p90"), map(float, shares), strict=True))
    numbers["mcse"] = _median_error(found[there], draws.chain[there])
    if claim.why_not:
        return {**numbers, "verdict": NOT, "why": claim.why_not}
    low = -np.inf if claim.low is None else claim.low
    high = np.inf if claim.high is None else claim.high
    inside = float(((found[there] >= low) & (found[there] <= high)).mean())
    verdict = _verdict(numbers, low, high)
    if claim.same_source and verdict["verdict"] != DISAGREES:
        verdict = {"verdict": SAME, "why": CIRCULAR}
    return {**numbers, "inside": inside, **verdict}


def _median_error(values: np.ndarray, chain: np.ndarray) -> float:
    medians = np.array([np.median(values[chain == one]) for one in np.unique(chain)])
    return float(chain_error(medians, np.arange(len(medians))))


def _verdict(numbers: Mapping[str, float], low: float, high: float) -> dict[str, object]:
    """Agree where the median is inside the range, or a single number inside p10 to p90."""
    below, middle, above = (numbers[key] for key in ("p10", "p50", "p90"))
    if low <= middle <= high or (low == high and below <= low <= above):
        return {"verdict": AGREES, "why": ""}
    side = "below" if middle < low else "above"
    edge = low if middle < low else high
    how = f"the median is {side} it"
    if middle > 0 and edge > 0:
        factor = max(middle / edge, edge / middle)
        far = f"a factor of {factor:.2g}" if factor >= 2 else f"{PERCENT * (factor - 1):.2g} %"
        how += f" by {far}"
    if below <= high and above >= low:
        return {"verdict": PARTLY, "why": f"{how}; p10 to p90 reaches into it"}
    return {"verdict": DISAGREES, "why": how}
