"""Characters that are not seen, from outside: escaped wherever they are shown."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from support.canned_server import CALL_ID, LEG, page, said
from support.leak_witness import hostile
from support.recorded_run import recorded

import swnb
from swnb import html
from swnb.cli.junit import write_junit
from swnb.recordings.matching import display_text
from swnb.visible import repaired, visible

UNSEEN = {
    "escape": "\x1b]0;owned\x07",
    "null": "\x00",
    "carriage return": "\r",
    "delete": "\x7f",
    "control": "\x9b31m",
    "right to left": "\u202e",
    "isolate": "\u2066\u2069",
    "mark": "\u200f",
    "zero width": "\u200b\u200d\u2060\ufeff",
    "soft hyphen": "\xad",
    "tag": "\U000e0041",
    "separator": "\u2028",
    "half a character": "\ud83c",
    "other half": "\udf89",
}
TELLING = " ".join(UNSEEN.values())  # spaces keep the halves apart
ACTING = set("".join(UNSEEN.values())) - set("]0;owned31m")


def is_seen(text):
    return not ACTING & set(text)


def hidden_in(answer):
    """Put what is not seen into an answer where it says MARK; a head can hold little of it."""
    head, _, body = answer.partition(b"\r\n\r\n")
    in_body = json.dumps(TELLING)[1:-1] if b"json" in head else repaired(TELLING)
    body = body.replace(b"MARK", in_body.encode())
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    return head.replace(b"MARK", b"a\x9b\xadb") + b"\r\n\r\n" + body


@pytest.mark.parametrize("name", UNSEEN)
def test_a_character_that_is_not_seen_is_escaped_as_json_does(name):
    text = f"a {UNSEEN[name]} b"
    shown = visible(text)
    assert shown.isprintable()
    assert shown.startswith("a \\")
    assert json.loads(f'"{shown}"').encode("utf-16", "surrogatepass") == text.encode(
        "utf-16", "surrogatepass"
    )


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "caf\xe9 \U0001f389 \u4f60\u597d \u05e9\u05dc\u05d5\u05dd",
        "\u2764\ufe0f",
        "two\nlines\tand a tab",
        "\xa0",
        "",
    ],
)
def test_what_is_seen_stays(text):
    assert visible(text) == text


def test_half_characters_become_the_replacement_character():
    read = json.loads(r'{"a\ud83c": ["\udf89 b", 1, null, "\ud83c\udf89"]}')
    assert repaired(read) == {"a\ufffd": ["\ufffd b", 1, None, "\U0001f389"]}


@pytest.mark.parametrize("kind", hostile("MARK"))
def test_every_answer_shows_what_is_not_seen(witness, kind):
    server, seen = witness(hidden_in(hostile("MARK")[kind]))
    seen.send("dial", {"from_": "+15550100", "to": "+15550101", "url": "https://example.com"})
    assert len(server.requests) == 1
    assert [text for text in seen.shown if not is_seen(text)] == []
    assert is_seen("".join(map(str, seen.sw.log.df.iloc[0])))
    seen.kept()


def test_a_call_of_such_an_id_shows_it(witness):
    lines = [{"description": TELLING, "charge": 0.5}]
    leg = LEG | {"id": TELLING, "status": TELLING, "from": TELLING, "charge_details": lines}
    _, seen = witness(said(leg))
    call = seen.sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
    assert is_seen(repr(call) + call._repr_html_() + repr(call.last) + call.last._repr_html_())
    assert is_seen(seen.sw.log.charges().to_string())
    seen.kept()


def test_voice_logs_that_are_synced_show_it(witness):
    entry = LEG | {"status": TELLING, "from": TELLING, "created_at": "2026-08-01T10:00:00Z"}
    _, seen = witness(said({"data": [entry], "links": {}}))
    seen.sw.sync()
    frame = seen.sw.log.calls()
    assert is_seen(frame.to_string() + frame.to_html())
    assert r"\u202e" in frame.status[0]


def test_what_is_told_of_a_value_shows_it():
    assert display_text({"\ud83c": "\u202e"}) == r'{"\ud83c": "\u202e"}'


def test_a_reply_with_half_a_character_is_kept_shown_exported_and_recorded(witness, tmp_path):
    _, seen = witness(said(LEG | {"status": "caf\xe9 \ud83c", "note": {"\ud83c": "\udf89"}}))
    with seen.sw.run("halves"):
        reply = seen.sw.calling.end(CALL_ID)
    assert reply["status"] == "caf\xe9 \ud83c"  # what came is not changed, where it is not shown
    assert "caf\xe9 \ufffd" in repr(reply)
    assert "\ufffd" in reply._repr_html_()
    for text in (repr(reply), reply._repr_html_(), str(dict(reply))):
        text.encode()
    for text in seen.kept():
        text.encode()
    log = seen.sw.log
    assert log.exchanges(bodies=True).response[0]["note"] == {"\ufffd": "\ufffd"}
    again = swnb.replay(log.export_run("halves", tmp_path / "halves.jsonl"))
    assert again.calling.end(CALL_ID)["note"] == {"\ufffd": "\ufffd"}


def test_an_event_with_half_a_character_in_an_old_log_is_shown(sw, call):
    call.user_event(event={"text": "caf\xe9 X"})
    sw.log.close()
    with closing(sqlite3.connect(sw.log.path)) as link, link:
        changed = link.execute("UPDATE requests SET body = replace(body, 'X', ?)", ("\\ud83c",))
        assert changed.rowcount > 0
    with swnb.Log(sw.log.path) as log:
        frame = log.user_events()
        assert frame.event[0] == {"text": "caf\xe9 \ufffd"}
        (frame.to_html() + repr(frame) + frame.to_csv()).encode()


def test_a_recording_of_others_shows_what_is_not_seen(tmp_path):
    path = recorded(tmp_path / "a\u202erun.jsonl")
    text = path.read_text(encoding="utf-8").replace('"queued"', '"queued\\u202e\\ud83c\\u001b"')
    path.write_text(text, encoding="utf-8")
    with swnb.replay(path) as sw:
        call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
        for shown in (repr(call), call._repr_html_(), repr(call.last), call.last._repr_html_()):
            assert is_seen(shown)
            assert "\\u202e" in shown
        assert is_seen(repr(sw.log.df) + sw.log.df.to_html())
        assert is_seen(repr(sw) + sw._repr_html_())


def test_a_page_in_the_place_of_an_answer_is_shown_escaped(witness):
    _, seen = witness(page("<p>\x1b[31m\u202eno"))
    seen.send("end", {"call_id": CALL_ID})
    assert is_seen("".join(seen.shown))


def test_an_error_and_a_warning_show_what_is_not_seen():
    error = swnb.SwnbError(f"it says {TELLING}")
    warning = swnb.LogWarning(f"it says {TELLING}")
    assert is_seen(str(error) + error.message + error._repr_html_() + str(warning))
    assert is_seen("".join(error._render_traceback_()))


def test_html_shows_what_is_not_seen():
    assert is_seen(html.card(TELLING, html.badge(TELLING, "good"), [html.code(TELLING)]))


def test_a_comparison_and_an_expectation_show_what_is_not_seen(tmp_path):
    one, other = recorded(tmp_path / "one.jsonl"), tmp_path / "other.jsonl"
    text = one.read_text(encoding="utf-8").replace('"action"', r'"\u202e\u001b\u200b"')
    other.write_text(text, encoding="utf-8")
    found = swnb.compare(one, other)
    assert r"\u202e" in str(found)
    assert is_seen(str(found) + repr(found) + found._repr_html_())
    with swnb.simulate() as sw:
        call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com").wait_until(
            "answered"
        )
        call.user_event(event={"\u202e": "\x1b\u200b"})
        sent = sw.log.sent("user_event", event={"\u202e": 1})
        assert r"\u202e" in str(sent)
        assert is_seen(str(sent) + repr(sent) + sent._repr_html_())


def test_a_junit_report_is_xml_whatever_failed(tmp_path):
    cell = SimpleNamespace(
        number=1, seconds=0.1, error=f"Oh: {TELLING}", source=TELLING, ran=True, title=TELLING
    )
    write_junit(
        tmp_path / "junit.xml",
        "run",
        SimpleNamespace(cells=[cell], died=TELLING),
        [TELLING],
        {"to": TELLING},
    )
    failures = ET.parse(tmp_path / "junit.xml").findall(".//failure")
    assert len(failures) == 3
    assert all(is_seen(failure.text + failure.get("message")) for failure in failures)
