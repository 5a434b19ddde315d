"""Importing costs nothing, changes nothing, and computes nothing."""

import subprocess
import sys

import pytest

import forecast

HEAVY = ("jax", "xarray", "scipy", "pandas", "numpy", "pint", "matplotlib", "pydantic")

EMPTY = f"""
import sys
import forecast
assert dir(forecast) == sorted(forecast.__all__)
found = {set(HEAVY)} & set(sys.modules)
assert not found, found
"""

ALL = """
import importlib, logging, pkgutil, signal, sys, threading, warnings
# What others change when they are imported is not ours.
import jax, numpy, xarray, matplotlib, pydantic, ruamel.yaml, arviz_stats, blackjax, forecast

def state():
    return (
        dict(jax.config.values), xarray.get_options(), dict(matplotlib.rcParams),
        list(warnings.filters), numpy.geterr(), list(logging.root.handlers),
        signal.getsignal(signal.SIGINT), threading.active_count(), sys.excepthook,
    )

before, arrays = state(), jax.live_arrays()
names = [one.name for one in pkgutil.walk_packages(forecast.__path__, "forecast.")]
assert len(names) > 60, names
for name in names:
    importlib.import_module(name)
for place, (old, new) in enumerate(zip(before, state())):
    assert old == new, (place, old, new)
assert [id(one) for one in jax.live_arrays()] == [id(one) for one in arrays], jax.live_arrays()
mutable = [
    (name, key)
    for name in names
    for key, value in vars(sys.modules[name]).items()
    if isinstance(value, (list, set, bytearray)) and not key.startswith("__")
]
assert not mutable, mutable
assert "cli" not in sys.modules
"""


def _run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_importing_the_package_loads_nothing_heavy() -> None:
    _run(EMPTY)


@pytest.mark.slow
def test_importing_every_module_changes_nothing_and_makes_no_array() -> None:
    _run(ALL)


def test_public_names_are_found_and_others_are_not() -> None:
    assert all(getattr(forecast, name) is not None for name in forecast.__all__)
    with pytest.raises(AttributeError, match="no attribute 'forcast'"):
        _ = forecast.forcast


@pytest.mark.slow
def test_a_run_leaves_the_settings_of_jax_alone(run: object) -> None:
    """The session's run was computed in float64; whoever calls it keeps JAX's own float32."""
    import jax
    import jax.numpy as jnp

    assert run is not None
    assert not jax.config.jax_enable_x64
    assert jnp.ones(1).dtype == "float32"
    # The cache is that of the tests themselves, which `conftest` sets; a run has set no other.
    assert str(jax.config.jax_compilation_cache_dir).endswith("compiled")
