"""A simulated space over real HTTP, as the tests of the simulator talk to it."""

from __future__ import annotations

from typing import Any, Self

import requests

from swnb.commands import COMMANDS
from swnb.exchange import CALLS_PATH, VOICE_LOGS_PATH
from swnb.simulator import FarEnd, Space, serve


class Remote:
    """One space, its server, and a session that is signed in."""

    def __init__(self, space: Space | None = None) -> None:
        self.space = space or Space()
        self.server = serve(self.space)
        self.session = requests.Session()
        self.session.auth = (self.space.project, self.space.token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self.server.close()

    def post(self, body: Any) -> requests.Response:
        """Post a whole envelope."""
        return self.session.post(self.server.url + CALLS_PATH, json=body, timeout=10)

    def send(self, command: str, call_id: str | None = None, /, **params: Any) -> requests.Response:
        """Send a command with its parameters; a trailing underscore stands for a Python keyword."""
        body: dict[str, Any] = {
            "command": command,
            "params": {name.removesuffix("_"): value for name, value in params.items()},
        }
        return self.post(body if call_id is None else body | {"id": call_id})

    def dial(self, to: str = "+15550101", **params: Any) -> str:
        """Dial, and give the call's id."""
        url = "https://example.com/swml"
        reply = self.send("dial", **{"from_": "+15550100", "to": to, "url": url} | params)
        assert reply.status_code == 200, reply.text
        return reply.json()["id"]

    def answered(self, to: str = "+15550101", **params: Any) -> str:
        """Dial, wait until the call is answered, and give its id."""
        call_id = self.dial(to, **params)
        self.space.advance(2)
        assert self.space.calls[call_id] == "answered"
        return call_id

    def logs(self, tail: str = "", **query: Any) -> requests.Response:
        """Read voice logs."""
        url = self.server.url + VOICE_LOGS_PATH + tail
        return self.session.get(url, params=query, timeout=10)


def errors(response: requests.Response) -> set[tuple[str | None, str]]:
    """Give the attribute and code of every reason for a refusal."""
    return {(each["attribute"], each["code"]) for each in response.json()["errors"]}


STARTERS = {model.starts: model for model in COMMANDS.values() if model.starts}
FAXES = ["send_fax", "receive_fax"]


class Line:
    """One answered call of a far end, and all that was heard of it."""

    def __init__(self, remote: Remote, far_end: FarEnd | None = None) -> None:
        self.remote = remote
        self.space = remote.space
        if far_end:
            self.space.far_end("*", far_end)
        self.id = self.space.inbound("sip:a@example.com")
        self.seen: list[Any] = []
        self.space.subscribe(self.seen.append)

    def send(self, command: str, /, **params: Any) -> Any:
        """Send a command to the call, and give its reply."""
        reply = self.remote.send(command, self.id, **params)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def start(self, kind: str, **params: Any) -> None:
        """Start an operation as `one`."""
        if kind in FAXES:
            self.space.fax(self.id, "one", direction=kind.removesuffix("_fax"))
        else:
            model = STARTERS[kind]
            self.send(model.wire, **{**model.example, "control_id": "one"} | params)

    def told(self, kind: str) -> list[tuple[str | None, dict[str, Any]]]:
        """Give what was heard of a kind: states, and params without the call's ids."""
        return [
            (it.state, {k: v for k, v in it.params.items() if k not in ("node_id", "call_id")})
            for it in self.seen
            if it.kind == kind
        ]

    def states(self, kind: str) -> list[str | None]:
        """Give the states that were heard of a kind."""
        return [state for state, _ in self.told(kind)]

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Give the details of the voice log's events of a name."""
        events = self.remote.logs(f"/{self.id}/events").json()["data"]
        return [event["details"] for event in events if event["name"] == name]
