"""`%sw` and `%%sw` in a real IPython shell, against a simulated space over HTTP."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import swnb
from swnb.commands import COMMANDS
from swnb.commands.schema import parameters
from swnb.errors import ConfigurationError, InvalidCommand, SwnbError, UnknownCommand
from swnb.notebook.magics import guide
from swnb.notebook.magics.variables import split

pytestmark = pytest.mark.sample(5)

ROOT = Path(__file__).resolve().parents[1]
TTS = '{"play": [{"type": "tts", "params": {"text": "Hello"}}]}'
LINES = {"dial": "%sw dial --from +15550100 --to +15550101 --url https://example.com/swml"}


@pytest.fixture(scope="module")
def interactive():
    config = Config()
    config.HistoryManager.enabled = False
    return InteractiveShell(config=config)


@pytest.fixture
def shell(interactive, sw, call):
    """A shell that holds a client and a call and nothing else, with the extension loaded."""
    before = dict(interactive.user_ns)
    interactive.user_ns.update(sw=sw, call=call)
    interactive.extension_manager.load_extension("swnb")
    yield interactive
    interactive.extension_manager.unload_extension("swnb")
    interactive.user_ns.clear()
    interactive.user_ns.update(before)


@pytest.fixture
def run(shell):
    """Run a cell as a notebook does: give its result, or raise what it raised."""

    def run(source):
        done = shell.run_cell(source)
        done.raise_error()
        return done.result

    return run


@pytest.fixture
def tab(shell):
    """Press Tab at the end of a text, and give the texts that it may become."""

    def tab(text, behind=""):
        with provisionalcompleter():
            found = list(shell.Completer.completions(text + behind, len(text)))
        return [text[: each.start] + each.text for each in found]

    return tab


@pytest.fixture
def arrived(space, monkeypatch):
    """Keep the bodies of the requests that reach the space."""
    bodies = []
    handle = space.handle

    def listening(method, path, headers, body):
        bodies.append(body and json.loads(body))
        return handle(method, path, headers, body)

    monkeypatch.setattr(space, "handle", listening)
    return bodies


# Sending


def test_a_line_sends_its_options(run, arrived, call):
    reply = run("%sw end {call} --reason busy")
    assert arrived[-1] == {"command": "calling.end", "id": call.id, "params": {"reason": "busy"}}
    assert reply.status == "ended"


def test_the_body_of_user_event_is_the_event(run, arrived, call):
    run('%%sw user_event {call}\n{"action": "order.confirmed", "amount": 49.99, "coupon": null}')
    event = {"action": "order.confirmed", "amount": 49.99, "coupon": None}
    assert arrived[-1] == {
        "command": "calling.user_event",
        "id": call.id,
        "params": {"event": event},
    }


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"event": {"action": "x"}}, {"action": "x"}),
        ({"event": {"event": {"action": "x"}}}, {"event": {"action": "x"}}),
        ({"event": "click"}, {"event": "click"}),
        ({"event": {}, "more": 1}, {"event": {}, "more": 1}),
        ({}, {}),
    ],
)
def test_a_wrapped_event_is_one_whose_only_key_holds_an_object(run, arrived, body, event):
    run(f"%%sw user_event {{call}}\n{json.dumps(body)}")
    assert arrived[-1]["params"] == {"event": event}


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
def test_every_example_arrives_exactly_by_its_body(shell, arrived, model):
    line = f"%%sw {model.method()}"
    if model.on_call:
        line += " {call}"
    shell.run_cell(f"{line}\n{json.dumps(model.example)}")
    assert arrived[-1]["command"] == model.wire
    assert json.dumps(arrived[-1]["params"]) == json.dumps(model.example)


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
def test_every_example_of_the_help_arrives_exactly(shell, arrived, call, model):
    shell.run_cell(guide.example(model))
    own = {"id": call.id} if "id" in parameters(model) else {}
    assert arrived[-1]["command"] == model.wire
    assert arrived[-1]["params"] == model.example | own


def test_line_and_body_merge(run, arrived):
    run(f"%%sw play {{call}} --volume 5 --direction both\n{TTS}")
    assert arrived[-1]["params"] == {
        "volume": 5,
        "direction": "both",
        **json.loads(TTS),
        "control_id": "play-1",
    }


def test_a_control_id_is_made_and_remembered(run, arrived):
    run(f"%%sw play {{call}}\n{TTS}")
    run("%sw play-stop {call}")
    assert arrived[-1]["command"] == "calling.play.stop"
    assert arrived[-1]["params"] == {"control_id": "play-1"}


def test_dial_gives_a_call(run, shell, arrived):
    made = run(f"{LINES['dial']} --timeout 20 -o second")
    assert isinstance(made, swnb.Call)
    assert shell.user_ns["second"] is made
    assert arrived[-1]["params"]["from"] == "+15550100"


@pytest.mark.parametrize("line", ["%sw update {call}", "%sw update --id {call}"])
def test_update_takes_its_id_as_the_call(run, arrived, call, line):
    run(f"{line} --status completed")
    assert arrived[-1]["params"] == {"id": call.id, "status": "completed"}


@pytest.mark.parametrize(
    "name", ["play_volume", "play-volume", "calling.play.volume", "'play_volume'", "{command}"]
)
def test_a_command_goes_by_any_of_its_names(run, shell, arrived, name):
    shell.user_ns["command"] = "play_volume"
    run(f"%%sw play {{call}}\n{TTS}")
    run(f"%sw {name} {{call}} --control_id play-1 --volume -6.5")
    assert arrived[-1]["command"] == "calling.play.volume"


def test_the_reply_is_stored_and_returned(run, shell):
    reply = run("%sw denoise {call} -o reply")
    assert shell.user_ns["reply"] is reply
    assert "calling.denoise" in reply._repr_html_()


def test_a_dry_run_sends_nothing(run, shell, space, arrived):
    with swnb.Client(
        space.project, space.token, "127.0.0.1:1", log=":memory:", dry_run=True
    ) as dry:
        shell.user_ns["sw"] = dry
        made = run(LINES["dial"])
        shell.user_ns["call"] = made
        reply = run("%sw end {call}")
    assert isinstance(reply, swnb.DryRun | swnb.CallReply)
    assert reply.exchange.outcome == "dry_run"
    assert not arrived


# Values


@pytest.mark.parametrize(
    ("text", "value"), [("5", "5"), ("5.0", "5.0"), ("-6.5", "-6.5"), ("1e1", "10.0")]
)
def test_a_number_keeps_its_form(run, arrived, text, value):
    run(f"%%sw play {{call}} --volume {text}\n{TTS}")
    assert json.dumps(arrived[-1]["params"]["volume"]) == value


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ("--continuous true", True),
        ("--continuous=false", False),
        ("--continuous", True),
        ("--continuous --partial-results true", True),
        ("--continuous -o reply", True),
    ],
)
def test_a_boolean_is_true_or_false_or_stands_alone(run, arrived, options, value):
    run(f'%%sw collect {{call}} {options}\n{{"digits": {{"max": 1}}}}')
    assert arrived[-1]["params"]["continuous"] is value


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--status-events answered,ended", {"status_events": ["answered", "ended"]}),
        (
            "--status-events answered --status-events ended",
            {"status_events": ["answered", "ended"]},
        ),
        ("--status-events ended", {"status_events": ["ended"]}),
        ("--status-events {events}", {"status_events": ["ringing"]}),
        ("--codecs PCMU,PCMA", {"codecs": "PCMU,PCMA"}),
        ("--codecs PCMU --codecs PCMA", {"codecs": ["PCMU", "PCMA"]}),
        ("--region us", {"region": "us"}),
        ("--region us --region eu", {"region": ["us", "eu"]}),
    ],
)
def test_a_list_is_repeated_or_has_commas_between_its_values(
    run, shell, arrived, options, expected
):
    shell.user_ns["events"] = ["ringing"]
    run(f"{LINES['dial']} {options}")
    assert arrived[-1]["params"].items() >= expected.items()


def test_a_comma_in_free_text_is_text(run, arrived):
    run("%sw ai_sidecar {call} --lang en-US --prompt x --hints 'Smith, John' --hints refund")
    assert arrived[-1]["params"]["hints"] == ["Smith, John", "refund"]


def test_a_text_of_digits_stays_text(run, arrived):
    run("%sw ai_hold {call} --timeout 120")
    assert arrived[-1]["params"] == {"timeout": "120"}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"two words"', "two words"),
        ("'two words'", "two words"),
        (r"Don\'t", "Don't"),
        ('"Don\'t"', "Don't"),
        ('""', ""),
        (r"C:\dir", r"C:\dir"),
        ("--not-an-option", "--not-an-option"),
        ("$5", "$5"),
        ("$$name", "$name"),
        ("{{name}}", "{name}"),
        ("'Hello {name}, $name'", "Hello Ada, Ada"),
        ("${name}", "Ada"),
        ("{{{name}}}", "{Ada}"),
        ("{order['lines'][-1].sku}", "A1"),
        ("'for {call}'", "for CALL"),
    ],
)
def test_text_is_what_was_written(run, shell, arrived, written, text):
    line = SimpleNamespace(sku="A1")
    shell.user_ns |= {"name": "Ada", "order": {"lines": [line]}}
    option = (
        f"--message-text={written}" if written.startswith("--") else f"--message-text {written}"
    )
    run(f"%sw ai_message {{call}} --role user {option}")
    assert arrived[-1]["params"]["message_text"] == text.replace("CALL", shell.user_ns["call"].id)


# Variables


@pytest.mark.parametrize(
    "named", ["{call}", "$call", "{call.id}", "$call.id", "{calls[0]}", '{by["a b"]}', "{reply}"]
)
def test_a_call_is_named_by_any_variable_that_leads_to_it(run, shell, arrived, call, named):
    shell.user_ns |= {"calls": [call], "by": {"a b": call.id}, "reply": call.denoise()}
    run(f"%sw end {named}")
    assert arrived[-1]["id"] == call.id


def test_a_call_is_named_by_its_id(run, arrived, call):
    run(f"%sw end {call.id}")
    assert arrived[-1]["id"] == call.id


def test_an_id_that_is_no_uuid_is_sent_when_it_is_asked_for(shell, arrived):
    error = shell.run_cell("%sw end leg-1").error_in_exec
    assert isinstance(error, InvalidCommand)
    assert not arrived
    shell.run_cell("%sw end leg-1 --unchecked")
    assert arrived[-1]["id"] == "leg-1"


def test_extras_are_sent_beside_the_others(shell, arrived):
    shell.user_ns["newer"] = {"fade_ms": 250}
    shell.run_cell("%sw end {call} --reason busy --extras {newer}")
    assert arrived[-1]["params"] == {"reason": "busy", "fade_ms": 250}


def test_a_variable_keeps_its_type(run, shell, arrived):
    shell.user_ns |= {"level": 5.0, "event": {"n": None, "list": [1]}}
    run(f"%%sw play {{call}} --volume {{level}}\n{TTS}")
    assert json.dumps(arrived[-1]["params"]["volume"]) == "5.0"
    run("%sw user_event {call} --event $event")
    assert arrived[-1]["params"] == {"event": {"n": None, "list": [1]}}


def test_a_text_of_the_body_that_is_a_variable_is_filled_in(run, shell, arrived, call):
    shell.user_ns |= {"n": 5.0, "order": {"id": "A1"}}
    body = {"n": "$n", "order": "{order['id']}", "list": ["{order}"], "call": "$call"}
    run(f"%%sw user_event {{call}}\n{json.dumps(body)}")
    event = {"n": 5.0, "order": "A1", "list": [{"id": "A1"}], "call": call.id}
    assert arrived[-1]["params"] == {"event": event}


@pytest.mark.parametrize(
    "text", ["${envs.name}", "{{name}}", "Hello {name}", "$5", "$.path", "{}", "{0}", "%{x}", "$$n"]
)
def test_other_text_of_the_body_stays(run, shell, arrived, text):
    shell.user_ns["name"] = "Ada"
    run(f"%%sw user_event {{call}}\n{json.dumps({'text': text})}")
    assert arrived[-1]["params"] == {"event": {"text": text}}


def test_the_variables_of_a_function_are_seen(run, shell, arrived):
    run("def hang_up(held, why):\n    %sw end {held} --reason $why\n")
    run("hang_up(call, 'busy')")
    assert arrived[-1]["params"] == {"reason": "busy"}


# Mistakes: nothing is sent, one line is shown


@pytest.mark.parametrize(
    "mistake",
    [
        ("%sw plya {call}", UnknownCommand, "there is no such command; did you mean 'play'?"),
        ("%sw hepl", UnknownCommand, "there is no such command; did you mean 'help'?"),
        ("%sw xyzzy", UnknownCommand, "there is no such command; %sw help lists them"),
        ("%sw end {call} --raeson busy", InvalidCommand, "end.raeson: is not an option; did you mean --reason?"),
        ("%sw play_volume {call} --vol 3", InvalidCommand, "play_volume.vol: is not an option; did you mean --volume?"),
        ("%sw end {call} --reason bsuy", InvalidCommand, "end.reason: must be one of 'hangup', 'cancel', 'busy', 'noAnswer', 'decline', 'error'"),
        ("%sw end {call} --reason", InvalidCommand, "end.reason: needs a value: --reason VALUE"),
        ("%sw end {call} --reason --unchecked", InvalidCommand, "end.reason: needs a value: --reason VALUE"),
        ("%sw end {call} --reason busy --reason busy", InvalidCommand, "end.reason: occurs twice on the line"),
        ("%sw play_volume {call} --control-id a --volume loud", InvalidCommand, "play_volume.volume: must be a number"),
        ("%sw play_volume {call} --control-id a --volume 41", InvalidCommand, "play_volume.volume: must be at most 40 (dB)"),
        ("%sw collect {call} --continuous yes --digits {digits}", InvalidCommand, "collect.continuous: must be True or False"),
        ("%sw end", InvalidCommand, "end: needs a CALL: %sw end {call} …, or an id"),
        ("%sw end call", InvalidCommand, "end: put braces around a variable: {call}"),
        ("%sw end {sw}", InvalidCommand, "end: CALL must be a Call, a reply or an id"),
        ("%sw end {call} now", InvalidCommand, "end: takes one CALL and options; a string with spaces needs quotes"),
        ("%sw dial {call}", InvalidCommand, "dial: takes no CALL, only options; a string with spaces needs quotes"),
        ("%sw update {call} --id x --status completed", InvalidCommand, "update.id: is set twice: the CALL is the id"),
        ("%sw end {cal}", SwnbError, "{cal}: there is no such variable; did you mean 'call'?"),
        ("%sw end {call.idd}", SwnbError, "{call.idd}: there is no attribute 'idd'; did you mean 'id'?"),
        ("%sw end {call} --reason $nothing_like_it", SwnbError, "{nothing_like_it}: there is no such variable; define it in a cell above"),
        ("%sw end {numbers[7]}", SwnbError, "{numbers[7]}: there is nothing at [7]"),
        ("%sw end {call} --reason {print('x')}", SwnbError, "%sw: braces on the line contain a variable's name, with .attribute or [index]; JSON goes into the cell below %%sw; write {{ and }} for the characters { and }"),
        ("%sw end {call} --reason 'busy", SwnbError, "%sw: a quote (') is not closed; put a backslash before an apostrophe"),
        ("%sw end {call} -o 2nd", InvalidCommand, "end.-o: needs the name of the variable for the reply"),
        ("%sw play {call} --play hello", InvalidCommand, "play.play: is an object or a list of objects: put it into the body of %%sw, or use a {variable}"),
        ('%%sw end {call} --reason busy\n{"reason": "busy"}', InvalidCommand, "end.reason: is set both on the line and in the body"),
        ('%%sw user_event {call} --event {event}\n{"a": 1}', InvalidCommand, "user_event.event: is set both on the line and in the body"),
        ('%%sw end {call}\n{"reason": "busy",\n 5}', InvalidCommand, "end: the body is not valid JSON: expecting property name enclosed in double quotes at line 2, column 2"),
        ("%%sw end {call}\n[]", InvalidCommand, "end: the body must be a JSON object: { … }"),
        ('%%sw user_event {call}\n{"a": NaN}', InvalidCommand, "user_event: the body contains NaN, which is not valid JSON"),
        ('%%sw user_event {call}\n{"a": 1, "a": 2}', InvalidCommand, "user_event.a: occurs twice in one object of the body"),
        ('%%sw user_event {call}\n{"a": "$evnt"}', SwnbError, "{evnt}: there is no such variable; did you mean 'event'?"),
        ("%%sw user_event {call}\n" + "[" * 100_000, InvalidCommand, "user_event: the body is nested too deeply"),
        ("%%sw\n{}", SwnbError, "%%sw: a body needs a command: %%sw COMMAND CALL"),
        ("%sw use wsn", ConfigurationError, "%sw use: there is no client with that name; the clients are sw"),
        ("%sw use sww", ConfigurationError, "%sw use: there is no client with that name; did you mean 'sw'?"),
        ("%sw help end now", SwnbError, "%sw help: takes one name"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_nothing_is_sent(shell, arrived, capsys, mistake):
    cell, kind, message = mistake
    shell.user_ns |= {"numbers": [1], "event": {}, "digits": {"max": 1}}
    done = shell.run_cell(cell)
    assert type(done.error_in_exec) is kind
    assert capsys.readouterr().out.strip() == f"{kind.__name__}: {message}"
    assert not arrived


def test_a_number_with_too_many_digits_is_refused(shell, arrived, capsys):
    done = shell.run_cell(f'%%sw user_event {{call}}\n{{"a": {"9" * 5000}}}')
    assert type(done.error_in_exec) is InvalidCommand
    assert "user_event: the body is not valid JSON: " in capsys.readouterr().out
    assert not arrived


@pytest.mark.parametrize("named", ["--password", "--passwrod", "--api-token", "--token=hunter2"])
def test_a_secret_is_no_option(shell, arrived, capsys, named):
    done = shell.run_cell(f"{LINES['dial']} {named} hunter2")
    assert "magics take no secrets" in str(done.error_in_exec)
    assert "getpass" in str(done.error_in_exec)
    assert "hunter2" not in capsys.readouterr().out
    assert not arrived


@pytest.mark.parametrize(
    ("cell", "path"),
    [
        ('stream {call}\n{"authorization_bearer_token": "hunter2"}', "authorization_bearer_token"),
        ('user_event {call}\n{"a": [{"Api-Key": "hunter2"}]}', "a[0].Api-Key"),
    ],
)
def test_a_secret_is_refused_in_the_body_at_any_depth(shell, arrived, capsys, cell, path):
    done = shell.run_cell(f"%%sw {cell}")
    assert done.error_in_exec.problems[0].path == path
    assert "hunter2" not in capsys.readouterr().out
    assert not arrived


def test_what_the_model_refuses_is_in_the_log(shell, sw):
    shell.run_cell("%sw end {call} --reason bsuy")
    assert sw.log.df.iloc[-1]["outcome"] == "refused"


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
def test_an_unknown_option_names_one_there_is(shell, model):
    known = [f"--{name.replace('_', '-')}" for name in parameters(model)]
    option = known[0] if known else "--extras"
    error = shell.run_cell(f"%sw {model.method()} {option}x 1").error_in_exec
    assert "is not an option; did you mean --" in str(error)


# The log: a mistake leaves the row that the same mistake from Python leaves


@pytest.mark.parametrize(
    "mistake",
    [
        ("%sw end {call} --reason bsuy", lambda sw, call: call.end(reason="bsuy")),
        ("%sw end {call} --raeson busy", lambda sw, call: call.end(raeson="busy")),
        ("%sw end {call} --raeson=busy", lambda sw, call: call.end(raeson="busy")),
        ("%sw end {reply} --raeson busy", lambda sw, call: call.end(raeson="busy")),
        ("%sw play {call} --volum 5 --direction both", lambda sw, call: call.play(volum=5, direction="both")),
        (f"%%sw play {{call}} --volum 5\n{TTS}", lambda sw, call: call.play(**json.loads(TTS), volum=5)),
        (f"%%sw play {{call}} --volume 99\n{TTS}", lambda sw, call: call.play(**json.loads(TTS), volume=99)),
        ('%%sw play {call}\n{"play": 3}', lambda sw, call: call.play(play=3)),
        ('%%sw play {call}\n{"plya": 3}', lambda sw, call: call.play(plya=3)),
        ("%sw play {call} --play hello", lambda sw, call: call.play(play="hello")),
        ("%sw play_volume {call} --volume 3", lambda sw, call: call.play_volume(volume=3)),
        ("%sw end {call} now", lambda sw, call: call.end("now")),
        ("%sw end", lambda sw, call: sw.calling.end()),
        ("%sw end --reason bsuy", lambda sw, call: sw.calling.end(reason="bsuy")),
        ("%sw end leg-1", lambda sw, call: sw.calling.end("leg-1")),
        ("%sw end call", lambda sw, call: sw.calling.end("call")),
        ("%sw end {sw}", lambda sw, call: sw.calling.end(sw)),
        ("%sw end {number}", lambda sw, call: sw.calling.end(7)),
        ("%sw update --status completed", lambda sw, call: sw.calling.update(status="completed")),
        ("%sw update {call} --status over", lambda sw, call: call.update(status="over")),
        ("%sw update {call} --statsu completed", lambda sw, call: sw.calling.update(id=call.id, statsu="completed")),
        ("%sw dial --to +15550101", lambda sw, call: sw.dial(to="+15550101")),
        ("%sw dial {call}", lambda sw, call: sw.dial(call)),
        ("%sw plya {call}", lambda sw, call: sw.send({"command": "plya", "id": call.id})),
        ("%sw plya", lambda sw, call: sw.send({"command": "plya"})),
        ("%sw xyzzy {call}", lambda sw, call: sw.send({"command": "xyzzy", "id": call.id})),
        ('%%sw plya {call}\n{"play": []}', lambda sw, call: sw.send({"command": "plya", "id": call.id})),
    ],
)  # fmt: skip
def test_a_mistake_is_logged_as_the_same_from_python(shell, sw, call, arrived, mistake):
    cell, python = mistake
    shell.user_ns |= {"number": 7, "reply": call.denoise()}
    before, sent = len(sw.log.df), len(arrived)
    done = shell.run_cell(cell)
    assert isinstance(done.error_in_exec, InvalidCommand)
    assert sw.last_error is done.error_in_exec
    with pytest.raises(InvalidCommand):
        python(sw, call)
    frame = sw.log.df.astype(object)
    magic, same = (row.where(row.notna(), None) for _, row in frame.iloc[before:].iterrows())
    assert magic["outcome"] == "refused"
    assert magic.drop(["id", "sent_at"]).to_dict() == same.drop(["id", "sent_at"]).to_dict()
    assert len(arrived) == sent
    first, second = (sw.log.get(int(row["id"])).request for row in (magic, same))
    assert first == second


@pytest.mark.parametrize(
    "cell",
    [
        "%sw end {call} --reason",
        "%sw end {call} --reason busy --reason busy",
        "%sw end {call} -reason busy",
        "%sw end {call} -o 2nd",
        '%%sw end {call} --reason busy\n{"reason": "busy"}',
        '%%sw end {call}\n{"reason": "busy",\n 5}',
        "%%sw end {call}\n[]",
        '%%sw user_event {call}\n{"a": 1, "a": 2}',
        "%sw stream {call} --token hunter2",
        '%%sw user_event {call}\n{"a": [{"Api-Key": "hunter2"}]}',
    ],
)
def test_a_mistake_that_python_cannot_make_is_logged_with_its_own_text(shell, sw, call, cell):
    before = len(sw.log.df)
    error = shell.run_cell(cell).error_in_exec
    (row,) = sw.log.df.iloc[before:].to_dict("records")
    assert row["outcome"] == "refused"
    assert row["call_id"] == call.id
    assert row["command"] == f"calling.{error.command}"
    assert row["error_message"] == str(error)
    assert "hunter2" not in json.dumps(sw.log.get(int(row["id"])).request)


def test_without_a_client_a_mistake_is_only_shown(shell, sw):
    before = len(sw.log.df)
    del shell.user_ns["sw"]
    assert isinstance(shell.run_cell("%sw end leg-1 --raeson x").error_in_exec, InvalidCommand)
    assert len(sw.log.df) == before


def test_a_mistake_that_was_logged_uses_up_no_control_id(run, shell, arrived):
    shell.run_cell("%sw play {call} --volum 5")
    run(f"%%sw play {{call}}\n{TTS}")
    assert arrived[-1]["params"]["control_id"] == "play-1"


# The client


def test_without_a_client_it_says_how_to_make_one(run, shell):
    del shell.user_ns["sw"]
    with pytest.raises(ConfigurationError, match=r"make one: sw = swnb.simulate\(\)"):
        run(LINES["dial"])


def test_several_clients_ask_for_a_choice(run, shell, space):
    with swnb.simulate() as other:
        shell.user_ns["other"] = other
        with pytest.raises(ConfigurationError, match=r"several clients \(sw, other\)"):
            run(LINES["dial"])
        assert run("%sw use other") is other
        run(LINES["dial"])
        assert other.simulated_space.requests[-1].command == "dial"


def test_two_names_of_one_client_are_one_client(run, shell, sw):
    shell.user_ns["alias"] = sw
    assert isinstance(run(LINES["dial"]), swnb.Call)


def test_a_call_sends_by_its_own_client(run, shell, arrived, call):
    with swnb.simulate() as other:
        shell.user_ns["other"] = other
        run("%sw use other")
        run("%sw end {call}")
    assert arrived[-1]["id"] == call.id


def test_status_shows_the_client_and_the_last_exchanges(run, call):
    run("%sw end {call} --reason busy")
    shown = run("%sw")
    for text in (repr(shown), shown._repr_html_()):
        assert "simulated" in text
        assert "calling.end" in text
        assert call.id in text


def test_status_of_a_new_client_says_that_nothing_was_sent(run, shell):
    with swnb.simulate() as fresh:
        shell.user_ns["sw"] = fresh
        assert "Nothing has been sent in this run yet" in repr(run("%sw"))


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
def test_help_names_every_parameter(run, model):
    shown = run(f"%sw help {model.method()}")
    for parameter in parameters(model).values():
        option = f"--{parameter.wire.replace('_', '-')}"
        assert option in repr(shown)
        assert option in shown._repr_html_()
        assert (parameter.unit or "") in repr(shown)
    assert guide.example(model) in repr(shown)


def test_help_alone_lists_all_commands(run):
    shown = repr(run("%sw help"))
    assert all(name in shown for name in COMMANDS)


def test_help_shows_bounds_and_units(run):
    assert "--volume  number (at least -40, at most 40, dB)" in repr(run("%sw help play"))


# Tab


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("%sw play_v", ["%sw play_volume"]),
        ("%%sw user", ["%%sw user_event"]),
        ("%sw calling.play.v", ["%sw calling.play.volume"]),
        ("%sw hel", ["%sw help"]),
        ("%sw help refe", ["%sw help refer"]),
        ("%sw use ", ["%sw use sw"]),
        ("%sw end ", ["%sw end {call}"]),
        ("%sw end {c", ["%sw end {call}"]),
        ("%sw end $c", ["%sw end $call"]),
        ("%sw end ca", ["%sw end {call}"]),
        ("%sw end --reason busy ", ["%sw end --reason busy {call}"]),
        ("%sw end {call} --re", ["%sw end {call} --reason"]),
        ("reply = %sw end {call} --re", ["reply = %sw end {call} --reason"]),
        ("%sw end {call} --reason b", ["%sw end {call} --reason busy"]),
        ("%sw end {call} --reason=b", ["%sw end {call} --reason=busy"]),
        ("%sw end {call} --reason {lev", ["%sw end {call} --reason {level}"]),
        ("%sw play_volume {call} --control_", ["%sw play_volume {call} --control-id"]),
        ("%sw collect {call} --continuous f", ["%sw collect {call} --continuous false"]),
        ("%sw dial --status-events ended,a", ["%sw dial --status-events ended,answered"]),
        ("%sw dial --pass", []),
        ("%sw end {call} --reason busy --reas", []),
    ],
)  # fmt: skip
def test_tab_completes(tab, shell, text, found):
    shell.user_ns["level"] = 5
    assert tab(text) == found


def test_tab_after_the_call_offers_the_options(tab):
    offered = tab("%sw end {call} ")
    assert offered[0] == "%sw end {call} --reason"


def test_tab_within_closed_braces_closes_none(tab):
    assert tab("%sw end {ca", behind="}") == ["%sw end {call"]


def test_tab_in_the_body_is_left_to_python(tab):
    assert "%%sw user_event {call}\n%sw play_volume" not in tab(
        "%%sw user_event {call}\n%sw play_v"
    )


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_the_older_completion_interface_works_as_well(shell):
    assert shell.complete("", "%sw play_v", 10) == ("play_v", ["play_volume"])


# Loading


def test_unloading_takes_the_magic_and_its_completion_away(shell, tab):
    shell.extension_manager.unload_extension("swnb")
    assert shell.find_line_magic("sw") is None
    assert shell.find_cell_magic("sw") is None
    assert tab("%sw play_v") == []


def test_reloading_completes_once(shell, tab):
    shell.extension_manager.reload_extension("swnb")
    assert tab("%sw play_v") == ["%sw play_volume"]


def test_words_are_split_at_spaces():
    assert [word.text({}) for word in split("  a 'b c'\t\"\"  ")] == ["a", "b c", ""]


@pytest.mark.kernel
def test_in_a_kernel_the_card_arrives_and_tab_completes():
    from jupyter_client.manager import KernelManager  # noqa: PLC0415 - takes seconds to load

    manager = KernelManager(transport="ipc")
    manager.start_kernel(cwd=ROOT)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        outputs = []
        source = f"%load_ext swnb\nimport swnb\nsw = swnb.simulate(seed=8)\ncall = {LINES['dial']}"
        assert client.execute_interactive(source, timeout=60)["content"]["status"] == "ok"
        cell = '%%sw user_event {call}\n{"action": "order.confirmed"}'
        client.execute_interactive(cell, timeout=60, output_hook=outputs.append)
        (data,) = [
            each["content"]["data"] for each in outputs if each["msg_type"] == "execute_result"
        ]
        assert "calling.user_event" in data["text/plain"]
        assert "calling.user_event" in data["text/html"]
        reply = client.complete("%sw end {call} --rea", reply=True, timeout=60)["content"]
        assert reply["matches"] == ["--reason"]
        assert (reply["cursor_start"], reply["cursor_end"]) == (15, 20)
        wrong = client.execute_interactive("%sw end {call} --raeson x", timeout=60)["content"]
        assert wrong["status"] == "error"
        assert len(wrong["traceback"]) == 1
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%sw dial --from +15550100 --to 15550101 --url https://example.com", "did you mean '+15550101'?"),
        ("%sw dial --from +15550100 --to +15550101 --url ivr.yaml", "cannot read your local files"),
        ("%sw transfer {call} --dest ivr.yaml", "cannot read your local files"),
        ('%%sw user_event {call}\n{"a": "\\ud83c"}', "event.a: contains half a character"),
    ],
)  # fmt: skip
def test_a_magic_says_what_was_likely_meant(run, line, said):
    with pytest.raises(InvalidCommand) as error:
        run(line)
    assert said in str(error.value)
