"""The console and the forms where there are no widgets: text that fits a terminal."""

import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta

import pytest
from support.dialing import DIAL

import swnb
from swnb.commands import COMMANDS
from swnb.commands.schema import parameters
from swnb.notebook.forms.form_text import FormText, form_text
from swnb.notebook.panels import console_text
from swnb.notebook.panels.console_text import ConsoleText
from swnb.notebook.terminal import cut, wide
from swnb.words import clock

pytestmark = pytest.mark.sample(8)

SESSION = """
import swnb
sw = swnb.simulate(seed=3)
call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
sw.console()
sw.form("end", call)
"""


def lines(console):
    return repr(console).split("\n")


def test_an_empty_console_says_what_to_do(sw):
    assert lines(sw.console()) == [
        "Console · simulated",
        "this run: 0 calls · 0 exchanges · 0 errors · $0",
        "whole log: 0 calls · 0 exchanges · 0 errors · $0",
        "No call yet: dial one, then show the console again.",
    ]


def test_calls_are_a_table_newest_first(sw, monkeypatch):
    first = sw.dial(**DIAL).wait_until("answered")
    first.end()
    first.refresh()
    second = sw.dial(**DIAL)
    with pytest.raises(swnb.InvalidCommand):
        second.play(play=3)
    later = datetime.now(UTC) + timedelta(minutes=3)
    monkeypatch.setattr(console_text, "_now", lambda: later)
    _, head, _, _, names, newest, oldest, *_ = lines(sw.console())
    charge = f"${sw.log.calls()['charge'].sum():g}"
    assert head.startswith("this run: 2 calls")
    assert head.endswith(f"1 error · {charge}")
    assert names.split("  ")[0] == "age"
    columns = [[cell.strip() for cell in row.split("  ") if cell] for row in (newest, oldest)]
    run = sw.log.run
    took = clock(int(sw.log.calls()["duration_ms"].iloc[0]))
    numbers = "+15550100 → +15550101"
    assert columns[0][:4] == ["3 min", "out", numbers, "queued"]
    assert columns[1][:6] == ["3 min", "out", numbers, "ended", took, charge]
    start, _, end = columns[0][-1].partition("…")
    assert run.startswith(start)
    assert run.endswith(end)
    assert len(start) >= 4
    assert len(end) >= 4


def test_a_column_begins_at_one_place_in_every_row(sw):
    sw.dial(**DIAL)
    sw.dial(**{**DIAL, "to": "sip:a@example.com"}).end()
    *_, names, first, second = lines(sw.console())[:7]
    rows = [first, second]
    for name in ("dir", "from → to", "status"):
        place = names.index(name)
        assert all(row[place - 1] == " " and row[place] != " " for row in rows), name


@pytest.mark.parametrize(
    "to",
    [
        "+15550101",
        "sip:somebody.with.a.long.name@a.very.long.host.of.some.company.example.com",
        "日本語の長い名前" * 4,
        "x\x1b[31m\u202e\nnew line\t",
        "e\u0301" * 60,
    ],
)
@pytest.mark.parametrize("run", ["a", "a name of a run that somebody has chosen", "長い名前" * 6])
def test_it_fits_eighty_columns_whatever_the_log_has(tmp_path, to, run):
    with swnb.simulate(log=tmp_path / "log.sqlite", run=run, dry_run=False) as sw:
        sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
        frame = sw.log.calls()
        frame["to"] = frame["to"].cat.rename_categories([to])
        frame["charge"] = 1234.123456789
        frame["duration_ms"] = 36_000_000
        sw.log.calls = lambda: frame
        shown = lines(sw.console())
    assert max(map(wide, shown)) <= 80
    assert len(shown) == 9
    assert not any(mark in "".join(shown) for mark in "\x1b\u202e\t")


def test_of_many_calls_the_newest_are_shown_and_the_others_counted(sw, monkeypatch):
    monkeypatch.setattr(console_text, "SHOWN", 2)
    for _ in range(3):
        sw.dial(**DIAL)
    text = repr(sw.console())
    assert text.count("queued") == 2
    assert "1 older call: sw.log.calls()." in text


def test_a_text_is_cut_by_columns():
    assert cut("日本語", 6) == "日本語"
    assert cut("日本語", 5) == "日本…"
    assert cut("abc", 3) == "abc"


# Forms


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.sample(8)
def test_a_form_names_every_field_required_ones_first(model):
    text = form_text(model)
    plain = " ".join(text.split())
    own = [
        each
        for each in parameters(model).values()
        if model.method() != "update" or each.name != "id"
    ]
    filled = {"control_id"} if model.starts or "fax" not in model.wire else set()
    needed = [each for each in own if each.required and each.name not in filled]
    assert ("\nRequired\n" in text) is bool(needed)
    required = text.split("\nOptional\n")[0]
    for parameter in own:
        assert f"\n  {parameter.name}  " in text
        assert " ".join(parameter.description.split()) in plain
        for shape in parameter.shapes:
            assert all(f'"{value}"' in plain for value in shape.values)
    for parameter in needed:
        assert f"\n  {parameter.name}  " in required
    assert max(map(len, text.split("\n"))) <= 88


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.sample(8)
def test_the_line_of_a_form_sends_its_example(space, server, model):
    with swnb.Client(space.project, space.token, server.host, log=":memory:", dry_run=True) as sw:
        call = sw.dial(**DIAL)
        if model.controls and "fax" not in model.wire:  # SWML starts a fax
            starter = next(each for each in COMMANDS.values() if each.starts == model.controls)
            call.command(starter, starter.example)
        source = form_text(model).split("To send it:\n")[1].split("\n\nThe widgets")[0]
        exec(textwrap.dedent(source), {"sw": sw, "call": call})
        last = sw.log.df.iloc[-1]
        assert (last["command"], last["outcome"]) == (model.wire, "dry_run")


def test_without_a_command_the_commands_are_listed(sw):
    text = repr(sw.form())
    assert all(name in text for name in COMMANDS)
    assert max(map(len, text.split("\n"))) <= 80


def test_a_form_as_text_knows_its_commands(sw):
    with pytest.raises(swnb.UnknownCommand, match="did you mean 'play'"):
        FormText(sw._session, "plya")


def test_a_form_shows_nothing_that_was_typed(sw):
    form = sw.form("dial")
    form.value = {"password": "hunter2"}
    assert "hunter2" not in repr(form)
    assert form_text(COMMANDS["dial"]) == repr(form)


def test_in_a_kernel_the_text_beside_the_widgets_is_short(sw, monkeypatch):
    form, console = sw.form("play"), sw.console()
    for module in ("forms.form", "panels.console"):
        monkeypatch.setattr(f"swnb.notebook.{module}.in_kernel", lambda: True)
    assert repr(form).startswith("<Form play on ")
    assert repr(console) == "<Console of 0 calls · simulated>"


# Real terminals


def in_terminal(*command, source=SESSION):
    done = subprocess.run(
        [sys.executable, *command], input=source, capture_output=True, text=True, check=False
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [["-i", "-q"], ["-m", "IPython", "--simple-prompt", "--no-banner"]], ids=len
)
def test_a_terminal_prints_the_table_and_the_fields_once(command, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shown = in_terminal(*command)
    assert shown.count("from → to") == 1
    assert shown.count("+15550100 → +15550101") == 1
    assert shown.count("end · calling.end") == 1
    assert shown.count('call.end("busy")') == 1
    assert "pip install 'swnb[lab]'" in shown
    assert "<Form" not in shown


@pytest.mark.slow
def test_without_ipywidgets_there_is_text_that_says_so():
    source = "import sys; sys.modules['ipywidgets'] = None" + SESSION.replace(
        "sw.console()", "print(sw.console())"
    ).replace('sw.form("end", call)', 'print(sw.form("end", call)); sw.close()')
    shown = in_terminal("-c", source)
    assert "+15550100 → +15550101" in shown
    assert 'call.end("busy")' in shown
    assert " ".join(shown.split()).count("ipywidgets, which is not installed") == 2


def test_the_text_needs_no_widgets(sw):
    assert repr(ConsoleText(sw._session)) == repr(sw.console())
