"""What type checkers make of the commands: correct use passes, a wrong keyword is an error."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.slow

RIGHT = """
    import pathlib

    import swnb

    sw = swnb.Client()
    reply: swnb.Reply = sw.calling.play("id", play=[{"type": "silence", "params": {"duration": 1}}], control_id="p")
    leg: swnb.Reply = sw.calling.dial(from_="+1", to="+2", url="https://example.com")
    call: swnb.Call = sw.dial(from_="+1", to="+2", swml={"version": "1.0.0"})
    ivr: swnb.SwmlDocument = swnb.swml("ivr.yaml")
    inline: swnb.Call = sw.dial(from_="+1", to="+2", swml=ivr, to_script=pathlib.Path("ivr.yaml"))
    inline.update(swml=ivr)
    inline.transfer(ivr)
    inline.transfer(pathlib.Path("ivr.yaml"))
    started: swnb.CallReply = call.play(play=[{"type": "tts", "params": {"text": "Hi"}}], volume=3)
    started.pause(behavior="silence").stop().stop()
    call.user_event(event={"a": None}, extras={"x": 1}, unchecked=True)
    call.collect(digits={"max": 4}, initial_timeout=5)
    call.update(status="completed")
    call.refresh().wait_until("answered").end(reason="busy")
    with sw.listen(contexts=["office"]) as inbox, call:
        heard: swnb.Event = inbox.wait_for("user_event", call=call, where={"a": 1}, timeout=3)
        found: dict[str, object] = call.collect(digits={"max": 4}).wait(timeout=heard.time.second).result
    by_name: swnb.Reply = sw.calling.user_event(call_id="id", event={})
    by_call: swnb.Reply = sw.calling.user_event(call, event={})
    by_reply: swnb.Reply = sw.calling.user_event(by_call, {"a": 1})
    call.user_event({"a": 1})
    call.transfer("sip:a@example.com")
    call.end("busy")
    call.ai_sidecar_ask("Which objections were raised so far?").call.ai_sidecar_poke("Hello")
    form = sw.form("play")
    synced: swnb.SyncReport = sw.sync(with_events=True)
    reconciled: swnb.SyncReport = sw.reconcile()
    pasted: swnb.Reply = sw.send({"command": "calling.end", "id": "id", "params": {}})
    same: swnb.Call = sw.call(call.id)
    seconds: float | None = call.duration
    logs: swnb.VoiceLogs = sw.voice_logs(page_size=100)
    begun: swnb.Run = sw.run("checkout")
"""
WRONG = {
    "call.play(plya=[])": "call-arg",
    "call.play()": "call-arg",
    "call.user_event()": "call-arg",
    "call.user_event({'a': 1}, {})": "call-arg",
    "call.user_event('a')": "arg-type",
    "call.end('tired')": "arg-type",
    "call.play([])": "call-arg",
    "call.user_event(event=1)": "arg-type",
    "call.end(reason='tired')": "arg-type",
    "call.play(play=[{'type': 'tts', 'params': {'txet': 'Hi'}}])": "list-item",
    "call.collect(digits={'maximum': 4})": "arg-type",
    "call.update(id='x', status='completed')": "call-arg",
    "call.play(play=[]).pause(behaviour='skip')": "call-arg",
    "call.plya()": "attr-defined",
    "sw.calling.plya()": "attr-defined",
    "sw.calling.end(reason='busy')": "call-overload",
    "sw.calling.user_event(call, event=1)": "call-overload",
    "sw.sync(page_size=100)": "call-arg",
    "sw.call()": "call-arg",
    "sw.send('calling.end')": "arg-type",
    "sw.calling.dial(to='+2', url='https://example.com')": "call-arg",
    "sw.dial('+1', '+2')": "call-arg",
}


@pytest.fixture(scope="module")
def mypy(tmp_path_factory):
    """Check snippets under mypy --strict, once for all: the errors by line, and where each began."""
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed: pip install -e '.[check]'")
    folder = tmp_path_factory.mktemp("typing")
    right = textwrap.dedent(RIGHT)
    (folder / "snippet.py").write_text(
        "\n".join([right, "def wrong() -> None:", *(f"    {line}" for line in WRONG)])
    )
    (folder / "mypy.ini").write_text("[mypy]\nstrict = True\nfollow_imports = silent\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", folder / "cache",
         "--no-error-summary", "snippet.py"],
        capture_output=True, text=True, cwd=folder, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    found = {}
    for line in done.stdout.splitlines():
        name, number, level, text = line.split(":", 3)
        assert name == "snippet.py", line
        if level.strip() == "error":
            found.setdefault(int(number), []).append(text)
    return found, len(right.split("\n")) + 1


@pytest.mark.slow
def test_correct_use_passes_strict_type_checking(mypy):
    found, lines = mypy
    assert {number: text for number, text in found.items() if number <= lines} == {}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_use_is_a_type_error(mypy, line):
    found, lines = mypy
    number = lines + 1 + list(WRONG).index(line)
    codes = [text.rpartition("[")[2].removesuffix("]") for text in found.get(number, [])]
    assert WRONG[line] in codes
