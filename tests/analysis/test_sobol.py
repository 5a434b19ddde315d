"""Sobol indices against closed forms, and against SALib on the same sample."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import norm, qmc

from forecast.analysis.sobol import Indices, indices, second_order

type Model = Callable[[np.ndarray], np.ndarray]

COEFFICIENTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])
"""Of the g function; Saltelli and Sobol (1995), doi:10.1016/0951-8320(95)00099-2."""


def ishigami(u: np.ndarray) -> np.ndarray:
    """Ishigami and Homma (1990), doi:10.1109/ISUMA.1990.151285, with a = 7 and b = 0.1."""
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices() -> tuple[np.ndarray, np.ndarray, float]:
    """First and total of the three inputs, and the interaction of the first and the third."""
    parts = np.array([(1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8, 0.0])
    both = 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = parts.sum() + both
    return parts / whole, (parts + np.array([both, 0, both])) / whole, both / whole


def g_function(u: np.ndarray) -> np.ndarray:
    return np.prod((np.abs(4 * u - 2) + COEFFICIENTS) / (1 + COEFFICIENTS), axis=1)


def g_indices() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First, total and second order."""
    parts = 1 / (3 * (1 + COEFFICIENTS) ** 2)
    whole = np.prod(1 + parts) - 1
    total = parts * np.prod(1 + parts) / (1 + parts) / whole
    return parts / whole, total, np.outer(parts, parts) / whole


def swapped(one: np.ndarray, other: np.ndarray, columns: list[int]) -> np.ndarray:
    found = one.copy()
    found[:, columns] = other[:, columns]
    return found


def sampled(model: Model, inputs: int, power: int = 12, seed: int = 1) -> tuple[np.ndarray, ...]:
    """`a`, `b`, `ab` and `ba` of a model with one outcome or several."""
    laid = qmc.Sobol(2 * inputs, rng=np.random.default_rng(seed)).random_base2(power)
    a, b = laid[:, :inputs], laid[:, inputs:]

    def outcomes(points: np.ndarray) -> np.ndarray:
        return model(points).reshape(len(points), -1)

    ab = np.stack([outcomes(swapped(a, b, [one])) for one in range(inputs)])
    ba = np.stack([outcomes(swapped(b, a, [one])) for one in range(inputs)])
    return outcomes(a), outcomes(b), ab, ba


def test_ishigami() -> None:
    a, b, ab, ba = sampled(ishigami, 3, 14)
    first, total, both = ishigami_indices()
    found = indices(a, b, ab)
    np.testing.assert_allclose(found.first[:, 0], first, atol=0.01)
    np.testing.assert_allclose(found.total[:, 0], total, atol=0.01)
    second = second_order(a, b, ab, ba)[0][..., 0]
    upper = second[np.triu_indices(3, 1)]
    np.testing.assert_allclose(upper, [0, both, 0], atol=0.02)
    np.testing.assert_array_equal(second, second.T)
    assert np.isnan(np.diag(second)).all()


def test_g_function() -> None:
    a, b, ab, ba = sampled(g_function, 6)
    first, total, both = g_indices()
    found = indices(a, b, ab)
    np.testing.assert_allclose(found.first[:, 0], first, atol=0.01)
    np.testing.assert_allclose(found.total[:, 0], total, atol=0.01)
    upper = np.triu_indices(6, 1)
    np.testing.assert_allclose(second_order(a, b, ab, ba)[0][..., 0][upper], both[upper], atol=0.02)


def test_the_error_falls_with_the_draws() -> None:
    first, _, _ = g_indices()
    errors = []
    for power in (7, 13):
        runs = [sampled(g_function, 6, power, seed) for seed in range(8)]
        found = [indices(*one[:3], bootstraps=2).first[:, 0] - first for one in runs]
        errors.append(np.sqrt(np.mean(np.square(found))))
    assert errors[1] < errors[0] / 6


def several(u: np.ndarray) -> np.ndarray:
    return np.stack([ishigami(u), 100 + ishigami(u) ** 2, u[:, 0] + 2 * u[:, 2]], axis=1)


def test_salib_finds_the_same() -> None:
    """Point estimates to rounding, since the estimators are the same; intervals about."""
    pytest.importorskip("SALib")
    from SALib.analyze import sobol

    a, b, ab, ba = sampled(several, 3, 9)
    centre = np.concatenate([a[None], b[None], ab, ba]).mean((0, 1))
    found = indices(a, b, ab, bootstraps=400, centre=centre)
    pairs = second_order(a, b, ab, ba, bootstraps=400, centre=centre)
    problem = {"num_vars": 3, "names": ["x", "y", "z"], "bounds": [[0, 1]] * 3}
    for outcome in range(a.shape[1]):
        parts = (a[None], ab, ba, b[None])
        laid = np.concatenate(parts)[..., outcome].T.reshape(-1)
        other = sobol.analyze(problem, laid, num_resamples=400, seed=7)
        np.testing.assert_allclose(found.first[:, outcome], other["S1"], rtol=0, atol=1e-12)
        np.testing.assert_allclose(found.total[:, outcome], other["ST"], rtol=0, atol=1e-12)
        upper = np.triu_indices(3, 1)
        second = [one[..., outcome][upper] for one in pairs]
        np.testing.assert_allclose(second[0], other["S2"][upper], rtol=0, atol=1e-12)
        for low, high, conf in (
            (found.first_low[:, outcome], found.first_high[:, outcome], other["S1_conf"]),
            (found.total_low[:, outcome], found.total_high[:, outcome], other["ST_conf"]),
            (second[1], second[2], other["S2_conf"][upper]),
        ):
            np.testing.assert_allclose((high - low) / 2, conf, rtol=0.25, atol=1e-12)


def test_an_additive_model_has_no_interactions() -> None:
    weights = np.array([1.0, 2.0, 0.0, 3.0])
    a, b, ab, ba = sampled(lambda u: u @ weights, 4)
    found = indices(a, b, ab)
    share = (weights**2 / (weights**2).sum())[:, None]
    np.testing.assert_allclose(found.first, share, atol=0.003)
    np.testing.assert_allclose(found.total, share, atol=0.003)
    np.testing.assert_allclose(second_order(a, b, ab, ba)[0][np.triu_indices(4, 1)], 0, atol=0.005)


def test_what_moves_nothing_is_exactly_zero() -> None:
    a, b, ab, _ = sampled(lambda u: np.exp(u[:, 0]) * u[:, 1], 3)
    found = indices(a, b, ab)
    assert all((values[2] == 0).all() for values in found)
    assert (found.total[:2] > 0.1).all()


def test_closed_index_of_all_but_noise() -> None:
    """The closed index of everything but one input and that input's total sum to one."""
    laid = qmc.Sobol(6, rng=np.random.default_rng(3)).random_base2(13)
    a, b = laid[:, :3], laid[:, 3:]
    ab = [ishigami(swapped(a, b, columns))[:, None] for columns in ([0, 1], [2])]
    found = indices(ishigami(a)[:, None], ishigami(b)[:, None], ab)
    assert found.first[0, 0] + found.total[1, 0] == pytest.approx(1, abs=0.01)
    assert found.first[0, 0] < 0.9  # else the third input would have none


@pytest.mark.parametrize(("factor", "offset"), [(3.0, 0.0), (-0.001, 0.0), (2.0, 1e6)])
def test_units_do_not_matter(factor: float, offset: float) -> None:
    a, b, ab, ba = sampled(ishigami, 3, 8)
    scaled = [factor * one + offset for one in (a, b, ab, ba)]
    for one, other in zip(indices(a, b, ab), indices(*scaled[:3]), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)
    for one, other in zip(second_order(a, b, ab, ba), second_order(*scaled), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)


def test_intervals_cover() -> None:
    """In plain random samples, which is what resampling takes them for."""
    first, total, _ = ishigami_indices()
    covered = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        a, b = rng.random((256, 3)), rng.random((256, 3))
        ab = np.stack([ishigami(swapped(a, b, [one]))[:, None] for one in range(3)])
        found = indices(ishigami(a)[:, None], ishigami(b)[:, None], ab, seed=seed)
        covered.append((found.first_low[:, 0] <= first) & (first <= found.first_high[:, 0]))
        covered.append((found.total_low[:, 0] <= total) & (total <= found.total_high[:, 0]))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.04)


def test_a_wider_level_is_a_wider_interval() -> None:
    a, b, ab, _ = sampled(ishigami, 3, 8)
    narrow, wide = (indices(a, b, ab, level=level) for level in (0.5, 0.99))
    ratio = (wide.first_high - wide.first) / (narrow.first_high - narrow.first)
    np.testing.assert_allclose(ratio, norm.ppf(0.995) / norm.ppf(0.75))


def test_failed_draws_are_left_out_of_their_input_alone() -> None:
    a, b, ab, ba = sampled(several, 3, 8)
    whole = indices(a, b, ab)
    ab[1, 5], ab[1, 77] = np.nan, np.nan
    found = indices(a, b, ab)
    for one, other in zip(found, whole, strict=True):
        np.testing.assert_array_equal(one[[0, 2]], other[[0, 2]])
    assert np.isfinite(found.first).all()
    a[9] = np.nan
    kept = np.delete(np.arange(len(a)), [5, 9, 77])
    partial: Indices = indices(a, b, ab, centre=1.0)
    again = indices(a[kept], b[kept], ab[:, kept], centre=1.0)
    np.testing.assert_allclose(partial.first[1], again.first[1], rtol=0.02, atol=0.02)
    second = second_order(a, b, ab, ba)[0]
    again2 = second_order(a[kept], b[kept], ab[:, kept], ba[:, kept])[0]
    np.testing.assert_allclose(second, again2, atol=1e-12)


def test_an_outcome_that_never_varies_is_nan() -> None:
    a, b, ab, _ = sampled(lambda u: np.stack([0 * u[:, 0] + 0.1, u[:, 0]], 1), 2, 6)
    found = indices(a, b, ab)
    assert all(np.isnan(one[:, 0]).all() and np.isfinite(one[:, 1]).all() for one in found)


def test_one_input_is_held_at_a_time() -> None:
    a, b, ab, _ = sampled(ishigami, 3, 6)
    for one, other in zip(indices(a, b, iter(ab)), indices(a, b, ab), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_wrong_is_told() -> None:
    a, b, ab, ba = sampled(ishigami, 3, 4)
    with pytest.raises(ValueError, match="bootstraps must be at least 2, got 1"):
        indices(a, b, ab, bootstraps=1)
    with pytest.raises(ValueError, match="base draws must be at least 2, got 1"):
        indices(a[:1], b[:1], ab[:, :1])
    with pytest.raises(ValueError, match="a and b must be"):
        indices(a, b[:-1], ab)
    with pytest.raises(ValueError, match="every ab must be shaped like a"):
        indices(a, b, ab[:, :-1])
    with pytest.raises(ValueError, match="at least one input"):
        indices(a, b, [])
    with pytest.raises(ValueError, match="ab and ba must be"):
        second_order(a, b, ab, ba[:2])
