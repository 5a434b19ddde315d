"""What each view of the page draws: Vega-Lite specifications, compiled to Vega when it is written.

The page hands each its rows by the name `rows`, and the numbers that move with the choices by
parameters. They are plain dictionaries: altair validates them in the tests, and is not needed to
write a page. Colours are variables of the page's style sheet, so that light and dark need no
second drawing.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

type Spec = dict[str, Any]
"""A Vega-Lite specification, or a part of one."""

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
"""Names the language; nothing is fetched from it."""

TALL: Final = 280
"""Height of a view. (px; definition)"""

ROW: Final = 26
"""Height of a row of a bar chart. (px; definition)"""

SEGMENTS: Final = ("#0b3c5d", "#328cc1", "#9fd0ea", "#b8860b", "#f2e2a0")
"""One a segment, as in the figures for papers."""

CONFIG: Final[Spec] = {
    # The page tells every view in words and a table, which a screen reader reads in their place.
    "aria": False,
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--ink)",
        "titleColor": "var(--soft)",
        "domainColor": "var(--soft)",
        "tickColor": "var(--soft)",
        "gridColor": "var(--line)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 260,
    },
}
"""How all views look."""


def _view(layers: list[Spec], *, params: Mapping[str, Any] | None = None, **more: Any) -> Spec:
    named = [{"name": name, "value": value} for name, value in (params or {}).items()]
    return {
        "$schema": SCHEMA,
        "data": {"name": "rows"},
        "width": "container",
        "height": TALL,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "config": CONFIG,
        "params": named,
        "layer": layers,
        **more,
    }


def _x(field: str, **more: Any) -> Spec:
    axis = {"title": None, "grid": False, "tickCount": 6, "labelOverlap": True}
    axis |= more.pop("axis", {})
    scale = {"nice": False, "zero": False} | more.pop("scale", {})
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale, **more}


def _y(field: str, **more: Any) -> Spec:
    axis = {"title": None, "tickCount": 5} | more.pop("axis", {})
    return {"field": field, "type": "quantitative", "axis": axis, **more}


PLAIN: Final = "format(datum.value, abs(datum.value) < 1e6 ? '~r' : '~s')"
"""Of an axis of inputs, whose units are of any size."""


def _names(field: str) -> Spec:
    """Rows by name, in the order that each has; a view of them has the parameter `names`."""
    axis = {"title": None, "ticks": False, "domain": False, "labelLimit": {"expr": "names"}}
    sort = {"field": "order", "op": "min"}
    return {"field": field, "type": "nominal", "sort": sort, "axis": axis}


YEARS: Final[Spec] = {"format": "d", "tickMinStep": 1}
"""Of an axis of years."""


def _near(field: str) -> Spec:
    """The point under the pointer, by its place along x."""
    return {
        "name": "hover",
        "select": {
            "type": "point",
            "fields": [field],
            "on": "pointermove",
            "nearest": True,
            "clear": "pointerleave",
        },
    }


def _followed(x: Spec, y: Spec, field: str) -> list[Spec]:
    """Marks that follow the pointer: a point on the line, and a rule through it."""
    shown = {"condition": {"param": "hover", "empty": False, "value": 1}, "value": 0}
    return [
        {
            "params": [_near(field)],
            "mark": {"type": "point", "size": 60, "filled": True, "color": "var(--mark)"},
            "encoding": {"x": x, "y": y, "opacity": shown},
        },
        {
            "mark": {"type": "rule", "color": "var(--mark)", "strokeDash": [3, 3]},
            "transform": [{"filter": {"param": "hover", "empty": False}}],
            "encoding": {"x": x},
        },
    ]


def fan() -> Spec:
    """Bands and median by year, published numbers, and the year of the other views."""
    x, middle = _x("year", axis=YEARS), _y("p50")
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "color": "var(--band)", "opacity": dense},
            "encoding": {"x": x, "y": _y(low), "y2": {"field": high}},
        }
        for low, high, dense in (("p05", "p95", 0.22), ("p25", "p75", 0.32))
    ]
    layers += [
        {"mark": {"type": "rule", "color": "var(--soft)"}, "encoding": {"y": {"datum": 0}}},
        {
            "mark": {"type": "rule", "color": "var(--mark)", "strokeWidth": 1.5},
            "encoding": {"x": {"datum": {"expr": "chosen"}, "type": "quantitative"}},
        },
        {
            "mark": {"type": "line", "color": "var(--band)", "strokeWidth": 2.5},
            "encoding": {"x": x, "y": middle},
        },
        *_followed(x, middle, "year"),
        {
            "data": {"name": "points"},
            "mark": {"type": "point", "size": 38, "strokeWidth": 1.6, "color": "var(--ink)"},
            "encoding": {
                "x": x,
                "y": _y("value"),
                "shape": {
                    "field": "publication",
                    "type": "nominal",
                    "legend": None,
                    "scale": {"range": ["circle", "square", "triangle-up", "diamond", "cross"]},
                },
                "fill": {
                    "condition": {"test": "datum.kind === 'outturn'", "value": "var(--ink)"},
                    "value": "var(--paper)",
                },
            },
        },
    ]
    return _view(layers, params={"chosen": 2030})


def segments() -> Spec:
    """Medians of the segments on each other, and the median of their sum."""
    x = _x("year", axis=YEARS)
    area: Spec = {
        "mark": {"type": "area", "stroke": "var(--paper)", "strokeWidth": 0.7},
        "encoding": {
            "x": x,
            "y": _y("low"),
            "y2": {"field": "high"},
            "color": {
                "field": "place",
                "type": "ordinal",
                "legend": None,
                "scale": {"domain": list(range(len(SEGMENTS))), "range": list(SEGMENTS)},
            },
        },
    }
    line: Spec = {
        "data": {"name": "whole"},
        "mark": {"type": "line", "color": "var(--ink)", "strokeWidth": 2},
        "encoding": {"x": x, "y": _y("p50")},
    }
    return _view([area, line])


def beyond() -> Spec:
    """Share of draws above each level."""
    x, y = _x("level"), _y("share", axis={"format": ".0%"}, scale={"domain": [0, 1]})
    line: Spec = {
        "mark": {"type": "line", "color": "var(--band)", "strokeWidth": 2.5},
        "encoding": {"x": x, "y": y},
    }
    return _view([line, *_followed(x, y, "level")])


def drivers() -> Spec:
    """Rank correlations, and how large they come out by chance."""
    x: Spec = {
        "field": "rho",
        "type": "quantitative",
        "axis": {"title": None, "tickCount": 5},
        "scale": {"domain": [-1, 1]},
    }
    y = _names("label")
    chance: Spec = {
        "data": {"values": [{}]},
        "mark": {"type": "rect", "color": "var(--line)", "opacity": 0.7},
        "encoding": {
            "x": {"datum": {"expr": "-noise"}, "type": "quantitative"},
            "x2": {"datum": {"expr": "noise"}},
        },
    }
    bars: Spec = {
        "mark": {"type": "bar", "color": "var(--band)", "height": {"band": 0.62}},
        "encoding": {"x": x, "y": y},
    }
    zero: Spec = {
        "mark": {"type": "rule", "color": "var(--soft)"},
        "encoding": {"x": {"datum": 0, "type": "quantitative"}},
    }
    tall = {"step": ROW}
    return _view([chance, bars, zero], params={"noise": 0.0, "names": 230}, height=tall)


def brush() -> Spec:
    """Draws by an input, all and those that remain, with the range that one drags."""
    x = _x("from", axis={"tickCount": 5, "labelExpr": PLAIN})
    axis = {"labels": False, "ticks": False, "grid": False, "domain": False}
    layers: list[Spec] = []
    for field, colour in (("all", "var(--line)"), ("kept", "var(--band)")):
        layers.append(
            {
                "mark": {"type": "rect", "color": colour},
                "encoding": {
                    "x": x,
                    "x2": {"field": "to"},
                    "y": _y(field, axis=axis),
                    "y2": {"datum": 0},
                },
            }
        )
    layers[0]["params"] = [
        {
            "name": "range",
            "select": {
                "type": "interval",
                "encodings": ["x"],
                "mark": {"fill": "var(--mark)", "fillOpacity": 0.15, "stroke": "var(--mark)"},
            },
        }
    ]
    return _view(layers, height=70)


def audit() -> Spec:
    """Errors one after the other, on a logarithmic scale, beside the world's electricity."""
    log: Spec = {"type": "log", "nice": False}
    x: Spec = {
        "field": "from",
        "type": "quantitative",
        "scale": log,
        "axis": {"title": None, "format": "~s", "tickCount": 5, "labelOverlap": True},
    }
    y = _names("name")
    bar: Spec = {
        "mark": {"type": "bar", "color": "var(--band)", "height": {"band": 0.55}},
        "encoding": {"x": x, "x2": {"field": "to"}, "y": y},
    }
    spread: Spec = {
        "mark": {"type": "rule", "color": "var(--ink)"},
        "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y},
    }
    middle: Spec = {
        "mark": {"type": "tick", "color": "var(--ink)", "thickness": 2.5},
        "encoding": {"x": x | {"field": "to"}, "y": y},
    }
    world: Spec = {
        "mark": {"type": "rule", "color": "var(--mark)", "strokeDash": [5, 3]},
        "encoding": {"x": {"datum": {"expr": "world"}, "type": "quantitative", "scale": log}},
    }
    tall = {"step": ROW + 4}
    params = {"world": 30_000.0, "names": 230}
    return _view([world, bar, spread, middle], params=params, height=tall)


CHARTS: Final[Mapping[str, Callable[[], Spec]]] = MappingProxyType(
    {
        "fan": fan,
        "segments": segments,
        "beyond": beyond,
        "drivers": drivers,
        "brush": brush,
        "audit": audit,
    }
)
"""Name of a view → its specification."""


@cache
def compiled() -> dict[str, Any]:
    """Compile all views to Vega.

    Returns
    -------
    dict
        Name → Vega specification.
    """
    # A browser's engine starts inside this library, so that it is loaded where a page is written.
    from vl_convert import vegalite_to_vega

    return {name: vegalite_to_vega(make(), vl_version="6.4") for name, make in CHARTS.items()}


@cache
def runtime() -> str:
    """Script that draws Vega, as one text: `vegaEmbed` and all that it needs.

    Returns
    -------
    str
    """
    from vl_convert import javascript_bundle

    # The stubs ask for a snippet; without one the whole of vega-embed is given.
    bundle: Any = javascript_bundle
    return str(bundle())
