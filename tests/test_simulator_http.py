"""The server: where it listens, how it closes, and the command line's way of running it."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest
import requests
from support.simulated_space import Remote

from swnb.exchange import VOICE_LOGS_PATH
from swnb.simulator import Space, run_forever, serve


def test_a_server_says_where_it_is():
    with serve(Space()) as server:
        host, port = server.host.split(":")
        assert (host, server.url) == ("127.0.0.1", f"http://127.0.0.1:{port}")
        assert server.url in repr(server)


def test_a_port_that_is_taken_is_an_error():
    with serve(Space()) as server, pytest.raises(OSError, match="in use"):
        serve(Space(), port=int(server.host.split(":")[1]))


def test_a_closed_server_listens_no_more():
    server = serve(Space())
    server.close()
    server.close()
    host, port = server.host.split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=10)


def test_a_server_that_closes_hangs_up_on_those_who_wait():
    with Remote() as remote:
        remote.space.misbehave("slow", seconds=60)
        arrived = threading.Event()
        handle = remote.space.handle

        def handle_and_tell(*request):
            answer = handle(*request)
            arrived.set()
            return answer

        remote.space.handle = handle_and_tell
        failed = []

        def ask():
            try:
                remote.logs()
            except requests.ConnectionError as error:
                failed.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        assert arrived.wait(10)
        remote.server.close()
        thread.join(10)
        assert failed


def test_one_connection_serves_many_requests():
    with serve(Space()) as server:
        connection = http.client.HTTPConnection(server.host, timeout=10)
        connection.connect()
        connection.auto_open = False  # a second connection would be an error
        for _ in range(5):
            connection.request("GET", VOICE_LOGS_PATH)
            reply = connection.getresponse()
            assert (reply.status, reply.read()) == (401, b'{"error": "Unauthorized"}')
        connection.close()


def test_two_spaces_can_be_served_side_by_side():
    with Remote(Space(1)) as first, Remote(Space(2)) as second:
        call_id = first.space.inbound()
        assert first.logs(f"/{call_id}").status_code == 200
        assert second.logs(f"/{call_id}").status_code == 404


def test_a_space_can_be_served_where_an_event_loop_runs_already():
    async def notebook():
        with Remote() as remote:
            return await asyncio.to_thread(remote.logs)

    assert asyncio.run(notebook()).status_code == 200


@pytest.mark.slow
def test_running_forever_ends_cleanly_on_an_interrupt():
    program = (
        "from swnb.simulator import Space, run_forever\n"
        "run_forever(Space(), 0, ready=lambda server: print(server.url, flush=True))\n"
        "print('closed', flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = process.stdout.readline().strip()
        assert requests.get(url + VOICE_LOGS_PATH, timeout=10).status_code == 401
        os.kill(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, output, errors) == (0, "closed\n", "")


def test_running_on_a_port_that_is_taken_is_an_error():
    with serve(Space()) as server, pytest.raises(OSError, match="in use"):
        run_forever(Space(), int(server.host.split(":")[1]))
