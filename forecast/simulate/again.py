"""A stored Run made ready to be computed again."""

import xarray as xr

from forecast.provenance import split_texts
from forecast.simulate.ensemble import Plan, plan
from forecast.simulate.posterior import posterior_of_run
from forecast.spec.text import from_yaml
from forecast.store import outputs_group


def plan_again(stored: xr.DataTree) -> Plan:
    """Make a stored Run ready to be computed again, from its own attributes.

    Raises
    ------
    ValueError
        If the Run keeps no draws.
    """
    scenarios = tuple(from_yaml(text) for text in split_texts(stored.attrs["scenarios"]))
    if outputs_group(stored) not in stored.children:
        raise ValueError("the run is a streamed summary and keeps no draws")
    return plan(
        scenarios,
        {},
        precision=stored.attrs["precision"],
        reference=stored["constant_data"].to_dataset()["reference_cost"].values,
        posteriors=[posterior_of_run(stored, number) for number in range(len(scenarios))],
    )
