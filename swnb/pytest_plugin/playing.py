"""Replaying and recording a marked test: all its clients share one recording."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from swnb.client.replay import shared_client
from swnb.errors import ConfigurationError, RecordingError
from swnb.exchange import DEFAULT_LOG
from swnb.pytest_plugin.cases import MARKER, case_of
from swnb.pytest_plugin.network import loopback_only, message
from swnb.recordings import read_sent
from swnb.recordings.settling import settled, write_settled
from swnb.session import environment
from swnb.session.budget import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from swnb.client import Client
    from swnb.exchange import Exchange
    from swnb.pytest_plugin.cases import Case

_NAMED = 5
_RUN = "PYTEST_XDIST_TESTRUNUID"  # the same in all processes of one run
_ALONE = uuid.uuid4().hex  # of a run of one process


@contextmanager
def played(case: Case, config: pytest.Config, passed: Callable[[], bool]) -> Iterator[None]:
    """Replay or record a test while the block runs, as the options say."""
    record = config.getoption("--swnb-record")
    if record == "none" or (record == "once" and case.path.exists()):
        with _replayed(case, config, passed):
            yield
        return
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / "sent.jsonl"
        with environment.recording(sent, simulated=config.getoption("--swnb-space") != "live"):
            yield
        if passed():
            _keep(case, config, sent, add=record == "new")


@contextmanager
def client_for(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Yield the client of the fixture `sw`."""
    replay, config = environment.replay(), request.config
    if replay is not None:
        client: Client = shared_client(replay)
    elif config.getoption("--swnb-space") == "live":
        from swnb.client import Client  # noqa: PLC0415 - a replay needs none

        # What was paid for is not forgotten if the test fails.
        client = Client(log=config.rootpath / DEFAULT_LOG, budget=_budget(config))
    else:
        from swnb.client.simulated import SimulatedClient  # noqa: PLC0415 - as above

        client = SimulatedClient(request.getfixturevalue("simulated_space"), log=":memory:")
    with client:
        case = case_of(request.node)
        if case is not None and replay is None:
            client.run(case.path.stem)
        yield client


def _budget(config: pytest.Config) -> Budget | None:
    """Return the budget of the options and of the ini file. Raises `pytest.UsageError`."""
    given = config.getoption("--swnb-budget")
    limit = _dollars(config, "swnb_budget") if given is None else given
    if limit is None:
        return None
    per_minute = _dollars(config, "swnb_price_per_minute")
    try:
        return Budget(float(limit), per_minute=per_minute)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None


def _dollars(config: pytest.Config, name: str) -> float | None:
    text = config.getini(name)
    try:
        return float(text) if text else None
    except ValueError:
        raise pytest.UsageError(f"{name}: must be a number of US dollars, not {text!r}") from None


@contextmanager
def _replayed(case: Case, config: pytest.Config, passed: Callable[[], bool]) -> Iterator[None]:
    if not case.path.exists():
        pytest.fail(
            f"{case.path}: has not been recorded; record it with --swnb-record=once", pytrace=False
        )
    ignore = [case.ignore] if isinstance(case.ignore, str) else list(case.ignore)
    try:
        with environment.replaying(case.path, ignore) as replay, loopback_only() as refused:
            yield
            left = replay.unused()
            asked = replay.asked
    except RecordingError as error:
        pytest.fail(str(error), pytrace=False)
    unused = config.pluginmanager.get_plugin("swnb-unused")
    if unused is not None:
        unused.note(case.path, left)
    if not passed():
        return
    if refused:
        pytest.fail(message(refused), pytrace=False)
    if left and not asked:
        pytest.fail(_no_effect(case), pytrace=False)
    if left and not case.partial:
        pytest.fail(_left_over(case, left), pytrace=False)


def _no_effect(case: Case) -> str:
    return (
        f"{case.path}: the marker had no effect, because no client of this test asked for anything; "
        "make the client in the test or in a fixture of its scope"
    )


def _left_over(case: Case, left: Sequence[Exchange]) -> str:
    names = ", ".join(exchange.command for exchange in left[:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return (
        f"{case.path}: recorded, but never requested: {names}{more}; record it again with "
        f"--swnb-record=all, or mark the test {MARKER}(…, partial=True)"
    )


def _keep(case: Case, config: pytest.Config, sent: Path, *, add: bool) -> None:
    """Write the recording of a test that has passed."""
    if not sent.exists():
        pytest.fail(f"{case.path}: nothing was recorded. {_no_effect(case)}", pytrace=False)
    facts, exchanges, events = read_sent(sent)
    facts = {**facts, "test": case.id}
    try:
        lines = settled(
            case.path, exchanges, facts, events, mask=config.getini("swnb_mask_numbers"), add=add
        )
        _claim(case, lines.asked)
        write_settled(case.path, lines)
    except RecordingError as error:
        pytest.fail(str(error), pytrace=False)


def _claim(case: Case, asked: bytes) -> None:
    """Fail if another case of this run has recorded other requests in the same file.

    The claims of a run lie in a folder that all its processes know.
    """
    folder = Path(tempfile.gettempdir()) / f"swnb-claims-{os.environ.get(_RUN, _ALONE)}"
    folder.mkdir(exist_ok=True)
    if _RUN not in os.environ:  # another process may still need it
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    claim = folder / hashlib.sha256(str(case.path.resolve()).encode()).hexdigest()
    own = f"{asked.hex()}\n{case.id}"
    try:
        with claim.open("x", encoding="utf-8") as file:
            file.write(own)
    except FileExistsError:
        digest, _, other = claim.read_text(encoding="utf-8").partition("\n")
        if other != case.id and digest != asked.hex():
            pytest.fail(
                f"{case.path}: {other} has recorded other requests in this file; give each case its "
                f"own: {MARKER}() without a name, or a parameter in it, as in {MARKER}('orders-{{to}}')",
                pytrace=False,
            )
