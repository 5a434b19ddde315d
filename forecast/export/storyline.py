"""A draw of a run as a scenario file of its own, which `forecast run` takes as any other."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.files import written
from forecast.store import check_draws, inputs_group, stats_group

CONSTANTS: Final = "constant_data"
"""Group of a run that holds the inputs which are the same in every draw."""

NOISE: Final = ("noise.conventional", "noise.ai", "crypto.volatility", "crypto.history_error")
"""Inputs that are spreads of the year-to-year noise; at 0 there is none."""

DRAWS: Final = 64
"""Draws of the file: they differ by noise alone. (definition)"""


def storyline_text(
    run: xr.DataTree, scenario: str, draw: int, head: Mapping[str, Any], *, noise: bool = True
) -> str:
    """Write a draw as the text of a scenario file.

    Every input that is not a lever is fixed at its value in the draw, those that the world fixes
    as well, so that the file needs nothing of the scenario it came from; levers stand as they
    were. Noise that was drawn year by year is no input and cannot be written: a run of the file
    draws it anew.

    Parameters
    ----------
    run
    scenario
        Its name.
    draw
        Number among the valid draws of that scenario.
    head
        Keys before the inputs: `title`, `summary`, `vintage`, `horizon`, `source`; those that are
        empty are left out.
    noise
        Whether the spreads of the noise stay as they were; else they are 0, and every draw of the
        file is the same path.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the run has no such scenario or draw, or keeps no draws.
    """
    check_draws(run)
    stats = run[stats_group(run)].to_dataset()
    names = [str(one) for one in stats["scenario"].values]
    if scenario not in names:
        known = ", ".join(names)
        raise ValueError(f'the run has no scenario "{scenario}", expected one of {known}')
    place = names.index(scenario)
    valid = np.flatnonzero(stats["status"].values[..., place].reshape(-1) == 0)
    if not 0 <= draw < len(valid):
        raise ValueError(f"draw {draw}: expected one of 0 to {len(valid) - 1}")
    sections: dict[str, list[str]] = {"inputs": [], "levers": []}
    for name, values in _inputs(run, place, int(valid[draw])):
        lever = values.attrs.get("role") == "lever"
        quiet = name in NOISE and not noise
        sections["levers" if lever else "inputs"].append(_entry(name, values, quiet=quiet))
    lines = [f"{key}: {_plain(value)}" for key, value in head.items() if value not in ("", None)]
    lines.append(f"sampling: {{draws: {DRAWS}, seed: {int(run.attrs['seed'])}}}")
    for section, entries in sections.items():
        lines += [f"{section}:", *entries] if entries else []
    return "\n".join(lines) + "\n"


def _inputs(run: xr.DataTree, place: int, number: int) -> Iterator[tuple[str, xr.DataArray]]:
    """Every input of a draw, in the order of the run; drawn ones first."""
    for group in (inputs_group(run), CONSTANTS):
        for name, values in run[group].to_dataset().data_vars.items():
            if "." not in str(name):
                continue
            one = values.isel(scenario=place) if "scenario" in values.dims else values
            if "chain" in one.dims:
                one = one.stack(all_draws=("chain", "draw"), create_index=False)
                one = one.isel(all_draws=number)
            yield str(name), one


def _entry(name: str, values: xr.DataArray, *, quiet: bool) -> str:
    numbers = np.zeros_like(values.values) if quiet else values.values
    if numbers.ndim:
        labels = values[values.dims[0]].values
        pairs = zip(labels, numbers.tolist(), strict=True)
        value = "{" + ", ".join(f"{json.dumps(str(key))}: {one!r}" for key, one in pairs) + "}"
    else:
        value = repr(float(numbers))
    told = {"unit": values.attrs.get("units"), "as_of": values.attrs.get("as_of")}
    # The date goes along: a world may have overridden an input that its vintage has later.
    rest = "".join(f", {key}: {json.dumps(str(one))}" for key, one in told.items() if one)
    return f"  {name}: {{family: fixed, value: {value}{rest}}}"


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def file_name(scenario: str, number: int) -> str:
    """Name of the file of a storyline, which is also a name of a scenario."""
    return f"{re.sub(r'[^a-z0-9]+', '-', scenario.lower())}-storyline-{number}.yaml"


def write_storylines(texts: Mapping[str, str], folder: Path) -> list[Path]:
    """Write files of scenarios into a folder that is there.

    Parameters
    ----------
    texts
        Name of the file → its text.
    folder

    Returns
    -------
    list of Path
    """
    files = []
    for name, text in texts.items():
        file = folder / name

        def write(partial: Path, text: str = text) -> None:
            partial.write_text(text, encoding="utf-8")

        written(file, write)
        files.append(file)
    return files
