"""The public face: `Client` and `Call`, and what makes a client."""

from __future__ import annotations

from swnb.client.call import Call as Call
from swnb.client.client import Client as Client
