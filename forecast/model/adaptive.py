"""Adaptive policies: levers that are set, for good, once a condition has held in some year."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.axes import SEGMENTS, WATCHED, WATCHED_BY_REGION
from forecast.model.block import fill, leaves
from forecast.model.demand import Innovations, Inputs, Outputs, State, begin, year_of

NEVER: Final = jnp.inf
"""Year in which a condition first held, before it has."""


class Rules(NamedTuple):
    """Rules of a scenario, the same in every draw.

    Attributes
    ----------
    weight : 1
        `[rule, condition, watched]`: one for what is watched, in the order of `watched`, else 0.
        A condition that is padding has none and a level below 0.
    level : unit of what is watched
        `[rule, condition]`.
    sign : 1
        `[rule, condition]`: 1 where more than the level is asked, -1 where less.
    inclusive : 1
        `[rule, condition]`: 1 where the level itself will do, else 0.
    watched_from, delay : yr
        `[rule]`.
    chosen : 1
        `[rule, lever]`: 1 for the levers that the rule sets, in the order of its values, else 0.
    counted : 1
        `[rule, lever]`: 1 for years that count from the last year without the rule, else 0.
    """

    weight: Float[Array, "rule condition watched"]
    level: Float[Array, "rule condition"]
    sign: Float[Array, "rule condition"]
    inclusive: Float[Array, "rule condition"]
    watched_from: Float[Array, " rule"]
    delay: Float[Array, " rule"]
    chosen: Float[Array, "rule lever"]
    counted: Float[Array, "rule lever"]


def watched(outputs: Outputs) -> Float[Array, " watched"]:
    """What rules may watch, of one year: the world's in the order of `axes.WATCHED`, then regions.

    Parameters
    ----------
    outputs
        Of one year.

    Returns
    -------
    Units of `axes.WATCHED`
    """
    totals, segments = outputs.totals, outputs.demand
    accounts = jnp.sum(outputs.emissions.emissions, axis=0)
    world = {
        "total": totals.total,
        "data_centres": totals.data_centres,
        "ai": totals.ai,
        "conventional": segments[SEGMENTS.index("conventional")],
        "crypto": segments[SEGMENTS.index("crypto")],
        "ai_demand": totals.ai_demand,
        "unserved": totals.unserved,
        "share_of_world_demand": totals.share_of_world_demand,
        "emissions_location": accounts[0],
        "emissions_market": accounts[1],
        "emissions_hourly": accounts[2],
    }
    by_region = {
        "total": jnp.sum(outputs.regional, axis=0),
        "data_centres": jnp.sum(outputs.regional[: len(SEGMENTS) - 1], axis=0),
        "unserved": outputs.limits.unserved,
    }
    regional = [by_region[name] for name in WATCHED_BY_REGION]
    return jnp.concatenate([jnp.stack([world[name] for name in WATCHED]), *regional])


def first_held(
    rules: Rules, since: Float[Array, " rule"], year: Float[Array, ""], outputs: Outputs
) -> Float[Array, " rule"]:
    """Year in which the condition of each rule first held, with this year looked at too.

    Parameters
    ----------
    rules
    since : yr
        Up to the year before; infinite where it never held.
    year : yr
    outputs
        Of the year.

    Returns
    -------
    yr
    """
    seen = jnp.sum(rules.weight * watched(outputs), axis=-1)
    beyond = rules.sign * (seen - rules.level)
    holds = (beyond > 0.0) | ((beyond >= 0.0) & (rules.inclusive > 0.0))
    # A year that is no number at all conditions holds none: the comparisons above are false.
    both = jnp.min(jnp.where(holds, 1.0, 0.0), axis=-1)
    now = (both > 0.0) & (year >= rules.watched_from)
    return jnp.minimum(since, jnp.where(now, year, NEVER))


def ruled(
    inputs: Inputs,
    then: Sequence[Mapping[str, Array]],
    rules: Rules,
    since: Float[Array, " rule"],
    year: Float[Array, ""],
) -> Inputs:
    """Inputs of a year, with the levers of every rule that is in force.

    A rule in force is the measure begun in the last year before it: its levers stand at the values
    of the rule, and the years of its ramp are counted from that year.

    Parameters
    ----------
    inputs
        Of the draw.
    then : units of the levers
        Lever → value by each rule, in the order of `Rules.chosen`.
    rules
    since : yr
        In which the condition of each rule first held, before this year.
    year : yr

    Returns
    -------
    Inputs
    """
    before = since + rules.delay - 1.0
    values = leaves(inputs)
    for number, levers in enumerate(then):
        for place, (name, value) in enumerate(levers.items()):
            on = (year > before[number]) & (rules.chosen[number, place] > 0.0)
            counted = jnp.where(rules.counted[number, place] > 0.0, before[number], 0.0)
            values[name] = jnp.where(on, value + counted, values[name])
    return fill(Inputs, values)


def adaptive_demand(
    inputs: Inputs,
    then: Sequence[Mapping[str, Array]],
    rules: Rules,
    innovations: Innovations,
    reference: Float[Array, " year"],
) -> tuple[Outputs, Float[Array, " rule"]]:
    """Demand of one draw under rules, over all years.

    What is seen in a year acts in later ones alone, so that no year depends on itself.

    Parameters
    ----------
    inputs
    then : units of the levers
        As in `ruled`.
    rules
    innovations : 1
    reference : 1
        As in `demand`.

    Returns
    -------
    Outputs and, in yr, when the condition of each rule first held: infinite where it never did.

    References
    ----------
    docs/model.md, Adaptive policies; signposts and triggers of Haasnoot et al. (2013),
    doi:10.1016/j.gloenvcha.2012.12.006.
    """
    years, anchors, start = begin(inputs, reference)

    def step(
        carried: tuple[State, Float[Array, " rule"]],
        row: tuple[Float[Array, ""], Innovations, Float[Array, ""]],
    ) -> tuple[tuple[State, Float[Array, " rule"]], Outputs]:
        state, since = carried
        now = ruled(inputs, then, rules, since, row[0])
        after, outputs = year_of(now, anchors, state, *row)
        return (after, first_held(rules, since, row[0], outputs)), outputs

    never = jnp.full_like(rules.delay, NEVER)
    (_, since), outputs = jax.lax.scan(step, (start, never), (years, innovations, reference))
    return outputs, since
