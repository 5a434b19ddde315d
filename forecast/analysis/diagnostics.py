"""Whether populations agree, what the data moved, and what a posterior is to be told with."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
import xarray as xr
from arviz_stats.base.array import array_stats

SENSED: Final = (2025, 2026, 2030, 2035)
"""Years whose results are asked whether prior or data speak. (definition)"""

ALPHAS: Final = (0.99, 1.01)
"""Powers of power scaling. (1; Kallioinen et al. 2024)"""

SENSITIVE: Final = 0.05
"""Sensitivity above which a result depends on what is scaled. (1; Kallioinen et al. 2024)"""

UNSURE: Final = 0.7
"""Pareto k above which weights that leave out an observation are not to be trusted. (1; Vehtari,
Gelman and Gabry 2017)"""

MOVED: Final = 5
"""Inputs named in the report. (definition)"""


SPREAD: Final = "independent draws whose means would spread as those of the populations"


def convergence(tree: xr.DataTree) -> xr.Dataset:
    """R-hat and effective draws of every input and path of a posterior.

    Parameters
    ----------
    tree
        From `posterior_tree`.

    Returns
    -------
    Dataset
        One dim, `quantity`: `rhat`, `ess_mean`, the effective draws of its mean, and `ess_spread`,
        the independent draws whose means would spread as those of the populations do (of eight
        populations: known to a factor of two for one quantity, so its median is told).

    References
    ----------
    Vehtari et al. (2021), doi:10.1214/20-BA1221; Gelman et al. (2013) for populations as chains.
    """
    names, series = zip(*_scalars(tree), strict=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = np.array(list(pool.map(_agreement, series)))
    meaning = {"rhat": "R-hat", "ess_mean": "effective draws of the mean", "ess_spread": SPREAD}
    columns = {
        name: ("quantity", found[:, place], {"units": "1", "long_name": words})
        for place, (name, words) in enumerate(meaning.items())
    }
    return xr.Dataset(columns, {"quantity": np.array(names)})


def _agreement(values: np.ndarray) -> tuple[float, float, float]:
    """R-hat, effective draws, and those by the spread of populations alone, `[chain, draw]`."""
    # Draws of a population are in random order, so that only its mean tells what they share.
    spread = values.mean(1).var(ddof=1)
    inside = values.var(1, ddof=1).mean()
    return (
        float(array_stats.rhat(values)),
        float(array_stats.ess(values, method="mean")),
        float(min(values.size, len(values) * inside / max(spread, 1e-300))),
    )


def _scalars(tree: xr.DataTree) -> list[tuple[str, np.ndarray]]:
    """Scalar series `[chain, draw]` by name."""
    found: list[tuple[str, np.ndarray]] = []
    for name, values in tree["posterior"].data_vars.items():
        if values.dims == ("chain", "draw"):
            found.append((str(name), values.values))
        elif len(values.dims) == 3:
            for place, label in enumerate(values[str(values.dims[2])].values):
                found.append((f"{name}[{label}]", values.values[..., place]))
    predictive = tree["posterior_predictive"].to_dataset()
    for name in ("total", "data_centres", "ai", "crypto"):
        for year in predictive["year"].values[-10::5]:
            found.append((f"{name}[{year}]", predictive[name].sel(year=year).values))
    return found


def sensitivity(tree: xr.DataTree) -> xr.Dataset:
    """Whether the prior or the data speak in each result: power-scaling sensitivity.

    The prior, or the likelihood of all observations together, is raised to powers near one; how
    far a result then moves, per doubling, is its sensitivity. Above 0.05 it is sensitive.

    Parameters
    ----------
    tree
        From `posterior_tree`.

    Returns
    -------
    Dataset
        Dim `quantity`: `prior` and `likelihood`. Dim `observation`: `pareto_k` of leaving each
        observation out; above 0.7 one observation decides too much to be left out by weights.

    References
    ----------
    Kallioinen et al. (2024), doi:10.1007/s11222-023-10366-5; Vehtari, Gelman and Gabry (2017),
    doi:10.1007/s11222-016-9696-4.
    """
    paths = tree["posterior_predictive"].to_dataset()
    years = [year for year in SENSED if year in paths["year"].values]
    names = [(name, year) for name in ("total", "data_centres", "ai", "crypto") for year in years]
    densities = {
        "prior": tree["log_prior"].to_dataset()["latent"].values,
        "likelihood": tree["sample_stats"].to_dataset()["log_likelihood"].values,
    }
    found: dict[str, Any] = {}
    for group, density in densities.items():
        weights = [_scaled(density, alpha) for alpha in ALPHAS]
        found[group] = [
            float(
                array_stats.power_scale_sense(
                    paths[name].sel(year=year).values,
                    weights[0],
                    weights[1],
                    lower_alpha=ALPHAS[0],
                    upper_alpha=ALPHAS[1],
                )
            )
            for name, year in names
        ]
    single = tree["log_likelihood"].to_dataset()["observations"].values
    flat = single.reshape(-1, single.shape[-1]).T
    with np.errstate(over="ignore"):
        pareto = array_stats.psislw(-flat)[1]
    return xr.Dataset(
        {
            "prior": ("quantity", np.array(found["prior"]), {"units": "1"}),
            "likelihood": ("quantity", np.array(found["likelihood"]), {"units": "1"}),
            "pareto_k": ("observation", np.asarray(pareto), {"units": "1"}),
        },
        {
            "quantity": np.array([f"{name}[{year}]" for name, year in names]),
            "observation": tree["log_likelihood"].to_dataset()["observation"].values,
        },
    )


def _scaled(density: np.ndarray, alpha: float) -> np.ndarray:
    """Weights of draws, summing to one, when a log density is raised to a power."""
    weights = np.exp((alpha - 1) * (density - density.max()))
    return np.asarray(weights / weights.sum())


def told(tree: xr.DataTree) -> list[str]:
    """Say in words what a calibration did.

    Parameters
    ----------
    tree
        With its convergence.

    Returns
    -------
    list of str
    """
    report, observed = tree["report"].to_dataset(), tree["observed_data"].to_dataset()
    posterior = tree["posterior_predictive"].to_dataset()
    checked = tree["convergence"].to_dataset()
    name = tree.attrs["scenario"]
    draws = posterior.sizes["chain"] * posterior.sizes["draw"]
    effective = float(checked["ess_mean"].min())
    lines = [
        f"{name}: {draws:,} equally weighted draws, {posterior.sizes['chain']} independent"
        f" populations; tied to {observed.sizes['observation']} observations known on"
        f" {tree.attrs['known']}",
        f"history: {100 * _number(report, 'effective_share'):.2g} % of prior draws effective,"
        f" reached in {_number(report, 'steps'):.1f} steps; log evidence"
        f" {_number(report, 'log_evidence'):.2f} ± {_number(report, 'log_evidence_sd'):.2f} over"
        f" populations; R-hat at most {float(checked['rhat'].max()):.3f}, at least"
        f" {effective:,.0f} effective draws of each quantity; the populations spread as"
        f" {float(checked['ess_spread'].median()):,.0f} independent draws would (median of"
        " quantities)",
    ]
    lines += _aims(tree, report)
    lines += _speaking(tree["sensitivity"].to_dataset())
    lines += _fit(observed, posterior)
    lines += _conflict(posterior)
    return lines


def _number(report: xr.Dataset, name: str) -> float:
    return float(report[name])


def _speaking(found: xr.Dataset) -> list[str]:
    both = zip(*(found[name].values for name in ("quantity", "prior", "likelihood")), strict=True)
    words = {
        (True, True): "prior and data",
        (True, False): "the prior",
        (False, True): "the data",
        (False, False): "neither by much",
    }
    said = ", ".join(
        f"{name} {words[prior > SENSITIVE, data > SENSITIVE]} ({prior:.2f}, {data:.2f})"
        for name, prior, data in both
        if name.startswith(("total", "data_centres"))
    )
    lines = [f"who speaks (power-scaling of prior, of data): {said}"]
    large = found["pareto_k"].where(found["pareto_k"] > UNSURE, drop=True)
    if large.size:
        names = ", ".join(
            f"{one} ({float(k):.2f})"
            for one, k in zip(large["observation"].values, large.values, strict=True)
        )
        lines.append(f"observations that decide much by themselves (Pareto k): {names}")
    return lines


def _aims(tree: xr.DataTree, report: xr.Dataset) -> list[str]:
    if "divergence" not in report:
        return []
    price = _number(report, "divergence")
    if "surprise" in report:
        surprise = _number(report, "surprise")
        lines = [
            f"the case costs {price:.2f} nats from history; a total at or beyond it had a"
            f" probability of {np.exp(-surprise):.2g} (-ln P = {surprise:.2f})"
        ]
    else:
        alone = _number(report, "divergence_target_alone")
        unstratified = ", ".join(
            f"{one.removeprefix('unstratified_')} {_number(report, one):,.0f}"
            for one in map(str, report.data_vars)
            if one.startswith("unstratified_")
        )
        lines = [
            f"the target costs {price:.2f} nats from history with the beliefs beside it,"
            f" {alone:.2f} without them; before the last resampling its quantiles were"
            f" {unstratified} TWh"
        ]
        for one in map(str, report.data_vars):
            if one.startswith("strength_"):
                output = one.removeprefix("strength_")
                before = _number(report, f"median_history_{output}")
                lines.append(
                    f"belief on {output}: median {before:.0f} TWh in history alone, strength"
                    f" {_number(report, one):.2f}"
                )
    moved = report["moved"]
    largest = moved[np.argsort(-np.abs(moved.values))][:MOVED]
    said = ", ".join(
        f"{one} {float(value):+.2f}"
        for one, value in zip(largest["latent"].values, largest.values, strict=True)
    )
    return [*lines, f"inputs that moved most, in prior standard deviations: {said}"]


def _fit(observed: xr.Dataset, posterior: xr.Dataset) -> list[str]:
    """Observations that lie outside the 90 % interval of what the posterior says of them."""
    low, high = (posterior["observations"].quantile(one, ("chain", "draw")) for one in (0.05, 0.95))
    lines = []
    for place, one in enumerate(observed["id"].values):
        value = float(observed["value"][place])
        error = float(observed["sd"][place])
        reach = (float(low[place]) * np.exp(-error), float(high[place]) * np.exp(error))
        if not reach[0] <= value <= reach[1]:
            lines.append(
                f"{one}: {value:.4g} lies outside what the posterior says,"
                f" {float(low[place]):.4g} to {float(high[place]):.4g}, by more than its own error"
            )
    return lines


def _conflict(posterior: xr.Dataset) -> list[str]:
    """The decoupling band beside the level of 2022."""
    centres = posterior["data_centres"]
    growth = centres.sel(year=2022) / centres.sel(year=2015)
    inside = float(((growth >= 1.2) & (growth <= 1.7)).mean())
    level = float(centres.sel(year=2022).median())
    return [
        f"data centres grew +20 to +70 % from 2015 to 2022 in {100 * inside:.0f} % of draws (median"
        f" {100 * (float(growth.median()) - 1):+.0f} %, {level:.0f} TWh in 2022); 460 - 110 = 350"
        " TWh is +75 % on 200 TWh in 2015: the band and the level do not fit together, and both"
        " stand"
    ]
