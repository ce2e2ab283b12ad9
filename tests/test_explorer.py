"""The explorer: a widget for each filter, and code that gives the same frame."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import swnb
from swnb import costs
from swnb.notebook.panels.explorer import ALL, GROUPS, Explorer, table

pytestmark = [pytest.mark.slow, pytest.mark.sample(2)]


@pytest.fixture(scope="module")
def account():
    with swnb.simulate(history=800, days=60, seed=7) as sw:
        sw.sync()
        yield sw


@pytest.fixture
def explorer(account):
    return account.costs()


def again(explorer, sw):
    """Run the explorer's code, and give its frame."""
    setup, _, line = explorer.code.partition("; ")
    names = {"sw": sw}
    exec(setup, names)
    return eval(line, names)


def test_it_shows_charges_by_description_first(explorer, account):
    assert_frame_equal(explorer.frame, costs.by(account.log.tables(), "description"))
    assert explorer.code == 'from swnb import costs; costs.by(sw.log.tables(), "description")'


@pytest.mark.parametrize("key", GROUPS)
def test_the_code_gives_the_same_frame(explorer, account, key):
    explorer.key.value = key
    explorer.filters["direction"].value = "inbound"
    explorer.after.value = date(2025, 12, 1)
    assert_frame_equal(again(explorer, account), explorer.frame)
    assert explorer.error.value == ""


@pytest.mark.slow
def test_each_filter_leaves_what_it_says(explorer, account):
    calls = account.log.tables().calls
    for name in ("direction", "type", "country"):
        widget = explorer.filters[name]
        for label in widget.options[1:]:
            widget.value = label
            assert explorer.frame["lines"].sum() > 0 or (calls[name] == label).any()
            assert_frame_equal(again(explorer, account), explorer.frame)
        widget.value = ALL
    explorer.key.value = "day"
    explorer.before.value = date(2025, 12, 1)
    assert explorer.frame["day"].max().date() < date(2025, 12, 1)


def test_a_kind_of_line_is_asked_for_by_its_own_charge(explorer, account):
    explorer.key.value = "country"
    explorer.filters["description"].value = "Recording"
    lines = account.log.tables().charges
    recorded = lines.loc[lines["description"] == "Recording", "charge"].sum()
    assert round(explorer.frame["charge"].sum() * 1e9) == recorded
    assert_frame_equal(again(explorer, account), explorer.frame)


def test_chart_and_table_follow_a_filter(explorer):
    before = explorer.chart.alt, explorer._table.value, explorer._chart.value
    explorer.filters["direction"].value = "inbound"
    after = explorer.chart.alt, explorer._table.value, explorer._chart.value
    assert all(a != b for a, b in zip(before, after, strict=True))
    assert "Outbound" not in explorer._table.value
    assert "Inbound PSTN call" in explorer.chart.alt


def test_a_filter_that_leaves_nothing_shows_nothing(explorer):
    explorer.after.value = date(2030, 1, 1)
    assert explorer.error.value == ""
    assert "nothing to show" in explorer.chart.alt


def test_an_error_shows_in_the_explorer(explorer, monkeypatch):
    monkeypatch.setattr("swnb.notebook.panels.explorer.by", lambda *_: 1 / 0)
    explorer.key.value = "type"
    assert "division by zero" in explorer.error.value


def test_it_reads_again_what_came_since():
    with swnb.simulate(seed=7) as sw:
        explorer = sw.costs()
        assert explorer.frame.empty
        sw.simulated_space.inbound()
        sw.simulated_space.advance(30)
        sw.sync()
        explorer.button.click()
        assert explorer.frame["charge"].tolist() == [0.006]


def test_it_takes_tables_from_a_folder(account, tmp_path):
    account.log.to_parquet(tmp_path)
    explorer = Explorer(lambda: costs.read(tmp_path), "costs.read(folder)")
    assert explorer.frame["charge"].sum() == account.costs().frame["charge"].sum()
    assert "costs.by(costs.read(folder)" in explorer.code


def test_without_a_kernel_there_are_a_picture_a_table_and_text(explorer):
    bundle = explorer._repr_mimebundle_()
    assert 'alt="Charges by description' in bundle["text/html"]
    assert "<table" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert "AI agent" in bundle["text/plain"]
    assert explorer.code in bundle["text/plain"]


def test_labels_are_escaped():
    frame = costs.by(
        costs.flatten(*_one_call("<script>alert(1)</script>"), unit="nano"),
        "description",
    )
    assert "<script" not in table(frame)
    assert "&lt;script&gt;" in table(frame)


def _one_call(description):
    calls = pd.DataFrame({"id": ["a"], "created_at": ["2026-01-01T00:00:00Z"], "charge": [5]})
    lines = pd.DataFrame({"call_id": ["a"], "description": [description], "charge": [5]})
    return calls, lines


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # Dask's, under pandas 3
@pytest.mark.parametrize(
    "engine", ["pandas", "duckdb", "polars", pytest.param("dask", marks=pytest.mark.engines)]
)
def test_a_part_of_the_tables_is_the_same_on_every_engine(account, tmp_path, engine):
    account.log.to_parquet(tmp_path)
    wanted = {"after": "2025-12-01", "before": date(2025, 12, 20), "direction": "inbound"}
    part = costs.filtered(costs.read(tmp_path, engine=engine), **wanted, description="Recording")
    expected = costs.filtered(account.log.tables(), **wanted)
    assert_frame_equal(costs.by(part, "day"), costs.by(expected, "day"))
    assert costs.by(part, "description")["description"].tolist() == ["Recording"]


@pytest.mark.parametrize("key", GROUPS)
def test_each_key_works_beside_a_description(explorer, key):
    explorer.filters["description"].value = "Recording"
    explorer.key.value = key
    assert explorer.error.value == ""


def test_a_press_that_is_repeated_reads_once(account):
    read = []

    def tables():
        read.append(1)
        return account.log.tables()

    button = Explorer(tables).button
    button.click()
    button.click()
    assert len(read) == 2  # the first look, and the press


def test_an_error_in_reading_again_shows_in_the_explorer(account):
    known = [account.log.tables()]
    explorer = Explorer(known.pop)
    explorer.button.click()
    assert "pop from empty list" in explorer.error.value
    assert not explorer.button.disabled
