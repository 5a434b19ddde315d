import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from forecast.sampling.design import DESIGNS, Design, Stream, cube, unit_points

STREAMS = [Stream(f"block.input_{number}", number) for number in range(1, 41)]
every_method = pytest.mark.parametrize("method", list(DESIGNS))
prefixed = pytest.mark.parametrize("method", ["sobol", "random"])


def lay(method, pairs, streams=STREAMS, *, seed=1, chains=8, draws=2048):
    return unit_points(cube(Design(method, seed, chains, draws), streams), **pairs)


@every_method
def test_points_are_uniform_open_and_unrelated(method, pairs):
    u = lay(method, pairs(8, 2048))
    assert u.dtype == np.float64
    assert u.shape == (40, 8 * 2048)
    assert u.min() > 0
    assert u.max() < 1
    counts = [np.histogram(row, 64, (0, 1))[0] for row in u]
    assert min(stats.chisquare(count).pvalue for count in counts) > 1e-4
    assert np.abs(np.corrcoef(u) - np.eye(40)).max() < 5 / np.sqrt(u.shape[1])
    if method == "sobol":
        return  # chains scramble the same points: as sets they are independent, index by index not
    by_chain = u.reshape(40 * 8, 2048)
    assert np.abs(np.corrcoef(by_chain) - np.eye(320)).max() < 5.5 / np.sqrt(2048)


@prefixed
def test_first_draws_of_a_longer_run_are_the_same_bits(method, pairs):
    short = lay(method, pairs(8, 1024), draws=1024).reshape(40, 8, 1024)
    long = lay(method, pairs(8, 2048), draws=2048).reshape(40, 8, 2048)
    assert np.array_equal(short, long[..., :1024])


@every_method
def test_other_streams_move_nothing(method, pairs):
    some = pairs(2, 1500)
    u = lay(method, some)
    order = np.random.default_rng(0).permutation(40)[:33]
    fewer = lay(method, some, [STREAMS[number] for number in order])
    assert np.array_equal(fewer, u[order])
    alone = lay(method, some, [STREAMS[17]])
    assert np.array_equal(alone[0], u[17])


@every_method
def test_no_bit_hangs_on_block_or_padding(method, pairs):
    all_pairs = pairs(3, 2048)
    u = lay(method, all_pairs)
    order = np.random.default_rng(0).permutation(3 * 2048)
    for rows in (order, order[:2049], order[:5], order[:1]):
        cut = {key: values[rows] for key, values in all_pairs.items()}
        assert np.array_equal(lay(method, cut), u[:, rows])


@every_method
def test_points_hang_on_seed_name_and_chain(method, pairs):
    some = pairs(2, 500)
    u = lay(method, some)[:1]
    other_seed = lay(method, some, seed=2)[:1]
    other_name = lay(method, some, [Stream("block.other", 1)])
    for other in (other_seed, other_name):
        assert not np.any(other == u)
        assert method == "sobol" or abs(np.corrcoef(other[0], u[0])[0, 1]) < 0.2
    assert not np.any(u[0, :500] == u[0, 500:])


@pytest.mark.parametrize("draws", [1, 2, 3, 7, 64, 100, 2048, 3000])
def test_latin_hypercube_has_one_point_in_each_stratum(draws, pairs):
    u = lay("latin", pairs(3, draws), draws=draws).reshape(40, 3, draws)
    strata = np.sort(np.floor(u * draws), axis=-1)
    assert np.array_equal(strata, np.broadcast_to(np.arange(draws), strata.shape))


def test_latin_points_are_uniform_within_their_strata(pairs):
    u = lay("latin", pairs(4, 1000), STREAMS[:4], draws=1000)
    assert stats.kstest((u * 1000 % 1).ravel(), "uniform").pvalue > 1e-3


def test_latin_hypercube_ends_where_its_strata_do():
    with pytest.raises(ValueError, match="below draws"):
        lay("latin", {"chain": np.array([0]), "index": np.array([100])}, draws=100)


def test_sobol_has_one_point_in_each_interval_of_each_chain(pairs):
    u = lay("sobol", pairs(8, 2048)).reshape(40, 8, 2048)
    cells = np.sort(np.floor(u * 2048), axis=-1)
    assert np.array_equal(cells, np.broadcast_to(np.arange(2048), cells.shape))


def smooth(u):
    """A smooth function of five dimensions with integral one; points in columns."""
    weight = np.array([1.0, 0.5, 0.25, 0.125, 0.0625])[:, np.newaxis]
    return np.prod(1 + weight * (np.exp(u) - (np.e - 1)), axis=0)


def errors(method, draws, pairs, chains=32):
    """Root mean square error of its integral, over chains."""
    u = lay(method, pairs(chains, draws), STREAMS[:5], chains=chains, draws=draws)
    return np.sqrt(np.mean((smooth(u).reshape(chains, draws).mean(1) - 1) ** 2))


def test_sobol_integrates_smooth_functions_at_its_rate(pairs):
    counts = [128, 512, 2048, 8192]
    found = [errors("sobol", draws, pairs) for draws in counts]
    assert np.polyfit(np.log(counts), np.log(found), 1)[0] < -1.3
    assert found[2] < errors("random", 2048, pairs) / 100


def test_sobol_is_as_exact_as_scipys_own_scramble(pairs):
    theirs = [qmc.Sobol(5, scramble=True, rng=seed).random(2048).T for seed in range(64)]
    error = np.sqrt(np.mean([(smooth(u).mean() - 1) ** 2 for u in theirs]))
    assert errors("sobol", 2048, pairs, chains=64) < 1.25 * error


def test_latin_and_random_have_the_variance_of_theory(pairs):
    draws, chains = 256, 256
    expected = {"random": np.sqrt(5 / 12 / draws), "latin": 0.0}
    for method, error in expected.items():
        u = lay(method, pairs(chains, draws), STREAMS[:5], chains=chains, draws=draws)
        means = u.sum(0).reshape(chains, draws).mean(1)
        assert np.sqrt(np.mean((means - 2.5) ** 2)) == pytest.approx(error, rel=0.2, abs=2e-3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"method": "halton"}, "one of sobol, latin, random"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"chains": 0}, "chains must lie in"),
        ({"draws": 0}, "draws must lie in"),
        ({"draws": 2**32}, "draws must lie in"),
    ],
)
def test_a_wrong_design_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Design(**({"method": "sobol", "seed": 1} | wrong))
