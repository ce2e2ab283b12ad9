"""Processes that were forked from one that hears: they hang at nothing, and keep nothing of it."""

import os
import socket
import threading
import time
from pathlib import Path

import pytest
from support.recorded_run import DIAL
from support.relay_platform import Platform

import swnb
from swnb.errors import SwnbError
from swnb.simulator import Space, serve

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
DONE, RAISED = 0, 7


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as client:
        yield client


def begin(act):
    """Fork a child that acts and ends at once; a `SwnbError` is its other way to end."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = DONE if act() in (None, True) else 2
        except SwnbError:
            code = RAISED
        finally:
            os._exit(code)
    return child


def end(child, seconds=20):
    """Return how a child ended; None if it hangs."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return None


ACTS = {
    "leave the inbox": (lambda sw, inbox, hooks: inbox.close(), DONE),
    "leave the receiver": (lambda sw, inbox, hooks: hooks.close(), DONE),
    "close the client": (lambda sw, inbox, hooks: sw.close(), DONE),
    "look": (lambda sw, inbox, hooks: inbox.state == hooks.state == "closed", DONE),
    "read": (lambda sw, inbox, hooks: len(inbox.events) > 0 and len(sw.log.events()) > 0, DONE),
    "show": (lambda sw, inbox, hooks: "closed" in inbox._repr_html_() + repr(hooks), DONE),
    "wait": (lambda sw, inbox, hooks: inbox.wait_for("user_event"), RAISED),
    "wait for calls": (lambda sw, inbox, hooks: inbox.calls.wait(timeout=1), RAISED),
    "subscribe": (lambda sw, inbox, hooks: inbox.subscribe(["office"]), RAISED),
    "dial": (lambda sw, inbox, hooks: inbox.dial(from_="+15550100", to="+15550101"), RAISED),
    "listen again": (lambda sw, inbox, hooks: sw.listen().state == "listening", DONE),
    "receive again": (lambda sw, inbox, hooks: sw.callbacks().port != hooks.port, DONE),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_child_does_not_hang_at_what_its_parent_opened(sw, name):
    act, code = ACTS[name]
    inbox, hooks = sw.listen(), sw.callbacks()
    call = sw.dial(**DIAL).wait_until("answered")
    assert end(begin(lambda: act(sw, inbox, hooks))) == code
    assert (inbox.state, hooks.state) == ("listening", "open")
    call.user_event({"number": 1})
    assert inbox.wait_for("user_event", call=call).payload == {"number": 1}
    accepted = hooks.counts["accepted"]
    sw.dial(**DIAL).wait_until("answered")
    assert hooks.counts["accepted"] > accepted


def test_a_child_gives_no_call_the_url_of_its_parents_receiver(sw):
    sw.callbacks()
    assert "status_url" in sw.dial(**DIAL).last.exchange.request["params"]

    def dial():
        return "status_url" not in sw.dial(**DIAL).last.exchange.request["params"]

    assert end(begin(dial)) == DONE


def local_ports():
    """Return the ports of this process's own ends of TCP connections."""
    inodes = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].split(":")[1], 16) for row in rows if row[9] in inodes}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux tells")
def test_a_child_has_no_part_in_its_parents_session(tmp_path):
    with (
        Platform() as platform,
        swnb.Client("p" * 36, "PTcanary", platform.host, log=tmp_path / "log.sqlite") as sw,
        sw.listen(host=platform.host),
    ):
        port = platform.connections[0].request.connection.context.address[1]
        assert port in local_ports()
        assert end(begin(lambda: port not in local_ports())) == DONE


def test_a_port_is_free_once_the_parent_has_closed_it(tmp_path):
    """A child that goes on for hours must not keep the parent's ports taken until then."""
    space = Space(seed=7)
    server = serve(space)
    reading, writing = os.pipe()
    with swnb.simulate(log=tmp_path / "log.sqlite") as sw:
        ports = [sw.callbacks().port, int(server.host.rpartition(":")[2])]
        ports.append(int(space.relay_host.rpartition(":")[2]))
        begun, telling = os.pipe()
        child = begin(lambda: os.write(telling, b"x") == 1 and os.read(reading, 1) == b"x")
        assert os.read(begun, 1) == b"x"  # what a fork lets go of is gone before it acts
    server.close()
    try:
        for port in ports:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=5)
    finally:
        os.write(writing, b"x")
        assert end(child) == DONE
        for descriptor in (reading, writing, begun, telling):
            os.close(descriptor)


def test_a_child_hears_for_itself(tmp_path):
    """Parent and child listen with one log: each hears all of it, once."""
    space = Space(seed=7)
    numbers = list(range(20))
    with (
        serve(space) as server,
        swnb.Client(space.project, space.token, server.host, log=tmp_path / "log.sqlite") as sw,
        sw.listen(host=server.host) as inbox,
    ):
        call = sw.dial(**DIAL)
        space.advance(10)
        reading, writing = os.pipe()

        def hear():
            with sw.listen(host=server.host) as own:
                sw.log.begin("child")
                os.write(writing, b"x")
                heard = [own.wait_for("user_event", timeout=10).payload["n"] for _ in numbers]
            sw.close()
            return heard == numbers

        child = begin(hear)
        assert os.read(reading, 1) == b"x"
        os.close(reading)
        os.close(writing)
        for number in numbers:
            call.user_event({"n": number})
        mine = [inbox.wait_for("user_event", timeout=10).payload["n"] for _ in numbers]
        assert end(child) == DONE
        stored = sw.log.heard_after(0)
        assert mine == numbers
    runs = {event.run for event in stored if event.kind == "user_event"}
    assert len(runs) == 2
    for run in runs:
        told = [event for event in stored if event.kind == "user_event" and event.run == run]
        assert [event.payload["n"] for event in told] == numbers


@pytest.mark.slow
def test_forks_in_a_flood_of_events_lose_and_hang_nothing(sw):
    inbox = sw.listen()
    call = sw.dial(**DIAL).wait_until("answered")
    scene = sw.simulated_space._board.scene(call.id)
    flooding, enough, sent = threading.Event(), threading.Event(), []

    def flood():
        while not enough.is_set():
            with sw.simulated_space._lock:
                scene.tell("user_event", None, {"event": {"number": len(sent)}})
            sent.append(len(sent))
            flooding.set()
            time.sleep(0.001)

    def look():
        known = len(inbox.events)
        return len(sw.log.heard_after(0, most=known + 1_000)) >= known and inbox.close()

    sending = threading.Thread(target=flood)
    sending.start()
    assert flooding.wait(5)
    codes = [end(begin(look), 20) for _ in range(15)]
    enough.set()
    sending.join()
    assert codes == [DONE] * 15
    assert sw.simulated_space.settle(30)
    count = len(sent)
    stored = [event for event in sw.log.heard_after(0, most=count * 2) if event.payload]
    assert [event.payload["number"] for event in stored] == list(range(count))
