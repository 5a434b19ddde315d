import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm, spearmanr

from forecast.analysis.ledger import ledger, normal_scores

DIMS = ("chain", "draw")
TOLD = {
    "units": "1/yr",
    "long_name": "a rate",
    "source": "judgement",
    "as_of": "2024-01",
    "grade": "C",
    "scope": "world",
}


def _tree(years: tuple[int, ...] = (2029, 2030, 2031)) -> xr.DataTree:
    rng = np.random.default_rng(2)
    z, moved = rng.normal(size=(4, 2500)), 1 + 0.5 * rng.normal(size=(2, 1000))
    labels = {"size": ["small", "large"]}
    shares = rng.random((4, 2500, 2))
    prior = {
        "a.rate": (DIMS, np.exp(5 * z), TOLD),
        "a.fixed": (DIMS, np.ones((4, 2500)), {"units": "1"}),
        "b.share": ((*DIMS, "size"), shares, {"units": "1"}),
    }
    posterior = {
        "a.rate": (DIMS, np.exp(5 * moved)),
        "a.fixed": (DIMS, np.ones((2, 1000))),
        "b.share": ((*DIMS, "size"), shares[:2, :1000]),
        "innovations": (DIMS, moved),
    }
    noise = rng.normal(size=(2, 1000, len(years)))
    total = np.exp(moved[..., None] + np.arange(1, len(years) + 1) * noise)
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs={"title": "T", "known": "2024", "scenarios": "long"}),
            "/prior": xr.Dataset(prior, labels),
            "/posterior": xr.Dataset(posterior, labels),
            "/posterior_predictive": xr.Dataset(
                {"total": ((*DIMS, "year"), total)}, {"year": list(years)}
            ),
        }
    )


@pytest.fixture(scope="module")
def tree() -> xr.DataTree:
    return _tree()


@pytest.fixture(scope="module")
def found(tree: xr.DataTree) -> xr.Dataset:
    return ledger(tree)


def test_there_is_a_row_an_input_and_label(found: xr.Dataset) -> None:
    rows = ["a.rate", "a.fixed", "b.share[small]", "b.share[large]"]
    assert found["input"].values.tolist() == rows
    said = {name: str(found[name][0].values) for name in ("unit", "source", "as_of", "grade")}
    assert said == {"unit": "1/yr", "source": "judgement", "as_of": "2024-01", "grade": "C"}
    assert found.attrs["prior_draws"] == 10_000
    assert found.attrs["posterior_draws"] == 2000
    assert "scenarios" not in found.attrs


def test_shift_and_contraction_are_on_the_scale_of_the_prior(found: xr.Dataset) -> None:
    row = found.sel(input="a.rate")
    # The prior is exp(5 z), the posterior exp(5 (1 + z / 2)).
    assert float(row["shift"]) == pytest.approx(1, abs=0.05)
    assert float(row["contraction"]) == pytest.approx(0.5, abs=0.03)
    expected = 1 + 0.5 * norm.ppf((0.05, 0.5, 0.95))
    scores = [float(row[f"posterior_score_{name}"]) for name in ("p05", "p50", "p95")]
    np.testing.assert_allclose(scores, expected, atol=0.08)


def test_quantiles_are_in_the_unit_of_the_input(tree: xr.DataTree, found: xr.Dataset) -> None:
    for group in ("prior", "posterior"):
        values = tree[group]["b.share"].sel(size="large").values
        row = found.sel(input="b.share[large]")
        said = [float(row[f"{group}_{name}"]) for name in ("p05", "p50", "p95")]
        np.testing.assert_allclose(said, np.quantile(values, (0.05, 0.5, 0.95)))


def test_what_was_not_learnt_does_not_move(found: xr.Dataset) -> None:
    row = found.sel(input="b.share[small]")
    assert abs(float(row["shift"])) < 0.1
    assert abs(float(row["contraction"])) < 0.1


def test_influence_is_the_squared_rank_correlation_with_2030(
    tree: xr.DataTree, found: xr.Dataset
) -> None:
    total = tree["posterior_predictive"]["total"].sel(year=2030).values.reshape(-1)
    rate = tree["posterior"]["a.rate"].values.reshape(-1)
    expected = spearmanr(rate, total).statistic ** 2
    assert float(found.sel(input="a.rate")["influence"]) == pytest.approx(expected)
    assert 0.01 < expected < 0.5
    assert found.attrs["influence_year"] == 2030


def test_without_2030_the_last_year_counts() -> None:
    assert ledger(_tree((2024, 2025))).attrs["influence_year"] == 2025


def test_what_does_not_vary_has_neither(found: xr.Dataset) -> None:
    row = found.sel(input="a.fixed")
    for name in ("shift", "contraction", "influence", "posterior_score_p50"):
        assert np.isnan(float(row[name]))
    assert float(row["posterior_p50"]) == 1


def test_scores_are_van_der_waerdens_and_blind_to_the_scale() -> None:
    values = np.random.default_rng(1).permutation(np.arange(1.0, 10.0))
    found = normal_scores(values, values)
    np.testing.assert_allclose(found, norm.ppf(values / 10))
    np.testing.assert_array_equal(normal_scores(np.exp(values), np.exp(values)), found)
    ends = normal_scores(np.array([-1.0, 99.0]), values)
    np.testing.assert_allclose(ends, norm.ppf([1 / 20, 19 / 20]))
