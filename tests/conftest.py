"""Fixtures that many tests share: a simulated space, a client on it, a client on one of its own."""

import pytest

import swnb
from swnb.simulator import Space, serve

DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}


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
    return sw.dial(**DIAL).wait("answered")
