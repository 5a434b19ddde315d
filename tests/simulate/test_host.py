"""What a run does to the settings of JAX that its host has made: nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """\
import json, sys
import jax
jax.config.update("jax_compilation_cache_dir", sys.argv[1])
jax.config.update("jax_default_matmul_precision", "high")
before = dict(jax.config.values)
import forecast
tree = forecast.run("base.yaml", draws=8, prior=True)
print(json.dumps({
    "changed": [name for name, value in jax.config.values.items() if before[name] != value],
    "array": str(jax.numpy.zeros(1).dtype),
    "demand": str(tree["prior_predictive"]["demand"].dtype),
}))
"""

QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
"""Flags of a host under which the model compiles in half the time. (definition)"""


@pytest.mark.slow
def test_a_run_leaves_the_settings_of_its_host(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"XLA_FLAGS": QUICK},
    )
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found == {"changed": [], "array": "float32", "demand": "float64"}
