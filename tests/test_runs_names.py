"""Named runs: what belongs to one, and what the log keeps of it."""

import re
import subprocess

import pytest
from support.recorded_run import DIAL, PLAY, checkout

import swnb
from swnb.exchange import UUID
from swnb.session import provenance

pytestmark = pytest.mark.sample(6)


@pytest.fixture
def simulated(tmp_path):
    with swnb.simulate(seed=7, log=tmp_path / "log.sqlite", run="before") as client:
        yield client


def row(sw, name):
    frame = sw.log.runs()
    return frame[frame["name"] == name].iloc[0]


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A folder under git with one commit, as the working directory."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "file").write_text("one")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "file"], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], check=True)
    return folder


def test_a_run_has_what_is_sent_within_its_block(simulated):
    simulated.dial(**DIAL)
    with simulated.run("checkout"):
        simulated.dial(**DIAL)
        simulated.dial(**DIAL)
    simulated.dial(**DIAL)
    counts = simulated.log.exchanges()["run"].value_counts().to_dict()
    assert counts == {"before": 2, "checkout": 2}


def test_a_run_lasts_until_it_is_ended(simulated):
    run = simulated.run("checkout")
    simulated.dial(**DIAL)
    assert list(simulated.log.df["run"]) == ["checkout"]
    run.end()
    assert simulated.log.run == "before"


def test_a_run_within_a_run_gives_way_to_it_again(simulated):
    with simulated.run("outer"):
        with simulated.run("inner"):
            assert simulated.log.run == "inner"
        assert simulated.log.run == "outer"
    assert simulated.log.run == "before"


def test_a_run_that_is_begun_again_is_ended_once(simulated):
    for _ in range(3):  # a cell that is executed again
        run = simulated.run("checkout")
    run.end()
    assert simulated.log.run == "before"


def test_a_block_within_a_block_of_the_same_name_ends_by_itself(simulated):
    with simulated.run("checkout"):
        with simulated.run("checkout"):
            pass
        assert simulated.log.run == "checkout"
    assert simulated.log.run == "before"


def test_runs_may_end_in_any_order(simulated):
    outer = simulated.run("outer")
    inner = simulated.run("inner")
    outer.end()
    assert simulated.log.run == "inner"
    inner.end()
    inner.end()
    assert simulated.log.run == "before"


def test_a_run_ends_when_its_block_fails(simulated):
    with pytest.raises(swnb.InvalidCommand), simulated.run("checkout"):
        simulated.dial(to="+15550101")
    assert simulated.log.run == "before"


def test_the_log_keeps_where_how_and_with_what_a_run_was_made(simulated, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/someone/checkout.ipynb")
    with simulated.run("checkout", note="a note", parameters={"amount": 1}):
        simulated.dial(**DIAL)
    kept = row(simulated, "checkout")
    assert kept["mode"] == "simulated"
    assert kept["host"] == simulated.host
    assert kept["project"] == f"{simulated.project[:8]}…"
    assert kept["note"] == "a note"
    assert kept["notebook"] == "checkout.ipynb"
    assert kept["parameters"] == {"amount": 1}
    assert kept["swnb"] == swnb.__version__
    assert {"pandas", "requests"} <= set(kept["packages"])


def test_parameters_that_have_no_names_are_refused(simulated):
    with pytest.raises(swnb.ConfigurationError, match=r"run\.parameters: must be a dict"):
        simulated.run("checkout", parameters=[1])
    assert simulated.log.run == "before"


def test_a_run_that_its_client_names_is_kept_like_others(tmp_path, repository):
    with swnb.simulate(log=tmp_path / "log.sqlite", run="tonight") as sw:
        sw.dial(**DIAL)
        kept = row(sw, "tonight")
    assert (kept["mode"], kept["commit"]) == ("simulated", provenance.git()["commit"])
    assert "pandas" in kept["packages"]


def test_the_mode_of_a_rehearsal_is_dry():
    with swnb.simulate(dry_run=True) as sw, sw.run("rehearsal"):
        sw.dial(**DIAL)
        assert row(sw, "rehearsal")["mode"] == "dry"


def test_parameters_are_kept_without_their_secrets(simulated):
    with simulated.run("checkout", parameters={"api_token": "canary-value", "amount": 1}):
        simulated.dial(**DIAL)
    assert row(simulated, "checkout")["parameters"] == {"amount": 1, "api_token": "[redacted]"}


def test_the_facts_of_a_run_outlast_its_client(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as sw, sw.run("checkout", note="first"):
        sw.dial(**DIAL)
    with swnb.Log(tmp_path / "log.sqlite") as log:
        assert log.source("checkout").facts["note"] == "first"


def test_the_commit_is_kept_and_whether_files_differ_from_it(repository):
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert provenance.git() == {"commit": head.stdout.strip(), "dirty": False}
    (repository / "file").write_text("two")
    assert provenance.git()["dirty"] is True


def test_a_folder_without_git_has_no_commit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert provenance.git() == {}


def test_a_machine_without_git_has_no_commit(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert provenance.git() == {}


@pytest.mark.parametrize(
    "name",
    ["", " padded", "a/b", "..\\up", "run.jsonl", "x" * 101, 7, None, "\ud800", "a\x00", "a\nb"],
    ids=repr,
)
def test_a_name_that_could_be_a_path_is_refused(simulated, name):
    with pytest.raises(swnb.ConfigurationError, match="run: the name must be"):
        simulated.run(name)
    assert simulated.log.run == "before"


def test_the_same_cells_give_the_same_requests():
    bodies = []
    for _ in range(2):
        with swnb.simulate(seed=7) as sw, sw.run("checkout"):
            checkout(sw)
            bodies.append(list(sw.log.exchanges(bodies=True)["request"]))
    assert bodies[0] == bodies[1]


def requests(sw, run):
    return list(sw.log.exchanges(bodies=True, run=run)["request"])


def playing(sw, call_id):
    """Cells for a call that was there before."""
    call = sw.call(call_id)
    call.play(play=PLAY).stop()
    call.play(play=PLAY).pause()
    call.stop("play")


def test_the_same_cells_give_the_same_requests_on_a_call_that_was_there_before(simulated):
    call_id = simulated.dial(**DIAL).wait_until("answered").id
    simulated.call(call_id).play(play=PLAY)
    for _ in range(2):
        with simulated.run("checkout"):
            playing(simulated, call_id)
    sent = requests(simulated, "checkout")
    assert sent[:5] == sent[5:]
    assert sent[0]["params"]["control_id"] == "checkout.play-1"
    assert sent[2]["params"]["control_id"] == "checkout.play-2"


def test_the_same_cells_give_the_same_requests_in_another_process(tmp_path, simulated):
    call_id = simulated.dial(**DIAL).wait_until("answered").id
    for _ in range(2):
        with (
            swnb.Client(
                simulated.simulated_space.project,
                simulated.simulated_space.token,
                simulated.host,
                log=tmp_path / "log.sqlite",
            ) as sw,
            sw.run("checkout"),
        ):
            playing(sw, call_id)
    sent = requests(simulated, "checkout")
    assert sent[:5] == sent[5:]


def test_the_id_of_what_is_still_open_is_not_made_again(simulated):
    call = simulated.dial(**DIAL).wait_until("answered")
    for number in (1, 2):
        with simulated.run("checkout"):
            assert call.play(play=PLAY).control_id == f"checkout.play-{number}"


def test_ids_within_a_run_do_not_depend_on_what_was_done_outside(simulated):
    call = simulated.dial(**DIAL).wait_until("answered")
    ids = [call.play(play=PLAY).control_id]
    for name in ("one", "other"):
        with simulated.run(name):
            ids += [call.play(play=PLAY).control_id, call.play(play=PLAY).control_id]
    ids.append(call.play(play=PLAY).control_id)
    assert ids == [
        "before.play-1",
        "one.play-1",
        "one.play-2",
        "other.play-1",
        "other.play-2",
        "before.play-2",
    ]


def test_a_run_that_was_given_no_name_names_no_id():
    with swnb.simulate(seed=7) as sw:
        call = sw.dial(**DIAL).wait_until("answered")
        assert call.play(play=PLAY).control_id == "play-1"
        with sw.run("checkout"):
            call.play(play=PLAY)
        assert call.play(play=PLAY).control_id == "play-2"


def test_a_name_becomes_part_of_an_id_in_letters_that_travel_anywhere(simulated):
    call = simulated.dial(**DIAL).wait_until("answered")
    made = []
    for name in ("check out", "check, out", "注文", "x" * 100, "a.play-1"):
        with simulated.run(name):
            made.append(call.play(play=PLAY).control_id)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,48}\.play-1", each) for each in made)
    assert len(set(made)) == len(made)


def test_ids_for_cells_come_from_the_name_and_the_order(simulated):
    def made(name):
        with simulated.run(name) as run:
            return [run.uuid(), run.uuid()]

    first = made("one")
    assert first[0] != first[1]
    assert all(UUID.fullmatch(each) for each in first)
    assert made("one") == first
    assert not set(made("other")) & set(first)


def test_a_run_shows_itself(simulated, repository):
    (repository / "file").write_text("two")
    run = simulated.run("checkout", note="<b>note</b>", parameters={"amount": 49.99})
    assert repr(run) == "<Run 'checkout' · simulated>"
    card = run._repr_html_()
    assert "&lt;b&gt;note" in card
    assert "amount=49.99" in card
    assert "and files that differ from it" in card
