"""The SWML catalogue against the platform's published definitions, where those are at hand.

Both are flattened into facts, (path, what) -> value, and compared in both directions. Each
difference stands in `DIFFERENCES` with its reason; one that no longer occurs fails as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import swnb
from swnb.documents.checking import VERSION, _value
from swnb.documents.methods import METHODS
from swnb.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from swnb.documents.shapes import Shape

SPEC = Path(__file__).parents[2] / "shared" / "spec" / "calling.openapi.json"
pytestmark = pytest.mark.skipif(not SPEC.is_file(), reason="the published definitions are not here")

PREFIX = "SWML.Calling."
STEPS = {f"{PREFIX}SWMLMethod", f"{PREFIX}ValidConfirmMethods"}
AGENT = "what is inside an agent is free JSON here: it changes fastest, and the platform checks it"
SUGGESTED = "the values are suggestions beside any text: they are no enumeration"
PRESETS = "a preset, or any text behind prompt: for now it is not told apart"
DIFFERENCES = {
    ("ai.SWAIG", "kinds"): AGENT,
    ("ai.hints[]", "kinds"): AGENT,
    ("ai.languages[]", "kinds"): AGENT,
    ("ai.multilingual", "kinds"): AGENT,
    ("ai.params", "kinds"): AGENT,
    ("ai.post_prompt.pom[]", "kinds"): AGENT,
    ("ai.prompt.contexts", "kinds"): AGENT,
    ("ai.prompt.pom[]", "kinds"): AGENT,
    ("ai.pronounce[]", "kinds"): AGENT,
    ("ai_sidecar.SWAIG", "kinds"): AGENT,
    ("ai_sidecar.model", "kinds"): SUGGESTED,
    ("ai_sidecar.params", "kinds"): AGENT,
    ("ai_sidecar.permissions", "kinds"): AGENT,
    ("ai_sidecar.prompt", "kinds"): AGENT,
    ("amazon_bedrock.SWAIG", "kinds"): AGENT,
    ("amazon_bedrock.params", "kinds"): AGENT,
    ("amazon_bedrock.post_prompt.pom[]", "kinds"): AGENT,
    ("amazon_bedrock.prompt.pom[]", "kinds"): AGENT,
    ("live_translate.action.start.filter_from", "kinds"): PRESETS,
    ("live_translate.action.start.filter_to", "kinds"): PRESETS,
    (
        "pay.prompts[].actions[].phrase",
        "format",
    ): "only what is played is a URL; what is said is text",
    (
        "sections",
        "kinds of a step",
    ): "a method that needs no parameters may be its name: `- hangup`",
}

EXAMPLES_THAT_BREAK_THEIR_OWN_SCHEMA: dict[str, list[Problem]] = {}


class Facts(dict[tuple[str, str], Any]):
    """What is known by (path, what), without what is not said."""

    def add(self, path: str, what: str, value: Any) -> None:
        if value not in (None, {}, (), frozenset()):
            self[path, what] = value


def choices(required: list[frozenset[str]]) -> frozenset[frozenset[str]]:
    """What each form of an object requires beside what all of them do."""
    always = frozenset.intersection(*required)
    return frozenset(each - always for each in required) - {frozenset()}


def our_facts() -> Facts:
    facts = Facts()
    document = {"sections": {"main": ["hangup", {"hangup": {}}]}}
    facts["sections", "kinds of a step"] = {
        type(step) for step in swnb.swml(document)["sections"]["main"]
    }
    for name, method in METHODS.items():
        add_shapes(facts, name, method.shapes)
    return facts


def required_in(shape: Shape) -> list[frozenset[str]]:
    others = shape.one_of or shape.some_of
    return [frozenset({*shape.required, other}) for other in others] or [frozenset(shape.required)]


def add_shapes(facts: Facts, path: str, shapes: tuple[Shape, ...]) -> None:
    facts[path, "kinds"] = frozenset(shape.kind for shape in shapes)
    for shape in shapes:
        bounds = {"low": shape.low, "high": shape.high}
        facts.add(path, "bounds", {key: item for key, item in bounds.items() if item is not None})
        facts.add(
            path, "format", ("url" if shape.url else None) or ("sound" if shape.sound else None)
        )
        if shape.items:
            add_shapes(facts, f"{path}[]", shape.items)
    words = frozenset(word for shape in shapes for word in shape.values)
    facts.add(path, "values", words)
    objects = [shape for shape in shapes if shape.kind == "object"]
    if not objects:
        return
    required = [each for shape in objects for each in required_in(shape)]
    facts.add(path, "one of", choices(required))
    for shape in objects:
        for field in shape.fields:
            where = f"{path}.{field.name}"
            facts[where, "required"] = all(field.name in each for each in required)
            facts.add(where, "default", field.assumed)
            add_shapes(facts, where, field.shapes)


class Spec:
    """The published definitions, flattened in the same way."""

    def __init__(self) -> None:
        self.schemas = json.loads(SPEC.read_text())["components"]["schemas"]

    def plain(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Resolve references and merge `allOf`; what stands beside it goes before it."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return {**self.plain(self.schemas[name]), "ref": name}
        merged: dict[str, Any] = {}
        for part in schema.get("allOf", []):
            merged |= self.plain(part)
        return merged | {key: item for key, item in schema.items() if key != "allOf"}

    def forms(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the branches of a union, nested ones flattened."""
        schema = self.plain(schema)
        if "anyOf" not in schema or schema.get("ref") in STEPS:
            yield schema
            return
        for branch in schema["anyOf"]:
            yield from self.forms(branch)

    def methods(self) -> dict[str, Any]:
        found = {}
        for branch in self.schemas[f"{PREFIX}SWMLMethod"]["anyOf"]:
            schema = self.plain(branch)
            (name,) = schema["properties"]
            assert schema["required"] == [name]
            found[name] = schema["properties"][name]
        return found

    def names_of(self, ref: str) -> frozenset[str]:
        branches = self.schemas[ref]["anyOf"]
        return frozenset(name for each in branches for name in self.plain(each)["properties"])

    def kind(self, form: dict[str, Any]) -> str:
        if form.get("ref") in STEPS:
            return "step"
        if "enum" in form:
            return "enum"
        if form.get("type") == "array":
            item = self.plain(form["items"])
            return "steps" if item.get("ref") in STEPS else "list"
        if form.get("type") == "object":
            free = form.get("unevaluatedProperties")
            if form.get("properties") or free == {"not": {}}:
                return "object"
            return "map" if free else "json"
        return form.get("type", "any")

    def facts(self) -> Facts:
        facts = Facts()
        facts["sections", "kinds of a step"] = {dict}
        for name, schema in self.methods().items():
            self.add(facts, name, schema, ())
        return facts

    def add(self, facts: Facts, path: str, schema: dict[str, Any], within: tuple[str, ...]) -> None:
        forms = list(self.forms(schema))
        facts[path, "kinds"] = frozenset(map(self.kind, forms))
        words: set[Any] = set()
        objects = []
        for form in forms:
            kind = self.kind(form)
            low = form.get("minimum", form.get("minLength", form.get("minItems")))
            bounds = {"low": low, "high": form.get("maximum")}
            facts.add(
                path, "bounds", {key: item for key, item in bounds.items() if item is not None}
            )
            words |= set(form.get("enum", ())) | facts.get((path, "values"), set())
            if form.get("format") == "uri":
                facts.add(path, "format", "url")
            elif form.get("pattern"):
                facts.add(
                    path,
                    "format",
                    "sound" if form.get("ref", "").endswith("play_url") else "pattern",
                )
            if kind == "steps":
                ref = self.plain(form["items"])["ref"]
                words |= self.names_of(ref) if ref != f"{PREFIX}SWMLMethod" else set()
            elif kind == "list":
                self.add(facts, f"{path}[]", form["items"], within)
            elif kind == "map":
                self.add(facts, f"{path}[]", form["unevaluatedProperties"], within)
            elif kind == "object":
                objects.append(form)
        facts.add(path, "values", frozenset(words))
        self.add_objects(facts, path, objects, within)

    def add_objects(
        self, facts: Facts, path: str, objects: list[dict[str, Any]], within: tuple[str, ...]
    ) -> None:
        if not objects:
            return
        required = [frozenset(form.get("required", ())) for form in objects]
        facts.add(path, "one of", choices(required))
        for form in objects:
            ref = form.get("ref", "")
            if ref and ref in within:
                continue
            for name, field in form.get("properties", {}).items():
                where = f"{path}.{name}"
                facts[where, "required"] = all(name in each for each in required)
                facts.add(where, "default", self.plain(field).get("default"))
                self.add(facts, where, field, (*within, ref))


@pytest.fixture(scope="module")
def spec() -> Spec:
    return Spec()


def differences(ours: Facts, theirs: Facts) -> set[tuple[str, str]]:
    found = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}
    kinds = {path for path, what in found if what == "kinds"}
    # Where the kinds differ, what is below cannot be compared and says nothing more.
    return {
        (path, what)
        for path, what in found
        if not any(path.startswith((f"{other}.", f"{other}[")) for other in kinds)
        and not (
            what != "kinds" and path in kinds and what in ("one of", "format", "values", "bounds")
        )
    }


def test_the_methods_are_the_published_ones(spec):
    assert METHODS.keys() == spec.methods().keys()


def test_every_difference_is_listed_and_every_listed_one_occurs(spec):
    assert differences(our_facts(), spec.facts()) == set(DIFFERENCES)


def test_the_comparison_sees_nested_facts(spec):
    path = "connect.serial_parallel[][].call_state_events[]"
    assert our_facts()[path, "values"] == {"created", "ringing", "answered", "ended"}
    assert spec.facts()[path, "values"] == our_facts()[path, "values"]
    assert spec.facts()["cond[]", "one of"] == {frozenset({"when", "then"}), frozenset({"else"})}


def test_a_document_has_the_published_parts(spec):
    document = spec.schemas[f"{PREFIX}SWMLObject"]
    assert (document["required"], {*document["properties"]}) == (
        ["sections"],
        {"version", "sections"},
    )
    assert document["properties"]["version"]["enum"] == [VERSION]
    assert spec.schemas[f"{PREFIX}Section"]["required"] == ["main"]


def examples(spec, path, schema, shapes, within=()):
    for form in spec.forms(schema):
        ref = form.get("ref")
        if ref in within:
            continue
        for example in form.get("examples", ()):
            yield path, example, shapes
        fields = {field.name: field for shape in shapes for field in shape.fields}
        for name, inner in form.get("properties", {}).items():
            if name in fields:
                where = f"{path}.{name}"
                yield from (
                    (where, each, fields[name].shapes) for each in inner.get("examples", ())
                )
                yield from examples(spec, where, inner, fields[name].shapes, (*within, ref))


def test_the_published_examples_are_taken(spec):
    seen = 0
    wrong = {}
    for name, schema in spec.methods().items():
        for path, example, shapes in examples(spec, name, schema, METHODS[name].shapes):
            seen += 1
            if problems := list(_value(path, example, shapes)):
                wrong[path] = problems
    assert seen > 200
    assert wrong == EXAMPLES_THAT_BREAK_THEIR_OWN_SCHEMA


def test_no_sentence_of_the_published_text_is_copied(spec):
    theirs = set(descriptions(spec.schemas))
    ours = {method.about for method in METHODS.values()}
    ours |= {field.about for method in METHODS.values() for field in fields_of(method.shapes)}
    assert ours & {text for text in theirs if text.count(" ") > 2} == set()


def fields_of(shapes):
    for shape in shapes:
        yield from fields_of(shape.items)
        for field in shape.fields:
            yield field
            yield from fields_of(field.shapes)


def descriptions(schema):
    if isinstance(schema, dict):
        for key, item in schema.items():
            if key == "description" and isinstance(item, str):
                yield from (
                    f"{sentence.strip()}." for sentence in item.replace("\n", " ").split(".")
                )
            else:
                yield from descriptions(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from descriptions(item)
