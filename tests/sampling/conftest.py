"""What the tests of sampling share: precision, pairs of chain and index, priors by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pytest


@dataclass(frozen=True)
class StandIn:
    """All that sampling asks of a prior."""

    name: str
    family: str
    arguments: dict[str, Any]
    columns: tuple[int, ...]


@pytest.fixture
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="session")
def prior() -> Callable[..., StandIn]:
    def make(name: str, family: str, columns: int | tuple[int, ...], **arguments: Any) -> StandIn:
        columns = (columns,) if isinstance(columns, int) else columns
        return StandIn(name, family, arguments, columns)

    return make


@pytest.fixture(scope="session")
def pairs() -> Callable[[int, int], dict[str, np.ndarray]]:
    """Every pair of some chains and draws, chain by chain."""

    def make(chains: int, draws: int) -> dict[str, np.ndarray]:
        chain = np.repeat(np.arange(chains, dtype=np.int32), draws)
        return {"chain": chain, "index": np.tile(np.arange(draws), chains)}

    return make
