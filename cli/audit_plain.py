"""An audit as plain values for programs."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import xarray as xr

    from forecast.spec.audit import AuditTexts

DIMS: Final = {"error": "errors", "step": "waterfall", "account": "carbon", "mistake": "hindcast"}
"""Dim of a result → its key."""


def plain(found: "xr.Dataset", texts: "AuditTexts") -> dict[str, Any]:
    """Numbers of an audit; what is missing is null.

    Parameters
    ----------
    found
        From `api.audit`.
    texts
        The errors in words.

    Returns
    -------
    dict
        `scenario`, `year`, `draws`, `outturn`; `errors`, `waterfall`, `carbon`, `hindcast`: a row
        each; `whole`: what has no rows; `words`: the errors in words.
    """
    told: dict[str, Any] = {
        name: found.attrs[name] for name in ("scenario", "year", "draws", "outturn", "identity")
    }
    for dim, key in DIMS.items():
        names = [str(one) for one, values in found.data_vars.items() if dim in values.dims]
        labels = [str(one) for one, values in found.coords.items() if values.dims == (dim,)]
        told[key] = [
            {label: found[label].values[place].item() for label in labels}
            | {name: _numbers(found[name].isel({dim: place})) for name in names}
            for place in range(found.sizes[dim])
        ]
    whole = [str(one) for one, values in found.data_vars.items() if values.dims == ("statistic",)]
    told["whole"] = {name: _numbers(found[name]) for name in whole}
    told["words"] = [one.model_dump() for one in texts.errors.errors]
    return told


def _numbers(values: "xr.DataArray") -> Any:
    if not values.dims:
        return _or_none(float(values))
    labels = values["statistic"].values.tolist()
    return {
        one: _or_none(number) for one, number in zip(labels, values.values.tolist(), strict=True)
    }


def _or_none(value: float) -> float | None:
    return None if value != value else value
