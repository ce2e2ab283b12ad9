"""How replies, calls, clients and errors look."""

import json
import re
import shlex
from html import unescape
from html.parser import HTMLParser

import pytest
from browser.contrast import contrast
from support.dialing import DIAL

import swnb
from swnb import html
from swnb.cards import as_curl, as_python, as_typescript, money, reply_card
from swnb.commands import COMMANDS
from swnb.exchange import Exchange

pytestmark = pytest.mark.sample(8)

CALL_ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
NASTY = '<script>alert("1")</script>'


class Parsed(HTMLParser):
    """The tags of a card and the text that a reader sees."""

    VOID = frozenset({"br", "img"})

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.words = ""
        self.attributes: set[str] = set()
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def cards(sw):
    """One card of each kind."""
    call = sw.dial(**DIAL)
    yield sw._repr_html_()
    yield call._repr_html_()
    yield (
        call.wait_until("answered")
        .play(play=[{"type": "tts", "params": {"text": NASTY}}])
        ._repr_html_()
    )
    yield call.refresh().last._repr_html_()
    with pytest.raises(swnb.InvalidCommand) as refused:
        call.play(plai=[])
    yield refused.value._repr_html_()
    with pytest.raises(swnb.ApiError) as rejected:
        call.play_stop(control_id=NASTY)
    yield rejected.value._repr_html_()


def test_cards_are_whole_html_without_script_or_stylesheet(sw):
    for card in cards(sw):
        parsed = Parsed(card)
        assert parsed.open == []
        assert not {"script", "style", "link", "img", "iframe"} & set(parsed.tags)
        assert parsed.attributes <= {"style"}


def test_cards_paint_no_background_and_no_text_of_their_own(sw):
    # What a theme cannot change must be readable in both: status marks alone have colours, in pairs.
    marks = re.compile(
        r"background:#\w+;color:#\w+;background:light-dark\([^;]+;color:light-dark\([^;]+;"
    )
    for card in cards(sw):
        rest = marks.sub("", card)
        assert rest != card
        assert set(re.findall(r"(?<![-\w])color:([^;\"]+)", rest)) <= {"inherit"}
        backgrounds = set(re.findall(r"background:([^;\"]+)", rest))
        assert all(colour == "transparent" or "rgba" in colour for colour in backgrounds)


@pytest.mark.parametrize("tone", html.TONES)
def test_a_mark_is_readable_in_its_own_colours(tone):
    for fill, ink in html.TONES[tone]:
        pair = [
            tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)) for colour in (fill, ink)
        ]
        assert contrast(*pair) >= 4.5


def stripped(card):
    """Give the words of a card as they are left without styles: blocks are lines."""
    flat = re.sub(r"</?(div|pre|details|summary|table)[^>]*>", "\n", card)
    text = unescape(re.sub(r"<[^>]+>", "", flat))
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_a_card_without_its_styles_can_be_read(call):
    reply = call.user_event(event={"action": "order.confirmed"})
    first, second, *_ = stripped(reply._repr_html_())
    time = f"{reply.exchange.sent:%H:%M:%S}"
    assert first == f"calling.user_event · ✓ answered · +15550100 → +15550101 · $0.01 · {time}"
    assert second == '{"action":"order.confirmed"}'
    assert stripped(call._repr_html_())[0].startswith("Call · ✓ answered · +15550100 → ")


def test_a_reply_shows_what_matters_first(call):
    shown = Parsed(call.play(play=[{"type": "silence", "params": {"duration": 1}}])._repr_html_())
    for expected in (
        "calling.play",
        "answered",
        "+15550100 → +15550101",
        "1 s of silence",
        "$0.01",
        "took",
        " ms",
        "play-1",
        call.id,
        "simulated",
    ):
        assert expected in shown.words


def test_the_json_is_folded_away(call):
    card = call.user_event(event={"a": 1})._repr_html_()
    assert card.index('"charge_details"'.replace('"', "&quot;")) > card.index("<details")
    assert "<details open" not in card


def test_the_text_beside_the_card_says_the_same(call):
    reply = call.user_event(event={"a": 1})
    for expected in ("calling.user_event", "answered", "+15550100 → +15550101", call.id):
        assert expected in repr(reply)


def test_script_is_escaped_everywhere(sw):
    for card in cards(sw):
        assert "<script" not in card
    assert any("&lt;script&gt;" in card for card in cards(sw))


def test_a_reply_of_nothing_but_script_is_escaped():
    body = dict.fromkeys(("id", "status", "from", "to", "type", "direction", NASTY), NASTY)
    exchange = Exchange(
        NASTY,
        "live",
        0,
        call_id=NASTY,
        control_id=NASTY,
        from_=NASTY,
        to=NASTY,
        request={"command": NASTY, "params": {NASTY: NASTY}},
        request_id=NASTY,
        response=body,
    )
    assert "<script" not in reply_card(body, exchange)


def test_an_error_shows_its_reasons_and_the_request_id(call):
    with pytest.raises(swnb.ApiError) as raised:
        call.play_stop(control_id="nothing")
    shown = Parsed(raised.value._repr_html_()).words
    for expected in ("ApiError", "422", raised.value.request_id, raised.value.errors[0].code):
        assert expected in shown


def exchange_of(model):
    exchange = Exchange(model.wire, "live", 0, call_id=CALL_ID)
    exchange.request = model(**model.example).envelope(CALL_ID)
    return exchange


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
def test_the_python_to_copy_sends_the_same_request(model, sw, space):
    exchange = exchange_of(model)
    sw.dry_run = True
    reply = eval(as_python(exchange), {"sw": sw})
    assert dict(reply) == exchange.request
    assert list(reply["params"]) == list(exchange.request["params"])


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
def test_the_curl_to_copy_has_the_same_body(model):
    exchange = exchange_of(model)
    words = shlex.split(as_curl(exchange))
    assert json.loads(words[words.index("-d") + 1]) == exchange.request


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
def test_the_typescript_to_copy_has_the_same_body(model):
    exchange = exchange_of(model)
    body = re.search(r"JSON\.stringify\((.*)\),\n\}\);$", as_typescript(exchange), re.DOTALL)
    assert json.loads(body[1]) == exchange.request


def test_unknown_parameters_are_said_to_be_unchecked(sw):
    call = sw.dial(**DIAL)
    sw.dry_run = True
    reply = call.end(extras={"brand_new": 1})
    assert "sent unchecked: brand_new" in Parsed(reply._repr_html_()).words
    assert 'extras={"brand_new": 1}' in as_python(reply.exchange)


@pytest.mark.parametrize(
    ("charge", "shown"),
    [(0, "$0"), (0.0040, "$0.004"), (1.5, "$1.5"), (0.121176, "$0.121176"), (None, None)],
)
def test_money_is_shown_to_its_last_digit(charge, shown):
    assert money(charge) == shown
