"""Scope: what a number covers, and whether an output of the model covers the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

CENTRES: Final = ("conventional", "ai_inference", "ai_training", "ai_customisation")
"""Segments of data centres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a published number covers; two numbers of different scope are never compared.

    Attributes
    ----------
    segments : tuple of str or str
        Labels of `axes.SEGMENTS`, or text where the number follows no such split.
    networks, basis, level : str
    """

    segments: tuple[str, ...] | str
    networks: Literal["included", "excluded"] = "excluded"
    basis: Literal["consumption", "generation"] = "consumption"
    level: Literal["facility", "it"] = "facility"


COVERED: Final[Mapping[str, tuple[str, ...]]] = {
    "total": (*CENTRES, "crypto"),
    "data_centres": CENTRES,
    "data_centres_growth": CENTRES,
    "ai": CENTRES[1:],
    "crypto": ("crypto",),
    "conventional": CENTRES[:1],
    "pue": CENTRES,
    "installed_capacity": CENTRES,
    "workloads": CENTRES[:1],
    "inference_share": CENTRES[1:],
}
"""Output that a number may be a value of → the segments it covers. Each is electricity at the
meter, networks excluded, or follows from such."""


def mismatches(output: str, scope: Scope, *, factor: bool) -> list[tuple[str, str]]:
    """Say in which parts a published number covers something else than the output it is for.

    Parameters
    ----------
    output
        A key of `COVERED`.
    scope
        Of the published number.
    factor
        Whether an operator is declared that carries the output to another class of sites; then
        the segments may be told in words.

    Returns
    -------
    list of (part, message)
        Empty where the two cover the same.
    """
    found = []
    own = COVERED[output]
    if isinstance(scope.segments, str):
        if not factor and output != "workloads":
            said = f"{output} covers {', '.join(own)}; a factor must say how it becomes this class"
            found.append(("segments", said))
    elif set(scope.segments) != set(own):
        missing = [one for one in own if one not in scope.segments]
        more = [one for one in scope.segments if one not in own]
        said = " and ".join(
            [f"{output} also covers {', '.join(missing)}"] * bool(missing)
            + [f"{output} does not cover {', '.join(more)}"] * bool(more)
        )
        found.append(("segments", said))
    wanted = {"networks": "excluded", "basis": "consumption", "level": "facility"}
    for part, one in wanted.items():
        if getattr(scope, part) != one:
            said = f"{output} has {part} {one}, the number has {part} {getattr(scope, part)}"
            found.append((part, said))
    return found
