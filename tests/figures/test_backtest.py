"""The figure of a backtest."""

import numpy as np
import pytest
import xarray as xr

from forecast.figures.backtest import backtest as drawn


def test_the_figure_shows_every_interval_and_outturn(backtested: xr.Dataset) -> None:
    figure = drawn(backtested)
    (axes,) = figure.axes
    shown = backtested.sel(basis="observed", by="model")
    held = np.isfinite(shown["crps"].values)
    points = [float(one.get_xdata()[0]) for one in axes.lines if one.get_marker() == "o"]
    values = np.broadcast_to(shown["value"].values, held.shape)[held]
    assert sorted(points) == pytest.approx(sorted(values))
    spans = {tuple(one.get_xdata()) for one in axes.lines if one.get_marker() != "o"}
    for low, high in (("p05", "p95"), ("p25", "p75")):
        ends = zip(shown[low].values[held], shown[high].values[held], strict=True)
        assert set(ends) <= spans
    words = " ".join(" ".join(one.get_text() for one in figure.texts).split())
    assert "400 draws of each posterior" in words
    assert "25–75 % and 5–95 % of draws" in words
    assert "the model's structure was chosen in 2026" in words
