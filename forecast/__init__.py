"""Probabilistic forecasts of the electricity demand of data centres, AI and crypto.

`run` computes scenarios, `load` reads a stored run; both return an xarray DataTree. Importing the
package costs nothing until one of them is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast.api import audit as audit
    from forecast.api import calibrate as calibrate
    from forecast.api import compare as compare
    from forecast.api import load as load
    from forecast.api import run as run
    from forecast.errors import InputErrors as InputErrors
    from forecast.errors import Refusal as Refusal
    from forecast.plots.making import plot as plot

__all__ = [
    "InputErrors",
    "Refusal",
    "__version__",
    "audit",
    "calibrate",
    "compare",
    "load",
    "plot",
    "run",
]

_HOMES = {
    "run": "forecast.api",
    "load": "forecast.api",
    "audit": "forecast.api",
    "calibrate": "forecast.api",
    "compare": "forecast.api",
    "plot": "forecast.plots.making",
    "Refusal": "forecast.errors",
    "InputErrors": "forecast.errors",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "__version__":
        return import_module("forecast.provenance").package_version()
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'forecast' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Public names."""
    return sorted(__all__)
