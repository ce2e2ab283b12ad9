"""What carries a call elsewhere: taps, streams, transcriptions, faxes, referrals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from swnb.simulator.calls import Key
from swnb.simulator.legs import timestamp
from swnb.simulator.operations.running import Running
from swnb.simulator.stage.ids import seeded_id
from swnb.simulator.stage.scene import Scene

REFER_SECONDS = 2.0
PAGE_SECONDS = 10.0
_SECOND = timedelta(seconds=1)


class Tap(Running):
    """A copy of a call's audio, sent until it is stopped."""

    event = "tap"
    first = "tapping"

    def shown(self, state: str) -> dict[str, Any]:
        """Return its state, what is tapped and who receives it."""
        return {"state": state, "tap": self.params["tap"], "device": self.params["device"]}


class Stream(Running):
    """A call's audio over a WebSocket, until it is stopped."""

    event = "stream"
    first = "streaming"

    def shown(self, state: str) -> dict[str, Any]:
        """Return its state, where it goes and its name."""
        name = {"name": self.params["name"]} if "name" in self.params else {}
        return {"state": state, "url": self.params["url"], **name}


class Transcription(Running):
    """A transcript of what is said while it runs, by us and by the far end."""

    event = "transcribe"
    first = "transcribing"

    def shown(self, state: str) -> dict[str, Any]:
        """Return its state, and once it is finished the transcript."""
        return {"state": state, **self.result(state)}

    def result(self, state: str) -> dict[str, Any]:
        """Return where the audio would be, its length in seconds, and the text."""
        if state != "finished":
            return {}
        call, now = self.scene.call, self.scene.moment.now
        seconds = (now - self.started) / _SECOND
        said = [line.text for line in call.talk if self.started <= line.at <= now]
        recording = seeded_id(self.scene.world.seed, f"transcript/{call.id}", 0)
        return {
            "url": f"https://recordings.example.com/{recording}.mp3",
            "recording_id": recording,
            "duration": seconds,
            "size": round(seconds * 4_000),
            "start_time": timestamp(self.started),
            "end_time": timestamp(now),
            "text": "\n".join(said),
        }


class Fax(Running):
    """A fax, page by page; it begins in SWML, which is not run here, so by `Space.fax`."""

    event = "fax"

    def __init__(self, scene: Scene, key: Key, pages: int) -> None:
        super().__init__(scene, key, {})
        self.direction = key.kind.removesuffix("_fax")
        self._pages = pages
        self._done = 0

    def begin(self) -> None:
        """Carry the first page."""
        self.set_timer("page", PAGE_SECONDS, self._page)

    def _page(self) -> None:
        self._done += 1
        self.tell("page")
        if self._done < self._pages:
            self.set_timer("page", PAGE_SECONDS, self._page)
        else:
            self.finish("finished")

    def shown(self, state: str) -> dict[str, Any]:
        """Return the page that was carried, or how the fax ended."""
        if state == "page":
            page = {"direction": self.direction, "number": self._done}
            return {"fax": {"type": "page", "params": page}}
        if state == "finished":
            return self.result(state)
        return {"fax": {"type": state, "params": {"direction": self.direction, "success": False}}}

    def result(self, state: str) -> dict[str, Any]:
        """Return what was carried."""
        if state != "finished":
            return {}
        call = self.scene.call
        document = seeded_id(self.scene.world.seed, f"fax/{call.id}/{self.key.control_id}", 0)
        whole = self._done == self._pages
        ends = (call.from_, call.to) if self.direction == "send" else (call.to, call.from_)
        params = {
            "direction": self.direction,
            "identity": ends[0],
            "remote_identity": ends[1],
            "document": f"https://faxes.example.com/{document}.pdf",
            "pages": self._done,
            "success": whole,
            "result": 0 if whole else 1,
            "result_text": "OK" if whole else "The fax was stopped.",
            "format": "pdf",
        }
        return {"fax": {"type": "finished", "params": params}}


class Referral(Running):
    """A SIP caller on the way elsewhere."""

    event = "refer"

    def __init__(self, scene: Scene, key: Key, params: Mapping[str, Any]) -> None:
        super().__init__(scene, key, params)
        self.to: str = params["device"]["params"]["to"]

    @property
    def control_id(self) -> None:
        """A referral has no control id; its key has a number instead, for there may be several."""

    def begin(self) -> None:
        """Wait for the other side's word."""
        self.set_timer("reply", REFER_SECONDS, lambda: self.finish("success"))

    def end_with_call(self) -> None:
        """Be forgotten: a referral whose call has ended reports nothing."""
        self.clear_timers()
        self.scene.stop(self.key)

    def shown(self, state: str) -> dict[str, Any]:
        """Return where to, and the codes of SIP, which are strings."""
        good = state == "success"
        return {
            "state": state,
            "sip_refer_to": self.to,
            "sip_refer_response_code": "202" if good else "603",
            "sip_notify_response_code": "200" if good else "",
        }

    def result(self, state: str) -> dict[str, Any]:
        """Return the codes, without the address, which may hold a password."""
        shown = self.shown(state)
        return {name: value for name, value in shown.items() if name.endswith("_code")}
