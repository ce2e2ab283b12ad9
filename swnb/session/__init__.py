"""The core of a client: validate, log, send and read, and the `Call` under it; no widget, no run."""
