"""What Shift-Tab shows of a command's method: every parameter in words, an example that runs."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

import swnb
from swnb.commands import COMMANDS
from swnb.commands.describe import entries
from swnb.commands.schema import parameters
from swnb.commands.types import ESCAPES

pytestmark = pytest.mark.sample(4)

CALL_ID = "3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e21"
WIDTH = 88
METHODS = [
    *(("sw.calling", name) for name in COMMANDS),
    *(("call", name) for name in COMMANDS if name != "dial"),
    ("sw", "dial"),
]
# The names that the examples use are those of the catalogue alone, so a plain word for each.
PLAIN = re.compile(r"[A-Za-z0-9_ ,.|()\"@-]+")


@pytest.fixture(scope="module")
def objects():
    with swnb.simulate(dry_run=True) as sw:
        yield {"sw": sw, "sw.calling": sw.calling, "call": sw.call(CALL_ID)}


@pytest.fixture
def method(objects, request):
    owner, name = request.param
    return owner, COMMANDS[name], getattr(objects[owner], name)


every_method = pytest.mark.parametrize("method", METHODS, ids=".".join, indirect=True)


def example(text):
    """The example of a docstring as Python."""
    lines = text.partition("Examples\n--------\n")[2].splitlines()
    assert all(line.startswith((">>> ", "... ")) for line in lines)
    return "\n".join(line[4:] for line in lines)


def squeezed(text):
    return " ".join(text.split())


@every_method
def test_every_parameter_is_named_with_what_it_means(method):
    owner, model, bound = method
    text = inspect.getdoc(bound)
    listed = text.partition("Parameters\n")[2].partition("\nReturns\n")[0]
    names = re.findall(r"^(\w+) : ", listed, re.MULTILINE)
    signature = inspect.signature(bound)
    assert names == list(signature.parameters)
    assert names[-2:] == list(ESCAPES)
    own = [*parameters(model).values()]
    if owner == "call" and model.method() == "update":
        own = [parameter for parameter in own if parameter.name != "id"]
    for parameter in own:
        entry = re.search(rf"^{parameter.name} : (.*\n(?: +.*\n?)+)", listed, re.MULTILINE)
        assert squeezed(parameter.description.rstrip(".")) in squeezed(entry[1])
        assert (", optional" in entry[1].split("\n")[0]) == (
            signature.parameters[parameter.name].default is not inspect.Parameter.empty
        )
        if parameter.assumed is not None:
            assert "Assumed:" in entry[1]
        if parameter.unit:
            assert parameter.unit in entry[1].partition("    - ")[0]


@every_method
def test_every_nested_field_is_named_with_what_it_means(method):
    _, model, bound = method
    text = squeezed(inspect.getdoc(bound))
    for entry in entries(model):
        if entry.top or entry.parameter.name == "type":
            continue
        words = squeezed(entry.parameter.description.rstrip("."))
        assert re.search(rf"- {entry.parameter.name} \((.+?)\): {re.escape(words)}", text), (
            entry.path
        )


@every_method
def test_types_are_plain_words(method):
    _, _, bound = method
    for parameter in inspect.signature(bound).parameters.values():
        assert PLAIN.fullmatch(str(parameter.annotation)), parameter
        assert len(str(parameter.annotation)) < WIDTH


@every_method
def test_lines_are_short_and_the_example_is_python_that_runs(method, objects):
    owner, model, bound = method
    text = inspect.getdoc(bound)
    written = inspect.getdoc(model).splitlines()
    assert [line for line in text.splitlines()[len(written) :] if len(line) > WIDTH] == []
    call = objects["call"]
    if owner == "call" and model.controls:  # what it controls has to be open
        for starting in (each for each in COMMANDS.values() if each.starts == model.controls):
            exec(example(inspect.getdoc(getattr(call, starting.method()))), {"call": call})
    (line,) = ast.parse(example(text)).body
    shown = inspect.signature(bound).parameters
    optional = [shown[keyword.arg].default is None for keyword in line.value.keywords]
    assert optional == sorted(optional)  # what is required comes first
    value = eval(ast.unparse(line.value), {"sw": objects["sw"], "call": call})
    reply = value.last if owner == "sw" else value
    assert (reply.exchange.command, reply.exchange.outcome) == (model.wire, "dry_run")
    own = {"control_id", "id"}  # what a call fills in by itself
    assert set(reply.exchange.request["params"]) - own == set(model.example) - own


def test_what_a_reader_sees():
    with swnb.simulate(dry_run=True) as sw:
        call = sw.call(CALL_ID)
        shown = str(inspect.signature(call.play).parameters["direction"])
        assert shown.startswith('direction: "listen" | "speak" | "both"')
        text = inspect.getdoc(call.play)
        assert "volume : float (at least -40, at most 40, dB), optional\n" in text
        assert "        - url (str, required; an http:// or https:// URL): The URL of" in text
        assert text.endswith("...     volume=3,\n... )")
        assert inspect.getdoc(call.end).endswith('>>> call.end("busy")')
        assert "If it is left out, the call makes one and remembers it." in squeezed(text)
        assert "call_id : str, Call or Reply" in inspect.getdoc(sw.calling.play)
