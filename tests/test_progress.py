"""What takes longer than a second says so, and leaves one true line."""

import io
import re
import signal
import sys
import threading
import time

import pytest
from support.canned_server import CALL_ID, LEG, hang_up, said
from support.recorded_run import COMMANDS, DIAL, recorded
from tqdm.std import TMonitor

import swnb
from swnb import progress
from swnb.events.waiting import waiter

pytestmark = pytest.mark.sample(1)


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


# Sending and waiting


def slowly(answer, seconds=0.3):
    def act(connection):
        time.sleep(seconds)
        connection.sendall(answer)

    return act


@pytest.fixture
def quick(monkeypatch):
    """Show at once what otherwise takes a second, and more often."""
    monkeypatch.setattr(progress, "_AFTER", 0.1)
    monkeypatch.setattr(progress, "_OFTEN", 0.05)


@pytest.fixture
def watch(monkeypatch):
    """Watch standard error from now on: pytest replaces it between a fixture and its test."""

    def watch():
        shown = Watched()
        monkeypatch.setattr(sys, "stderr", shown)
        return shown

    return watch


def states(stream):
    """Return the line as it was at each time, and whether it ended."""
    text = stream.getvalue()
    return [state.strip() for state in text.split("\r") if state.strip()]


def test_a_send_that_takes_long_says_so_and_how_it_ended(replying, quick, watch):
    stream = watch()
    sw, _ = replying(slowly(said(LEG)))
    sw.dial(**DIAL)
    *before, last = states(stream)
    assert before[0] == "dial: waiting for its answer for 0 s, at most 119 s left"
    assert re.fullmatch(r"dial: accepted after 0\.[3-9] s", last)
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().endswith("\n")


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (slowly(said({"errors": []}, 422)), "rejected"),
        (lambda connection: (time.sleep(0.3), hang_up(connection)), "outcome unknown"),
    ],
)
def test_a_send_that_goes_wrong_leaves_the_outcome_of_the_log(replying, quick, watch, act, outcome):
    stream = watch()
    sw, _ = replying(act)
    with pytest.raises(swnb.SendError) as error:
        sw.dial(**DIAL)
    last = states(stream)[-1]
    assert re.fullmatch(rf"dial: {outcome} after 0\.\d s", last)
    assert error.value.exchange.outcome in outcome


def test_an_interrupted_send_leaves_a_true_line(replying, quick, watch):
    stream = watch()

    def interrupt(_):
        time.sleep(0.3)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sw, _ = replying(interrupt)
        with pytest.raises(KeyboardInterrupt):
            sw.dial(**DIAL)
    finally:
        signal.signal(signal.SIGINT, before)
    assert re.fullmatch(r"dial: interrupted after 0\.\d s", states(stream)[-1])
    assert stream.getvalue().count("\n") == 1
    assert not [each for each in threading.enumerate() if each.name == "swnb-progress"]


def test_no_thread_is_left_behind(replying, sw, quick, watch):
    watch()
    slow, _ = replying(slowly(said(LEG)), said(LEG))
    slow.dial(**DIAL)
    slow.call(CALL_ID).end()
    before = set(threading.enumerate())
    sw.sync()
    names = {each.name for each in set(threading.enumerate()) - before}
    assert not {name for name in names if "monitor" in name.lower() or "progress" in name}
    assert not [each for each in threading.enumerate() if isinstance(each, TMonitor)]


def test_of_a_wait_there_is_one_line_with_what_is_left(replying, quick, watch, monkeypatch):
    stream = watch()
    monkeypatch.setattr(waiter, "_LOOKS", (0.3,))
    monkeypatch.setattr(waiter, "_SLICE", 0.05)
    ringing, answered = (said(LEG | {"status": each}) for each in ("ringing", "answered"))
    sw, _ = replying(ringing, slowly(ringing), slowly(answered))
    call = sw.dial(**DIAL)
    monkeypatch.setattr(type(sw._session.routing), "origin", "live")
    call.wait_until("answered", timeout=9)
    *before, last = states(stream)
    what = "call.wait_until('answered')"
    assert f"{what}: waiting for 0 s, 8 s left, latest: ringing" in before
    assert all(line.startswith(f"{what}: waiting for ") for line in before)
    assert re.fullmatch(rf"{re.escape(what)}: answered came after \d\.\d s", last)
    assert stream.getvalue().count("\n") == 1


def test_a_wait_in_vain_says_how_it_stood(replying, quick, watch, monkeypatch):
    stream = watch()
    ringing = said(LEG | {"status": "ringing"})
    sw, _ = replying(*[ringing] * 9)
    call = sw.dial(**DIAL)
    monkeypatch.setattr(type(sw._session.routing), "origin", "live")
    with pytest.raises(swnb.WaitTimeout):
        call.wait_until("answered", timeout=0.5)
    assert re.search(r": timed out, still ringing, after 0\.\d s$", states(stream)[-1])


def test_a_line_is_not_longer_than_the_terminal(quick, watch, monkeypatch):
    stream = watch()
    monkeypatch.setenv("COLUMNS", "40")
    with progress.working("a name that is far too long for one line of a terminal"):
        time.sleep(0.3)
    assert {len(state) for state in states(stream)} == {39}


def test_what_is_done_in_another_thread_shows_nothing(replying, quick, watch):
    stream = watch()
    sw, _ = replying(slowly(said(LEG)))
    thread = threading.Thread(target=lambda: sw.dial(**DIAL))
    thread.start()
    thread.join()
    assert stream.getvalue() == ""


@pytest.mark.parametrize("nobody", [io.StringIO, lambda: None])
def test_where_nobody_watches_a_send_and_a_wait_show_nothing(replying, quick, monkeypatch, nobody):
    shown = nobody()
    monkeypatch.setattr(sys, "stderr", shown)
    sw, _ = replying(slowly(said(LEG)))
    sw.dial(**DIAL).wait_until("answered")
    assert not shown or shown.getvalue() == ""


# Replays, comparisons and exports


def test_reading_a_recording_and_comparing_are_counted(tmp_path, watch, monkeypatch):
    stream = watch()
    path = recorded(tmp_path / "run.swnb.jsonl")
    monkeypatch.setattr(progress, "_AFTER", 0.0)
    swnb.replay(path).close()
    swnb.compare(path, path)
    text = stream.getvalue()
    count = len(COMMANDS)
    # Of its two looks at the call that follow each other, a comparison takes the last.
    counts = {
        "reading run.swnb.jsonl": count,
        "checking run.swnb.jsonl": count,
        "compare": count - 1,
    }
    for what, number in counts.items():
        lines = [each for each in states(stream) if each.startswith(f"{what}:")]
        assert f" {number}/{number} " in lines[-1], what
    assert text.count("\n") == 3


def test_an_interrupt_leaves_how_far_it_was(watch, monkeypatch):
    stream = watch()
    monkeypatch.setattr(progress, "_AFTER", 0.0)

    def work():
        with progress.progress(range(9), "x", "calls") as items:
            for number in items:
                if number == 3:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert " 3/9 " in states(stream)[-1]
    assert stream.getvalue().endswith("\n")
    with progress.working("next") as line:
        assert line.watched


@pytest.mark.parametrize("act", ["export", "export_run"])
def test_an_export_that_takes_long_says_when_it_is_written(sw, tmp_path, watch, monkeypatch, act):
    stream = watch()
    monkeypatch.setattr(progress, "_AFTER", 0.0)
    sw.dial(**DIAL)
    stream.truncate(0)
    stream.seek(0)
    arguments = [tmp_path / "x.jsonl"] if act == "export" else [sw.log.run, tmp_path / "x.jsonl"]
    getattr(sw.log, act)(*arguments)
    assert re.fullmatch(rf"{act}: written after \d\.\d s", states(stream)[-1])
    with pytest.raises(swnb.SwnbError):
        getattr(sw.log, act)(*arguments[:-1] and ["nobody"], tmp_path / "x.zip")
    assert re.fullmatch(rf"{act}: failed after \d\.\d s", states(stream)[-1])


CELLS = """
import time, swnb
sw = swnb.simulate(seed=3)
handle = sw.simulated_space.handle
def slow(*request):
    time.sleep(1.4)
    return handle(*request)
sw.simulated_space.handle = slow
call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
---
sw.simulated_space.handle = handle
sw.call(call.id).refresh();
---
import threading
[each.name for each in threading.enumerate() if "swnb-progress" in each.name]
"""


@pytest.mark.kernel
def test_a_kernel_saves_one_true_line():
    from nbclient import NotebookClient  # noqa: PLC0415 - takes seconds to load
    from nbformat.v4 import new_code_cell, new_notebook  # noqa: PLC0415 - the same

    notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS.split("---\n")])
    NotebookClient(notebook, timeout=60).execute()
    first, second, third = (cell["outputs"] for cell in notebook["cells"])
    text = "".join(each["text"] for each in first if each.get("name") == "stderr")
    assert re.fullmatch(r"dial: accepted after 1\.\d s", last_line(text))
    assert text.count("waiting for its answer for 1 s") == 1
    assert second == []
    assert third[0]["data"]["text/plain"] == "[]"
