"""Fixtures that many tests share: a simulated space, clients on it, clients on any other host."""

import time
from collections import defaultdict
from types import SimpleNamespace

import pytest
from support.canned_server import TOKEN, Answering
from support.dialing import DIAL
from support.leak_witness import Witness

import swnb
from swnb.simulator import Space, serve
from swnb.transports import live

ENVIRONMENT = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)


_HEAVY = ("browser", "engines", "kernel", "slow")


@pytest.hookimpl(tryfirst=True)  # before pytest deselects by marks
def pytest_collection_modifyitems(items):
    """Mark as slow all but some of the parametrized cases of a test that is marked `sample(count)`.

    The cases that `make quick` keeps are spread over all of them, so that each kind is met.
    """
    cases = defaultdict(list)
    for item in items:
        if not any(map(item.get_closest_marker, _HEAVY)) and item.get_closest_marker("sample"):
            cases[item.path, item.originalname].append(item)
    for group in cases.values():
        (count,) = group[0].get_closest_marker("sample").args
        kept = {len(group) * number // count for number in range(count)}
        for number, item in enumerate(group):
            if number not in kept:
                item.add_marker("slow")


def clock(sleep):
    """The module `time` with another sleep, for one module: threads of other libraries sleep on."""
    return SimpleNamespace(**{**vars(time), "sleep": sleep})


@pytest.fixture
def space():
    return Space(seed=7)


@pytest.fixture
def server(space):
    with serve(space) as running:
        yield running


@pytest.fixture
def sw(space, server, tmp_path):
    """A client on the simulated space, with a log on disk and no retries to wait for."""
    with swnb.Client(
        space.project, space.token, server.host, log=tmp_path / "log.sqlite", retries=0
    ) as client:
        yield client


@pytest.fixture
def call(sw):
    """A call that is answered."""
    return sw.dial(**DIAL).wait_until("answered")


@pytest.fixture
def plain_environment(monkeypatch):
    """Forget the proxies and the CA bundle that the environment of the tests names."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def waits(monkeypatch):
    """The seconds that were waited between attempts, without waiting them."""
    waited = []
    monkeypatch.setattr(live, "time", clock(waited.append))
    return waited


@pytest.fixture
def make(tmp_path):
    """Make clients on a host, all with one log, and no repetitions unless asked for."""
    made = []

    def client(host, **options):
        options = {"log": tmp_path / "log.sqlite", "retries": 0, "timeout": 5.0} | options
        made.append(swnb.Client("project", TOKEN, host, **options))
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture
def replying(make):
    """Make a client and the server that gives it the answers of the test."""
    servers = []

    def start(*acts, **options):
        server = Answering(*acts)
        servers.append(server)
        return make(server.host, **options), server

    yield start
    for each in servers:
        each.close()


@pytest.fixture
def witness(tmp_path):
    """Make witnesses of servers that answer as told."""
    closing = []

    def start(*acts, **options):
        server = Answering(*acts).__enter__()
        closing.append((server, Witness(server.host, tmp_path, **options)))
        return closing[-1]

    yield start
    for server, made in closing:
        made.sw.close()
        server.__exit__()


@pytest.fixture
def new_york(monkeypatch):
    """A machine in New York, where it is five hours before UTC, or four."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
