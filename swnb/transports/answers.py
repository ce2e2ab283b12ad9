"""Reading an answer: the one to this request, complete, in time, and within the size limit.

The standard library skips no interim answer except 100, keeps reading while a byte arrives now and
then, drops what it has read past an answer's end, and takes a tenth of a command's time to parse a
head. Here all interim answers (102, 103) are
skipped, each read ends at the deadline of the exchange, and bytes are counted. If an answer's end is
in doubt, its connection is not used again: what follows could be taken for the next answer.
"""

from __future__ import annotations

import io
import re
import threading
import time
import zlib
from email.parser import Parser
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage, HTTPResponse, LineTooLong, UnknownProtocol
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from typing_extensions import Buffer

MOST = 32 * 2**20  # bytes of an answer, decoded or as received
_IN_WORDS = f"more than {MOST // 2**20} MB"
_LENGTH = re.compile(r"[0-9]{1,18}")
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_HTTP_1_0, _HTTP_1_1 = 10, 11
# As in the standard library.
_LONGEST_LINE, _MOST_LINES = 65_536, 100
_PLAIN_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)\r\n")
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class Unusable(Exception):
    """An answer that cannot be used, and could not be used the next time either; it says why."""


class Attempt(threading.local):
    """The present attempt of this thread: whether its request has begun to leave, its limits.

    `ends` is the end of the exchange on the monotonic clock. `connect` and `read` are the seconds
    that one step may take before the request begins to leave, and from then on.
    """

    left = False
    ends = float("inf")
    connect = read = 0.0

    def begin(self, timeout: tuple[float, float], ends: float) -> None:
        """Begin an attempt."""
        self.left = False
        self.connect, self.read = timeout
        self.ends = ends

    def rest(self) -> float:
        """Return how many seconds are left for the exchange, at least 0."""
        return max(0.0, self.ends - time.monotonic())

    def allowed(self) -> float:
        """Return the seconds that the next step may take. Raise TimeoutError if none are left."""
        rest = self.rest()
        if not rest:
            raise TimeoutError
        return min(rest, self.read if self.left else self.connect)


attempt = Attempt()


class _Arriving(io.RawIOBase):
    """Counts what arrives on a socket, and reads no longer than allowed."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._left = MOST + 2**20  # including head, chunk sizes and trailers
        self.over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        """Read what has arrived; return None after the end of the answer."""
        if self.over:
            return None
        self._sock.settimeout(attempt.allowed())
        count = self._file.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise Unusable(f"the answer is too large: {_IN_WORDS}")
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class _Reader(io.BufferedReader):
    """Reads what arrives, and when closed records whether there was more than the answer."""

    raw: _Arriving
    surplus = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as usual, but reserve no memory for an arbitrary announced length."""
        if size is not None and size > MOST:
            raise Unusable(f"the answer is too large: {_IN_WORDS}")
        return super().read(size)

    def close(self) -> None:
        if not self.closed:
            self.raw.over = True
            self.surplus = bool(self.peek())
        super().close()


class Answer(HTTPResponse):
    """An answer whose connection is closed if its end is in doubt."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = self.reader = _Reader(_Arriving(sock))

    def begin(self) -> None:
        """Read the head of the final answer. A switch of protocols is final: swnb asks for none."""
        while True:
            version, self.status, _ = self._read_status()  # type: ignore[attr-defined]  # untyped
            self.headers = self.msg = _head(_lines(self.fp))
            if self.status >= HTTPStatus.OK or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                break
        if not version.startswith(("HTTP/1.", "HTTP/0.9")):
            raise UnknownProtocol(version)
        self.version = _HTTP_1_0 if version in ("HTTP/1.0", "HTTP/0.9") else _HTTP_1_1
        self.chunked = self._first("transfer-encoding").lower() == "chunked"
        self.chunk_left = None
        self.length = self._announced()
        endless = self.length is None and not self.chunked
        closes = self._check_close()  # type: ignore[attr-defined]  # untyped
        self.will_close = closes or endless or self._is_doubtful()

    def _announced(self) -> int | None:
        """Return the length of the body, None if the head does not say it."""
        if self.status in _BODILESS or self.status < HTTPStatus.OK:
            return 0
        length = self._first("content-length").strip()
        return int(length) if _LENGTH.fullmatch(length) and not self.chunked else None

    def _first(self, name: str) -> str:
        return str(self.headers.get(name, ""))

    def merged(self) -> dict[str, str]:
        """Return the head, with names in lower case and the values of each joined."""
        head: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            head[key] = f"{head[key]}, {value}" if key in head else value
        return head

    def _is_doubtful(self) -> bool:
        lengths = self.headers.get_all("content-length", [])
        codings = self.headers.get_all("transfer-encoding", [])
        malformed = self.headers.defects or self.headers.get_payload()
        one_frame = len(lengths) + len(codings) <= 1
        if malformed or not one_frame or self.status < HTTPStatus.OK:
            return True
        if self.status in _BODILESS:
            return bool(codings) or lengths not in ([], ["0"])
        if codings:
            return self.version == _HTTP_1_0 or codings[0].strip().lower() != "chunked"
        return not all(_LENGTH.fullmatch(length.strip()) for length in lengths)


def _lines(file: Any) -> list[bytes]:
    """Read the lines of a head, up to the empty one."""
    lines: list[bytes] = []
    while (line := file.readline(_LONGEST_LINE + 1)) not in (b"\r\n", b"\n", b""):
        if len(line) > _LONGEST_LINE:
            raise LineTooLong("header line")
        lines.append(line)
        if len(lines) > _MOST_LINES:
            raise HTTPException(f"got more than {_MOST_LINES} headers")
    return lines


def _head(lines: list[bytes]) -> HTTPMessage:
    """Return the head of an answer. The parser of e-mails is slow, so it reads only odd lines."""
    plain = [_PLAIN_LINE.fullmatch(line) for line in lines]
    if not all(plain):
        text = b"".join([*lines, b"\r\n"]).decode("iso-8859-1")
        return Parser(_class=HTTPMessage).parsestr(text)
    message = HTTPMessage()
    for match in plain:
        if match:
            message[match[1].decode()] = match[2].decode("iso-8859-1")
    return message


def decoded(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return the body without its content coding. Raise `Unusable` if that is not possible.

    swnb asks for none, but proxies and servers may compress anyway. The status of a rejection says
    enough: if its body cannot be decoded, it is returned empty.
    """
    coding = headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity") or not body:
        return body
    try:
        return _inflated(coding, body)
    except Unusable:
        if status < HTTPStatus.MULTIPLE_CHOICES:
            raise
        return b""


def _inflated(coding: str, body: bytes) -> bytes:
    if coding == "deflate":
        # The standard requires a zlib header, which some servers omit.
        bits = (
            _ZLIB if body[0] & 15 == zlib.DEFLATED and not int.from_bytes(body[:2]) % 31 else _RAW
        )
    elif coding in ("gzip", "x-gzip"):
        bits = _GZIP
    else:
        raise Unusable("the answer has an unknown content coding")
    stream = zlib.decompressobj(bits)
    try:
        whole = stream.decompress(body, MOST + 1)
    except zlib.error:
        raise Unusable("the compressed answer is damaged") from None
    if len(whole) > MOST:
        raise Unusable(f"the answer is too large: {_IN_WORDS} when it is decompressed")
    if not stream.eof or stream.unused_data:
        raise Unusable("the compressed answer is damaged")
    return whole
