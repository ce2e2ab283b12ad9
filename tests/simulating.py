"""A simulated space over real HTTP, as the tests of the simulator talk to it."""

from __future__ import annotations

from typing import Any, Self

import requests

from swnb.exchange import CALLS_PATH, VOICE_LOGS_PATH
from swnb.simulator import Space, serve


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
