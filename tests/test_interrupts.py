"""An interrupt says what was going on, that a call may be up, and how to look and end it."""

import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from support.canned_server import CALL_ID, LEG, TOKEN, said
from support.dialing import DIAL

import swnb
from swnb.notebook.magics import magic

pytestmark = pytest.mark.sample(1)

PLAY = [{"type": "silence", "params": {"duration": 60}}]
RINGING = said(LEG | {"status": "ringing"})
LISTING = {"data": [LEG], "links": {"next": "/api/voice/logs?page_token=x"}}
UP = f"Call {CALL_ID} may be up"
LOOK = f'Check: sw.call("{CALL_ID}").refresh()  End it: sw.call("{CALL_ID}").end()'
MAIN = threading.main_thread().ident


@pytest.fixture(autouse=True)
def _interruptible():
    """Take interrupts as Python does at first; in a job in the background it does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt(_):
    """Interrupt this process instead of answering."""
    signal.pthread_kill(MAIN, signal.SIGINT)


def interrupted(act, *args, **params):
    with pytest.raises(KeyboardInterrupt) as caught:
        act(*args, **params)
    assert type(caught.value) is KeyboardInterrupt
    return caught.value._render_traceback_()


def test_of_a_dial(replying):
    sw, _ = replying(interrupt)
    first, call, look, end = interrupted(sw.dial, **DIAL)
    assert first == "KeyboardInterrupt: dial was interrupted; it may have been carried out"
    assert call == "  A call to +15550101 from +15550100 may be up; its id is not known."
    assert end == '  End it: sw.call("<its id>").end()'
    row = sw.log.df.iloc[-1]
    assert row.outcome == "unknown"
    since = f"{row.sent_at:%Y-%m-%dT%H:%M:%SZ}"
    assert look == f'  Find it: list(sw.voice_logs(created_after="{since}"))'


def test_what_it_says_to_look_at_can_be_looked_at(replying):
    sw, server = replying(interrupt, said({"data": [LEG], "links": {}}))
    look = interrupted(sw.dial, **DIAL)[2].removeprefix("  Find it: ")
    assert [each["id"] for each in eval(look, {"sw": sw})] == [CALL_ID]
    assert "created_after=" in server.requests[-1].line


def test_of_a_play_whose_control_id_is_known_then(replying):
    sw, server = replying(said(LEG), interrupt, said({}))
    call = sw.dial(**DIAL)
    block = interrupted(call.play, play=PLAY)
    assert block[1:] == [
        f"  {UP}, and play-1 may run on it.",
        f'  Stop that: sw.call("{CALL_ID}").play_stop(control_id="play-1")',
        f"  {LOOK}",
    ]
    call.stop("play")
    assert server.requests[-1].json["params"] == {"control_id": "play-1"}


@pytest.mark.parametrize("act", ["end", "user_event", "update"])
def test_of_what_starts_nothing(replying, act):
    sw, _ = replying(interrupt)
    given = {"end": {}, "user_event": {"event": {}}, "update": {"status": "completed"}}[act]
    block = interrupted(getattr(sw.call(CALL_ID), act), **given)
    assert "was interrupted; it may have been carried out" in block[0]
    assert block[1:] == [f"  {UP}.", f"  {LOOK}"]


def test_of_a_wait(replying):
    sw, _ = replying(RINGING, interrupt)
    first, *more = interrupted(sw.call(CALL_ID).wait_until)
    assert "call.wait_until('answered') was interrupted" in first
    assert "it was ringing when last heard of" in first
    assert more == [f"  {UP}.", f"  {LOOK}"]


def test_of_a_reading(replying):
    sw, _ = replying(interrupt)
    block = interrupted(sw.call(CALL_ID).refresh)
    assert block == [
        "KeyboardInterrupt: voice_log was interrupted; it only reads, so try again",
        f"  {UP}.",
        f"  {LOOK}",
    ]
    assert interrupted(list, sw.voice_logs())[0].endswith("it only reads, so try again")


def test_of_a_sync_that_goes_on_then(replying):
    sw, server = replying(said(LISTING), interrupt, said({"data": [], "links": {}}))
    block = interrupted(sw.sync)
    assert block[0].startswith("KeyboardInterrupt: sync was interrupted; what it had read")
    assert "sw.log.calls()" in block[2]
    assert sw.sync().continued
    assert "page_token=x" in server.requests[-1].line


def test_of_a_reconcile(replying):
    sw, _ = replying(said(LEG), interrupt)
    sw.dial(**DIAL)
    assert "reconcile was interrupted" in interrupted(sw.reconcile)[0]


def test_of_a_replay_in_which_nothing_leaves(monkeypatch):
    def night():
        with sw.run("night", once=True):
            sw.dial(**DIAL)

    with swnb.simulate() as sw:
        night()
        monkeypatch.setattr(
            "swnb.session.answers.belonging.reply_from_response", lambda *_: interrupt(None)
        )
        (line,) = interrupted(night)
    assert line.endswith("dial was interrupted; this is a replay, and nothing was sent")


def test_before_and_after_the_request(replying, monkeypatch):
    """Where nothing more is known, the log does."""
    sw, _ = replying(said(LEG))
    monkeypatch.setattr(sw.log, "start", interrupt)
    block = interrupted(sw.dial, **DIAL)
    assert block[0] == "KeyboardInterrupt: a command was interrupted"
    assert "sw.log.df.tail(1)" in block[1]


def test_of_a_magic(replying):
    sw, _ = replying(interrupt)
    shell = InteractiveShell()
    magic.load(shell)
    shell.user_ns["sw"] = sw
    block = interrupted(shell.run_line_magic, "sw", f"end {CALL_ID}")
    assert block[-1] == f"  {LOOK}"


def test_of_a_form(replying):
    sw, _ = replying(interrupt)
    form = sw.form("end", CALL_ID)
    block = interrupted(form.send)
    assert form._result.text.split("\n")[1:] == [
        block[0].removeprefix("KeyboardInterrupt: "),
        *(line.strip() for line in block[1:]),
    ]
    assert UP in form._result.html
    assert not form._form._send.button.disabled


def test_of_a_press_shows_in_the_form_and_stops_no_cell(replying):
    sw, server = replying(interrupt, said({}))
    form = sw.form("end", CALL_ID)
    form._form._send.button.click()
    assert UP in form._result.html
    form._form._send.button.click()
    assert len(server.requests) == 2
    assert form.reply is not None


CELL = f"""
import signal, sys, threading
sys.path.insert(0, {str(Path(__file__).parent)!r})
import swnb
from support.canned_server import Answering
main = threading.main_thread().ident
server = Answering(lambda _: signal.pthread_kill(main, signal.SIGINT))
sw = swnb.Client("project", {TOKEN!r}, server.host, log=":memory:")
sw.dial(**{DIAL!r})
"""


@pytest.mark.kernel
def test_in_a_kernel_it_is_one_block():
    from nbclient import NotebookClient  # noqa: PLC0415 - takes seconds to load
    from nbformat.v4 import new_code_cell, new_notebook  # noqa: PLC0415 - the same

    notebook = new_notebook(cells=[new_code_cell(CELL)])
    NotebookClient(notebook, allow_errors=True).execute()
    (error,) = notebook.cells[0].outputs
    assert error.ename == "KeyboardInterrupt"
    assert error.evalue == "dial was interrupted; it may have been carried out"
    assert len(error.traceback) == 4
    assert "A call to +15550101 from +15550100 may be up" in error.traceback[1]


SCRIPT = """
import os, signal, threading
import swnb
from support.canned_server import Answering

signal.signal(signal.SIGINT, signal.default_int_handler)
main = threading.main_thread().ident
def test_dial():
    with Answering(lambda _: signal.pthread_kill(main, signal.SIGINT)) as server:
        sw = swnb.Client("project", "PTcanary0123456789abcdef", server.host, log=":memory:")
        sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
def test_after():
    print("went on")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ([sys.executable, "test_it.py"], -signal.SIGINT),
        ([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_it.py"], 2),
    ],
    ids=["python", "pytest"],
)
def test_whoever_runs_it_stops_as_for_any_interrupt(tmp_path, command, code):
    (tmp_path / "test_it.py").write_text(f"{SCRIPT}\nif __name__ == '__main__':\n    test_dial()\n")
    path = [*sys.path[:1], *filter(None, sys.path)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert "dial was interrupted; it may have been carried out" in done.stdout + done.stderr
    assert "went on" not in done.stdout


def test_it_crosses_to_another_process(replying):
    sw, _ = replying(interrupt)
    with pytest.raises(KeyboardInterrupt) as caught:
        sw.dial(**DIAL)
    block = caught.value._render_traceback_()
    assert pickle.loads(pickle.dumps(caught.value))._render_traceback_() == block


def test_of_a_refresh_shows_in_the_console_and_stops_no_cell(replying):
    sw, _ = replying(said(LEG), interrupt)
    sw.dial(**DIAL)
    console = sw.console()
    console._press.button.click()
    assert UP in console.error.value
    assert not console._press.button.disabled
    console.close()
