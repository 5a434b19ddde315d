"""Calibration: populations of particles to history, then to a target or a case, then delivered."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from forecast.calibration.entropy import divergence, fitted, log_ratios, start_tilt
from forecast.calibration.latent import prior_points
from forecast.calibration.moves import NARROW, SHORT, STEPS, Goal, Moved, guide, mover
from forecast.calibration.observables import log_likelihood
from forecast.calibration.problem import Problem, observe_block
from forecast.calibration.setup import Aim, check_reach
from forecast.calibration.slopes import directions, most_directions, slopes
from forecast.calibration.smc import Population, Stuck, free, moved, tempered
from forecast.calibration.tilt import Tilt
from forecast.errors import Refusal
from forecast.spec.calibration import POPULATIONS

FITS: Final = 6
"""Most rounds in which a tilt is fitted and the particles follow. (definition)"""

NEAR: Final = 0.02
"""Distance of every stated quantile, on the logarithm, at which a tilt is fitted. (1;
definition)"""

FAR: Final = 0.1
"""Distance at which a target is out of reach after all rounds. (1; definition)"""

CASE_ROUNDS: Final = 40
"""Rounds of moves at the end of the way to a case. (definition)"""

SETTLED: Final = 3
"""Rounds of moves, at least, after the last resampling. (definition)"""

PATIENCE: Final = 80
"""Rounds of moves after which particles that are still alike are given up. (definition)"""

EXTREME: Final = 0.01
"""Share of history's draws that are called its extremes. (1; definition)"""

STRETCH: Final = 2.5
"""Distance from the median of history, in that of its extremes, up to which a target or a case is
within reach. (1; definition)"""

AGREE: Final = 0.15
"""Spread of the populations' means of the first quantity, in posterior standard deviations, above
which they disagree. (1; definition)"""

CHANCE: Final = 2.5
"""Spread of the means over that of independent draws, up to which few particles may spread by
chance: two in a million for the worst of eight quantities. (1; chi-square with seven degrees of
freedom)"""

type Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Calibrated:
    """A calibration, done.

    Attributes
    ----------
    problem : Problem
    z, seen : array
        `[population, draw, latent]` and `[population, draw, quantity]`: equally weighted, in a
        seeded order.
    prior_seen, history_z, history_seen : array
        The same before any data, and of history alone.
    evidence : array
        `[population]`, log of the mean likelihood of history.
    tilt : Tilt or None
    report : dict
        Numbers about it, by name.
    """

    problem: Problem
    z: np.ndarray
    seen: np.ndarray
    prior_seen: np.ndarray
    history_z: np.ndarray
    history_seen: np.ndarray
    evidence: np.ndarray
    tilt: Tilt | None
    report: dict[str, float]


class Compiled(NamedTuple):
    """Programs of a problem."""

    moves: Callable[..., Moved]
    observe: Callable[[np.ndarray], np.ndarray]


def compile_problem(problem: Problem) -> Compiled:
    """Make the programs of a problem; they are compiled when they are first called."""
    return Compiled(mover(problem), observe_block(problem))


def calibrate(
    problem: Problem,
    aim: Aim | None,
    *,
    seed: int,
    particles: int,
    populations: int = POPULATIONS,
    progress: Progress | None = None,
    compiled: Compiled | None = None,
    agree: float = AGREE,
) -> Calibrated:
    """Calibrate.

    Parameters
    ----------
    problem, aim
        From `set_up`.
    seed
        Of the calibration.
    particles
        Of each population.
    populations
        At least eight; a tilt is fitted on the first eight, so that more of them change none.
    progress
        Told of populations and stages done.
    compiled
        Programs of a problem that differs in the values of its observations alone.
    agree : 1
        Spread of the populations' means above which they are refused; infinite for a study of many
        small calibrations, which would otherwise leave out those that happened to differ.

    Returns
    -------
    Calibrated

    Raises
    ------
    Refusal
        If an observation, the target or the case is out of reach, or populations disagree.
    """
    work = _Work(
        problem, seed, particles, populations, aim, progress, compiled or compile_problem(problem)
    )
    with jax.enable_x64(True):
        begun = work.each(work.begun)
        first = np.stack([one.seen for one in begun])
        check_reach(problem.data, first.reshape(-1, first.shape[-1]))
        history = work.each(partial(work.history, begun))
        check_agreement(history, agree)
        report = _history_report(history)
        if aim is None:
            tilt, last = None, history
            strata = None
        else:
            check_aim(aim, problem, _extra(problem, history))
            tilt, last, more = work.follow_case(history) if aim.case else work.follow(history)
            report |= more
            strata = _strata(aim, particles) if not aim.case else None
        delivered = work.each(partial(work.deliver, last, tilt, strata))
    report["distinct"] = min(len(np.unique(one.z[:, 0])) / len(one.z) for one in delivered)
    return Calibrated(
        problem=problem,
        z=np.stack([one.z for one in delivered]),
        seen=np.stack([one.seen for one in delivered]),
        prior_seen=first,
        history_z=np.stack([one.z for one in history]),
        history_seen=np.stack([one.seen for one in history]),
        evidence=np.array([one.evidence for one in history]),
        tilt=tilt,
        report=report,
    )


def _extra(problem: Problem, found: Sequence[Population]) -> np.ndarray:
    """Logs of the extra quantities over the populations that a tilt is fitted on."""
    count = len(problem.data.observations)
    return np.concatenate([one.seen[:, count:] for one in found[:POPULATIONS]])


def _mean_evidence(logs: Sequence[float] | np.ndarray) -> float:
    """Log of the mean of what populations found as logarithms."""
    return float(np.logaddexp.reduce(logs) - np.log(len(logs)))


def _history_report(found: Sequence[Population]) -> dict[str, float]:
    return {
        "steps": float(np.mean([len(one.exponents) for one in found])),
        "effective_share": float(np.mean([one.effective for one in found])),
        "accepted": float(np.mean([one.accepted for one in found])),
        "log_evidence": _mean_evidence([one.evidence for one in found]),
        "log_evidence_sd": float(np.std([one.evidence for one in found], ddof=1))
        if len(found) > 1
        else float("nan"),
    }


def check_agreement(found: Sequence[Population], most: float = AGREE) -> None:
    """Refuse populations that did not find the same posterior.

    Parameters
    ----------
    found
    most : 1
        Spread of their means, in posterior standard deviations; where particles are so few that
        independent draws would spread as much, more is allowed.

    Raises
    ------
    Refusal
        With the spread of their means.
    """
    means = np.stack([np.nanmean(one.seen, axis=0) for one in found])
    inside = np.sqrt(np.mean([np.nanvar(one.seen, axis=0) for one in found], axis=0))
    spread = means.std(axis=0, ddof=1) / np.maximum(inside, 1e-12) if len(found) > 1 else means * 0
    most = max(most, CHANCE / np.sqrt(len(found[0].z)))
    if spread.max() > most:
        raise Refusal(
            f"the {len(found)} populations disagree: their means spread by {spread.max():.2f}"
            f" posterior standard deviations (at most {most:.2f}); use more particles"
            " (calibration.particles)"
        )


def check_aim(aim: Aim, problem: Problem, extra: np.ndarray) -> None:
    """Refuse a target or a case that history hardly ever reaches.

    Parameters
    ----------
    aim, problem
    extra : 1
        `[draw, quantity]` of history.

    Raises
    ------
    Refusal
        With how far history reaches.
    """
    values = extra[np.isfinite(extra[:, 0]), 0]
    low, middle, high = np.quantile(values, [EXTREME / 2, 0.5, 1 - EXTREME / 2])
    stated = [aim.nodes[int(np.argmax(aim.log_density))]] if aim.case else aim.cuts
    told = []
    for one in (min(stated), max(stated)):
        reach = high - middle if one > middle else middle - low
        if abs(one - middle) > STRETCH * reach:
            told.append(
                f"{problem.extra[0]} of {np.exp(one):.4g} is {abs(one - middle) / reach:.1f} times"
                f" as far from the median of history as its own extremes, {np.exp(low):.4g} and"
                f" {np.exp(high):.4g} (beyond which lies 1 % of its draws); at most {STRETCH:g}"
            )
    if told:
        raise Refusal("history cannot be tilted so far: " + "; ".join(dict.fromkeys(told)))


def _strata(aim: Aim, particles: int) -> list[tuple[float, float, int]]:
    """Bounds of each stratum between the stated quantiles, and its particles."""
    edges = [-np.inf, *aim.cuts, np.inf]
    places = np.rint(np.array([0.0, *aim.shares, 1.0]) * particles).astype(int)
    return list(zip(edges, edges[1:], np.diff(places).tolist(), strict=False))


@dataclass(frozen=True)
class _Work:
    """One calibration under way: what every stage needs."""

    problem: Problem
    seed: int
    particles: int
    populations: int
    aim: Aim | None
    progress: Progress | None
    compiled: Compiled

    def __post_init__(self) -> None:
        stages = 3 if self.aim is None else (4 if self.aim.case else 5)
        object.__setattr__(self, "counts", [0, stages * self.populations])

    counts: list[int] = None  # type: ignore[assignment]
    """Stages of populations done, and in all as far as is known."""

    @property
    def case(self) -> bool:
        """Whether the world of one case is asked for."""
        return self.aim is not None and self.aim.case

    @property
    def many(self) -> int:
        """Directions of the guide."""
        return most_directions(self.particles)

    @property
    def moves(self) -> Callable[..., Moved]:
        """Rounds of moves, compiled."""
        return self.compiled.moves

    def each(self, stage: Callable[[int], Population]) -> list[Population]:
        """One stage for every population, the first alone, since it may have to compile."""

        def one(number: int) -> Population:
            with jax.enable_x64(True):
                try:
                    found = stage(number)
                except Stuck as error:
                    raise Refusal(f"population {number + 1}: {error}") from error
            self.counts[0] += 1
            if self.progress:
                self.progress(*self.counts)
            return found

        # A further round of fitting comes on top of what was foreseen.
        left = self.counts[1] - self.counts[0]
        self.counts[1] += max(0, self.populations - left)
        head = [one(0)] if self.counts[0] == 0 else []
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return head + list(pool.map(one, range(len(head), self.populations)))

    def key(self, stage: str, number: int) -> jax.Array:
        """Key of a stage of a population: the same however many populations there are."""
        base = jax.random.fold_in(jax.random.key(self.seed), number)
        return jax.random.fold_in(
            base, sum(ord(one) << (8 * (k % 3)) for k, one in enumerate(stage))
        )

    def begun(self, number: int) -> Population:
        """A population as the prior has it.

        What is observed of it comes from the program of the moves, so that the model is compiled
        once: a step of no length from a place not seen yet is always taken.
        """
        chain, index = np.full(self.particles, number), np.arange(self.particles)
        z = prior_points(self.problem.space, self.seed, chain=chain, index=index)
        return self.sighted(Population(z, self.see(z), 0.0, (), 1.0, 1.0))

    def see(self, z: np.ndarray) -> np.ndarray:
        """What is observed of latent points, as many as there are.

        It comes from the program of the moves, so that the model is compiled once: a step of no
        length from a place not seen yet is always taken.
        """
        half, quantities = self.particles // 2, len(self.problem.quantities)
        unseen, bounds = np.full((half, quantities), np.nan), free(half)
        under = guide(np.eye(z.shape[1])[:, : self.many], z[:half])
        key, goal, stay = jax.random.key(0), self.goal(None), np.zeros(2)
        whole = np.concatenate([z, np.repeat(z[-1:], -len(z) % half, 0)])
        parts = [
            self.moves(key, whole[at : at + half], unseen, bounds, under, goal, stay).seen
            for at in range(0, len(whole), half)
        ]
        return np.concatenate([np.asarray(one) for one in parts])[: len(z)]

    def sighted(self, found: Population) -> Population:
        """A population with slopes, for the directions of others."""
        return replace(found, slopes=slopes(self.see, found.z, found.seen))

    def along(self, found: Sequence[Population], number: int) -> np.ndarray:
        """Directions for a population from the others of the eight that a tilt is fitted on."""
        others = [one for k, one in enumerate(found[:POPULATIONS]) if k != number] or found
        return directions(
            [one.slopes for one in others],
            np.concatenate([one.seen for one in others]),
            self.many,
        )

    def likelihood(self, seen: np.ndarray) -> np.ndarray:
        """Log likelihood of history of each particle."""
        count = len(self.problem.data.observations)
        return np.asarray(log_likelihood(jnp.asarray(seen[:, :count]), self.problem.data))

    def goal(self, tilt: Tilt | None, history: float = 1.0, tilted: float = 1.0) -> Goal:
        """Make what particles are moved under."""
        nothing = _no_tilt(self.problem, self.aim)
        exponent = tilted if tilt is not None else 0.0
        value = jnp.asarray(self.problem.data.value)
        return Goal(jnp.asarray(history), jnp.asarray(exponent), tilt or nothing, value)

    def history(self, begun: Sequence[Population], number: int) -> Population:
        """Bring a population from the prior to history."""
        found = tempered(
            self.moves,
            self.key("history", number),
            (begun[number].z, begun[number].seen),
            self.likelihood,
            lambda exponent: self.goal(None, history=exponent),
            self.along(begun, number),
            rounds=4 if self.aim is None else 3,
        )
        return self.sighted(found)

    def follow(
        self, history: Sequence[Population]
    ) -> tuple[Tilt, list[Population], dict[str, float]]:
        """Fit the tilt of a target, the particles following it, on one run and then the next."""
        aim, problem = self.aim, self.problem
        assert aim is not None
        before = start_tilt(aim.nodes, aim.beliefs)
        current = list(history)
        gained = np.zeros(self.populations)
        for fit in range(FITS):
            extra = _extra(problem, current)
            after = fitted(before, extra, aim.log_density, aim.beliefs)
            change = _difference(after, before)
            current = self.each(partial(self._step, current, before, change, fit))
            gained += [one.evidence for one in current]
            if fit == 0:
                effective = float(np.mean([one.effective for one in current]))
            before = after
            missed = _missed(aim, _extra(problem, current))
            if fit > 0 and missed < NEAR:
                break
        if missed > FAR:
            raise Refusal(
                f"the target is out of reach: after {FITS} rounds its quantiles are missed by up"
                f" to {100 * np.expm1(missed):.0f} %"
            )
        # Over the populations that the tilt is fitted on, as the draws below: more change nothing.
        evidence = _mean_evidence(gained[:POPULATIONS])
        extra = _extra(problem, current)
        told = {
            "fits": float(fit + 1),
            "target_effective_share": effective,
            "divergence": divergence(before, extra, evidence),
            "divergence_target_alone": _alone(aim, before, extra, evidence),
        }
        for share in aim.shares:
            told[f"unstratified_p{100 * share:02.0f}"] = float(
                np.exp(np.quantile(extra[:, 0], share))
            )
        names = problem.extra[1:]
        for place, name in enumerate(names, start=1):
            told[f"strength_{name.output}"] = float(np.asarray(before.strengths)[place - 1])
            told[f"median_history_{name.output}"] = float(
                np.exp(np.median(_extra(problem, history)[:, place]))
            )
        return before, current, told

    def _step(
        self, current: Sequence[Population], before: Tilt, change: Tilt, fit: int, number: int
    ) -> Population:
        count = len(self.problem.data.observations)
        found = tempered(
            self.moves,
            self.key(f"fit{fit}", number),
            (current[number].z, current[number].seen),
            lambda seen: log_ratios(change, seen[:, count:]),
            lambda exponent: self.goal(_moved(before, change, exponent)),
            self.along(current, number),
            # A case far out descends from a few particles; they need longer to forget that.
            rounds=CASE_ROUNDS if self.case else 2,
            strides=NARROW if self.case else STEPS,
        )
        return self.sighted(found)

    def follow_case(
        self, history: Sequence[Population]
    ) -> tuple[Tilt, list[Population], dict[str, float]]:
        """Bring history into the world of one case."""
        aim = self.aim
        assert aim is not None
        tilt = start_tilt(aim.nodes, aim.beliefs)._replace(values=aim.log_density)  # type: ignore[arg-type]
        nothing = start_tilt(aim.nodes, aim.beliefs)
        found = self.each(partial(self._step, history, nothing, tilt, 0))
        evidence = _mean_evidence([one.evidence for one in found[:POPULATIONS]])
        values = _extra(self.problem, history)[:, 0]
        centre = aim.nodes[int(np.argmax(aim.log_density))]
        beyond = values > centre if centre > np.median(values) else values < centre
        told = {
            "target_effective_share": float(np.mean([one.effective for one in found])),
            "divergence": divergence(tilt, _extra(self.problem, found), evidence),
            "surprise": float(-np.log(max(beyond.mean(), 0.5 / len(values)))),
        }
        return tilt, found, told

    def deliver(
        self,
        last: Sequence[Population],
        tilt: Tilt | None,
        strata: list[tuple[float, float, int]] | None,
        number: int,
    ) -> Population:
        """Equally weighted particles that are distinct, in a seeded order."""
        z, seen = last[number].z, last[number].seen
        key, pick, order = jax.random.split(self.key("deliver", number), 3)
        bounds = free(len(z))
        if strata is not None:
            taken, bounds = _stratified(pick, seen[:, len(self.problem.data.observations)], strata)
            z, seen = z[taken], seen[taken]
        goal, along = self.goal(tilt), self.along(last, number)
        for done in range(PATIENCE):
            # A move changes every coordinate, so one of them tells particles apart.
            if done >= SETTLED and len(np.unique(z[:, 0])) == len(z):
                break
            key, move = jax.random.split(key)
            strides = SHORT if done >= SETTLED else NARROW if self.case else STEPS
            z, seen, _ = moved(self.moves, move, (z, seen), bounds, goal, strides, along)
        shuffled = _random(order).permutation(len(z))
        return Population(z[shuffled], seen[shuffled], 0.0, (), 1.0, 1.0)


def _no_tilt(problem: Problem, aim: Aim | None) -> Tilt:
    if aim is not None:
        return start_tilt(aim.nodes, aim.beliefs)
    none: Any = np.zeros(max(len(problem.extra) - 1, 0))
    start: Any = np.float64(0)
    step: Any = np.float64(1)
    table: Any = np.zeros(2)
    return Tilt(start, step, table, none, none, np.ones_like(none))


def _difference(after: Tilt, before: Tilt) -> Tilt:
    values = np.asarray(after.values) - np.asarray(before.values)
    strengths = np.asarray(after.strengths) - np.asarray(before.strengths)
    return before._replace(values=values, strengths=strengths)


def _moved(before: Tilt, change: Tilt, exponent: float) -> Tilt:
    values = np.asarray(before.values) + exponent * np.asarray(change.values)
    strengths = np.asarray(before.strengths) + exponent * np.asarray(change.strengths)
    return before._replace(values=values, strengths=strengths)  # type: ignore[arg-type]


def _missed(aim: Aim, extra: np.ndarray) -> float:
    """Largest distance of a quantile of draws to the stated one, on the logarithm."""
    return float(np.abs(np.quantile(extra[:, 0], aim.shares) - aim.cuts).max())


def _alone(aim: Aim, tilt: Tilt, extra: np.ndarray, evidence: float) -> float:
    """Relative entropy to history of the target alone, nats, from draws under target and beliefs.

    The beliefs are taken back by weights: far from the bulk of history its own draws are too few.
    """
    none = aim.beliefs._replace(centres=np.zeros(0), least=np.zeros(0, bool))
    steps = log_ratios(_of_beliefs(tilt), extra)
    weights = np.exp(-steps - (-steps).max())
    taken = np.random.default_rng(0).choice(len(extra), 4 * len(extra), p=weights / weights.sum())
    change = fitted(start_tilt(aim.nodes, none), extra[taken, :1], aim.log_density, none)
    ratio = log_ratios(change, extra[:, :1]) - steps
    share = np.exp(ratio - np.logaddexp.reduce(ratio))
    value = log_ratios(tilt, extra) - steps + log_ratios(change, extra[:, :1])
    own = evidence + float(np.logaddexp.reduce(ratio) - np.log(len(ratio)))
    return float((share * value).sum() - own)


def _of_beliefs(tilt: Tilt) -> Tilt:
    """The part of a tilt that is not of the target."""
    nothing: Any = np.zeros_like(np.asarray(tilt.values))
    return tilt._replace(values=nothing)


def _random(key: jax.Array) -> np.random.Generator:
    """Generator of NumPy with the bits of a key, for what would be slow to compile."""
    return np.random.Generator(np.random.Philox(key=np.asarray(jax.random.key_data(key))))


def _stratified(
    key: jax.Array, values: np.ndarray, strata: list[tuple[float, float, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Particles taken so that each stratum has its number, and the bounds of each."""
    taken, bounds = [], []
    random = _random(key)
    for low, high, count in strata:
        inside = np.flatnonzero((values >= low) & (values < high))
        if not len(inside):
            raise Refusal(f"no particle lies between {np.exp(low):.4g} and {np.exp(high):.4g}")
        taken.append(np.resize(random.permutation(inside), count))
        bounds.append(np.tile([low, high], (count, 1)))
    # Side by side as they were, so that copies of one particle move together (see `moved`).
    order = np.argsort(np.concatenate(taken), kind="stable")
    return np.concatenate(taken)[order], np.concatenate(bounds)[order]
