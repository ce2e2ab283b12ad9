"""The rules that the platform states in prose: each is kept and broken, and said in words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from support.rule_cases import ACCEPTED, REFUSED, SWML, URL, dial, rtp, spoken, transcribed

from swnb.commands import COMMANDS, Dial, Update, UpdateOwn
from swnb.errors import InvalidCommand
from swnb.json_values import printable

pytestmark = pytest.mark.sample(8)


def refusal(method: str, params: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidCommand) as refused:
        COMMANDS[method](**params)
    return {problem.path: problem.message for problem in refused.value.problems}


def accept(method: str, params: dict[str, Any]) -> None:
    assert COMMANDS[method](**params).params == params


def named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case, id=f"{case[0]}-{count}") for count, case in enumerate(cases)]


@pytest.mark.parametrize(("method", "params"), named(ACCEPTED))
def test_what_keeps_the_rules_is_sent(method, params):
    accept(method, params)


@pytest.mark.parametrize(("method", "params", "path", "words"), named(REFUSED))
def test_what_breaks_a_rule_is_refused_in_words(method, params, path, words):
    assert words in refusal(method, params)[path]


@pytest.mark.parametrize(
    "addr",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.1.1",
        "100.64.0.1",
        "224.0.0.1",
        "0.0.0.0",
        "240.0.0.1",
        "255.255.255.255",
        "2001:4860:4860::8888",
        "8.8.8",
        "8.8.8.08",
        "example.com",
        "",
    ],
)
def test_a_tap_goes_to_public_ipv4_addresses_alone(addr):
    assert "public IPv4" in refusal("tap", rtp(addr))["device.params.addr"]


def test_speech_timeouts_name_their_unit():
    collect = COMMANDS["collect"](**spoken(speech_timeout=60))
    live = COMMANDS["live_transcribe"](**transcribed(speech_timeout=60000))
    assert collect.params["speech"] == {"speech_timeout": 60}
    assert live.params["action"]["start"]["speech_timeout"] == 60000


def test_a_call_id_that_is_no_uuid_can_be_sent_unchecked():
    assert Update(id="the-call", status="completed", unchecked=True).params["id"] == "the-call"


def test_an_update_without_an_id_has_the_same_rules_and_name():
    assert UpdateOwn(status="completed").params == {"status": "completed"}
    with pytest.raises(InvalidCommand, match="update: needs one of status, url and swml"):
        UpdateOwn()


def test_rules_between_fields_stand_beside_what_pydantic_finds():
    problems = refusal("dial", {"from": 5, "url": URL, "swml": SWML, "timeout": 0})
    assert set(problems) == {"from", "url", "to", "timeout"}


def test_null_in_a_swml_document_stays():
    document = {"version": "1.0.0", "sections": {"main": [{"set": {"x": None}}, {"return": None}]}}
    assert Dial(from_="a", to="b", swml=document).params["swml"] == document


@pytest.mark.parametrize("method", ["transfer", "dial"])
def test_a_document_may_be_any_mapping(method):
    document = MappingProxyType({"sections": MappingProxyType({"main": []})})
    params = {"dest": document} if method == "transfer" else {**dial(), "to_script": document}
    assert SWML in COMMANDS[method](**params).params.values()


@pytest.mark.parametrize("field", ["params", "params_"])
def test_the_sidecars_tuning_is_called_params_on_the_wire(field):
    command = COMMANDS["ai_sidecar"](lang="en-US", **{field: {"debug": True, "ai_summary": None}})
    assert command.params == {"lang": "en-US", "params": {"debug": True}}


def test_a_refused_value_can_still_be_recorded():
    endless: list[Any] = []
    endless.append(endless)
    assert printable({"a": (1, {2}), 3: float("nan"), "b": None}) == {
        "a": [1, "(set)"],
        "(int)": "(float)",
        "b": None,
    }
    assert "deeply" in str(printable(endless))
