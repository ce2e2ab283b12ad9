"""Listening on RELAY: `session` is the protocol without I/O, `wire` one connection, `listener` all of them."""
