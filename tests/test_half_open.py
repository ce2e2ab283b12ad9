"""A listener or a receiver that was refused or interrupted while it opened is not open."""

import os
import signal
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from support.recorded_run import DIAL
from support.relay_platform import Platform

import swnb
from swnb.errors import ConfigurationError, SwnbError
from swnb.events.hub import hub_of
from swnb.session.session import session_of
from swnb.simulator import Space, serve


@pytest.fixture
def far(tmp_path):
    """A client of a space that it does not hold, and the space."""
    space = Space(seed=7)
    with (
        serve(space) as server,
        swnb.Client(space.project, space.token, server.host, log=tmp_path / "log.sqlite") as sw,
    ):
        yield sw, space


@pytest.fixture
def silent():
    """A server that takes connections and says nothing; what it gives is its socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        yield listening


def host_of(listening):
    return f"127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def interrupted(after=0.3):
    """Expect an interrupt, as Ctrl-C or the kernel's button sends it, so many seconds from now."""
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        yield
    timer.join()
    assert time.monotonic() - began < after + 5


def status_url(sw, space):
    sw.dial(**DIAL)
    return space.requests[-1].body["params"].get("status_url")


def test_listening_that_was_interrupted_begins_anew(far, silent):
    sw, space = far
    with interrupted():
        sw.listen(host=host_of(silent))
    silent.accept()[0].close()
    with sw.listen(host=space.relay_url.removeprefix("ws://")) as inbox:
        assert inbox.state == "listening"
        call = sw.dial(**DIAL)
        call.user_event({"number": 1})
        assert inbox.wait_for("user_event", timeout=10).payload == {"number": 1}
        assert "repeated" not in inbox.counts


def test_an_interrupt_before_it_connects_leaves_no_inbox_that_hears_nothing(far, monkeypatch):
    sw, space = far
    host = space.relay_url.removeprefix("ws://")

    def interrupt():
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("swnb.events.inbox.tls", interrupt)
        with pytest.raises(KeyboardInterrupt):
            sw.listen(host=host)
    with sw.listen(host=host) as inbox:
        assert inbox.state == "listening"


@pytest.mark.slow
def test_closing_that_was_interrupted_still_ends_the_connection(tmp_path):
    with (
        Platform() as platform,
        swnb.Client("p" * 36, "PTcanary0000", platform.host, log=tmp_path / "log.sqlite") as sw,
    ):
        inbox = sw.listen(host=platform.host)
        ended = threading.Event()
        platform.connections[-1].on_close = ended.set
        loop = hub_of(session_of(sw))._loop
        loop.call_soon_threadsafe(time.sleep, 1)  # it is busy, so that nothing ends before then
        with interrupted():
            inbox.close()
        assert inbox.state == "closed"
        assert ended.wait(10)
        with sw.listen(host=platform.host) as again:
            assert again.state == "listening"


def test_a_receiver_that_was_refused_gives_no_command_a_url(far, silent):
    sw, space = far
    with pytest.raises(SwnbError, match="cannot be used"):
        sw.callbacks(port=silent.getsockname()[1])
    assert status_url(sw, space) is None
    with pytest.raises(ConfigurationError, match="must be an https URL"):
        sw.callbacks(public_url="nonsense")
    assert status_url(sw, space) is None
    with sw.callbacks() as hooks:
        assert status_url(sw, space).startswith(f"http://127.0.0.1:{hooks.port}/")


def test_a_receiver_that_was_interrupted_is_closed_and_its_port_free(far, silent):
    sw, space = far
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with interrupted():  # while it looks whether its public URL leads here
        sw.callbacks(public_url=f"http://{host_of(silent)}", port=port)
    assert status_url(sw, space) is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    with sw.callbacks(port=port) as hooks:
        assert (hooks.state, hooks.port, hooks.reachable) == ("open", port, True)
        assert status_url(sw, space).startswith(f"http://127.0.0.1:{port}/")
