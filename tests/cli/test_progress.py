import io
import sys

import pytest

from forecast.cli.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _blocks(total: int, *, shown: bool = True) -> None:
    with progress_bar("drawing", shown=shown) as tell:
        for done in range(1, total + 1):
            tell(done, total)


def test_lines_go_to_stderr_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    _blocks(20)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [f"drawing: {done} of 20 blocks" for done in (1, 10, 20)]
    _blocks(1000)
    assert len(capsys.readouterr().err.splitlines()) == 11


def test_a_terminal_shows_a_bar_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    _blocks(20)
    assert "20/20" in terminal.getvalue()
    assert "0:00:00" in terminal.getvalue()
    assert "of 20 blocks" not in terminal.getvalue()


def test_nothing_is_said_unless_it_is_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    _blocks(20, shown=False)
    assert capsys.readouterr() == ("", "")


def test_what_fails_inside_comes_out() -> None:
    with pytest.raises(ValueError, match="from inside"), progress_bar("drawing", shown=True):
        raise ValueError("from inside")
