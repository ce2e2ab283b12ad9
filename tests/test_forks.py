"""Processes that were forked from one that had connected: each has connections of its own."""

from __future__ import annotations

import multiprocessing
import os
import threading
from uuid import uuid4

import pytest
from support.canned_server import LEG, Answering, read_request, said
from support.dialing import DIAL

CHILDREN = 8
DIALS = 10

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
fork = multiprocessing.get_context("fork") if hasattr(os, "fork") else None


class Echo(Answering):
    """Answers each dial with a call of its own, to the number that was dialled."""

    def _serve(self, connection):
        while arrived := read_request(connection):
            self.requests.append(arrived)
            to = arrived.json["params"]["to"]
            connection.sendall(said(LEG | {"id": str(uuid4()), "to": to}))


@pytest.fixture
def echo():
    with Echo() as server:
        yield server


def number(child, dial):
    return f"+1555{child:03}{dial:04}"


def dial(client, child, results):
    """Dial, and tell which calls one was given."""
    given = []
    try:
        for count in range(DIALS):
            reply = client.calling.dial(**DIAL | {"to": number(child, count)})
            given.append((reply["id"], reply["to"]))
    finally:
        results.put((child, given))


def run(client, children=CHILDREN):
    """Dial in children at once, and return what each was given."""
    results = fork.Queue()
    started = [
        fork.Process(target=dial, args=(client, child, results)) for child in range(children)
    ]
    for each in started:
        each.start()
    given = dict(results.get(timeout=60) for _ in started)
    for each in started:
        each.join(60)
    assert [each.exitcode for each in started] == [0] * children
    return given


def test_each_child_gets_the_calls_that_it_dialled(echo, make):
    client = make(echo.host)
    client.calling.dial(**DIAL)
    given = run(client)
    for child, calls in given.items():
        assert [to for _, to in calls] == [number(child, count) for count in range(DIALS)]
    assert len({call for calls in given.values() for call, _ in calls}) == CHILDREN * DIALS
    assert echo.connections == 1 + CHILDREN


def test_the_parents_connection_outlives_a_child_that_closes(echo, make):
    client = make(echo.host)
    client.calling.dial(**DIAL)

    def close():
        client.calling.dial(**DIAL)
        client.close()

    child = fork.Process(target=close)
    child.start()
    child.join(60)
    assert child.exitcode == 0
    client.calling.dial(**DIAL)
    assert echo.connections == 2
    assert len(echo.requests) == 3


def test_a_child_is_not_held_up_by_a_lock_that_another_thread_held(echo, make):
    client = make(echo.host)
    client.calling.dial(**DIAL)
    waiting = client._session.transport._pool.pool
    held, forked = threading.Event(), threading.Event()

    def hold():
        with waiting.mutex:
            held.set()
            forked.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(60)
    child = fork.Process(target=client.calling.dial, kwargs=DIAL)
    child.start()
    forked.set()
    thread.join()
    child.join(10)
    hung = child.is_alive()
    child.kill()
    assert not hung
    assert child.exitcode == 0
