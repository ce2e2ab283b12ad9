"""What is asked of a client after it was closed: one error that says so, and nothing sent."""

from __future__ import annotations

import pytest
from support.recorded_run import DIAL, PLAY

import swnb

pytestmark = pytest.mark.sample(4)

ASK = {
    "dial": lambda sw, _: sw.dial(**DIAL),
    "a wrong dial": lambda sw, _: sw.dial(to="x"),
    "calling": lambda sw, call: sw.calling.end(call.id),
    "update": lambda sw, call: sw.calling.update(id=call.id, status="completed"),
    "play": lambda _, call: call.play(play=PLAY),
    "stop": lambda _, call: call.stop("play"),
    "refresh": lambda _, call: call.refresh(),
    "wait": lambda _, call: call.wait_until("ended"),
    "voice_log": lambda sw, call: sw.voice_log(call.id),
    "a voice_log of no id": lambda sw, _: sw.voice_log("x"),
    "voice_log_events": lambda sw, call: sw.voice_log_events(call.id),
    "voice_logs": lambda sw, _: sw.voice_logs(),
    "voice_logs in hand": lambda sw, _: list(sw.listing),
    "sync": lambda sw, _: sw.sync(),
    "reconcile": lambda sw, _: sw.reconcile(),
    "run": lambda sw, _: sw.run("checkout"),
    "form": lambda sw, call: sw._session.send(swnb.commands.End(), call.id),
}


@pytest.mark.parametrize("asked", ASK)
def test_a_closed_client_says_that_it_is_closed(sw, space, call, asked):
    sw.listing = sw.voice_logs()
    sw.close()
    sent = len(space.requests)
    with pytest.raises(
        swnb.SwnbError, match=r"this client is closed, and nothing was sent\n.*Client"
    ):
        ASK[asked](sw, call)
    assert len(space.requests) == sent


def test_the_log_of_a_closed_client_says_that_it_is_closed(sw, call):
    sw.close()
    for read in (sw.log.calls, sw.log.charges, sw.log.runs, sw.log.user_events, sw.log.exchanges):
        with pytest.raises(swnb.LogError, match="it is closed"):
            read()
    sw.close()
    assert call.id in repr(call)
    assert sw.host in repr(sw)


def test_a_block_that_was_left_is_closed(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as sw:
        call = sw.dial(**DIAL)
    with pytest.raises(swnb.SwnbError, match=r"^end: this client is closed"):
        call.end()
    with swnb.Log(tmp_path / "log.sqlite") as log:
        assert list(log.exchanges().command) == ["dial"]
