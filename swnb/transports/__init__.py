"""The ways to a space; each has one method, `send(Request) -> Response`."""
