"""The other end of a client: what it hears, where it waits, on one thread of its own."""
