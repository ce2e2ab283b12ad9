"""SWML documents: read from files, text and dicts, checked whole, shown, and sent as they are."""

from __future__ import annotations

import copy
import doctest
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from support.simulated_space import Remote, errors

import swnb
from swnb.documents.methods import METHODS
from swnb.documents.reading import LARGEST
from swnb.errors import InvalidCommand, InvalidSwml

ENDS = {"from_": "+15550100", "to": "+15550101"}
CANARY = "Canary7f3a9c"
YAML = """\
version: 1.0.0
sections:
  main:
    - answer
    - play:
        url: "say:Welcome"
        volume: 3
    - prompt:
        play: "say:Press 1 or 2"
        max_digits: 1
    - switch:
        variable: prompt_value
        case:
          1:
            - transfer: {dest: sales}
          2: [hangup]
        default:
          - hangup: {reason: busy}
  sales:
    - connect:
        to: +15550102
        timeout: ${wait}
"""
DOCUMENT = {
    "version": "1.0.0",
    "sections": {
        "main": [
            "answer",
            {"play": {"url": "say:Welcome", "volume": 3}},
            {"prompt": {"play": "say:Press 1 or 2", "max_digits": 1}},
            {
                "switch": {
                    "variable": "prompt_value",
                    "case": {"1": [{"transfer": {"dest": "sales"}}], "2": ["hangup"]},
                    "default": [{"hangup": {"reason": "busy"}}],
                }
            },
        ],
        "sales": [{"connect": {"to": "+15550102", "timeout": "${wait}"}}],
    },
}


def steps(*given):
    return {"sections": {"main": [*given]}}


def refused(source):
    """The problems by their path."""
    with pytest.raises(InvalidSwml) as error:
        swnb.swml(source)
    return {problem.path: problem.message for problem in error.value.problems}


def refused_step(step):
    return {
        path.removeprefix("sections.main[0]").lstrip("."): message
        for path, message in refused(steps(step)).items()
    }


def set_in(text):
    """What YAML makes of a value: `set` takes any."""
    document = swnb.swml(f"sections:\n  main:\n    - set:\n        value: {text}\n")
    return document["sections"]["main"][0]["set"]["value"]


@pytest.fixture
def files(tmp_path):
    (tmp_path / "ivr.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "ivr.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return tmp_path


def test_the_same_document_from_everywhere(files, monkeypatch):
    monkeypatch.chdir(files)
    sources = [
        YAML,
        json.dumps(DOCUMENT),
        json.dumps(DOCUMENT, indent=2),
        DOCUMENT,
        "ivr.yaml",
        files / "ivr.json",
        str(files / "ivr.yaml"),
        swnb.swml(YAML),
        "{version: 1.0.0, sections: " + json.dumps(DOCUMENT["sections"]) + "}",
    ]
    assert [swnb.swml(source) for source in sources] == [DOCUMENT] * len(sources)
    assert swnb.swml("ivr.yaml").source == "ivr.yaml"


def test_a_document_is_a_copy():
    mine = copy.deepcopy(DOCUMENT)
    document = swnb.swml(mine)
    mine["sections"]["main"].clear()
    assert document == DOCUMENT
    for other in (
        copy.copy(document),
        copy.deepcopy(document),
        pickle.loads(pickle.dumps(document)),
    ):
        assert (other, other.source, other.unchecked) == (document, "swml", False)


@pytest.mark.parametrize(
    ("step", "path", "message"),
    [
        ({"play": {"urll": "say:x"}}, "play.urll", "did you mean 'url'?"),
        ({"promt": 1}, "promt", "is not a method; did you mean 'prompt'?"),
        ({"Play": {"url": "say:x"}}, "Play", "did you mean 'play'?"),
        ("hangupp", "", "is not a method; did you mean 'hangup'?"),
        ("play", "", "needs parameters: write play: {…}"),
        ("ring the bell", "", "is not a method; docs/swml.md"),
        ({"play": {"url": "say:x"}, "hangup": {}}, "", "has 2 methods, play and hangup"),
        ({}, "", "names no method"),
        (5, "", "must be a step"),
        (None, "", "must be a step"),
        ({"hangup": None}, "hangup", "write hangup: {}"),
        ({"play": None}, "play", "with url"),
        ({"play": "say:x"}, "play", "must be an object (a dict) with url"),
        ({"play": {"url": "say:x", "urls": ["say:x"]}}, "play", "must have only one of url, urls"),
        ({"play": {"volume": 1}}, "play", "needs one of url, urls"),
        ({"play": {"url": "welcome.mp3"}}, "play.url", "the URL of a sound"),
        ({"play": {"urls": ["say:x", 5]}}, "play.urls[1]", "must be a string; put it in quotes"),
        ({"play": {"url": "say:x", "volume": 41}}, "play.volume", "must be at most 40 (dB)"),
        ({"play": {"url": "say:x", "volume": "3"}}, "play.volume", "must be a number"),
        (
            {"play": {"url": "say:x", "status_url": "example.com"}},
            "play.status_url",
            "must be a URL",
        ),
        ({"record": {"format": "ogg"}}, "record.format", "must be one of 'wav', 'mp3', 'mp4'"),
        ({"record": {"beep": "yes"}}, "record.beep", "write true or false, without quotes"),
        ({"record": {"beep": None}}, "record.beep", "leave it out"),
        ({"sleep": 1.5}, "sleep", "a whole number"),
        ({"sleep": {"duration": -2}}, "sleep.duration", "at least -1 (milliseconds)"),
        ({"connect": {"to": 15550100}}, "connect.to", "must be a string; put it in quotes"),
        ({"connect": {}}, "connect", "needs one of to, serial, parallel, serial_parallel"),
        ({"connect": {"serial": [{"from": "+15550100"}]}}, "connect.serial[0].to", "is required"),
        ({"connect": {"to": "a", "confirm": ["answer"]}}, "connect.confirm[0]", "is not a method"),
        ({"send_sms": {"to_number": "a", "from_number": "b"}}, "send_sms", "needs body or media"),
        ({"denoise": {"level": 1}}, "denoise.level", "there are none here"),
        ({"cond": [{"then": []}]}, "cond[0].when", "is required"),
        ({"cond": [{"when": "a", "then": [{"hangp": {}}]}]}, "cond[0].then[0].hangp", "'hangup'"),
        (
            {"switch": {"variable": "x", "case": {"1": "hangup"}}},
            "switch.case.1",
            "a list of steps",
        ),
        ({"execute": {"dest": "a", "on_return": ["hangp"]}}, "execute.on_return[0]", "'hangup'"),
        ({"goto": {"label": "top"}}, "goto.label", "is not a label of this section"),
        ({"goto": {"label": "a", "max": 101}}, "goto.max", "at most 100"),
        ({"set": []}, "set", "must be an object"),
        ({"ai": {"prompt": {"text": "a", "top_p": 2}}}, "ai.prompt.top_p", "at most 1"),
        ({"live_transcribe": {"action": "halt"}}, "live_transcribe.action", "'stop', 'summarize'"),
        ({"user_event": {"event": "a"}}, "user_event.event", "must be an object"),
    ],
)
def test_what_is_wrong_with_a_step_is_said_at_its_place(step, path, message):
    found = refused_step(step)
    assert message in found[path]
    assert swnb.swml(steps(step), unchecked=True)["sections"]["main"] == [step]


def test_a_parameter_beside_its_method_is_told_where_it_belongs():
    found = refused("sections:\n  main:\n    - play:\n      url: say:Hello\n")
    assert found == {
        "sections.main[0].url": "is not a method; as a parameter of play it stands below it, "
        "indented further"
    }


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        ({}, "sections", "is required"),
        ({"sections": {}}, "sections.main", "is required"),
        ({"sections": {"mian": []}}, "sections.main", "did you mean 'mian'?"),
        ({"sections": []}, "sections", "it must have main"),
        ({"sections": {"main": {}}}, "sections.main", "must be a list of steps"),
        ({"sections": {"main": None}}, "sections.main", "must be a list of steps"),
        ({"section": {"main": []}}, "section", "did you mean 'sections'?"),
        ({**steps(), "play": {}}, "play", "sections.main"),
        ({**steps(), "version": 1.0}, "version", "must be '1.0.0'"),
        ("- answer\n- hangup\n", "", "an object (a dict) with sections"),
        ("42: ", "42", "is not a part of a document"),
    ],
)
def test_what_is_wrong_with_the_whole_is_said_at_its_place(document, path, message):
    assert message in refused(document)[path]


def test_all_problems_come_at_once_and_a_thousand_are_cut_short():
    found = refused({"version": 2, **steps({"play": {"urll": 1}}, "hangupp", {"sleep": "x"})})
    assert set(found) == {
        "version",
        "sections.main[0].play",
        "sections.main[0].play.urll",
        "sections.main[1]",
        "sections.main[2].sleep",
    }
    assert refused(steps(*["hangupp"] * 1_000))[""] == "and more like these"


@pytest.mark.parametrize(
    "step",
    [
        {"play": {"url": "say:x", "volume": "%{vars.loud}"}},
        {"record": {"format": "${format}", "beep": "%{beep}", "max_length": "${a}${b}"}},
        {"play": {"url": "${envs.sound}"}},
        {"play": {"url": "https://%{host}/a.mp3", "status_url": "${url}/status"}},
        {"prompt": {"play": "%{sounds}", "speech_hints": "${hints}"}},
        {"sleep": "${pause}"},
        {"set": "${all}"},
        {"goto": {"label": "${where}"}},
    ],
)
def test_a_variable_may_stand_for_a_value(step):
    assert swnb.swml(steps(step)) == steps(step)


@pytest.mark.parametrize(
    "step",
    [
        {"cond": "a ${b}"},
        {"play": "x ${y}"},
        "${method}",
        {"sleep": "${}"},
        {"switch": {"variable": "x", "case": {}, "default": "${x}"}},
    ],
)
def test_a_variable_stands_for_no_step_and_text_around_it_for_no_object(step):
    assert refused_step(step)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("+15550100", "+15550100"),
        ("15550100", 15550100),
        ("015550100", "015550100"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("-5", -5),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("1.0.0", "1.0.0"),
        ("2026-01-02", "2026-01-02"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("=", "="),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("|\n          two\n          lines", "two\nlines\n"),
    ],
)
def test_yaml_is_read_as_yaml_1_2(text, value):
    found = set_in(text)
    assert (found, type(found)) == (value, type(value))


def test_keys_are_what_is_written():
    text = "sections:\n  main:\n    - set: {1: a, on: b, no: c, 2026-01-02: d, 1.50: e, true: f}\n"
    assert swnb.swml(text)["sections"]["main"][0]["set"] == dict(
        zip(["1", "on", "no", "2026-01-02", "1.50", "true"], "abcdef", strict=True)
    )


def test_anchors_and_merges_are_written_out():
    text = (
        "sections:\n  main:\n    - play: &voice {url: 'say:a', volume: 1}\n"
        "    - play: {<<: *voice, volume: 2}\n    - play: *voice\n"
    )
    first, second, third = swnb.swml(text)["sections"]["main"]
    assert second == {"play": {"url": "say:a", "volume": 2}}
    assert third == first


LAUGHS = "\n".join(
    ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30))]
)
MERGES = "\n".join(
    [
        "a0: &a0 {k: v}",
        *(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 30)),
    ]
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("  \n\n", "is empty"),
        ("# nothing\n", "is empty"),
        ("---\n", "an object (a dict) with sections"),
        ("sections:\n  main: []\nsections:\n  main: []\n", "line 3: has the key 'sections' twice"),
        (
            "sections:\n  main:\n    - play:\n        url: say:a\n        url: say:b\n",
            "line 5: has the key 'url' twice",
        ),
        ('{"sections": {"main": []}, "sections": {}}', "has the key 'sections' twice"),
        ("sections:\n\tmain: []\n", "line 2: a tab cannot indent: use spaces"),
        ("sections: {main: []}\n---\nsections: {main: []}\n", "line 2: has more than one document"),
        ("sections: {main: [\n", "is not closed"),
        ('{"sections": {"main": [}}', "line 1: is not JSON"),
        ('{"sections": NaN}', "finite"),
        ("sections:\n  main:\n    - set: {x: .nan}\n", "finite"),
        ("sections:\n  main:\n    - set: {x: -.inf}\n", "finite"),
        ("sections:\n  main:\n    - set: {x: 1e999}\n", "finite"),
        (f"sections:\n  main:\n    - set: {{x: {'9' * 5000}}}\n", "no number that can be read"),
        ('{"sections": ' + "9" * 5000 + "}", "too long"),
        ("sections: !!python/object:os.system {}\n", "line 1: has a tag"),
        ("sections:\n  main:\n    - set: {x: !!binary aGk=}\n", "line 3: has a tag"),
        ("? [a, b]\n: 1\n", "a key that is no text"),
        ("? {a: b}\n: 1\n", "a key that is no text"),
        (": 1\n", "has an empty key"),
        ("~: 1\n", "is not a part of a document"),
        ("a: %{wait}\n", "line 1: has text that begins with %"),
        (" a: 1\nb: 2\n", "line 2: is not indented like"),
        ("a: b: c\n", "put the text in quotes"),
        ("a: 'b\n", "a quote that is not closed"),
        ("a: *b\n", "an alias (*) without an anchor"),
        ("sections: &s\n  main: [*s]\n", "contains itself"),
        ("sections:\n  <<: 5\n", "merges (<<) what is no mapping"),
        (LAUGHS, "more than 100,000 values"),
        (MERGES, "more than 100,000 values"),
        ("[" * 200 + "]" * 200, "nested too deeply"),
        ("a: " + "[" * 5000 + "]" * 5000 + "\n", "nested too deeply"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        ("a: \x07\n", "control character"),
        ("a: \ud83c\n", "is not UTF-8"),
        ("a: 1\n" * 40_001, "is larger than 200,000 bytes; as JSON it may have 500,000"),
        ("a: 1\n" * (LARGEST // 5 + 1), "is larger than 500,000 bytes"),
        ('{"' + "a" * LARGEST + '": 1}', "is larger than 500,000 bytes"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text, message):
    found = refused(text)
    assert any(message in each for each in found.values()), found


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (YAML.encode("utf-16"), "line 1: is not UTF-8"),
        (b"sections:\n  main: [] # caf\xe9\n", "line 2: is not UTF-8"),
        (b"", "is empty"),
        (b"x" * (LARGEST + 1), "is larger than"),
        (b"sections:\x00", "control character"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "ivr.yaml"
    path.write_bytes(content)
    with pytest.raises(InvalidSwml, match=message) as error:
        swnb.swml(path)
    assert str(error.value).startswith(f"{path}: ")
    assert error.value.__context__ is None


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "ivr.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + YAML.encode())
    assert swnb.swml(path) == DOCUMENT
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(DOCUMENT).encode())
    assert swnb.swml(path) == DOCUMENT


def test_a_json_file_is_json(tmp_path):
    path = tmp_path / "ivr.json"
    path.write_text(YAML)
    with pytest.raises(InvalidSwml, match="line 1: is not JSON"):
        swnb.swml(path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.yaml", "nowhere.yaml: there is no such file"),
        (Path("nowhere.yaml"), "nowhere.yaml: there is no such file"),
        ("C:\\flows\\ivr.yaml", "there is no such file"),
        ("https://example.com/ivr.yaml", "goes into url"),
        ("a\0b", "there is no such file"),
        ("a" * 5000, "cannot be read"),
        (".", "is no file"),
        (5, "must be a path, YAML or JSON text, or a dict"),
        (None, "must be a path, YAML or JSON text, or a dict"),
        (b"sections: {}", "must be a path, YAML or JSON text, or a dict"),
        ({"sections": {"main": [{"set": {1: 2}}]}}, "JSON keys are strings"),
        ({"sections": {"main": [{"set": {"x": float("nan")}}]}}, "finite"),
        ({"sections": {"main": [{"set": {"x": {1}}}]}}, "use list(…)"),
    ],
)
@pytest.mark.parametrize("unchecked", [False, True])
def test_what_is_no_document_is_refused_checked_or_not(source, message, unchecked):
    with pytest.raises(InvalidSwml) as error:
        swnb.swml(source, unchecked=unchecked)
    assert message in str(error.value)


def test_a_document_goes_where_the_platform_takes_one(files):
    path = files / "ivr.yaml"
    document = swnb.swml(path)
    with swnb.simulate() as sw:
        dial, transfer = sw.calling.dial, sw.calling.transfer
        call = sw.dial(**ENDS, swml=document)
        call.wait_until("answered")
        replies = [
            dial(**ENDS, swml=document),
            dial(**ENDS, swml=path),
            dial(**ENDS, swml=dict(document)),
            dial(**ENDS, url="https://example.com", to_script=document),
            dial(**ENDS, url="https://example.com", to_script=path),
            sw.calling.update(id=call.id, swml=document),
            transfer(call, document),
            transfer(call, dest=path),
        ]
    sent = [reply.exchange.request["params"] for reply in replies]
    names = ["swml"] * 3 + ["to_script"] * 2 + ["swml", "dest", "dest"]
    assert [params[name] for params, name in zip(sent, names, strict=True)] == [DOCUMENT] * 8
    assert [reply.exchange.outcome for reply in replies] == ["accepted"] * 8


def test_a_document_as_text_stays_text():
    with swnb.simulate(dry_run=True) as sw:
        reply = sw.calling.dial(**ENDS, url="https://example.com", to_script=YAML)
    assert reply.exchange.request["params"]["to_script"] == YAML


@pytest.mark.parametrize("document", [steps({"play": {"urll": "say:x"}}), steps({"promt": 1}), {}])
def test_nothing_invalid_is_sent(document, tmp_path):
    path = tmp_path / "ivr.json"
    path.write_text(json.dumps(document))
    with swnb.simulate() as sw:
        call = sw.dial(**ENDS, url="https://example.com/swml")
        for send in (
            lambda: sw.dial(**ENDS, swml=document),
            lambda: sw.dial(**ENDS, swml=path),
            lambda: sw.dial(
                **ENDS,
                url="https://example.com",
                to_script=json.dumps({**document, "sections": document.get("sections", 1)}),
            ),
            lambda: call.update(swml=document),
            lambda: call.transfer(document),
            lambda: call.transfer(
                json.dumps({**document, "sections": document.get("sections", 1)})
            ),
        ):
            with pytest.raises(InvalidCommand):
                send()
        outcomes = list(sw.log.df["outcome"])
        assert outcomes == ["accepted", *["refused"] * 6]


def test_the_problems_of_a_command_have_the_path_within_it():
    with swnb.simulate() as sw, pytest.raises(InvalidCommand) as error:
        sw.dial(
            from_="+15550100", to="x y", swml=steps({"play": {"urll": 1}}, "hangupp"), timeout=0
        )
    assert {problem.path for problem in error.value.problems} >= {
        "to",
        "timeout",
        "swml.sections.main[0].play.urll",
        "swml.sections.main[1]",
    }


def test_a_file_that_is_missing_is_the_only_problem_of_its_parameter():
    with swnb.simulate() as sw, pytest.raises(InvalidCommand) as error:
        sw.dial(**ENDS, swml=Path("nowhere.yaml"))
    assert [str(each) for each in error.value.problems] == ["swml: there is no such file"]


def test_unchecked_is_sent_as_it_is():
    newer = steps({"whisper": {"to": "agent"}})
    with swnb.simulate(dry_run=True) as sw:
        for reply in (
            sw.calling.dial(**ENDS, swml=newer, unchecked=True),
            sw.calling.dial(**ENDS, swml=swnb.swml(newer, unchecked=True)),
        ):
            assert reply.exchange.request["params"]["swml"] == newer


def test_a_document_that_was_changed_is_checked_again():
    document = swnb.swml(DOCUMENT)
    document["sections"]["main"].append("hangupp")
    assert [str(each) for each in document.problems] == [
        "sections.main[4]: is not a method; did you mean 'hangup'?"
    ]
    with swnb.simulate() as sw, pytest.raises(InvalidCommand, match=r"swml\.sections\.main\[4\]"):
        sw.dial(**ENDS, swml=document)


def test_a_path_as_text_is_refused_with_how_to_read_it(files):
    with swnb.simulate() as sw, pytest.raises(InvalidCommand, match=r"swnb\.swml reads files"):
        sw.dial(**ENDS, swml=str(files / "ivr.yaml"))


def test_a_simulated_space_reads_no_file_that_a_request_names(files):
    path = str(files / "ivr.yaml")
    with Remote() as remote:
        reply = remote.send("dial", **ENDS, swml=path)
        assert errors(reply) == {("swml", "not_a_hash")}
        reply = remote.send("calling.transfer", remote.space.inbound(), dest=path)
        assert {attribute for attribute, _ in errors(reply)} == {"dest"}


def test_a_simulated_space_names_each_place_in_a_document():
    with Remote() as remote:
        reply = remote.send("dial", **ENDS, swml=steps({"play": {"urll": 1, "url": 5}}))
        assert errors(reply) == {
            ("swml.sections.main[0].play.urll", "unsupported_option"),
            ("swml.sections.main[0].play.url", "not_a_string"),
        }


@pytest.mark.parametrize("function", [swnb.swml, swnb.SwmlDocument.outline])
def test_the_examples_in_the_help_run(function):
    examples = doctest.DocTestFinder().find(function, globs={"swnb": swnb})
    with swnb.simulate() as sw:
        for example in examples:
            example.globs["sw"] = sw
            assert example.examples
            assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


def test_the_outline_says_each_step_at_its_place():
    assert repr(swnb.swml(YAML)).splitlines() == [
        "swml · 2 sections · 8 steps",
        "  main 1  answer",
        "  main 2  play · url say:Welcome · volume 3",
        "  main 3  prompt · play say:Press 1 or 2 · max_digits 1",
        "  main 4  switch · variable prompt_value",
        "    main 4 > case 1 > 1  transfer · dest sales",
        "    main 4 > case 2 > 1  hangup",
        "    main 4 > default > 1  hangup · reason busy",
        "  sales 1  connect · to +15550102 · timeout ${wait}",
    ]


def test_the_card_shows_the_steps_and_whether_it_is_valid():
    card = swnb.swml(YAML)._repr_html_()
    for text in ("2 sections", "8 steps", "valid", "main 4 &gt; case 1 &gt; 1", "say:Welcome"):
        assert text in card
    broken = swnb.swml(steps({"promt": 1}), unchecked=True)
    assert "unchecked" in broken._repr_html_()
    assert "did you mean &#x27;prompt&#x27;?" in broken._repr_html_()
    assert "promt" in repr(broken)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"sections": 5},
        {"sections": {"main": 5}},
        steps(5, None, [1], {"play": 5}, {"cond": 5}, {}),
        steps({"switch": {"case": [1]}}),
    ],
)
def test_an_odd_document_is_shown_all_the_same(odd):
    document = swnb.swml(odd, unchecked=True)
    assert document.problems
    assert "unchecked" in repr(document)
    assert "unchecked" in document._repr_html_()


def test_a_card_escapes_what_it_shows():
    document = swnb.swml(steps({"play": {"url": "say:<script>\u202e\x1b[31m"}}))
    assert "<script>" not in document._repr_html_()
    for shown in (document._repr_html_(), repr(document)):
        assert "\u202e" not in shown
        assert "\x1b" not in shown


SECRETS = steps(
    {"connect": {"to": "sip:a@example.com", "username": "u", "password": CANARY}},
    {"request": {"url": f"https://u:{CANARY}@example.com/?token={CANARY}", "method": "GET", "headers": {"Authorization": f"Bearer {CANARY}", "X-Api-Key": CANARY}}},
    {"stream": {"url": "wss://example.com", "authorization_bearer_token": CANARY}},
    {"connect": {"to": "a", "headers": [{"name": "Authorization", "value": CANARY}]}},
    {"switch": {"variable": "x", "case": {"1": [{"answer": {"password": CANARY}}]}}},
)  # fmt: skip


def test_no_secret_is_shown():
    document = swnb.swml(SECRETS)
    assert CANARY in json.dumps(document)
    for shown in (repr(document), str(document), document._repr_html_(), document.outline()):
        assert "[redacted]" in shown
        assert CANARY not in shown


@pytest.mark.parametrize(
    "source",
    [
        steps({"connect": {"to": CANARY, "passwrd": CANARY, "timeout": CANARY}}, CANARY, {"record": {"format": CANARY}}, {"play": {"url": CANARY}}),
        f"sections: {CANARY}\n",
        f"sections: [{CANARY}\n",
        f"password: '{CANARY}\n",
        f'{{"password": "{CANARY}',
        f"a: !{CANARY} b\n",
        f"a: *{CANARY}\n",
    ],
)  # fmt: skip
def test_no_secret_is_in_an_error(source):
    with pytest.raises(InvalidSwml) as error:
        swnb.swml(source)
    shown = [str(error.value), repr(error.value), error.value._repr_html_()]
    assert [text for text in shown if CANARY in text] == []
    assert error.value.__context__ is None
    assert error.value.__cause__ is None


def test_every_method_that_needs_nothing_may_be_its_name_and_no_other():
    bare = {name for name, method in METHODS.items() if method.bare}
    assert {"hangup", "answer", "denoise", "stop_tap"} <= bare
    assert not {"play", "connect", "goto", "label", "sleep", "cond"} & bare
    for name in METHODS:
        assert refused_step(name) if name not in bare else not swnb.swml(steps(name)).problems


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_words_and_units_of_its_own(name):
    assert METHODS[name].about.endswith(".")
    for shape in METHODS[name].shapes:
        for field in shape.fields:
            assert field.about.endswith("."), field.name
            assert field.shapes, field.name
            if "timeout" in field.name or "duration" in field.name:
                assert field.unit, field.name


def test_a_client_that_reads_no_document_loads_no_yaml():
    code = (
        "import sys, swnb; sw = swnb.simulate();"
        "sw.dial(from_='+15550100', to='+15550101', swml={'sections': {'main': ['hangup']}});"
        "print('yaml' in sys.modules); sw.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
