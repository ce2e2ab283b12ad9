"""The platform's own RELAY client, unmodified, at a simulated space over wss."""

import asyncio
import threading
from pathlib import Path

import pytest
import signalwire.relay.client as module
from signalwire.relay import RelayClient

import swnb

CALLER, CALLED = "+15550100", "+15550101"
DEVICES = [[{"type": "phone", "params": {"from_number": CALLER, "to_number": CALLED}}]]


@pytest.fixture
def sw(monkeypatch):
    with swnb.simulate(seed=3) as client:
        monkeypatch.setenv("SIGNALWIRE_RELAY_CA_FILE", client.simulated_space.relay_ca_file)
        yield client


def official(space, **options):
    options = {"project": space.project, "token": space.token, "contexts": ["office"]} | options
    return RelayClient(host=space.relay_host, **options)


def together(work):
    """Run a coroutine on a loop in a thread of its own, as a notebook would have to."""
    result = []

    def run():
        result.append(asyncio.run(asyncio.wait_for(work(), 20)))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert result, "it failed; its error stands above"
    return result[0]


def test_it_is_refused_with_a_token_that_is_wrong(sw):
    async def work():
        client = official(sw.simulated_space, token="PTwrong")
        with pytest.raises(module.RelayError, match="Authentication"):
            await client.connect()
        await client.disconnect()
        return True

    assert together(work)


def test_it_dials_plays_hears_a_user_event_and_hangs_up(sw):
    space = sw.simulated_space

    async def work():
        client = official(space)
        await client.connect()
        dialing = asyncio.ensure_future(client.dial(DEVICES, dial_timeout=15))
        await asyncio.sleep(0.1)
        space.advance(5)
        call = await dialing
        heard = asyncio.get_running_loop().create_future()
        call.on("calling.user_event", lambda event: heard.done() or heard.set_result(event))
        await asyncio.to_thread(
            sw.calling.user_event, call.call_id, event={"action": "order.confirmed"}
        )
        event = await heard
        action = await call.play([{"type": "silence", "params": {"duration": 1}}])
        space.advance(5)
        ended = await action.wait(timeout=10)
        await call.hangup()
        await call.wait_for_ended(timeout=10)
        await client.disconnect()
        return event.params["event"], ended.params["state"], call.state, call.call_id

    payload, state, last, call_id = together(work)
    assert payload == {"action": "order.confirmed"}
    assert (state, last) == ("finished", "ended")
    assert space.calls[call_id] == "ended"


def test_it_is_offered_an_inbound_call_and_answers(sw):
    space = sw.simulated_space

    async def work():
        client = official(space)
        answered = asyncio.get_running_loop().create_future()

        @client.on_call
        async def on_call(call):
            await call.answer()
            answered.set_result(call.call_id)

        await client.connect()
        offered = space.inbound(context="office")
        call_id = await answered
        await client.disconnect()
        return offered, call_id

    offered, call_id = together(work)
    assert offered == call_id
    assert space.calls[call_id] == "answered"


def test_without_the_authority_it_does_not_trust_the_space(sw, monkeypatch):
    space = sw.simulated_space
    host = space.relay_host
    assert Path(space.relay_ca_file).exists()
    monkeypatch.delenv("SIGNALWIRE_RELAY_CA_FILE")

    async def work():
        client = RelayClient(project=space.project, token=space.token, host=host)
        with pytest.raises((ValueError, OSError)):  # it opens no TLS connection as installed
            await client.connect()
        await client.disconnect()
        return True

    assert together(work)
