"""Blocks: frozen dataclasses that JAX can map over, whose fields carry unit and meaning."""

from dataclasses import Field, dataclass, field, fields
from typing import Any, dataclass_transform

import jax


def quantity(unit: str, doc: str, formula: str = "") -> Any:
    """Field of a block.

    Parameters
    ----------
    unit : canonical unit, written here and nowhere else
        ``"1"`` for a pure number.
    doc : one line of meaning
    formula : how it follows from other quantities, for outputs

    Returns
    -------
    dataclass field
    """
    return field(metadata={"unit": unit, "doc": doc, "formula": formula})


def part(doc: str) -> Any:
    """Field of a block that is itself a block."""
    return field(metadata={"doc": doc})


@dataclass_transform(frozen_default=True, field_specifiers=(quantity, part, field))
def block[T](cls: type[T]) -> type[T]:
    """Frozen dataclass, registered as a pytree.

    It is rebuilt without ``__init__``, since JAX rebuilds blocks around batches and placeholders,
    whose shapes the annotations of one draw do not describe.
    """
    made = dataclass(frozen=True)(cls)
    names = tuple(one.name for one in fields(made))  # type: ignore[arg-type]

    def flatten(one: T) -> tuple[tuple[Any, ...], None]:
        return tuple(getattr(one, name) for name in names), None

    def unflatten(_: None, leaves: tuple[Any, ...]) -> T:
        one = object.__new__(made)
        for name, leaf in zip(names, leaves, strict=True):
            object.__setattr__(one, name, leaf)
        return one

    jax.tree_util.register_pytree_node(made, flatten, unflatten)
    return made


def quantities(cls: type, prefix: str = "") -> dict[str, Field[Any]]:
    """Every quantity of a block and of the blocks in it.

    Parameters
    ----------
    cls : a block
    prefix : put before each name

    Returns
    -------
    dict
        Dotted name → field, whose ``type`` is the shape and ``metadata`` unit and meaning.
    """
    found: dict[str, Field[Any]] = {}
    for one in fields(cls):
        if "unit" in one.metadata:
            found[prefix + one.name] = one
        else:
            assert isinstance(one.type, type), one
            found |= quantities(one.type, f"{prefix}{one.name}.")
    return found


def fill[T](cls: type[T], values: dict[str, Any], prefix: str = "") -> T:
    """Block made from dotted names.

    Parameters
    ----------
    cls : a block
    values : dotted name → array, as in `quantities`
    prefix : put before each name

    Returns
    -------
    The block; leaves may be batches, since shapes are not looked at.
    """
    one = object.__new__(cls)
    for item in fields(cls):  # type: ignore[arg-type]
        name = prefix + item.name
        leaf = values[name] if "unit" in item.metadata else fill(item.type, values, f"{name}.")  # type: ignore[arg-type]
        object.__setattr__(one, item.name, leaf)
    return one


def leaves(one: Any, prefix: str = "") -> dict[str, Any]:
    """Dotted name → leaf, the inverse of `fill`."""
    found: dict[str, Any] = {}
    for item in fields(one):
        value = getattr(one, item.name)
        name = prefix + item.name
        found |= {name: value} if "unit" in item.metadata else leaves(value, f"{name}.")
    return found
