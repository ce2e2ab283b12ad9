"""Posting callbacks to loopback, in order, with retries, on a thread that starts with the first one."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import queue
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlsplit

from swnb.errors import ConfigurationError
from swnb.simulator.callbacks.bodies import Form, as_query, body_of, is_wanted
from swnb.simulator.relay.mischief import Mischief
from swnb.simulator.stage.deliveries import Deliveries
from swnb.simulator.stage.occurrences import Occurrence
from swnb.simulator.stage.scene import World

_ATTEMPTS = 4
_AGAIN = 0.05  # real seconds until the second attempt, doubled for each further one
_TIMEOUT = 5.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
Outcome = Literal["delivered", "given up", "not on loopback"]


@dataclass(slots=True)
class Delivery:
    """One callback; `attempts` are the statuses that it got, None for a connection that failed."""

    url: str = field(repr=False)
    method: str
    body: bytes = field(repr=False)
    event_type: str
    signed: bool = True
    attempts: list[int | None] = field(default_factory=list)
    outcome: Outcome | None = None


class Courier:
    """Posts the callbacks of one space; whoever calls `hear` holds the space's lock."""

    def __init__(self, world: World, deliveries: Deliveries, mischief: Mischief, form: str) -> None:
        if form not in ("envelope", "flat"):
            raise ConfigurationError("callback_form: must be 'envelope' or 'flat'")
        self.signing_key: str | None = None
        self.sent: list[Delivery] = []
        self._world = world
        self._deliveries = deliveries
        self._mischief = mischief
        self._form: Form = "flat" if form == "flat" else "envelope"
        self._queue: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._held: list[Delivery] = []
        self._closing = False
        world.listeners.append(self.hear)

    def hear(self, occurrence: Occurrence) -> None:
        """Post a callback, if a command asked for one about this."""
        if not is_wanted(occurrence):
            return
        given = occurrence.given
        body = body_of(occurrence, self._world, self._form)
        url, method = str(given["status_url"]), str(given.get("status_url_method") or "POST")
        content = b"" if method == "GET" else json.dumps(body).encode()
        if method == "GET":
            url += ("&" if "?" in url else "?") + as_query(body)
        self._post(Delivery(url, method, content, str(body.get("event_type", "flat"))))

    def _post(self, delivery: Delivery) -> None:
        trouble = self._mischief.take("callbacks")
        kind = trouble.kind if trouble else ""
        if kind == "drop":
            return
        if kind == "late" and trouble:
            self._world.clock.after(trouble.seconds, lambda: self._put(delivery))
            return
        if kind == "swap":
            self._held.append(delivery)
            return
        delivery.signed = kind != "unsigned"
        if kind == "cut":
            delivery.attempts.append(None)  # its first attempt breaks, and it comes again
        self._put(delivery)
        if kind == "repeat":
            again = Delivery(delivery.url, delivery.method, delivery.body, delivery.event_type)
            self._put(again)
        held, self._held = self._held, []
        for earlier in held:
            self._put(earlier)

    def _put(self, delivery: Delivery) -> None:
        self.sent.append(delivery)
        if urlsplit(delivery.url).hostname not in _LOOPBACK:
            delivery.outcome = "not on loopback"
            return
        self._deliveries.begin()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="swnb callbacks", daemon=True)
            self._thread.start()
        self._queue.put(delivery)

    def close(self) -> None:
        """Post what is on its way, each once, and end the thread."""
        self._closing = True
        thread, self._thread = self._thread, None
        if thread:
            self._queue.put(None)
            thread.join()

    def _work(self) -> None:
        while (delivery := self._queue.get()) is not None:
            try:
                delivery.outcome = self._deliver(delivery)
            finally:
                self._deliveries.done()

    def _deliver(self, delivery: Delivery) -> Outcome:
        for number in range(_ATTEMPTS):
            status = self._attempt(delivery)
            delivery.attempts.append(status)
            if status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return "delivered"
            if self._closing:
                break
            time.sleep(_AGAIN * 2**number)
        return "given up"

    def _attempt(self, delivery: Delivery) -> int | None:
        parts = urlsplit(delivery.url)
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port or 80, timeout=_TIMEOUT
        )
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        try:
            connection.request(delivery.method, path, delivery.body, self._headers(delivery))
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        headers = {"Content-Type": "application/json"} if delivery.body else {}
        if self.signing_key and delivery.signed:
            text = delivery.url.encode() + delivery.body
            for name, method in (("", hashlib.sha1), ("SHA256-", hashlib.sha256)):
                digest = hmac.new(self.signing_key.encode(), text, method).hexdigest()
                headers[f"X-SignalWire-{name}Signature"] = digest
        return headers
