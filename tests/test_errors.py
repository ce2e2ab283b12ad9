"""The tree of errors, and what an error says, shows and carries."""

from __future__ import annotations

import copy
import inspect
import pickle
import re

import pytest
from IPython.core.interactiveshell import InteractiveShell
from support.canned_server import CALL_ID, TOKEN, Answering, said
from support.dialing import DIAL

import swnb
from swnb import errors, html
from swnb.commands.codes import CODES
from swnb.errors import ApiError, ApiProblem, InvalidCommand, OutcomeUnknown, Problem, SwnbError
from swnb.exchange import Exchange

pytestmark = pytest.mark.sample(6)

SCRIPT = "<script>alert(1)</script>"


def exchange(**known):
    return Exchange("calling.play", "live", 0, call_id=CALL_ID, **known)


EXAMPLES = [
    SwnbError("a", advice="b"),
    errors.ConfigurationError("host: is wrong", advice="Set it."),
    InvalidCommand("play", [Problem("volume", "must be at most 40 (dB)"), Problem("", "is wrong")]),
    errors.UnknownCommand("command", [Problem("", "there is no such command")]),
    OutcomeUnknown("play: lost", exchange=exchange(attempts=2), advice="Look."),
    errors.UnreadableReply("play: torn", exchange=exchange(http_status=200)),
    ApiError(
        "play: refused",
        exchange=exchange(http_status=422, request_id="req-1"),
        errors=[ApiProblem("not_a_string", "no text", "play", "validation_error", "Give a text.")],
        advice="Do.",
    ),
    errors.LogError("log: is damaged"),
    errors.NoRecording("replay: none"),
    errors.RunsDiffer("one and other: 1 difference"),
]


def drawn_tree(docstring):
    """Read the tree in a docstring as {class: parent}."""
    parents, path = {}, []
    for line in docstring.split("::\n", 1)[1].split("\n"):
        found = re.match(r"( {4}(?:│   |    )*)(?:├── |└── )?([A-Z]\w+)", line)
        if not found:
            continue
        depth = (line.index(found[2]) - 4) // 4
        parents[found[2]] = path[depth - 1] if depth else None
        path[depth:] = [found[2]]
    return parents


def real_tree():
    kinds = [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__.startswith(errors.__name__)
    ]  # fmt: skip
    known = {kind.__name__ for kind in kinds}
    return {
        kind.__name__: kind.__bases__[0].__name__ if kind.__bases__[0].__name__ in known else None
        for kind in kinds
    }


def test_the_tree_is_drawn_as_it_is():
    assert drawn_tree(errors.__doc__) == real_tree()


def test_errors_have_one_root_and_warnings_another():
    assert [kind for kind, parent in real_tree().items() if parent is None] == [
        "SwnbError",
        "SwnbWarning",
    ]
    assert SwnbError.__bases__ == (Exception,)
    assert issubclass(errors.SwnbWarning, UserWarning)


def test_each_error_is_public():
    assert set(real_tree()) <= set(swnb.__all__)


def test_a_message_is_the_headline_then_the_advice():
    assert str(EXAMPLES[0]) == "a\nb"
    assert str(SwnbError("a")) == "a"


def test_every_problem_has_a_line_with_its_path():
    assert str(EXAMPLES[2]) == "play.volume: must be at most 40 (dB)\nplay: is wrong"
    assert [problem.path for problem in EXAMPLES[2].problems] == ["volume", ""]


def test_an_invalid_command_is_a_value_error():
    assert issubclass(InvalidCommand, ValueError)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_in_a_notebook_an_error_prints_as_one_short_block(error):
    block = error._render_traceback_()
    assert block[0] == f"{type(error).__name__}: {str(error).splitlines()[0]}"
    assert [line.removeprefix("  ") for line in block[1:]] == str(error).splitlines()[1:]
    assert "Traceback" not in "\n".join(block)


def test_ipython_prints_the_short_block(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell()
    try:
        shell.run_cell("from swnb.errors import SwnbError\nraise SwnbError('what', advice='do')")
        printed = capsys.readouterr().out
    finally:
        shell.history_manager.end_session()
    assert printed.strip().splitlines() == ["SwnbError: what", "  do"]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "through", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)  # fmt: skip
def test_an_error_can_be_copied_whole(error, through):
    again = through(error)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


@pytest.mark.parametrize(
    "send",
    [
        lambda sw: sw.calling.play(
            CALL_ID, play=[{"type": "tts", "params": {"text": 7, "canary1": 1}}]
        ),
        lambda sw: sw.calling.dial(from_=["canary2"], to="canary2\n", url=7, timeout="canary2"),
        lambda sw: sw.calling.end("canary3", reason="canary3"),
        lambda sw: sw.calling.user_event(CALL_ID, event="canary4"),
        lambda sw: sw.calling.tap(CALL_ID, control_id="", device={"type": "canary5"}, tap={}),
        lambda sw: sw.voice_logs(page_size="canary6", created_on=["canary6"]),
        lambda sw: sw.voice_log("canary7"),
        lambda sw: sw.calling.refer(CALL_ID, device={"type": "sip", "params": {"to": "canary8"}}),
        lambda sw: sw.calling.stream(CALL_ID, url="ws://canary9", control_id="s"),
    ],
)
def test_a_message_never_echoes_a_value(sw, send):
    with pytest.raises(InvalidCommand) as caught:
        send(sw)
    assert not re.search(r"canary[2-9]", str(caught.value) + repr(caught.value.problems))


def test_an_api_error_carries_every_entry_explained(tmp_path):
    body = {
        "errors": [
            {"type": "validation_error", "code": "missing_required_parameter", "message": "is missing",
             "attribute": "url", "url": "https://example.com"},
            {"code": "brand_new", "message": "is odd"},
        ]
    }  # fmt: skip
    with (
        Answering(said(body, 422, X_Request_Id="req-7")) as server,
        swnb.Client("p", TOKEN, server.host, log=tmp_path / "log.sqlite") as sw,
        pytest.raises(ApiError) as caught,
    ):
        sw.dial(**DIAL)
    error = caught.value
    first, second = error.errors
    assert (first.code, first.message, first.attribute, first.type) == (
        "missing_required_parameter", "is missing", "url", "validation_error",
    )  # fmt: skip
    assert first.explanation == CODES["missing_required_parameter"]
    assert second == ApiProblem("brand_new", "is odd")
    assert (error.status, error.request_id) == (422, "req-7")
    assert str(error).split("\n")[1:4] == [
        f"url: is missing [missing_required_parameter] ({first.explanation})",
        "is odd [brand_new]",
        "request id req-7",
    ]
    assert error.exchange.error_code == "missing_required_parameter"
    assert error.exchange.error_message == "is missing; is odd"


@pytest.mark.parametrize(
    "body",
    [
        {"error": "Unauthorized"}, {"errors": "Unauthorized"}, {"errors": ["Unauthorized"]},
        {"errors": []}, {}, [], "Unauthorized", None, {"errors": [{}]}, {"errors": [{"code": 5, "message": None}]},
    ],
)  # fmt: skip
def test_an_api_error_of_any_shape_is_an_api_error(tmp_path, body):
    with (
        Answering(said(body, 401)) as server,
        swnb.Client("p", TOKEN, server.host, log=tmp_path / "log.sqlite") as sw,
        pytest.raises(ApiError) as caught,
    ):
        sw.calling.end(CALL_ID)
    assert "SIGNALWIRE_API_TOKEN" in str(caught.value)
    assert caught.value.exchange.error_message is not None


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_the_card_of_an_error_says_what_the_text_says(error):
    card = error._repr_html_()
    assert type(error).__name__ in card
    for line in str(error).split("\n"):
        assert html.text(line) in card


def test_the_html_of_errors_is_escaped():
    hostile = exchange(http_status=422, request_id=SCRIPT)
    hostile.command = SCRIPT
    made = [
        SwnbError(SCRIPT, advice=SCRIPT),
        InvalidCommand(SCRIPT, [Problem(SCRIPT, SCRIPT)]),
        ApiError(SCRIPT, exchange=hostile, errors=[ApiProblem(*[SCRIPT] * 5)], advice=SCRIPT),
    ]
    for error in made:
        assert "<script" not in error._repr_html_()
        assert "&lt;script&gt;" in error._repr_html_()
