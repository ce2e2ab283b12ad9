"""The platform's side of RELAY for tests: it greets, and then does what a test says."""

import asyncio
import json
import socket
import threading

from tornado.httpserver import HTTPServer
from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Platform:
    """A WebSocket server on loopback; `frames` are those it got, `on` answers methods.

    `on["calling.dial"]` is called with the connection and the frame. Without one, a request is
    answered with 200. `greet` returns the result or the error of a greeting.
    """

    def __init__(self):
        self.frames, self.connections, self.on = [], [], {}
        self.greet = lambda number: {"result": {"protocol": "signalwire_test", "identity": "i"}}
        self.greetings = 0
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._call(self._serve)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._call(self._stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work):
        async def awaited():
            return await work()

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(10)

    async def _serve(self):
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setblocking(False)
        self.host = f"127.0.0.1:{listening.getsockname()[1]}"
        self._server = HTTPServer(Application([("/.*", _Handler, {"platform": self})]))
        self._server.add_socket(listening)

    async def _stop(self):
        for connection in self.connections:
            connection.close()
        self._server.stop()
        await self._server.close_all_connections()

    def take(self, connection, text):
        frame = json.loads(text)
        with self._changed:
            self.frames.append(frame)
            self._changed.notify_all()
        method = frame.get("method")
        if method == "signalwire.connect":
            self.greetings += 1
            connection.send({"id": frame["id"], **self.greet(self.greetings)})
        elif method in self.on:
            self.on[method](connection, frame)
        elif method:
            connection.send({"id": frame["id"], "result": {"code": "200", "message": "OK"}})

    def send(self, *frames):
        """Send frames (dicts), or texts and bytes as they are, on the newest connection."""

        async def send():
            for frame in frames:
                self.connections[-1].send(frame)

        self._call(send)

    def event(self, params, frame_id="f"):
        self.send({"id": frame_id, "method": "signalwire.event", "params": params})

    def until(self, true, timeout=10):
        with self._changed:
            assert self._changed.wait_for(lambda: true(self.frames), timeout), self.frames

    def asked(self, method):
        return [frame for frame in self.frames if frame.get("method") == method]


class _Handler(WebSocketHandler):
    def initialize(self, platform):
        self.platform = platform

    def open(self):
        self.platform.connections.append(self)

    def on_message(self, message):
        self.platform.take(self, message)

    def send(self, frame):
        if isinstance(frame, dict):
            frame = json.dumps({"jsonrpc": "2.0", **frame})
        self.write_message(frame, binary=isinstance(frame, bytes))

    def cut(self):
        self.ws_connection.stream.close()
