"""The catalogue against the platform's published description, where that is at hand.

Both are flattened into facts, (path, what) -> value, and compared in both directions. Each
difference stands in `DIFFERENCES` with its reason; one that no longer occurs fails as well.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.catalogue_values import free_entry

from swnb.commands import COMMANDS
from swnb.commands.codes import CODES
from swnb.commands.schema import Parameter, Shape, parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SPEC = ROOT.parent / "shared" / "spec"
pytestmark = [
    pytest.mark.skipif(not SPEC.is_dir(), reason="the published description is not here"),
    pytest.mark.sample(10),
]

SWML = "SWML.Calling.SWMLObject"
OPAQUE = {"type": "object", "unevaluatedProperties": {"not": {}}}
BOUNDS = {
    "minimum": "ge",
    "maximum": "le",
    "minLength": "min_length",
    "minItems": "min_length",
    "maxProperties": "max_length",
    "pattern": "pattern",
}
RULE = "asked for by a rule, whose message says it in words, instead of by a union"
LIGHTLY = "SWML is held against a catalogue of its own: tests/test_swml_spec.py"
SUGGESTED = "the values are suggestions beside any text: they are examples, not an enumeration"
POSITIVE = "the description says in prose that it must be positive"
RANGE = "the description says the range in prose"
SCHEMES = "the description says the schemes in prose"
POSTED = "the description says in prose that it is the URL of a webhook"
DIFFERENCES = {
    ("ai_sidecar.action.summarize.webhook", "a URL"): POSTED,
    ("ai_sidecar.model", "kinds"): SUGGESTED,
    ("ai_sidecar.model", "values"): SUGGESTED,
    ("ai_sidecar.params.summary_model", "kinds"): SUGGESTED,
    ("ai_sidecar.params.summary_model", "values"): SUGGESTED,
    ("ai_sidecar.prompt<pom>.pom[]", "one of"): RULE,
    ("ai_sidecar.prompt<pom>.pom[].subsections[]", "one of"): RULE,
    ("collect.digits.digit_timeout", "bounds"): POSITIVE,
    ("collect.digits.max", "bounds"): POSITIVE,
    ("collect.initial_timeout", "bounds"): POSITIVE,
    ("collect.speech.end_silence_timeout", "bounds"): POSITIVE,
    ("collect.speech.speech_timeout", "bounds"): POSITIVE,
    ("dial", "one of"): RULE,
    ("dial.swml", "kinds"): LIGHTLY,
    ("dial.to_script", "kinds"): LIGHTLY,
    ("live_transcribe.action<start>.start.debug_level", "bounds"): RANGE,
    ("live_transcribe.action<start>.start.vad_thresh", "bounds"): RANGE,
    ("live_transcribe.action<start>.start.webhook", "a URL"): POSTED,
    ("live_transcribe.action<summarize>.summarize.webhook", "a URL"): POSTED,
    ("live_translate.action<start>.start.debug_level", "bounds"): RANGE,
    ("live_translate.action<start>.start.vad_thresh", "bounds"): RANGE,
    ("live_translate.action<start>.start.webhook", "a URL"): POSTED,
    ("live_translate.action<summarize>.summarize.webhook", "a URL"): POSTED,
    ("play.play[]<silence>.params.duration", "bounds"): POSITIVE,
    ("tap.device<ws>.params.uri", "a URL"): SCHEMES,
    ("transfer.dest", "kinds"): LIGHTLY,
    ("update", "one of"): f"{RULE}; an update may also set a status alone, as the prose has it",
    ("update.swml", "kinds"): LIGHTLY,
}


class Facts(dict[tuple[str, str], Any]):
    """What is known by (path, what), without what is not said."""

    def add(self, path: str, what: str, value: Any) -> None:
        if value not in (None, {}, (), frozenset()):
            self[path, what] = value


def catalogue_facts() -> Facts:
    facts = Facts()
    for method, model in COMMANDS.items():
        facts.add(method, "wire", model.wire)
        for name, parameter in parameters(model).items():
            add_parameter(facts, f"{method}.{name}", parameter, ())
    return facts


def add_parameter(facts: Facts, path: str, parameter: Parameter, within: tuple[Any, ...]) -> None:
    facts[path, "required"] = parameter.required
    facts.add(path, "default", parameter.assumed)
    add_shapes(facts, path, parameter.shapes, within)


def add_shapes(facts: Facts, path: str, shapes: tuple[Shape, ...], within: tuple[Any, ...]) -> None:
    objects = [shape for shape in shapes if shape.kind == "object"]
    facts[path, "kinds"] = frozenset(
        "map" if shape.kind == "json" and free_entry(shape) else shape.kind for shape in shapes
    )
    for shape in shapes:
        facts.add(path, "values", frozenset(shape.values) or None)
        facts.add(path, "bounds", shape.bounds)
        # Of SWML a URL may also be a route of the space, which the published schema allows too.
        is_url = shape.rule and re.match(r"an? \w+:// ", shape.rule)
        facts.add(path, "a URL", bool(is_url) or None)
        if shape.item:
            add_shapes(facts, f"{path}[]", shape.item.shapes, within)
        if shape.kind == "json" and (entry := free_entry(shape)):
            add_shapes(facts, f"{path}{{}}", entry.shapes, within)
    for shape in objects:
        branch = path
        if len(objects) > 1:
            kind = shape.fields.get("type")
            only = [name for name, field in shape.fields.items() if field.required]
            branch = f"{path}<{kind.shapes[0].values[0] if kind else '+'.join(only)}>"
            facts[branch, "branch"] = True
        if shape.source not in within:
            for name, field in shape.fields.items():
                add_parameter(facts, f"{branch}.{name}", field, (*within, shape.source))


class Spec:
    """The published description, flattened in the same way."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.schemas = document["components"]["schemas"]
        post = document["paths"]["/api/calling/calls"]["post"]
        self.examples = post["requestBody"]["content"]["application/json"]["examples"]
        self.table = post["description"]
        mapping = self.schemas["Calling.CallRequest"]["discriminator"]["mapping"]
        self.requests = {wire: self.plain({"$ref": ref}) for wire, ref in mapping.items()}

    def plain(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Resolve references and merge `allOf`; what stands beside it goes before it."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return {**(OPAQUE if name == SWML else self.plain(self.schemas[name])), "ref": name}
        own = {key: item for key, item in schema.items() if key != "allOf"}
        merged: dict[str, Any] = {}
        for part in [*map(self.plain, schema.get("allOf", [])), own]:
            properties = {**merged.get("properties", {}), **part.get("properties", {})}
            merged = {**merged, **part, **({"properties": properties} if properties else {})}
        return merged

    def forms(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the branches of a union, nested ones flattened."""
        schema = self.plain(schema)
        if "anyOf" not in schema:
            yield schema
        for branch in schema.get("anyOf", []):
            yield from self.forms(branch)

    def facts(self) -> Facts:
        facts = Facts()
        for wire, request in self.requests.items():
            method = wire.removeprefix("calling.").replace(".", "_")
            facts.add(method, "wire", wire)
            branches = list(self.forms(request["properties"]["params"]))
            for branch in self.merged(facts, method, branches):
                self.add_fields(facts, method, branch, ())
        return facts

    def merged(
        self, facts: Facts, path: str, objects: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Make one object of those that no `type` and no key of their own tell apart."""
        names = [set(each.get("properties", {})) for each in objects]
        if len(objects) < 2 or "type" in names[0] or not set.intersection(*names):
            return objects
        required = [frozenset(each["required"]) for each in objects]
        always = frozenset.intersection(*required)
        facts[path, "one of"] = frozenset(each - always for each in required)
        properties = {key: item for each in objects for key, item in each["properties"].items()}
        refs = "+".join(each["ref"] for each in objects)
        return [{**objects[0], "ref": refs, "properties": properties, "required": list(always)}]

    def add_fields(
        self, facts: Facts, path: str, schema: dict[str, Any], within: tuple[str, ...]
    ) -> None:
        for name, field in schema.get("properties", {}).items():
            where = f"{path}.{name}"
            facts[where, "required"] = name in schema.get("required", [])
            facts.add(where, "default", self.plain(field).get("default"))
            self.add_forms(facts, where, field, within)

    def add_forms(
        self, facts: Facts, path: str, schema: dict[str, Any], within: tuple[str, ...]
    ) -> None:
        forms = list(self.forms(schema))
        facts[path, "kinds"] = frozenset(map(kind_of, forms))
        for form in forms:
            bounds = {BOUNDS[key]: item for key, item in form.items() if key in BOUNDS}
            facts.add(path, "bounds", bounds)
            facts.add(path, "values", frozenset(form.get("enum", ())) or None)
            facts.add(path, "a URL", form.get("format") == "uri" or None)
            if "items" in form:
                self.add_forms(facts, f"{path}[]", form["items"], within)
            if kind_of(form) == "map":
                self.add_forms(facts, f"{path}{{}}", form["unevaluatedProperties"], within)
        objects = [form for form in forms if kind_of(form) == "object"]
        for form in self.merged(facts, path, objects):
            self.add_object(facts, path, form, len(objects) > 1, within)

    def add_object(
        self,
        facts: Facts,
        path: str,
        form: dict[str, Any],
        among_others: bool,
        within: tuple[str, ...],
    ) -> None:
        if among_others and "+" not in form["ref"]:
            kind = form["properties"].get("type")
            path += f"<{kind['enum'][0] if kind else '+'.join(form['required'])}>"
            facts[path, "branch"] = True
        name = form.get("ref", json.dumps(form, sort_keys=True))
        if name not in within:
            self.add_fields(facts, path, form, (*within, name))


def kind_of(form: dict[str, Any]) -> str:
    if "enum" in form:
        return "enum"
    if form["type"] == "object":
        if form.get("properties"):
            return "object"
        free = form.get("unevaluatedProperties", {})
        return "map" if free and free != {"not": {}} else ("json" if free == {} else "object")
    return {"array": "list"}.get(form["type"], form["type"])


@pytest.fixture(scope="module")
def spec() -> Spec:
    return Spec(json.loads((SPEC / "calling.openapi.json").read_text()))


def differences(ours: Facts, theirs: Facts) -> set[tuple[str, str]]:
    found = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}
    kinds = {path for path, what in found if what == "kinds"}
    # Where the kinds differ, what is below cannot be compared and says nothing more.
    return {
        (path, what)
        for path, what in found
        if not any(path.startswith((f"{other}.", f"{other}<", f"{other}[")) for other in kinds)
    }


def test_every_difference_is_listed_and_every_listed_one_occurs(spec):
    assert differences(catalogue_facts(), spec.facts()) == set(DIFFERENCES)


def test_the_comparison_sees_nested_facts(spec):
    path = "ai_sidecar.SWAIG.functions[].parameters.properties{}<array>.items<integer>.enum[]"
    assert catalogue_facts()[path, "kinds"] == {"integer"}
    assert spec.facts()[path, "kinds"] == {"integer"}


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
def test_the_published_example_is_sent_as_it_is(model, spec):
    params = spec.examples[model.wire]["value"]["params"]
    assert json.dumps(model(**params).params) == json.dumps(params)


def test_the_commands_stand_in_the_order_of_the_published_table(spec):
    rows = [line.split("`")[1] for line in spec.table.splitlines() if line.startswith("| `")]
    assert [model.wire for model in COMMANDS.values()] == rows


# Words of codes that no call command or voice-log request returns; the published list is shared.
OTHER_PRODUCTS = re.compile(
    "message|messaging|media|mms|campaign|brand|chat|room|subproject_|nested_|chunking|sub_use"
    "|verif(?:ication|ied_)|mustache|zendesk|skill|xml|file|handset|carrier|tmobile|^-32"
)
NEEDED_FOR_CALLS = {"not_purchased_or_verified", "number_not_verified", "invalid_subproject_id"}


def test_the_published_codes_of_calls_are_explained_and_none_of_messaging_or_video():
    codes = json.loads((SPEC / "error-codes.json").read_text())["codes"]
    assert CODES.keys() <= codes.keys()
    assert {code for code in CODES if OTHER_PRODUCTS.search(code)} <= NEEDED_FOR_CALLS


def test_no_other_code_is_published_than_those_that_were_looked_at():
    codes = json.loads((SPEC / "error-codes.json").read_text())["codes"]
    assert len(codes.keys() - CODES.keys()) == 146  # a new one may be one that calls return


def test_no_sentence_of_the_published_text_is_copied(spec):
    codes = json.loads((SPEC / "error-codes.json").read_text())["codes"]
    theirs = {text for texts in codes.values() for text in texts}
    theirs |= {text.strip() for text in descriptions(spec.schemas)}
    ours = {each.description for model in COMMANDS.values() for each in all_of(model)}
    assert not (ours | set(CODES.values())) & {text for text in theirs if " " in text}


def descriptions(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, item in schema.items():
            if key == "description" and isinstance(item, str):
                yield from (f"{sentence}." for sentence in item.split("."))
            else:
                yield from descriptions(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from descriptions(item)


def all_of(model: Any) -> Iterator[Parameter]:
    todo = [(each, ()) for each in parameters(model).values()]
    while todo:
        parameter, within = todo.pop()
        yield parameter
        for shape in parameter.shapes:
            if shape.source not in within:
                todo += [(field, (*within, shape.source)) for field in shape.fields.values()]
