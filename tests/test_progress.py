"""What takes longer than a second says so, and leaves one true line."""

import io
import sys

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.session import progress


class Watched(io.StringIO):
    def isatty(self):
        return True


class InAKernel(io.StringIO):
    """Standard error as a kernel replaces it, which is no terminal."""


InAKernel.__module__ = "ipykernel.iostream"


def last_line(text):
    """What is left of a line that was written over itself."""
    return text.replace("\n", "").rsplit("\r", 1)[-1].strip()


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(history=2_500, log=tmp_path / "log.sqlite") as client:
        yield client


@pytest.mark.parametrize("stream", [Watched, InAKernel])
def test_a_sync_that_takes_long_leaves_what_it_has_read(sw, monkeypatch, stream):
    monkeypatch.setattr(progress, "_AFTER", 0.0)
    shown = stream()
    monkeypatch.setattr(sys, "stderr", shown)
    report = sw.sync()
    assert last_line(shown.getvalue()).startswith(f"sync: {report.calls} calls [")


def test_what_is_done_at_once_shows_nothing(sw, monkeypatch):
    shown = Watched()
    monkeypatch.setattr(sys, "stderr", shown)
    sw.dial(**DIAL)
    sw.reconcile()
    assert shown.getvalue() == ""


def test_where_nobody_watches_nothing_is_written(sw, monkeypatch):
    monkeypatch.setattr(progress, "_AFTER", 0.0)
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    sw.sync()
    assert shown.getvalue() == ""
