"""Scripts in every text of a reply and a request: shown escaped, wherever they show."""

from __future__ import annotations

import pytest
from support.canned_server import CALL_ID, LEG, TOKEN, said
from support.leak_witness import hostile

import swnb

pytestmark = pytest.mark.sample(4)

SCRIPT = "<script>alert('1')</script>"


def marked(value, mark=SCRIPT):
    """Put the mark into every text of a JSON value, keys included."""
    if isinstance(value, str):
        return f"{value}{mark}"
    if isinstance(value, dict):
        return {key: marked(item) for key, item in value.items()} | {mark: mark}
    return [marked(item) for item in value] if isinstance(value, list) else value


def is_escaped(shown):
    return "<script" not in shown and "&lt;script&gt;" in shown


@pytest.mark.parametrize("keep_type", [True, False])
def test_a_reply_of_scripts_shows_escaped(witness, keep_type):
    leg = marked(LEG) | {"id": CALL_ID} | ({"type": LEG["type"]} if keep_type else {})
    _, seen = witness(said(leg, X_Request_Id=SCRIPT))
    call = seen.sw.call(CALL_ID)
    reply = call.user_event(event={SCRIPT: SCRIPT}, extras={SCRIPT: SCRIPT})
    assert reply == leg
    assert is_escaped(reply._repr_html_())
    assert is_escaped(call._repr_html_())
    assert is_escaped(call.refresh()._repr_html_())
    assert is_escaped(call.last._repr_html_())


def test_requests_of_scripts_show_escaped(witness):
    _, seen = witness(said(LEG), dry_run=True)
    params = {"from_": SCRIPT, "to": SCRIPT, "url": SCRIPT, "extras": {SCRIPT: SCRIPT}}
    params["unchecked"] = True
    assert is_escaped(seen.sw.calling.dial(**params)._repr_html_())
    play = [{"type": "tts", "params": {"text": SCRIPT}}]
    call = seen.sw.call(SCRIPT, unchecked=True)
    assert is_escaped(call.play(play=play, control_id=SCRIPT)._repr_html_())
    assert is_escaped(call._repr_html_())


@pytest.mark.parametrize("kind", hostile(SCRIPT))
def test_every_answer_of_scripts_shows_escaped(witness, kind):
    _, seen = witness(hostile(SCRIPT)[kind])
    seen.send("end", {"call_id": CALL_ID})
    cards = [text for text in seen.shown if text.startswith("<div")]
    assert len(cards) == 1
    assert is_escaped(cards[0])


def test_a_client_of_scripts_shows_escaped(tmp_path):
    with swnb.Client(
        SCRIPT, TOKEN, "example.com", log=tmp_path / "<script>.sqlite", run=SCRIPT
    ) as sw:
        assert is_escaped(sw._repr_html_())
