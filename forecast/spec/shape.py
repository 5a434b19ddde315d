"""Values from a file against a closed shape, with messages for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from forecast.spec.faults import Faults, described, nearest, number
from forecast.spec.node import Node

DATE: Final = r"^\d{4}(-\d{2}(-\d{2})?)?$"
NAME: Final = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
ADDRESS: Final = r"^https?://\S+$"

_FORMS: Final = {
    DATE: "a date YYYY, YYYY-MM or YYYY-MM-DD",
    NAME: "a name in snake_case",
    ADDRESS: "an address that begins with https://",
}
_EXPECTED: Final = {
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "bool_type": "true or false",
}
_SCALARS: Final = ("float_type", "int_type", "string_type", "bool_type")
_BOUNDS: Final = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "of at most"),
}


def checked[Shape: BaseModel](
    shape: type[Shape],
    owner: Node,
    faults: Faults,
    *,
    nodes: Mapping[str, Node] | None = None,
    beside: Iterable[str] = (),
    elsewhere: Mapping[str, str] | None = None,
) -> Shape | None:
    """Turn a mapping from a file into an instance of a shape.

    Parameters
    ----------
    shape : type
        A pydantic model, closed.
    owner : Node
        The mapping; what is missing is reported at its key.
    faults : Faults
        Receives unknown keys, missing keys, wrong types, values out of bounds.
    nodes : mapping, optional
        Keys to check, where not all of the owner's.
    beside : iterable of str
        Keys that another shape takes from the same mapping: an unknown one may be meant for it.
    elsewhere : mapping, optional
        Keys that would be right in another place → where that is.

    Returns
    -------
    Shape or None
        None where a value is missing or wrong, also where one was refused while parsing. Unknown
        keys alone are reported and left out, so that what is around them is checked as well.
    """
    given = owner.mapping() if nodes is None else nodes
    plain: dict[str, Any] = {}
    broken = False
    for key, node in given.items():
        if key not in shape.model_fields:
            _unknown(node, key, shape.model_fields, beside, faults, elsewhere or {})
        elif node.is_broken():
            broken = True
        else:
            plain[key] = node.plain()
    try:
        found = shape.model_validate(plain)
    except ValidationError as error:
        items = error.errors(include_url=False)
        # A key whose value was refused while parsing is not missing.
        told = [each for each in items if each["type"] != "missing" or not _is_key(each, given)]
        _report(shape, told, owner, given, faults)
        return None
    return None if broken else found


def _is_key(item: Any, given: Mapping[str, Node]) -> bool:
    return len(item["loc"]) == 1 and item["loc"][0] in given


def _unknown(
    node: Node,
    key: str,
    known: Iterable[str],
    beside: Iterable[str],
    faults: Faults,
    elsewhere: Mapping[str, str],
) -> None:
    if key in elsewhere:
        faults.key(node, elsewhere[key])
        return
    hint = nearest(key, (*known, *beside))
    choice = "" if hint else f"; expected one of {', '.join(known)}"
    faults.key(node, f"unknown key{choice}", hint=hint)


def _report(
    shape: type[BaseModel],
    items: Sequence[Any],
    owner: Node,
    given: Mapping[str, Node],
    faults: Faults,
) -> None:
    """Turn pydantic's errors into faults, one a value: a union gives one error an alternative."""
    by_place: dict[tuple[int, int, str], tuple[Node, list[Any]]] = {}
    for item in items:
        field = str(item["loc"][0])
        if item["type"] == "missing":
            at = given[field].find(item["loc"][1:]) if field in given else owner
            name = str(item["loc"][-1])
            path = f"{at.path}.{name}" if at.path else name
            faults.file(at.file, "missing", at.key_line, at.key_column, path=path)
            continue
        if item["type"] == "extra_forbidden":
            node = given[field].find(item["loc"][1:])
            _unknown(node, str(item["loc"][-1]), _keys_at(shape, item["loc"]), (), faults, {})
            continue
        node = given[field].find(item["loc"][1:])
        if isinstance(node.value, dict | list) and item["type"] in _SCALARS and len(items) > 1:
            # Of a union: the other alternative, which takes a collection, says what is wrong in it.
            if any(each["loc"][0] == item["loc"][0] for each in items if each is not item):
                continue
        by_place.setdefault((node.line, node.column, node.path), (node, []))[1].append(item)
    for node, found in by_place.values():
        # Where a mapping was given, the alternatives that never wanted one say nothing.
        inner = [each for each in found if each["type"] not in _EXPECTED] or found
        expected = list(dict.fromkeys(_expected(each) for each in inner))
        hint = _hint(node.value, inner)
        problem = f"expected {' or '.join(expected)}, got {described(node.value)}"
        faults.value(node, problem, hint=hint)


def _keys_at(shape: type[BaseModel], location: Sequence[Any]) -> tuple[str, ...]:
    """Keys of the inner shape in which a key was not known."""
    for step in location[:-1]:
        if step in shape.model_fields:
            shape = _inner(shape.model_fields[step].annotation) or shape
    return tuple(shape.model_fields)


def _inner(annotation: Any) -> type[BaseModel] | None:
    """Shape inside an annotation such as list[Shape]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _inner(part))), None)


def _expected(item: Any) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"a number {words} {number(context[key])}"
    if kind == "literal_error":
        return f"one of {context['expected'].replace(chr(39), '')}"
    if kind == "string_pattern_mismatch":
        return _FORMS[context["pattern"]]
    if kind == "too_short":
        return f"a list of at least {context['min_length']}"
    if kind == "too_long":
        return f"a list of at most {context['max_length']}"
    if kind == "string_too_short":
        return "text that is not empty"
    return str(item["msg"])


def _hint(value: Any, items: Sequence[Any]) -> str:
    if not isinstance(value, str):
        return ""
    for item in items:
        if item["type"] == "literal_error":
            words = item["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
            return nearest(value, words)
        if item["type"] in ("float_type", "int_type"):
            # 16_384 and 16,384 are text in YAML 1.2.
            bare = value.replace("_", "").replace(",", "").replace(" ", "")
            return bare if bare != value and bare.isdigit() else ""
    return ""
