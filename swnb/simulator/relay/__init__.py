"""A simulated space on RELAY: sessions over WebSockets that command calls and hear what happens.

`desk` knows all sessions and is told what happens, `member` is one session, `methods` what a method
does to a call, `sockets` the WebSockets themselves, `certificates` what wss needs. All but `sockets`
are functions of the space's state and of one text.
"""
