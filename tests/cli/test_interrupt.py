import builtins
import gc
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from forecast.cli.interrupt import interruptible


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecast.cli.interrupt.AGAIN", 0.05)


def _state() -> tuple[object, ...]:
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGALRM)]
    return (*handlers, signal.getitimer(signal.ITIMER_REAL), sys.unraisablehook)


def test_without_an_interrupt_nothing_is_changed() -> None:
    before = _state()
    with interruptible():
        assert _state() != before
    assert _state() == before
    with pytest.raises(ValueError, match="its own"), interruptible():
        raise ValueError("its own")
    assert _state() == before


def test_an_interrupt_that_is_swallowed_strikes_again() -> None:
    before = _state()

    @interruptible()
    def work() -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert _state() == before


def test_an_interrupt_in_a_callback_of_the_collector_is_neither_lost_nor_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    struck: list[str] = []

    def callback(phase: str, _: dict[str, int]) -> None:
        if not struck:
            struck.append(phase)
            signal.raise_signal(signal.SIGINT)

    @interruptible()
    def work() -> None:
        gc.callbacks.append(callback)
        try:
            gc.collect()
            time.sleep(5)
        finally:
            gc.callbacks.remove(callback)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert struck
    assert capsys.readouterr() == ("", "")


def test_what_an_interrupt_was_turned_into_counts_as_the_interrupt() -> None:
    @interruptible()
    def work() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt as error:
            raise ImportError("an extension did not start") from error

    with pytest.raises(KeyboardInterrupt):
        work()


def test_an_interrupt_waits_for_an_import_to_end(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("modules")
    code = (
        "import signal, time\nsignal.raise_signal(signal.SIGINT)\ntime.sleep(0.2)\nwhole = True\n"
    )
    (folder / "interrupted_while_imported.py").write_text(code)
    monkeypatch.syspath_prepend(folder)
    load: Callable[[str], object] = builtins.__import__

    @interruptible()
    def work() -> None:
        load("interrupted_while_imported")
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert sys.modules.pop("interrupted_while_imported").whole
