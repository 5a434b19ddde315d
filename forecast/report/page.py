"""Runs as one HTML page that fetches nothing and may run only its own script."""

import base64
import hashlib
from importlib.resources import files
from typing import Final

import jinja2
from markupsafe import Markup

from forecast.report.charts import compiled, runtime
from forecast.report.data import Packed
from forecast.report.pack import embedded

LIMIT: Final = 3_000_000
"""Bytes of a page at most. (definition)"""

APART: Final = 60_000
"""Bytes kept free for the template beside script, style and data. (definition)"""

SCRIPTS: Final = (
    "numbers.js",
    "store.js",
    "state.js",
    "views.js",
    "brushes.js",
    "audit.js",
    "page.js",
)
"""Of this project, in the order in which each needs those before it."""


def page(runs: list[Packed], title: str, version: str = "") -> str:
    """Write the page.

    Everything that comes from files is escaped: in markup by the template, in JSON by writing
    ``<``, ``>`` and ``&`` as escapes of JSON, so that nothing can end the element it stands in.
    The policy lets the page's own script and style run, by their digests, and nothing be fetched.

    Parameters
    ----------
    runs
        From `report_data`.
    title
    version
        Of forecast, as the page's last line tells it.

    Returns
    -------
    str
        HTML.

    References
    ----------
    Content Security Policy Level 3, W3C: hashes of inline scripts and styles.
    """
    scripts = [runtime(), *map(_asset, SCRIPTS)]
    style = _asset("page.css")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("page.html.j2")).render(
        title=title,
        policy=policy(scripts, style),
        style=Markup(style),
        scripts=[Markup(one) for one in scripts],
        told=Markup(embedded([one.told for one in runs])),
        specs=Markup(embedded(compiled())),
        version=version,
        blobs=[one.text for one in runs],
        runs=[one.told for one in runs],
    )


def policy(scripts: list[str], style: str) -> str:
    """Write the content security policy of a page with these scripts and this style.

    Parameters
    ----------
    scripts, style
        As they stand between their tags.

    Returns
    -------
    str
    """
    allowed = " ".join(_digest(one) for one in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_digest(style)}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def room(runs: int) -> int:
    """Bytes that the numbers of each run may take.

    Parameters
    ----------
    runs
        How many share the page.

    Returns
    -------
    int
    """
    ours = sum(len(_asset(one).encode()) for one in (*SCRIPTS, "page.css", "page.html.j2"))
    drawn = len(runtime().encode()) + len(embedded(compiled()))
    return (LIMIT - APART - ours - drawn) // runs


def _asset(name: str) -> str:
    return files("forecast.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
