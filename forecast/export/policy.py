"""An optimum as the file of a policy, which `forecast run` lays over a world."""

import json
from pathlib import Path

import xarray as xr

from forecast.files import written


def policy_text(found: xr.Dataset) -> str:
    """Write an optimum as the text of a policy.

    Parameters
    ----------
    found
        From `studies.optimise`.

    Returns
    -------
    str
        Levers that the optimum leaves free stand in it too, at that value.
    """
    told = found.attrs
    goal = "mean" if told["measure"] == "mean" else f"mean of the worst {100 * told['tail']:g} %"
    summary = (
        f"Found by forecast optimise over {told['scenario']}: {told['goal']} {goal} of"
        f" {told['outcome']} within a budget of {told['budget']:g} {told['unit']}."
    )
    rows = zip(found["lever"].values.tolist(), found["value"].values.tolist(), strict=True)
    lines = [
        f"title: {json.dumps('Optimum: ' + told['title'], ensure_ascii=False)}",
        f"summary: {json.dumps(summary, ensure_ascii=False)}",
        "levers:",
        *(f"  {name}: {value:.6g}" for name, value in rows),
        'source: "definition: found by forecast optimise"',
    ]
    return "\n".join(lines) + "\n"


def write_policy(found: xr.Dataset, file: Path) -> None:
    """Write the text of `policy_text`; the file appears whole or not at all."""
    written(file, lambda there: there.write_text(policy_text(found), encoding="utf-8"))
