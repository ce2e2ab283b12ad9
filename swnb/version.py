"""The installed version of swnb: for the package, the files it writes and the requests it sends."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("swnb")
except PackageNotFoundError:  # run from a checkout that is not installed
    VERSION = "0"
