"""The register of priors against the fields of the model, in name, unit and shape."""

from collections.abc import Mapping

from forecast.axes import LABELS
from forecast.errors import InputError, InputErrors
from forecast.model.block import quantities
from forecast.model.demand import Inputs
from forecast.spec.faults import nearest
from forecast.spec.prior import Prior


def canonical_units() -> dict[str, str]:
    """Input → the unit in which the model takes it."""
    return {name: field.metadata["unit"] for name, field in quantities(Inputs).items()}


def input_dims(name: str) -> tuple[str, ...]:
    """Dimensions of an input: none for a scalar, one for a vector."""
    return tuple(quantities(Inputs)[name].type.dim_str.split())  # type: ignore[union-attr]


def _place(name: str) -> tuple[str, str]:
    block, field = name.split(".", 1)
    return f"priors/{block}.yaml", field


def check_binding(priors: Mapping[str, Prior]) -> None:
    """Hold every input of the model against its prior, and the reverse.

    Parameters
    ----------
    priors
        Of a resolved scenario, in canonical units.

    Raises
    ------
    InputErrors
        With every name that only one side has and every vector whose labels differ.
    """
    fields = quantities(Inputs)
    faults = []
    for name, field in fields.items():
        file, key = _place(name)
        if name not in priors:
            unit, doc = field.metadata["unit"], field.metadata["doc"]
            text = f"missing; forecast/model takes {name} (unit {unit}: {doc})"
            faults.append(InputError(file, 0, 0, key, text))
            continue
        dims = input_dims(name)
        asked = LABELS[dims[0]] if dims else None
        if priors[name].labels != asked:
            text = f"labels must be {asked or 'none: a number'}, got {priors[name].labels}"
            faults.append(InputError(file, 0, 0, key, text))
        if priors[name].unit != field.metadata["unit"]:
            text = f"unit must be {field.metadata['unit']}, got {priors[name].unit}"
            faults.append(InputError(file, 0, 0, key, text))
    for name in priors.keys() - fields.keys():
        file, key = _place(name)
        hint = nearest(name, fields)
        faults.append(InputError(file, 0, 0, key, "no block of forecast/model takes it", hint))
    if faults:
        raise InputErrors(faults)
