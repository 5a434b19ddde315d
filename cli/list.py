"""`forecast list`: what there is to choose from."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import click

from .columns import in_short, print_columns, print_json, value_in_short
from .options import Faults, Word, example, json_option, mendable

type Records = list[dict[str, Any]]

_METHODS: Final = {
    "sobol": "scrambled Sobol sequence in 8 independent randomisations; the most exact (default)",
    "latin": "Latin hypercube: each input evenly covered by itself",
    "random": "plain Monte Carlo: independent draws",
}


@click.command(name="list", epilog=example("forecast list inputs --block adoption"))
@click.argument(
    "what",
    type=Word(("scenarios", "vintages", "inputs", "levers", "outputs", "families", "designs")),
    default="scenarios",
    metavar="[scenarios|vintages|inputs|levers|outputs|families|designs]",
)
@click.option("--block", metavar="BLOCK", help="Of inputs, levers or outputs, this block alone.")
@json_option
@mendable
def command(what: str, block: str | None, as_json: bool) -> None:
    """List what there is: shipped scenarios, unless you name something else.

    A vintage is what was known at a date (the key vintage of a scenario). Inputs, levers and
    outputs are those of the model; families are the distributions that an input may have; designs
    are the ways to lay the draws (sampling.method).
    """
    records = _READERS[what]()
    if block:
        records = _of_block(what, block, records)
    if as_json:
        print_json(records)
        return
    columns = _COLUMNS[what]
    rows = [[value_in_short(record[key]) for key in columns] for record in records]
    print_columns([key.replace("_", " ") for key in columns], rows, whole=columns[:1] + ("unit",))


def _of_block(what: str, block: str, records: Records) -> Records:
    from forecast.spec.faults import nearest
    from forecast.spec.register import block_names

    if what not in ("inputs", "levers", "outputs"):
        raise click.UsageError(f"--block goes with inputs, levers and outputs; {what} have none")
    names = block_names(record["name"] for record in records)
    if block not in names:
        near = nearest(block, names)
        hint = f'did you mean "{near}"?' if near else f"expected one of {', '.join(names)}"
        raise Faults(f"--block: no {what} in a block called {block} ({hint})")
    return [record for record in records if record["name"].partition(".")[0] == block]


def _scenarios() -> Records:
    from forecast import shipped
    from forecast.errors import shown
    from forecast.spec.compose import read_layer
    from forecast.spec.faults import Faults as Found

    faults = Found()
    records = []
    for file in sorted(shipped.scenarios().glob("*.yaml")):
        layer = read_layer(file.stem, faults)
        trees = layer.trees if layer else ()
        said = {key: node.plain() for tree in trees for key, node in tree.mapping().items()}
        records.append(
            {
                "name": file.stem,
                "kind": "policy" if layer and layer.is_policy else "world",
                "vintage": said.get("vintage"),
                "title": said.get("title"),
                "extends": said.get("extends"),
                "summary": said.get("summary"),
                "file": shown(file),
            }
        )
    faults.raise_any()
    return records


def _vintages() -> Records:
    from forecast.spec.register import read_register

    return [
        {
            "name": one.name,
            "as_of": one.as_of,
            "inputs": len(one.entries),
            "title": one.title,
            "summary": one.summary,
            "file": one.file,
        }
        for one in read_register().vintages.values()
    ]


def _inputs() -> Records:
    from forecast.spec.register import read_register

    return [
        {**asdict(prior), "distribution": in_short(prior), "columns": list(prior.columns)}
        for prior in read_register().priors.values()
    ]


def _levers() -> Records:
    return [
        {**record, "neutral": record["distribution"], "meaning": record["why"]}
        for record in _inputs()
        if record["role"] == "lever"
    ]


def _outputs() -> Records:
    from forecast.simulate.variables import BY_REGION, DEFAULT, every_output

    kept = {name: "always" for name in DEFAULT} | {name: "with --keep" for name in BY_REGION}
    every = {**DEFAULT, **BY_REGION, **every_output()}
    return [
        {
            "name": name,
            "unit": each.unit,
            "dimensions": list(each.dims),
            "meaning": each.long_name,
            "scope": each.scope,
            "stored": kept.get(name, "with --keep"),
        }
        for name, each in every.items()
    ]


def _families() -> Records:
    from forecast.spec.family import FAMILIES

    records = []
    for name, family in FAMILIES.items():
        fields = family.shape.model_fields
        needed = [key for key, field in fields.items() if field.is_required()]
        optional = [key for key, field in fields.items() if not field.is_required()]
        more = f" [{', '.join(optional)}]" if optional else ""
        records.append(
            {
                "name": name,
                "arguments": ", ".join(needed) + more,
                "meaning": (family.shape.__doc__ or "").strip(),
                "required": needed,
                "optional": optional,
            }
        )
    return records


def _designs() -> Records:
    return [{"name": name, "meaning": meaning} for name, meaning in _METHODS.items()]


_READERS: Final[dict[str, Callable[[], Records]]] = {
    "scenarios": _scenarios,
    "vintages": _vintages,
    "inputs": _inputs,
    "levers": _levers,
    "outputs": _outputs,
    "families": _families,
    "designs": _designs,
}
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "scenarios": ("name", "kind", "vintage", "title"),
    "vintages": ("name", "as_of", "inputs", "title"),
    "inputs": ("name", "distribution", "unit", "grade", "source"),
    "levers": ("name", "neutral", "unit", "meaning"),
    "outputs": ("name", "unit", "dimensions", "meaning", "stored"),
    "families": ("name", "arguments", "meaning"),
    "designs": ("name", "meaning"),
}
