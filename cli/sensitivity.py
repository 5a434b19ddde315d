"""`forecast sensitivity`: which inputs drive which outcome."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .interrupt import interruptible
from .options import Faults, Word, example, json_option, mendable, set_option
from .progress import progress_bar
from .runs import output_option, run_argument

if TYPE_CHECKING:
    import xarray as xr

METHODS: Final = {
    "given": "from the draws of a run: first order, delta, PAWN",
    "tornado": "from the draws: swing of the outcome from p10 to p90 of each input",
    "shapley": "from the draws: effects of blocks of inputs that depend on each other",
    "split": "variance by year: scenario, blocks of inputs, year-to-year noise, interactions",
    "gradient": "slopes of the model at draws of a run: derivative-based measures, elasticities",
    "sobol": "a design of its own on the priors: first and total order, --second",
    "morris": "a design of its own on the priors: screening by elementary effects",
}
OWN_DESIGN: Final = ("sobol", "morris")


@click.command(
    "sensitivity", epilog=example("forecast sensitivity base.yaml --variable total --year 2030")
)
@run_argument
@click.option(
    "--method",
    type=Word(tuple(METHODS)),
    default="given",
    help="; ".join(f"{name}: {told}" for name, told in METHODS.items()) + ".",
)
@click.option("--scenario", default="", help="Of the run; its first if not given.")
@click.option("--variable", "variables", multiple=True, help="Shown; total if not given.")
@click.option("--year", "years", type=int, multiple=True, help="Shown; 2030 if not given.")
@click.option(
    "--from", "from_year", type=int, default=2022, help="First year that is analysed; 2022."
)
@click.option("--top", type=click.IntRange(min=1), default=12, help="Inputs shown; 12.")
@click.option("--base", type=click.IntRange(min=16), default=1024, help="Base draws of a design.")
@click.option("--second", is_flag=True, help="Second order as well (sobol).")
@click.option("--groups", is_flag=True, help="Blocks of inputs in place of inputs (sobol, morris).")
@click.option("--bootstraps", type=click.IntRange(min=10), default=100, help="Resamples; 100.")
@click.option("--seed", type=click.IntRange(min=0), default=1, help="Of the resamples; 1.")
@click.option("--prior", is_flag=True, help="Draw from the priors, uncalibrated.")
@set_option
@output_option
@json_option
@mendable
def command(run: str, method: str, **options: Any) -> None:
    """Say which inputs drive an outcome, and how surely.

    RUN is the folder of a stored run; a scenario is run first. Every year and outcome is computed
    and kept beside the run; a table of the asked ones is printed.
    """
    from .cache import use_cache

    if method in ("gradient", "split", *OWN_DESIGN):
        use_cache()
    try:
        with interruptible():
            if method in OWN_DESIGN:
                found, home = _designed(run, method, options)
            else:
                found, home = _from_draws(run, method, options)
            shown = _chosen(found, options)
    except ValueError as error:
        raise Faults(str(error)) from error
    from forecast.export.results import keep

    home.mkdir(parents=True, exist_ok=True)
    files = keep(found, home, f"sensitivity-{method}")
    if options["as_json"]:
        from .columns import print_json

        print_json({"result": str(files[0]), "outcomes": [_rows(*one) for one in shown]})
        return
    from .sensitivity_tables import print_tables

    print_tables(found, method, shown, options["top"])
    click.echo("\nresult: " + "\n        ".join(map(str, files)))


def _designed(reference: str, method: str, options: dict[str, Any]) -> "tuple[xr.Dataset, Path]":
    from forecast.request import request

    path = Path(reference)
    if path.is_dir() or path.suffix == ".nc":
        raise Faults(
            f"{reference}: {method} lays a design of its own and runs the model on it; name a"
            " scenario (and --prior), or take --method given on this run"
        )
    asked = request(reference, settings=options["settings"], prior=options["prior"])
    from forecast.studies.morris import morris_screening
    from forecast.studies.sobol import sobol_indices

    more = {name: options[name] for name in ("groups", "bootstraps")}
    with progress_bar("drawing", shown=not options["as_json"], unit="inputs") as progress:
        if method == "morris":
            count = max(options["base"] // 16, 8)
            found = morris_screening(
                asked, trajectories=count, variables=(), progress=progress, **more
            )
        else:
            variables = tuple(options["variables"]) if options["second"] else ()
            found = sobol_indices(
                asked,
                base=options["base"],
                second=options["second"],
                variables=variables,
                first=min(options["years"] or (2030,)) if options["second"] else 2015,
                progress=progress,
                **more,
            )
    folder = asked.folder(options["output"])
    return found, folder.with_name(f"study-{folder.name}")


def _from_draws(reference: str, method: str, options: dict[str, Any]) -> "tuple[xr.Dataset, Path]":
    from .runs import opened

    told = {name: options[name] for name in ("settings", "prior")}
    run, home = opened(reference, options["output"], **told)
    if method == "gradient":
        return _gradient(run, options), home
    if method == "split":
        return _split(run, options), home
    from forecast.analysis.ensemble import ensemble_of

    # Blocks of inputs are told apart for demand alone: hundreds of outcomes would take minutes.
    named = tuple(options["variables"]) or ("total",)
    ensemble = ensemble_of(
        run, options["scenario"], named if method == "shapley" else (), options["from_year"]
    )
    if method == "given":
        from forecast.analysis.given_data import given_data

        return given_data(ensemble, bootstraps=options["bootstraps"], seed=options["seed"]), home
    if method == "tornado":
        from forecast.analysis.tornado import tornado

        return tornado(ensemble, seed=options["seed"]), home
    from forecast.analysis.shapley import shapley

    return shapley(ensemble), home


def _gradient(run: "xr.DataTree", options: dict[str, Any]) -> "xr.Dataset":
    from forecast.sensitivities import by_gradient

    with progress_bar("slopes", shown=not options["as_json"], unit="inputs") as progress:
        return by_gradient(run, options["scenario"], progress=progress)


def _split(run: "xr.DataTree", options: dict[str, Any]) -> "xr.Dataset":
    from forecast.sensitivities import over_time

    with progress_bar("noise", shown=not options["as_json"]) as progress:
        return over_time(run, first=options["from_year"], progress=progress)


def _chosen(found: "xr.Dataset", options: dict[str, Any]) -> "list[tuple[str, xr.Dataset]]":
    """Outcomes that are shown: their title, and what was found of each."""
    import numpy as np

    from forecast.grammar import Place, check_place

    names = ("variable", "region", "year")
    grid = "outcome" not in found.dims
    rows = {name: found[name].values for name in names} if not grid else None
    shown = []
    for variable in options["variables"] or ("total",):
        for year in options["years"] or (2030,):
            place = Place(variable, "", year)
            if rows is None:
                laid = np.meshgrid(found["variable"].values, found["year"].values, indexing="ij")
                columns = dict(zip(("variable", "year"), map(np.ravel, laid), strict=True))
                check_place(place, columns | {"region": np.full(columns["year"].shape, "")})
                one = found.sel(variable=variable, year=year)
            else:
                one = found.isel(outcome=int(np.flatnonzero(check_place(place, rows))[0]))
            shown.append((str(place), one))
    return shown


def _rows(title: str, one: "xr.Dataset") -> dict[str, Any]:
    """One outcome for programs: a row per input."""
    import math

    (dim,) = {str(values.dims[0]) for values in one.data_vars.values() if len(values.dims) == 1} - {
        "draw"
    }
    columns = {
        str(name): values.values.tolist()
        for name, values in one.data_vars.items()
        if values.dims == (dim,)
    }
    labels = one[dim].values.tolist()
    return {
        "outcome": title,
        "rows": [
            {dim: label}
            | {
                name: None
                if isinstance(column[place], float) and math.isnan(column[place])
                else column[place]
                for name, column in columns.items()
            }
            for place, label in enumerate(labels)
        ],
    }
