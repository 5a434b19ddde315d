import numpy as np
import pytest
from scipy import stats

from forecast.sampling.dependence import couple, prepare_group
from forecast.sampling.design import Design, Stream, cube, unit_points
from forecast.sampling.draws import points, prepare_points
from forecast.spec.dependence import Dependence, Pair

DESIGN = Design("sobol", 5, 8, 4096)
TAUS = {("a.x", "a.y"): 0.5, ("a.y", "a.z"): -0.3, ("a.x", "a.z"): 0.1}


def dependence(copula, pairs, *, df=None, name="group", measure="kendall"):
    links = tuple(Pair(first, second, measure, value) for (first, second), value in pairs.items())
    return Dependence(name=name, copula=copula, df=df, pairs=links)


def coupled(group, pairs, chains=8, draws=2048, design=DESIGN):
    """Independent points of the members a.x, a.y, a.z, and the coupled ones."""
    ready = prepare_group(group, design)
    some = pairs(chains, draws)
    streams = [Stream(name, 11 + ord(name[-1])) for name in ready.names]
    u = unit_points(cube(design, streams), **some)
    return dict(zip(ready.names, couple(ready, u, **some), strict=True))


@pytest.mark.parametrize(("copula", "df"), [("gaussian", None), ("t", 3.0), ("t", 12.0)])
def test_kendalls_tau_is_as_asked_and_margins_stay_uniform(copula, df, pairs):
    u = coupled(dependence(copula, TAUS, df=df), pairs)
    for (first, second), tau in TAUS.items():
        found = stats.kendalltau(u[first], u[second]).statistic
        assert found == pytest.approx(tau, abs=0.015)
    for values in u.values():
        assert 0 < values.min() < values.max() < 1
        assert stats.kstest(values, "uniform").pvalue > 0.01


def test_spearmans_rho_is_as_asked(pairs):
    u = coupled(dependence("gaussian", TAUS, measure="spearman"), pairs)
    for (first, second), rho in TAUS.items():
        assert stats.spearmanr(u[first], u[second]).statistic == pytest.approx(rho, abs=0.005)


def test_pairs_that_are_not_named_stay_unrelated(pairs):
    u = coupled(dependence("gaussian", {("a.x", "a.y"): 0.6, ("a.z", "a.x"): 0.0}), pairs)
    assert stats.kendalltau(u["a.y"], u["a.z"]).statistic == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("corner", ["low", "high", "opposite"])
@pytest.mark.parametrize(("copula", "df"), [("gaussian", None), ("t", 2.0)])
def test_tails_depend_as_the_closed_form_says(copula, df, corner, pairs):
    rho, level = np.sin(np.pi * 0.5 / 2), 0.02
    u = coupled(dependence(copula, {("a.x", "a.y"): 0.5}, df=df), pairs)
    x, y = u["a.x"], u["a.y"]
    x, y = {"low": (x, y), "high": (1 - x, 1 - y), "opposite": (x, 1 - y)}[corner]
    rho = -rho if corner == "opposite" else rho
    shape = [[1, rho], [rho, 1]]
    if copula == "t":
        edge = np.full(2, stats.t.ppf(level, df))
        exact = stats.multivariate_t(shape=shape, df=df, seed=1).cdf(edge)
        limit = 2 * stats.t.cdf(-np.sqrt((df + 1) * (1 - rho) / (1 + rho)), df + 1)
        assert exact / level == pytest.approx(limit, rel=0.15)
    else:
        exact = stats.multivariate_normal(cov=shape, seed=1).cdf(np.full(2, stats.norm.ppf(level)))
    found = np.mean((x < level) & (y < level))
    assert found == pytest.approx(exact, abs=5 * np.sqrt(exact / len(x)) + 1e-5)


@pytest.mark.parametrize(("copula", "df"), [("gaussian", None), ("t", 4.0)])
def test_no_bit_hangs_on_block_or_padding(copula, df, pairs):
    ready = prepare_group(dependence(copula, TAUS, df=df), DESIGN)
    some = pairs(2, 1500)
    u = unit_points(cube(DESIGN, [Stream(name, 3) for name in ready.names]), **some)
    all_of_them = couple(ready, u, **some)
    order = np.random.default_rng(0).permutation(3000)
    for rows in (order, order[:2049], order[:3]):
        cut = {key: values[rows] for key, values in some.items()}
        assert np.array_equal(couple(ready, u[:, rows], **cut), all_of_them[:, rows])


def test_extreme_scores_stay_inside_the_unit_interval():
    ready = prepare_group(dependence("gaussian", {("a.x", "a.y"): 0.95}), DESIGN)
    u = np.array([[2.0**-33, 1 - 2.0**-33], [2.0**-53, 1 - 2.0**-53]])
    out = couple(ready, u, chain=np.zeros(2, int), index=np.arange(2))
    assert out.min() > 0
    assert out.max() < 1


@pytest.mark.parametrize("method", ["sobol", "latin", "random"])
def test_a_group_moves_its_members_alone(method, pairs, prior):
    design = Design(method, 1, 8, 512)
    inputs = {
        f"a.{letter}": prior(f"a.{letter}", "normal", 5 + number, mean=0.0, sd=1.0)
        for number, letter in enumerate("uvwxyz")
    }
    first = dependence("t", {("a.x", "a.y"): 0.5}, df=4.0, name="first")
    second = dependence("gaussian", {("a.u", "a.v"): 0.5}, name="second")
    stronger = dependence("t", {("a.x", "a.y"): 0.6}, df=4.0, name="first")

    def lay(groups):
        return points(prepare_points(inputs, design, groups), **pairs(8, 512))

    none, one, both, moved = lay([]), lay([first]), lay([second, first]), lay([second, stronger])
    for name in inputs:
        assert np.array_equal(none[name], one[name]) == (name not in {"a.x", "a.y"})
        assert np.array_equal(one[name], both[name]) == (name not in {"a.u", "a.v"})
        # The first member named keeps its points; the others take their dependence from it.
        assert np.array_equal(both[name], moved[name]) == (name != "a.y")


def test_a_group_of_unknown_inputs_is_refused(prior):
    inputs = {"a.x": prior("a.x", "normal", 1, mean=0.0, sd=1.0)}
    with pytest.raises(ValueError, match=r"do not exist: a\.y"):
        prepare_points(inputs, DESIGN, [dependence("gaussian", {("a.x", "a.y"): 0.5})])
