"""A run to record, replay and compare: the same cells on any client."""

import swnb

DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}
PLAY = [{"type": "silence", "params": {"duration": 60}}]
EVENT = {"action": "order.confirmed", "amount": 49.99}
COMMANDS = [
    "dial",
    "voice_log",
    "voice_log",
    "calling.user_event",
    "calling.play",
    "calling.play.stop",
    "calling.end",
    "voice_log",
]


def checkout(sw, **event):
    """Dial, send an event, play and stop, hang up."""
    call = sw.dial(**DIAL).wait_until("answered")
    call.user_event(event=EVENT | event)
    call.play(play=[{"type": "tts", "params": {"text": "Thank you."}}]).stop()
    call.end()
    return call.refresh()


def recorded(path, **options):
    """Make a recording of a checkout and give its path."""
    with swnb.simulate(seed=7) as sw:
        with sw.run("checkout"):
            checkout(sw)
        return sw.log.export_run("checkout", path, **options)
