"""As many draws as a rule of precision asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.precision import Assessment, Rule, assess, check_rules
from forecast.analysis.summary import EXACT, keys_of, summary
from forecast.request import CHAINS, Precision
from forecast.simulate.ensemble import Plan, Progress, draws_per_chain, plan, simulate
from forecast.simulate.posterior import Posterior
from forecast.spec.prior import Prior
from forecast.spec.scenario import Scenario
from forecast.studies.stream import outputs_without_draws

CEILING: Final = 262_144
"""Draws in all that are not exceeded unless asked for. (definition)"""


@dataclass(frozen=True)
class Attempt:
    """One number of draws, and how it stood to the rules.

    Attributes
    ----------
    draws : int
        In all.
    assessments : tuple of Assessment
    """

    draws: int
    assessments: tuple[Assessment, ...]

    @property
    def met(self) -> bool:
        """Whether every rule was met in every scenario."""
        return all(one.met for one in self.assessments)


def simulate_until(
    scenarios: Sequence[Scenario],
    register: Mapping[str, Prior],
    rules: Sequence[Rule],
    *,
    ceiling: int = CEILING,
    precision: Precision = "double",
    keep: tuple[str, ...] = (),
    reference: np.ndarray | None = None,
    posteriors: Sequence[Posterior | None] = (),
    progress: Progress | None = None,
    tell: Callable[[Attempt], None] | None = None,
) -> tuple[xr.DataTree, tuple[Attempt, ...]]:
    """Run scenarios with ever more draws until every rule is met or the ceiling is reached.

    Draws double, a power of two in each randomisation, since Sobol points are balanced at these
    numbers. The first draws of a longer run are the same bits (for a Latin hypercube they are
    not), so the numbers of the last attempt are those of one run of that length; earlier attempts
    together cost no more than the last.

    Parameters
    ----------
    scenarios
        At least one; they share horizon, sampling and dependence. Their draws, rounded up to
        powers of two, are those of the first attempt.
    register
        Shipped priors, for the reference path.
    rules
        From `analysis.precision.parse_rules`.
    ceiling
        Draws in all that are not exceeded, not even by the first attempt.
    precision, keep, reference, posteriors, progress
        As in `plan` and `simulate`.
    tell
        Called after each attempt.

    Returns
    -------
    DataTree, tuple of Attempt
        The Run of the last attempt, which met the rules or is the longest that the ceiling
        allows, and all attempts.

    Raises
    ------
    ValueError
        If a rule names nothing that the Run has, or the ceiling leaves no draw.
    """
    count = _power_of_two(scenarios[0].sampling.draws)
    most = ceiling // CHAINS
    if most < 1:
        raise ValueError(f"the ceiling must leave a draw in each randomisation, got {ceiling}")
    attempts: list[Attempt] = []
    while True:
        count = min(count, 1 << (most.bit_length() - 1))
        asked = [_with_draws(one, CHAINS * count) for one in scenarios]
        ready = plan(
            asked, register, precision=precision, reference=reference, posteriors=posteriors
        )
        if not attempts:
            with xr.set_options(**EXACT):  # type: ignore[no-untyped-call]
                check_rules(rules, xr.Dataset(_rows(ready)))
        reference = ready.reference
        run = simulate(ready, keep=keep, progress=progress)
        draws = CHAINS * count
        attempts.append(Attempt(draws, assess(rules, summary(run), chains=CHAINS, draws=draws)))
        if tell:
            tell(attempts[-1])
        if attempts[-1].met or 2 * count > most:
            return run, tuple(attempts)
        count *= 2


def _power_of_two(draws: int) -> int:
    return 1 << (draws_per_chain(draws) - 1).bit_length()


def _rows(ready: Plan) -> dict[str, tuple[str, np.ndarray]]:
    keys = keys_of(outputs_without_draws(ready))
    return {name: ("row", column) for name, column in keys.items()}


def _with_draws(scenario: Scenario, draws: int) -> Scenario:
    return replace(scenario, sampling=replace(scenario.sampling, draws=draws))
