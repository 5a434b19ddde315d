"""The account of total demand, and what becomes of it where a modelling error is made.

Accounting on the outputs of a run: the model is not run again. With no error made the total of the
run comes out; an error puts something else in the place of one term.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from forecast.analysis.audit_terms import BASE_YEAR, Terms, Values

JOULES_PER_TWH: Final = 3.6e15
GWH_PER_TWH: Final = 1000.0
KWH_PER_TWH: Final = 1e9
"""(J/TWh, GWh/TWh, kWh/TWh; definition)"""

SOFTNESS: Final = 12.0
"""Exponent of the smooth limit. (1; docs/model.md, Notation)"""

ARC: Final = ("hardware", "software", "precision", "shrinkage")
"""The four curves of AI efficiency."""

type Made = frozenset[str]
"""Names of the errors that are made."""


def under_limit(asked: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """What is had of something asked under the smooth limit of the model.

    Parameters
    ----------
    asked, limit : any unit
        At least zero.

    Returns
    -------
    Same unit

    References
    ----------
    Definition (docs/model.md, Notation).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        over = np.where(asked > 0.0, SOFTNESS * np.log(asked / limit), -np.inf)
    return np.asarray(asked * np.exp(-np.logaddexp(0.0, over) / SOFTNESS))


def fading_growth(
    elapsed: float, first: np.ndarray, last: np.ndarray, fade: np.ndarray
) -> np.ndarray:
    """Cumulative log growth after whole years, whose rate fades from `first` to `last`.

    Parameters
    ----------
    elapsed : yr
        At least zero.
    first, last, fade : 1/yr

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Notation).
    """
    rate = np.where(fade > 0.0, fade, 1.0)
    series = np.where(fade > 0.0, np.expm1(-rate * elapsed) / np.expm1(-rate), elapsed)
    return np.asarray(last * elapsed + (first - last) * series)


def arc(terms: Terms, made: Made) -> dict[str, np.ndarray]:
    """The curves of AI efficiency: as they are, frozen at `BASE_YEAR`, or as no limit drove them.

    Without the closed loop the log gain X that binding limits have added is taken out again.
    """
    if "frozen_efficiency" in made:
        return {name: terms.base[f"efficiency.{name}"] for name in ARC}
    found = {name: terms.now[f"efficiency.{name}"] for name in ARC}
    if "no_closed_loop" not in made:
        return found
    given, gain = terms.given, terms.now["efficiency.incentive"]
    elapsed = float(terms.year - BASE_YEAR)
    names = [f"efficiency.hardware_{one}" for one in ("growth_first", "growth_last", "fade")]
    free = given["efficiency.hardware_2023"] * np.exp(
        fading_growth(elapsed, *(given[name] for name in names))
    )
    ceiling = given["efficiency.hardware_ceiling"]
    driven = under_limit(free * np.exp(gain), ceiling)
    left = np.exp(-given["efficiency.software_rate"] * elapsed)
    total = np.log(given["efficiency.software_total"])
    found["hardware"] = found["hardware"] * (under_limit(free, ceiling) / driven)
    found["software"] = found["software"] * np.exp(total * left * np.expm1(-gain))
    found["shrinkage"] = found["shrinkage"] * np.exp(
        given["efficiency.algorithmic_energy_share"] * gain
    )
    return found


def generative(terms: Terms, made: Made, curves: Values) -> np.ndarray:
    """IT energy of generated tokens, TWh: tokens times energy per token."""
    now, given = terms.now, terms.given
    use = now["adoption.tokens_reference"] / now["adoption.applications"]
    use = terms.extreme if "extreme_use" in made else use
    rebound = 1.0 if "no_closed_loop" in made else now["inference.rebound"]
    tokens = now["adoption.applications"] * use * rebound
    mean = now["size_mix.mean_parameters"]
    parameters = given["size_mix.parameters_frontier"] if "frontier_only" in made else mean
    retrieval = given["inference.retrieval_share"] * given["inference.retrieval_overhead"]
    retrieval = retrieval * float("from_scratch" not in made)
    overhead = (1.0 + given["inference.context_overhead"]) * (1.0 + retrieval)
    energy = 2.0 * parameters * overhead / (curves["hardware"] * given["inference.utilisation"])
    energy = energy * curves["shrinkage"] * curves["precision"] / curves["software"]
    return np.asarray(tokens * energy / JOULES_PER_TWH)


def development(terms: Terms, made: Made, curves: Values) -> tuple[np.ndarray, np.ndarray]:
    """IT energy of training and of customisation, TWh.

    Runs that an error adds are counted bare: research beside them stays that of the reference.
    """
    now, given = terms.now, terms.given
    per_flop = now["efficiency.hardware"] / curves["hardware"]
    by_class = per_flop * (curves["shrinkage"] / now["efficiency.shrinkage"]) ** 2
    each = now["training.pretraining"] * by_class[..., None] / GWH_PER_TWH
    mean = (given["training.class_share"] * each).sum(-1)
    size = given["size_mix.parameters_frontier"] / given["size_mix.parameters_large"]
    run = each[..., -1] * size**2 if "frontier_only" in made else mean
    models, frontier = now["training.base_models"], now["training.frontier"]
    known = models * mean / by_class
    final = known + frontier
    weight = given["training.anchor_weight"]
    training = (final / given["training.final_run_share"]) ** (1.0 - weight)
    training = training * now["training.anchor"] ** weight
    training = training * (known * by_class + frontier * per_flop) / final
    applications = now["adoption.applications"]
    scratch = applications * given["customisation.runs"] * float("from_scratch" in made)
    own = np.maximum(now["adoption.new_applications"] - models - scratch, 0.0)
    runs = models + own * float("no_reuse" in made)
    training = training + runs * run - models * mean
    return training, _customisation(terms, made, run)


def _customisation(terms: Terms, made: Made, run: np.ndarray) -> np.ndarray:
    """IT energy of tuning, retrieval and preparation, TWh; `run` is a pre-training, TWh."""
    given = {
        name.removeprefix("customisation."): values
        for name, values in terms.given.items()
        if name.startswith("customisation.")
    }
    applications = terms.now["adoption.applications"]
    share = given["full_share"]
    tuning = given["runs"] * (share / given["full_saving"] + (1.0 - share) / given["peft_saving"])
    tuning = tuning + given["retrieval_share"] / given["retrieval_saving"]
    tuning = given["runs"] if "from_scratch" in made else tuning
    hours = terms.now["training.base_models"] * given["model_node_hours"]
    hours = hours + applications * given["application_node_hours"]
    return np.asarray(applications * tuning * run + hours * given["node_power"] / KWH_PER_TWH)


def asked(terms: Terms, made: Made) -> np.ndarray:
    """IT energy that AI asks for, before noise and limits, TWh."""
    curves = arc(terms, made)
    training, custom = development(terms, made, curves)
    if "training_only" in made:
        return training
    used = generative(terms, made, curves) + terms.now["adoption.other"]
    return np.asarray(training + used + custom)


def site_pue(terms: Terms) -> np.ndarray:
    """PUE of AI sites by region, 1: what is asked at the meter over its IT energy."""
    now = terms.now
    known = now["inference.inference"] + now["training.training"]
    known = (known + now["customisation.customisation"]) * np.exp(now["noise"][..., 1])
    return np.asarray(now["limits.demand"] / (known[..., None] * now["regions.ai"]))


def ai(
    terms: Terms, made: Made, numbers: Mapping[str, float], wanted: np.ndarray | None = None
) -> np.ndarray:
    """Electricity of AI at the meter, TWh: what is asked at IT level, limits, PUE.

    `wanted` is what `asked` gives, where that is known.
    """
    now = terms.now
    energy = (asked(terms, made) if wanted is None else wanted) * np.exp(now["noise"][..., 1])
    energy = (energy * _level(made, numbers))[..., None] * now["regions.ai"]
    pue = site_pue(terms)
    # Chips and sites are power at IT level, so that the limit is taken before PUE.
    if "no_limits" not in made:
        energy = under_limit(energy, now["limits.capacity"] / pue)
    return np.asarray((energy * (numbers["pue_2018"] if "old_pue" in made else pue)).sum(-1))


def conventional(terms: Terms, made: Made, numbers: Mapping[str, float]) -> np.ndarray:
    """Electricity of conventional data centres, TWh: workloads, energy of each, PUE."""
    now, given = terms.now, terms.given
    frozen = "frozen_efficiency" in made
    intensity = (terms.base if frozen else now)["conventional.intensity"]
    pue = numbers["pue_2018"] if "old_pue" in made else now["conventional.pue"]
    wanted = given["conventional.energy_2015"] * now["conventional.workloads"] * intensity
    wanted = wanted * pue / terms.first["conventional.pue"] * np.exp(now["noise"][..., 0])
    wanted = wanted * _level(made, numbers)
    if "no_limits" in made:
        return np.asarray(wanted)
    return under_limit(wanted, given["conventional.share_limit"] * now["electricity.world"])


def crypto(terms: Terms, made: Made, numbers: Mapping[str, float]) -> np.ndarray:
    """Electricity of mining, TWh: under the miners' revenue."""
    now = terms.now
    wanted = now["crypto.free"] * _level(made, numbers)
    mined = wanted if "no_limits" in made else under_limit(wanted, now["crypto.revenue_limit"])
    return np.asarray(mined * (now["regions.crypto"] * now["crypto.left"]).sum(-1))


def _level(made: Made, numbers: Mapping[str, float]) -> float:
    return numbers["level_factor"] if "wrong_level" in made else 1.0


def electricity(terms: Terms, made: Made, numbers: Mapping[str, float]) -> np.ndarray:
    """Electricity of everything, with some errors made.

    Parameters
    ----------
    terms
    made
        Names of the errors; none: the total of the run.
    numbers
        What the errors put in place: `level_factor` and `pue_2018`, unit 1.

    Returns
    -------
    TWh
        `[draw]`.

    References
    ----------
    docs/audit.md; equations of docs/model.md.
    """
    parts = (conventional, ai, crypto)
    return np.asarray(sum(one(terms, made, numbers) for one in parts))
