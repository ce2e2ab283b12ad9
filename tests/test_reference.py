"""What completion shows is in the reference, all of it, with words of its own."""

import inspect
import re
from pathlib import Path

import pytest

import swnb
from swnb import costs

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "reference.md").read_text(encoding="utf-8")
HEADINGS = re.compile(r"^#{3,4} `([\w.]+)", re.MULTILINE)
LISTED = set(HEADINGS.findall(PAGE))
DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}


# A page lists together what the clients, and the replies, of several classes have.
ROWS_OF_OTHER_CLASSES = {"sw": {"invalid", "unused"}}


def shown(value):
    """The names that completion shows of an object, less those of Python's own classes."""
    pythons = {
        name
        for base in type(value).__mro__
        if base.__module__ == "builtins" and base is not object
        for name in vars(base)
    }
    return {name for name in dir(value) if not name.startswith("_")} - pythons


@pytest.fixture(scope="module")
def held():
    """What people hold, by the name that the pages use for it."""
    with swnb.simulate() as sw:
        call = sw.dial(**DIAL)
        yield {
            "sw": sw,
            "call": call,
            "sw.calling": sw.calling,
            "reply": call.end(),
            "sw.log": sw.log,
            "swnb": swnb,
            "swnb.costs": costs,
        }


@pytest.mark.parametrize(
    "name", ["sw", "call", "sw.calling", "reply", "sw.log", "swnb", "swnb.costs"]
)
def test_completion_shows_what_the_reference_lists(held, name):
    listed = {entry.removeprefix(f"{name}.") for entry in LISTED if entry.startswith(f"{name}.")}
    listed = {entry for entry in listed if "." not in entry}
    skipped = ROWS_OF_OTHER_CLASSES.get(name, set())
    assert shown(held[name]) == {entry for entry in listed - skipped if not entry.startswith("_")}


@pytest.mark.parametrize("name", ["sw", "call", "sw.calling", "reply", "sw.log"])
def test_what_completion_shows_has_words_of_its_own(held, name):
    kind = type(held[name])
    bare = [
        member
        for member in shown(held[name])
        if not inspect.getdoc(inspect.getattr_static(kind, member, None))
    ]
    assert [member for member in bare if f"`{name}.{member}`" not in PAGE] == []
