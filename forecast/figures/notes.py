"""What a fan chart says in words: its title, what the bands are, how many draws, whose points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from forecast.figures.panel import FEW
from forecast.figures.paths import Paths, significant
from forecast.figures.points import Point, face, marker
from forecast.figures.style import FAINT, INK, plain
from forecast.figures.text import line_height, shortened, text_width, words, wrapped

TITLE, NOTE = 9.0, 6.5
"""Sizes of the title and of the notes. (pt; definition)"""

MARK: Final = 3.0
"""Room for a marker. (mm; definition)"""

BETWEEN: Final = 4.0
"""Distance between two items of the key. (mm; definition)"""


def heading(title: str, count: int, *, room: float) -> list[str]:
    """Lines of the title: the titles of the scenarios, what they share said once.

    Parameters
    ----------
    title
        Titles, joined by semicolons as a Run has them.
    count
        Scenarios of the Run.
    room : mm

    Returns
    -------
    list of str
        At most two.
    """
    said = plain(said_once(title, count))
    return wrapped(words(said), room=room, size=TITLE, weight="bold", most=2)


def said_once(title: str, count: int) -> str:
    """Titles of scenarios in one text, what they share with the first said once.

    Parameters
    ----------
    title
        Titles, joined by semicolons as a Run has them.
    count
        Scenarios of the Run.

    Returns
    -------
    str
    """
    titles = title.split("; ")
    if len(titles) == count:
        first = titles[0]
        titles = [first, *(one.removeprefix(f"{first} ") for one in titles[1:])]
    return "; ".join(dict.fromkeys(titles))


def notes(
    series: Sequence[Mapping[str, Paths]],
    attributes: Mapping[Any, Any],
    *,
    basis: str,
    left_out: int,
    room: float,
) -> list[str]:
    """Lines below the panels: intervals, uncertainty, draws, error.

    Parameters
    ----------
    series
        A panel each: scenario → series.
    attributes
        Of the root of the Run.
    basis
        What the draws come from.
    left_out
        Scenarios of the Run that are not on the figure.
    room : mm

    Returns
    -------
    list of str
    """
    said = sentences(series, attributes, basis=basis, left_out=left_out)
    return wrapped(words(" ".join(one for one in said if one)), room=room, size=NOTE)


def sentences(
    series: Sequence[Mapping[str, Paths]],
    attributes: Mapping[Any, Any],
    *,
    basis: str,
    left_out: int,
) -> list[str]:
    """What stands below the panels, before it is broken into lines.

    Parameters
    ----------
    series, attributes, basis, left_out
        As for `notes`.

    Returns
    -------
    list of str
    """
    more = f"{left_out} further scenario{'s' * (left_out > 1)} of the run not shown."
    return [
        _intervals(series[0]),
        f"Input uncertainty and year-to-year noise; {plain(basis)}.",
        draws_said(attributes),
        _error(series),
        more if left_out else "",
    ]


def basis_of(attributes: Mapping[Any, Any], scenarios: Sequence[str]) -> str:
    """What the draws of some scenarios come from, said once where they share it.

    Parameters
    ----------
    attributes
        Of the root of a Run: `basis`, with ``name: what; …`` of each scenario.
    scenarios
        Those on the figure.

    Returns
    -------
    str
    """
    text = str(attributes.get("basis") or "uncalibrated prior")
    names = [str(one) for one in attributes.get("names", scenarios)]
    found: dict[str, list[str]] = {}
    name = ""
    for part in text.split("; "):
        start = next((one for one in names if part.startswith(f"{one}: ")), "")
        name = start or name
        found.setdefault(name, []).append(part.removeprefix(f"{start}: ") if start else part)
    ours = {one: "; ".join(found[one]) for one in scenarios if one in found}
    if not ours:
        return text
    if len(set(ours.values())) == 1:
        return next(iter(ours.values()))
    return "; ".join(f"{one}: {told}" for one, told in ours.items())


def _intervals(series: Mapping[str, Paths]) -> str:
    kinds = "5–95\N{NO-BREAK SPACE}% and 10–90\N{NO-BREAK SPACE}% of draws"
    if len(series) == 1:
        return f"Bands: {kinds}; line: median."
    first = next(iter(series))
    last = int(series[first]["year"][-1])
    edges = "5\N{NO-BREAK SPACE}% and 95\N{NO-BREAK SPACE}%"
    thin = f"; thin lines: their {edges}" if len(series) <= FEW else ""
    return (
        f"Bands: {kinds} of {plain(first)}; lines: medians, with their value in {last}{thin}; bars:"
        f" {kinds} in {last}, from left to right as the labels from top to bottom."
    )


def draws_said(attributes: Mapping[Any, Any]) -> str:
    """How many draws there are, in how many chains, and their seed.

    Parameters
    ----------
    attributes
        Of the root of a Run.

    Returns
    -------
    str
        A sentence; empty if it is not known.
    """
    if "chains" not in attributes or "draws_per_chain" not in attributes:
        return ""
    chains, each = int(attributes["chains"]), int(attributes["draws_per_chain"])
    seed = f", seed {attributes['seed']}" if "seed" in attributes else ""
    failed = int(attributes.get("failed", 0))
    less = f"; {failed:,} that failed are left out" if failed else ""
    size = f"{chains}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{each:,}"
    return f"{chains * each:,} draws a scenario ({size}{seed}{less})."


def _error(series: Sequence[Mapping[str, Paths]]) -> str:
    found = [one["mcse_p50"] for each in series for one in each.values()]
    errors = np.concatenate(found)
    if not np.isfinite(errors).any():
        return "Monte Carlo error not known."
    largest = significant(float(np.nanmax(errors)))
    return f"Monte Carlo standard error of the medians shown: at most {largest} TWh."


@dataclass(frozen=True)
class Entry:
    """One item of the key.

    Attributes
    ----------
    publication, kind : str
        They set the marker.
    text : str
    """

    publication: str
    kind: str
    text: str

    @property
    def width(self) -> float:
        """Width in mm, with the room to the next."""
        return MARK + text_width(self.text, size=NOTE) + BETWEEN


def key(published: Sequence[Point]) -> list[Entry]:
    """Items of the key: each publication's outturns, and its cases by name.

    Parameters
    ----------
    published
        All points of the figure.

    Returns
    -------
    list of Entry
    """
    found = []
    for name in dict.fromkeys(one.publication for one in published):
        cases = [one for one in published if one.publication == name and one.kind == "case"]
        filled = any(one.publication == name and one.kind == "outturn" for one in published)
        if filled:
            found.append(Entry(name, "outturn", f"{name}: outturns"))
        if cases:
            rising = sorted(cases, key=lambda one: one.value)
            named = list(dict.fromkeys(one.case for one in rising))
            said = f"{'cases' if len(named) > 1 else 'case'} {', '.join(named)}"
            found.append(Entry(name, "case", f"{'its' if filled else f'{name}:'} {said}"))
    return found


def key_lines(entries: Sequence[Entry], *, room: float) -> list[list[Entry]]:
    """Lines of the key of published numbers.

    Parameters
    ----------
    entries
        From `key`.
    room : mm

    Returns
    -------
    list of list of Entry
        What stands on each line; text that is wider than a line is cut.
    """
    cut = [replace(one, text=shortened(one.text, room=room - MARK, size=NOTE)) for one in entries]
    lines: list[list[Entry]] = []
    # What belongs to one publication stays on one line where it fits.
    for _, group in groupby(cut, key=lambda one: one.publication):
        whole = list(group)
        parts = [whole] if _line_width(whole) <= room else [[one] for one in whole]
        for part in parts:
            if lines and _line_width([*lines[-1], *part]) <= room:
                lines[-1].extend(part)
            else:
                lines.append(part)
    return lines


def _line_width(entries: Sequence[Entry]) -> float:
    return sum(one.width for one in entries) - BETWEEN


def draw_key(
    figure: Figure,
    lines: Sequence[Sequence[Entry]],
    publications: Sequence[str],
    *,
    left: float,
    bottom: float,
) -> None:
    """Draw the key: a filled marker for outturns, a hollow one for cases.

    Parameters
    ----------
    figure
    lines
        From `key_lines`.
    publications
        All of the figure, in the order of their markers.
    left, bottom : mm
        Where it begins.
    """
    wide, high = (size * 25.4 for size in figure.get_size_inches())
    for row, line in enumerate(reversed(lines)):
        x, y = left, bottom + line_height(NOTE) * (row + 0.5)
        for one in line:
            figure.add_artist(
                Line2D(
                    [(x + 1) / wide],
                    [y / high],
                    linestyle="none",
                    marker=marker(publications, one.publication),
                    markersize=3,
                    markeredgewidth=0.7,
                    markeredgecolor=INK,
                    markerfacecolor=face(one.kind),
                )
            )
            figure.text(
                (x + MARK) / wide,
                y / high,
                one.text,
                va="center_baseline",
                fontsize=NOTE,
                color=FAINT,
            )
            x += one.width
