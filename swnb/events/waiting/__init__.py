"""Waiting: for a state of a call, for the end of an operation, for an event.

`waiter` is the one loop behind all of it; `states`, `operations` and `events` say what is waited for.
"""
