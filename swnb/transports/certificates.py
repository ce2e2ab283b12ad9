"""Certificates: the environment's CA bundle, and why a host's certificate was not accepted.

A company's proxy signs with the company's own CA. Messages name the variable and the file of the
bundle, so that nobody has to search for them.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from swnb.errors import ConfigurationError

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # in the order in which `requests` reads them
_OTHER_HOST = 62  # OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH


def check_bundle(verify: object) -> None:
    """Raise `ConfigurationError` if the environment's bundle is missing or has no certificate.

    `verify` is what `requests` read from the environment: a path, or True for its own bundle.
    """
    if not isinstance(verify, str):
        return
    wrong = _wrong(Path(verify))
    if wrong:
        variable = next((name for name in VARIABLES if os.environ.get(name) == verify), "")
        raise ConfigurationError(
            f"the environment names a CA bundle that cannot be used: "
            f"{variable or VARIABLES[0]}={verify!r} {wrong}",
            advice="Name a file of certificates in PEM format, or unset the variable.",
        )


def refusal(error: Exception) -> str:
    """Return why the TLS connection could not be established."""
    cause = next((part for part in error.args if isinstance(part, ssl.SSLError)), None)
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return "the host's certificate was not accepted, or the host does not use TLS"
    if cause.verify_code == _OTHER_HOST:
        return "the host's certificate was not accepted: it is for another host name"
    return (
        f"the host's certificate was not accepted ({cause.verify_message}); if the CA "
        f"of a proxy or company signed it, {VARIABLES[0]} must name the file of that CA's certificate"
    )


def _wrong(path: Path) -> str:
    try:
        if path.is_dir():
            return "" if any(path.iterdir()) else "is a folder without certificates"
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "contains no certificate"
    except FileNotFoundError:
        return "does not exist"
    except (OSError, ValueError):
        return "cannot be read"
    return ""
