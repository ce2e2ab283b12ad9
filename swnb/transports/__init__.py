"""The transports to a space: each has one method, `send(Request) -> Response`."""
