"""The tree against scikit-learn, closed cases and properties."""

import json
from pathlib import Path

import numpy as np
import pytest

from forecast.analysis.tree import LEAF, grow, lines, rules

REFERENCE = Path(__file__).with_name("discovery_reference.json")
"""What scikit-learn 1.9.1 found in `planted`; its entry `made` says how."""


def planted() -> tuple[np.ndarray, np.ndarray]:
    """Draws without a generator of random numbers, as in test_prim."""
    number = np.arange(1, 1001.0)[:, None]
    x = number * np.sqrt([2, 3, 5, 7, 11]) % 1
    x[:, 2] = np.floor(4 * x[:, 2])
    inside = (x[:, 0] > 0.6) & (x[:, 1] < 0.5) & (x[:, 2] >= 1)
    return x, number[:, 0] ** 2 * np.sqrt(17) % 1 < np.where(inside, 0.9, 0.08)


def told(column: int, threshold: float, above: bool) -> str:
    return f"{'abcde'[column]} {'>' if above else '<='} {threshold:.3g}"


def test_the_tree_is_that_of_scikit_learn() -> None:
    wanted = json.loads(REFERENCE.read_text())["tree"]
    found = grow(*planted(), least=0.04)
    for name in ("column", "lower", "upper", "draws", "hits"):
        assert getattr(found, name).tolist() == wanted[name], name
    # Theirs are of single precision.
    thresholds = np.array([np.nan if one is None else one for one in wanted["threshold"]])
    np.testing.assert_allclose(found.threshold, thresholds, rtol=1e-6)


def test_draws_find_their_leaves() -> None:
    x, y = planted()
    found = grow(x, y)
    leaf = found.leaf_of(x)
    assert set(leaf) == set(found.leaves())
    for one in found.leaves():
        assert (leaf == one).sum() == found.draws[one] >= 20
        assert y[leaf == one].sum() == found.hits[one]
    assert found.depth.max() == 3
    assert grow(x, y, depth=1).draws.tolist() == [1000, *found.draws[[1, found.upper[0]]]]


def test_a_step_is_split_halfway_at_the_step() -> None:
    x = np.stack([np.zeros(40), np.arange(40.0)], axis=1)
    found = grow(x, x[:, 1] > 29)
    assert found.column.tolist() == [1, LEAF, LEAF]
    assert found.threshold[0] == 29.5
    assert found.hits.tolist() == [10, 0, 10]


@pytest.mark.parametrize("y", [np.zeros(50, bool), np.ones(50, bool)])
def test_what_is_pure_is_not_split(y: np.ndarray) -> None:
    assert grow(np.random.default_rng(1).random((50, 3)), y).column.tolist() == [LEAF]


def test_what_cannot_be_told_apart_is_not_split() -> None:
    assert grow(np.zeros((50, 2)), np.arange(50) < 10).column.tolist() == [LEAF]
    # Each value has as many draws with the outcome as without.
    x = np.repeat(np.arange(10.0), 2)[:, None]
    assert grow(x, np.arange(20) % 2 == 0).column.tolist() == [LEAF]


def test_neighbouring_floats_are_parted() -> None:
    low = 1.0
    x = np.repeat([low, np.nextafter(low, 2)], 25)[:, None]
    found = grow(x, x[:, 0] > low)
    assert found.leaf_of(x).tolist() == [1] * 25 + [2] * 25


def test_rules_are_written_with_indents() -> None:
    x, y = planted()
    found = grow(x, y, depth=2)
    text = lines(found, told, lambda leaf: f"{found.hits[leaf]} of {found.draws[leaf]}")
    assert text[0] == "a <= 0.594"
    assert text[1].startswith("  a <= 0.291: ")
    assert text[3:] == ["a > 0.594", "  b <= 0.502: 143 of 202", "  b > 0.502: 11 of 204"]
    assert list(rules(found, told).values())[-1] == "a > 0.594 and b > 0.502"
    stump = grow(x, np.zeros(len(x), bool))
    assert rules(stump, told) == {0: "all draws"}
    assert lines(stump, told, lambda leaf: "none") == ["none"]
