"""Simulation-based calibration: whether ranks of the truth among posterior draws are uniform."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.special import bdtr
from scipy.stats import binom

from forecast.figures.edge import LABEL
from forecast.figures.fan import EDGE, TALL
from forecast.figures.notes import NOTE, TITLE, heading
from forecast.figures.style import COLOURS, DASHES, FAINT, INK, MM, plain, styled
from forecast.figures.text import line_height, shortened, text_width, words, wrapped

BAND: Final = 0.95
"""Chance that a calibrated input stays inside the band everywhere. (1; definition)"""

POINTS: Final = 100
"""Ranks at most at which the band is set. (1; definition)"""

TRIALS: Final = 4000
"""Sets of uniform ranks from which the band is set. (1; definition)"""

NAMED: Final = 6
"""Inputs that leave the band and are named, the furthest out first. (1; definition)"""

WIDEST: Final = 45.0
"""Room for the name of an input. (mm; definition)"""

SAMPLE: Final = 7.0
"""Sample of a line before a name. (mm; definition)"""

FURTHER, TICKS, ABOVE = 11.0, 11.0, 6.5
"""Room left of the panel, below and above it. (mm; definition)"""


def rank_points(draws: int) -> np.ndarray:
    """Ranks at which the distribution function is looked at.

    Parameters
    ----------
    draws
        Of the posterior: ranks are 0 … draws.

    Returns
    -------
    array of int
        Rising, within 1 … draws, at most `POINTS`.
    """
    return np.unique(np.linspace(1, draws, min(draws, POINTS)).round().astype(int))


def difference(ranks: np.ndarray, draws: int) -> np.ndarray:
    """Empirical distribution of ranks less the uniform one.

    Parameters
    ----------
    ranks
        `[…, simulation]`, 0 … draws: how many posterior draws lie below the truth.
    draws

    Returns
    -------
    array : 1
        `[…, point]`: share of ranks below k, less `k / (draws + 1)`, at `rank_points`.
    """
    at = rank_points(draws)
    ordered = np.sort(ranks, axis=-1).reshape(-1, ranks.shape[-1])
    below = np.stack([np.searchsorted(row, at, "left") for row in ordered])
    share = below / ranks.shape[-1] - at / (draws + 1)
    return np.asarray(share.reshape(*ranks.shape[:-1], len(at)))


def band(simulations: int, draws: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Simultaneous band of the difference, for one input whose ranks are uniform.

    Pointwise binomial intervals, all of one probability, which is set on simulated uniform ranks
    so that a whole curve stays inside with probability `BAND`.

    Parameters
    ----------
    simulations, draws
    seed
        Of the simulated ranks.

    Returns
    -------
    low, high : array : 1
        `[point]`, at `rank_points`.

    References
    ----------
    Säilynoja, Bürkner and Vehtari (2022), https://doi.org/10.1007/s11222-022-10090-6, section 2
    """
    uniform = rank_points(draws) / (draws + 1)
    rng = np.random.default_rng(seed)
    ranks = rng.integers(0, draws + 1, (TRIALS, simulations))
    counts = np.rint((difference(ranks, draws) + uniform) * simulations)
    lower = bdtr(counts, simulations, uniform)
    upper = 1 - np.where(counts > 0, bdtr(np.maximum(counts - 1, 0), simulations, uniform), 0)
    smallest = 2 * np.minimum(lower, upper).min(axis=-1)
    gamma = float(np.quantile(smallest, 1 - BAND))
    low = binom.ppf(gamma / 2, simulations, uniform) / simulations - uniform
    high = binom.ppf(1 - gamma / 2, simulations, uniform) / simulations - uniform
    return np.asarray(low), np.asarray(high)


def ranks(
    found: np.ndarray,
    names: Sequence[str],
    *,
    draws: int,
    attributes: Mapping[Any, Any] | None = None,
    width: float = 130.0,
) -> Figure:
    """Draw how the ranks of the truth differ from uniform, a line an input.

    Parameters
    ----------
    found
        `[input, simulation]`, 0 … draws.
    names
        Of the inputs.
    draws
        Posterior draws of a simulation.
    attributes
        `title` of the scenario, if it is known.
    width : mm

    Returns
    -------
    Figure
        Inputs that leave the band are coloured and named.

    Raises
    ------
    ValueError
        If ranks and names do not fit, or a rank is out of range.
    """
    laid = np.asarray(found)
    if laid.ndim != 2 or len(laid) != len(names) or not laid.size:
        raise ValueError("ranks are [input, simulation], with a name for every input")
    if laid.min() < 0 or laid.max() > draws:
        raise ValueError(f"ranks lie between 0 and the number of draws, {draws}")
    title = str((attributes or {}).get("title", "Simulation-based calibration"))
    with styled():
        return _drawn(laid, names, draws, title, width)


def _drawn(found: np.ndarray, names: Sequence[str], draws: int, title: str, width: float) -> Figure:
    curves = difference(found, draws)
    low, high = band(found.shape[1], draws)
    beyond = np.maximum(curves - high, low - curves).max(axis=-1)
    # A count on the edge of the band lies inside it, whatever the last bit says.
    outside = [int(place) for place in np.argsort(-beyond) if beyond[place] > 1e-12]
    room = width - 2 * EDGE
    told = wrapped(words(_said(found, draws, len(outside))), room=room, size=NOTE)
    titles = heading(title, 1, room=room)
    named = outside[:NAMED]
    texts = [shortened(plain(names[one]), room=WIDEST, size=LABEL) for one in named]
    side = max((SAMPLE + text_width(one, size=LABEL) for one in texts), default=0.0) + 2
    foot = EDGE + line_height(NOTE) * len(told) + TICKS
    height = EDGE + line_height(TITLE) * len(titles) + ABOVE + TALL + foot
    figure = Figure(figsize=(width * MM, height * MM))
    place: dict[str, Any] = {"va": "top", "linespacing": 1.1}
    figure.text(
        EDGE / width,
        1 - EDGE / height,
        "\n".join(titles),
        fontsize=TITLE,
        fontweight="bold",
        color=INK,
        **place,
    )
    bottom = EDGE + line_height(NOTE) * len(told)
    figure.text(EDGE / width, bottom / height, "\n".join(told), fontsize=NOTE, color=FAINT, **place)
    wide = room - FURTHER - side
    axes = figure.add_axes(((EDGE + FURTHER) / width, foot / height, wide / width, TALL / height))
    _draw_curves(axes, curves, (low, high), draws, named)
    _draw_names(figure, texts, left=EDGE + FURTHER + wide + 1, top=foot + TALL)
    return figure


def _said(found: np.ndarray, draws: int, outside: int) -> str:
    inputs, simulations = found.shape
    space = "\N{NO-BREAK SPACE}"
    return (
        f"Ranks of the true value among {draws:,} posterior draws, {simulations:,} simulations;"
        f" a line an input. Grey band: {BAND:.0%} simultaneous interval of one calibrated input, so"
        f" that about {1 - BAND:.0%} of inputs leave it by chance; {outside} of {inputs} do."
        " Above zero at the left, the truth lies low in the posterior too often; an S through the"
        f" middle is a posterior of the wrong width."
    ).replace("%", f"{space}%")


def _draw_curves(
    axes: Axes,
    curves: np.ndarray,
    edges: tuple[np.ndarray, np.ndarray],
    draws: int,
    named: Sequence[int],
) -> None:
    at = rank_points(draws) / (draws + 1)
    axes.fill_between(at, *edges, color="#d9d9d9", lw=0, step="mid", zorder=1)
    for place, one in enumerate(curves):
        if place not in named:
            axes.plot(at, one, color="#7a7a7a", lw=0.5, alpha=0.7, zorder=2)
    for step, place in enumerate(named):
        how = {"color": COLOURS[step], "linestyle": DASHES[step]}
        axes.plot(at, curves[place], lw=1.2, zorder=3, **how)
    reach = 1.15 * max(float(np.abs(one).max()) for one in (curves, *edges))
    axes.axhline(0, color=FAINT, lw=0.6, zorder=1.5)
    axes.set_xlim(0, 1)
    axes.set_ylim(-reach, reach)
    axes.set_xlabel("rank / (draws + 1)", color=FAINT)
    axes.annotate(
        "share of simulations below, less the uniform share",
        (0, 1),
        (0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        color=FAINT,
    )
    axes.tick_params(colors=FAINT, labelcolor=INK)
    axes.spines[["left", "bottom"]].set_color(FAINT)


def _draw_names(figure: Figure, texts: Sequence[str], *, left: float, top: float) -> None:
    """Name the coloured lines beside the panel, the furthest out on top. Lengths in mm."""
    wide, high = (size * 25.4 for size in figure.get_size_inches())
    for step, text in enumerate(texts):
        y = (top - 1.3 * line_height(LABEL) * (step + 0.5)) / high
        ends = [left / wide, (left + SAMPLE - 1) / wide]
        how: dict[str, Any] = {"color": COLOURS[step], "linestyle": DASHES[step]}
        figure.add_artist(Line2D(ends, [y, y], lw=1.2, **how))
        place = (left + SAMPLE) / wide
        figure.text(place, y, text, va="center_baseline", fontsize=LABEL, color=INK)
