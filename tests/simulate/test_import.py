"""What importing the library does to its host: nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

LIGHT = """\
import json, sys
import forecast
dir(forecast)
heavy = ("jax", "numpy", "xarray", "pydantic", "scipy", "pandas", "matplotlib", "pint")
print(json.dumps([name for name in heavy if name in sys.modules]))
"""

LIBRARY = """\
import json, pkgutil, warnings
import jax
jax.config.update("jax_compilation_cache_dir", "/nowhere")
before = dict(jax.config.values)
import forecast
names = [one.name for one in pkgutil.walk_packages(forecast.__path__, "forecast.")]
for name in names:
    if not name.startswith("forecast.cli"):
        __import__(name)
from jax._src import xla_bridge
print(json.dumps({
    "names": names,
    "backends": list(xla_bridge._backends),
    "settings": [name for name, value in jax.config.values.items() if before[name] != value],
}))
"""

RUN = """\
import json, sys
import jax
jax.config.update("jax_compilation_cache_dir", sys.argv[1])
jax.config.update("jax_default_matmul_precision", "high")
before = dict(jax.config.values)
import forecast
tree = forecast.run("base.yaml", draws=8)
print(json.dumps({
    "settings": [name for name, value in jax.config.values.items() if before[name] != value],
    "array": str(jax.numpy.zeros(1).dtype),
    "demand": str(tree["prior_predictive"]["demand"].dtype),
}))
"""


def asked(code: str, *arguments: str) -> object:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_the_package_alone_imports_nothing_heavy() -> None:
    assert asked(LIGHT) == []


@pytest.mark.slow
def test_the_library_makes_no_array_and_sets_nothing() -> None:
    found = asked(LIBRARY)
    assert isinstance(found, dict)
    assert {"forecast.api", "forecast.model.demand", "forecast.simulate.engine"} <= {*found["names"]}
    # Without a backend there can be no array.
    assert found["backends"] == []
    assert found["settings"] == []


@pytest.mark.slow
def test_a_run_leaves_the_settings_of_its_host(tmp_path: Path) -> None:
    found = asked(RUN, str(tmp_path))
    assert found == {"settings": [], "array": "float32", "demand": "float64"}
