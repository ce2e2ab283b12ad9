"""A bare RELAY connection for tests: frames in and out, and nothing done by itself."""

import asyncio
import json
import threading

from tornado.websocket import websocket_connect


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, work, *args, timeout=10):
        async def awaited():
            return await work(*args)

        return asyncio.run_coroutine_threadsafe(awaited(), self.loop).result(timeout)

    def close(self):
        async def cancel():
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self.run(cancel)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class RelaySocket:
    """One connection; `events` are the events so far, unacknowledged unless `acks`."""

    def __init__(self, loop, url, *, acks=True):
        self.loop, self.acks = loop, acks
        self.events, self.frames, self.closed = [], [], False
        self._changed = threading.Condition()
        self._number = 0
        self.socket = loop.run(lambda: websocket_connect(url, on_message_callback=self._take))

    def _take(self, text):
        with self._changed:
            if text is None:
                self.closed = True
                self.socket.close()
            else:
                frame = json.loads(text)
                self.frames.append(frame)
                if frame.get("method") == "signalwire.event":
                    self.events.append(frame["params"])
                    if self.acks:
                        self.answer(frame["id"])
            self._changed.notify_all()

    def answer(self, id_):
        text = json.dumps({"jsonrpc": "2.0", "id": id_, "result": {}})
        self.socket.write_message(text)

    def send(self, text):
        async def send():
            await self.socket.write_message(text)

        self.loop.run(send)

    def until(self, true, timeout=10):
        with self._changed:
            assert self._changed.wait_for(lambda: true(self), timeout), self.frames

    def ask(self, method, **params):
        self._number += 1
        id_ = f"test-{self._number}"
        self.send(json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params}))
        self.until(lambda _: any(self._answers(frame, id_) for frame in self.frames))
        return next(frame for frame in self.frames if self._answers(frame, id_))

    @staticmethod
    def _answers(frame, id_):
        return frame.get("id") == id_ and "method" not in frame

    def connect(self, space, **more):
        claims = {"project": space.project, "token": space.token}
        version = {"major": 2, "minor": 0, "revision": 0}
        return self.ask(
            "signalwire.connect",
            version=version,
            event_acks=True,
            **{"authentication": claims} | more,
        )

    def types(self):
        return [event["event_type"] for event in self.events]

    def close(self):
        async def close():
            self.socket.close()

        self.loop.run(close)
        self.until(lambda _: self.closed)
