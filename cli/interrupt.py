"""Ctrl-C while heavy libraries work: never lost, never a traceback."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

AGAIN, SOON = 1.0, 0.05
"""Time after which an interrupt that did not get through strikes once more, and after which one
that had to wait is looked at again. (s; judgement)"""


@contextmanager
def interruptible() -> Iterator[None]:
    """Let an interrupt end what is inside, wherever it strikes.

    Raised inside a callback of the garbage collector (JAX has one) it would be printed and lost;
    inside the start of an extension it would be printed or become an ImportError. So it waits for
    an import to end, strikes again until it gets through, and whatever ends the inside after it
    counts as the interrupt.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    struck = False

    def strike(number: int, frame: FrameType | None) -> None:
        nonlocal struck
        struck = True
        if _importing(frame):
            signal.setitimer(signal.ITIMER_REAL, SOON)
            return
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield
        return
    before = {one: signal.signal(one, strike) for one in (signal.SIGINT, signal.SIGALRM)}
    hook, sys.unraisablehook = sys.unraisablehook, _told_unless_interrupt
    try:
        yield
    except Exception as error:
        if struck:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for one, handler in before.items():
            signal.signal(one, handler)
        sys.unraisablehook = hook
    if struck:
        raise KeyboardInterrupt


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _told_unless_interrupt(lost: Any) -> None:
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
