"""A proxy that takes CONNECT, and an https server behind it: real ones on loopback."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import subprocess
import threading

from support.canned_server import Answering, read_request

RESET = struct.pack("ii", 1, 0)


class Proxy(Answering):
    """Takes CONNECT and joins it to a server of the test's, whatever host was asked for."""

    def __init__(self, target):
        self.target = target
        super().__init__(self._join)

    def _join(self, connection):
        name, port = self.target.split(":")
        with socket.create_connection((name, int(port))) as far:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(far, connection), daemon=True)
            back.start()
            pump(connection, far)

    def break_off(self):
        """Reset the connections of the clients."""
        for connection in list(self._open):  # not one that is opened meanwhile
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            connection.shutdown(socket.SHUT_RDWR)


def pump(source, target):
    """Pass on what comes until one side ends, and then end the other in the same way."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        with contextlib.suppress(OSError):
            target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            target.shutdown(socket.SHUT_RDWR)


class Tls:
    """An https server with a certificate that it signed itself, for one host name."""

    def __init__(self, folder, name, *acts):
        self.certificate = folder / "certificate.pem"
        key = folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-keyout", key, "-out", self.certificate, "-subj", f"/CN={name}",
             "-addext", f"subjectAltName=DNS:{name}"],
            check=True, capture_output=True,
        )  # fmt: skip
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        self.acts = list(acts)
        self.requests = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(connection, server_side=True) as secure:
                    while request := read_request(secure):
                        self.requests.append(request)
                        act = self.acts.pop(0)
                        secure.sendall(act) if isinstance(act, bytes) else act(secure)
            except OSError:
                connection.close()
