"""What must work with every set of dependencies that pyproject.toml allows, and on every Python.

It needs swnb's own dependencies and pytest, and nothing else: `make test-lowest`, `make test-pythons`.
"""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import swnb
from swnb.commands import COMMANDS
from swnb.notebook.forms.form import Form

pytestmark = pytest.mark.sample(5)

DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}


@pytest.fixture
def simulated(tmp_path):
    with swnb.simulate(seed=7, log=tmp_path / "log.sqlite", history=50, run="smoke") as client:
        yield client


@pytest.mark.parametrize("name", COMMANDS, ids=str)
def test_each_form_is_made_and_shown(simulated, name):
    form = Form(simulated, name)
    assert form._repr_mimebundle_()


def test_there_are_42_commands():
    assert len(COMMANDS) == 42


def test_the_magics_send(simulated):
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.user_ns["sw"] = simulated
    shell.extension_manager.load_extension("swnb")
    for cell in (
        "call = %sw dial --from +15550100 --to +15550101 --url https://example.com/swml",
        '%%sw user_event {call}\n{"action": "order.confirmed"}',
    ):
        shell.run_cell(cell).raise_error()
    shell.extension_manager.unload_extension("swnb")
    assert len(simulated.log.sent("user_event", event={"action": "order.confirmed"})) == 1


def test_a_sync_is_read_and_asked(simulated):
    simulated.sync()
    tables = simulated.log.tables()
    assert len(simulated.log.calls()) >= 50
    assert len(swnb.costs.by(tables, "type"))
    assert simulated.log.voice_logs.differences() is not None


def test_a_run_is_exported_replayed_and_compared(simulated, tmp_path):
    def play(client):
        call = client.dial(**DIAL)
        call.wait_until("answered")
        call.user_event(event={"n": 1.5, "text": "é"})
        call.end()
        return client.log.df["outcome"].tolist()

    outcomes = play(simulated)
    recording = simulated.log.export_run("smoke", tmp_path / "smoke.swnb.jsonl")
    with swnb.replay(recording, log=tmp_path / "again.sqlite", run="again") as again:
        assert play(again) == outcomes
        assert again.unused() == []
        shown = again.log.exchanges(bodies=True)
        assert shown.to_html()
        assert shown["sent_at"].dt.tz is not None
    for suffix in ("csv", "jsonl"):
        assert simulated.log.export(tmp_path / f"log.{suffix}").stat().st_size > 0


def test_the_frames_can_be_read_and_changed(simulated):
    simulated.dial(**DIAL)
    for frame in (simulated.log.df, simulated.log.calls(), simulated.log.runs()):
        frame.iloc[0, 0] = frame.iloc[0, 0]
        assert len(frame) == 1
    assert simulated.log.charges().columns.tolist() == ["call_id", "description", "charge"]
    simulated.log.calls().sw.by("status")
