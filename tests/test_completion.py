"""Tab inside strings of Python, in a real IPython shell and in a real kernel."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import swnb
from swnb.commands import COMMANDS
from swnb.commands.schema import parameters
from swnb.events.waiting import states
from swnb.notebook.magics import strings

pytestmark = pytest.mark.sample(10)

ROOT = Path(__file__).resolve().parents[1]
REASONS = ["hangup", "cancel", "busy", "noAnswer", "decline", "error"]
DIRECTIONS = ["listen", "speak", "both"]
DIAL = 'dial(from_="+15550100", to="+15550101", url="https://example.com/swml")'


@pytest.fixture(scope="module")
def client():
    with swnb.simulate(seed=3) as client:
        yield client


@pytest.fixture(scope="module")
def call(client):
    dialed = client.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
    return dialed.wait_until("answered")


@pytest.fixture(scope="module")
def shell(client, call):
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.extension_manager.load_extension("swnb")
    shell.user_ns.update(sw=client, call=call)
    yield shell
    shell.extension_manager.unload_extension("swnb")


@pytest.fixture
def tab(shell):
    """Press Tab at the end of a text, and give what the string there may become."""

    def tab(text, behind=""):
        with provisionalcompleter():
            found = list(shell.Completer.completions(text + behind, len(text)))
        opened = max(text.rfind("'"), text.rfind('"')) + 1
        if any(each.start != opened for each in found):
            return None
        return [each.text for each in found]

    return tab


ENUMS = [
    (model, parameter.name, [value for shape in parameter.shapes for value in shape.values])
    for model in COMMANDS.values()
    for parameter in parameters(model).values()
    if any(isinstance(value, str) for shape in parameter.shapes for value in shape.values)
]


@pytest.mark.parametrize(
    ("model", "name", "values"), ENUMS, ids=[f"{model.method()}-{name}" for model, name, _ in ENUMS]
)
def test_every_enum_of_the_catalogue_is_offered(tab, model, name, values):
    assert tab(f'sw.calling.{model.method()}("id", {name}="') == values
    if name != "id" and model.method() != "dial":
        assert tab(f'call.{model.method()}({name}="') == values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('call.end(reason="', REASONS),
        ("call.end(reason='", REASONS),
        ('call.end(reason = "', REASONS),
        ('call.end(reason="b', ["busy"]),
        ("call.end(reason='no", ["noAnswer"]),
        ('call.end("', REASONS),
        ('sw.calling.end(call, "', REASONS),
        ('call.play([{"type": "tts", "params": {"text": "It\'s"}}], direction="', DIRECTIONS),
        ('call.play(play=[{"type": "t', ["tts"]),
        ('call.play(\n    play=[],  # it\'s "open\n    direction="', DIRECTIONS),
        ('x = {"a": [1, (2,\n3)]}\nif x:\n    call.end(\n        reason="b', ["busy"]),
        ('print(call.end(reason="b', ["busy"]),
        ('[call.end(reason="b', ["busy"]),
        ('sw.dial(status_events=["ri', ["ringing"]),
        ('sw.dial(status_events=["ringing", "an', ["answered"]),
        ('sw.form("play_v', ["play_volume"]),
        ("sw.form(command='user", ["user_event"]),
        ('sw.form("calling.play.v', ["calling.play.volume"]),
        ('sw.send({"command": "calling.play.v', ["calling.play.volume"]),
        ('call.wait_until("an', ["answered"]),
        ('held.line.end(reason="b', ["busy"]),
        ('lines[0].end(reason="b', ["busy"]),
        ('lines[-1].end(reason="b', ["busy"]),
        ('by["a b"].end(reason="b', ["busy"]),
        ('hang_up(reason="b', ["busy"]),
        ('reply.call.end(reason="b', ["busy"]),
        ('sw.call("x").end(reason="b', ["busy"]),
        ('sw.call("x").wait_until("answered").end(reason="b', ["busy"]),
        (f'new = sw.{DIAL}\nnew.end(reason="b', ["busy"]),
        (f'with sw.{DIAL} as new:\n    new.end(reason="b', ["busy"]),
    ],
)  # fmt: skip
def test_a_string_of_a_command_completes(tab, shell, call, text, found):
    slots = type("Slots", (), {"__slots__": ("line",)})()
    slots.line = call
    shell.user_ns |= {
        "held": slots,
        "lines": [call],
        "by": {"a b": call},
        "hang_up": call.end,
        "reply": call.denoise(),
    }
    assert tab(text) == found


@pytest.mark.parametrize(
    "text",
    [
        'call.end(reason=f"b',
        'call.end(reason="""b',
        'call.end(reason="busy").play("b',
        'call.end(reason=["b',
        'call.end(reason="busy" + "b',
        'call.end(raeson="b',
        'call.user_event(event={"reason": "b',
        'nobody.end(reason="b',
        'new = other.dial()\nnew.end(reason="b',
        'end(reason="b',
        '(reason="b',
        '# call.end(reason="b',
        "'''\ncall.end(reason=\"b",
        'sw.form("play", "p',
        'sw.end(reason="b',
        'sw.calling.end("b',
        '%%sw user_event {call}\ncall.end(reason="b',
    ],
)
def test_any_other_string_is_left_alone(shell, text):
    assert strings.Strings(shell).complete(text)[0] == []


@pytest.mark.parametrize("quote", ["", "busy", '"'])
def test_what_is_behind_the_cursor_does_not_matter(tab, quote):
    assert tab('call.end(reason="b', quote + ")") == ["busy"]


def test_nothing_of_the_user_is_run(tab, shell, call):
    ran = []

    class Trap:
        def __getattr__(self, name):
            ran.append(name)
            return call

        def __getitem__(self, key):
            ran.append(key)
            return call

        def __call__(self):
            ran.append("call")
            return call

        @property
        def line(self):
            ran.append("property")
            return call

        @property
        def __class__(self):
            ran.append("class")
            return type(call)

    shell.user_ns |= {"trap": Trap(), "holder": SimpleNamespace(trap=Trap())}
    complete = strings.Strings(shell).complete
    for owner in (
        "trap",
        "trap.line",
        "trap.x",
        "trap[0]",
        "trap()",
        "holder.trap",
        "holder.trap.x",
    ):
        assert complete(f'{owner}.end(reason="b') == ([], "b")
    assert ran == []


def test_nothing_is_sent_and_no_status_is_asked(tab, client):
    sent = len(client.log.df)
    tab('sw.call("x").end(reason="b')
    tab(f'new = sw.{DIAL}\nnew.end(reason="b')
    assert len(client.log.df) == sent


def test_the_states_are_those_that_a_wait_takes():
    documented = swnb.Call.wait_until.__doc__
    assert all(states.checked(state) == state for state in strings.STATES)
    assert all(f"`{state}`" in documented for state in strings.STATES)


def test_a_cell_of_any_size_is_read_in_no_time(shell):
    text = "x = call.end('a', [1, {2: \"b\"}])\n" * 3000 + 'call.end(reason="b'
    assert strings.Strings(shell).complete(text)[0] == ["busy"]


def test_unloading_takes_it_away(shell, tab):
    shell.extension_manager.unload_extension("swnb")
    assert tab('call.end(reason="b') != ["busy"]
    shell.extension_manager.load_extension("swnb")
    assert tab('call.end(reason="b') == ["busy"]


@pytest.mark.kernel
def test_in_a_kernel_a_client_is_enough():
    from jupyter_client.manager import KernelManager  # noqa: PLC0415 - takes seconds to load

    manager = KernelManager(transport="ipc")
    manager.start_kernel(cwd=ROOT)
    client = manager.blocking_client()
    client.start_channels()

    def matches(code):
        reply = client.complete(code, len(code), reply=True, timeout=60)["content"]
        return reply["matches"], code[reply["cursor_start"] : reply["cursor_end"]]

    try:
        client.wait_for_ready(timeout=60)
        source = f"import swnb\nsw = swnb.simulate(seed=8)\nline = sw.{DIAL}"
        assert client.execute_interactive(source, timeout=60)["content"]["status"] == "ok"
        assert matches('line.end(reason="') == (REASONS, "")
        assert matches("x = 1\nline.end(\n  reason='bu") == (["busy"], "bu")
        assert matches('sw.form("play_v') == (["play_volume"], "play_v")
        assert (
            client.execute_interactive("swnb.simulate()", timeout=60)["content"]["status"] == "ok"
        )
        assert matches('line.play(direction="') == (DIRECTIONS, "")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
