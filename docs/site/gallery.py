"""The gallery: every figure of a run, drawn anew from a real one whenever the site is built."""

from pathlib import Path
from tempfile import TemporaryDirectory

import xarray as xr

from forecast import api
from forecast.grammar import parse_place
from forecast.plots.choice import Choice
from forecast.plots.making import again_said, make, save
from forecast.plots.table import FIGURES
from forecast.posteriors import POSTERIOR_FILE, folder_of
from forecast.request import request

SCENARIOS = ("base.yaml", "base+right-sizing", "base+pue-cap")
DRAWS = 4096
OUTPUTS = Path("outputs")
CHOICES = {
    "variance": Choice(scenarios=("base",)),
    "exceedance": Choice(place=parse_place("data_centres[2030]")),
    "audit": Choice(scenarios=("base",)),
}
"""What a figure shows, where it is not the usual."""

SAID = """# Gallery

Every figure below is drawn anew whenever this site is built, from a run of {draws:,} draws of
`{command}`; [Figures for papers](figures.md) says how to draw your own.
The caption is the one that lies beside each figure, with its numbers as CSV.
"""


def pictures() -> tuple[str, dict[str, bytes]]:
    """Text of the page, and its pictures by name."""
    run = api.run(*SCENARIOS, draws=DRAWS, outputs=OUTPUTS)
    lines = [SAID.format(draws=DRAWS, command=f"forecast run {' '.join(SCENARIOS)}")]
    found: dict[str, bytes] = {}
    for name, kind in FIGURES.items():
        result = {"run": run, "posterior": _posterior()}.get(kind.result)
        if result is None:
            continue
        choice = CHOICES.get(name, Choice())
        made = make(result, name, choice)
        with TemporaryDirectory() as home:
            picture, *_ = save(made, Path(home), ("png",))
            found[f"gallery/{name}.png"] = picture.read_bytes()
        command = again_said(name, choice, "report", 2)
        lines += [f"## {kind.told[:1].upper()}{kind.told[1:]}", "", f"```console\n$ {command}\n```"]
        lines += ["", f"![{kind.told}](gallery/{name}.png)", "", _folded(made.caption), ""]
    return "\n".join(lines), found


def _posterior() -> xr.DataTree:
    asked = request(SCENARIOS[0])
    folder = folder_of(asked.scenarios[0], asked.register, OUTPUTS)
    with xr.open_datatree(folder / POSTERIOR_FILE, engine="h5netcdf") as tree:
        return tree.load()


def _folded(caption: str) -> str:
    """A caption to unfold, without the command, which stands above, and what to cite."""
    parts = caption.split("\n\n")[:-2]
    return "\n".join(['??? quote "Its caption"', *(f"\n    {one}" for one in parts)])
