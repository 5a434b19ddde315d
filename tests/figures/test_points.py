import numpy as np
import pytest
import xarray as xr

from forecast.axes import SEGMENTS
from forecast.figures.points import points

CENTRES = SEGMENTS[:4]


def _found(observed: xr.Dataset, output: str, segments: tuple[str, ...]) -> set[tuple[int, float]]:
    found = points(observed, output=output, segments=segments, unit="TWh", last=2035)
    return {(one.year, one.value) for one in found}


def test_the_total_has_the_points_of_the_iea_of_2024(observed: xr.Dataset) -> None:
    expected = {(2022, 460), (2026, 620), (2026, 800), (2026, 1050)}
    assert _found(observed, "total", SEGMENTS) == expected


def test_data_centres_have_outturns_and_cases(observed: xr.Dataset) -> None:
    outturns = {(2018, 205), (2020, 269), (2023, 361), (2024, 416), (2025, 485)}
    of_2030 = {(2030, value) for value in (669, 792, 946, 1264, 833, 868, 950, 1008)}
    of_2035 = {(2035, value) for value in (707, 972, 1193, 1719)}
    assert _found(observed, "data_centres", CENTRES) == outturns | of_2030 | of_2035


def test_later_years_than_the_run_are_left_out(observed: xr.Dataset) -> None:
    found = points(observed, output="total", segments=SEGMENTS, unit="TWh", last=2025)
    assert [one.year for one in found] == [2022]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("segments", "conventional,ai_inference,ai_training,ai_customisation"),
        ("segments", "all the computers there are"),
        ("region", "europe"),
        ("unit", "GW"),
        ("kind", "context"),
        ("output", "crypto"),
        ("value", np.nan),
    ],
)
def test_a_number_of_another_scope_is_left_out(
    observed: xr.Dataset, name: str, value: str | float
) -> None:
    changed = observed.isel(observation=observed["id"].values == "iea24_total_2022")
    assert _found(changed, "total", SEGMENTS) == {(2022, 460)}
    assert _found(changed.assign({name: ("observation", [value])}), "total", SEGMENTS) == set()


def test_publications_are_named(observed: xr.Dataset) -> None:
    found = points(observed, output="data_centres", segments=CENTRES, unit="TWh", last=2035)
    assert list(dict.fromkeys(one.publication for one in found)) == [
        "Masanet et al. (2020)",
        "IEA, Energy and AI",
        "IEA, Key Questions on Energy and AI",
    ]


def test_no_observations_are_no_points() -> None:
    assert _found(xr.Dataset(), "total", SEGMENTS) == set()
