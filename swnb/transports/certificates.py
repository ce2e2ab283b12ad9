"""Certificates: the bundle that the environment names, and why a host's was not accepted.

A company's proxy signs with a CA of its own, and what says so must be found without a search: the
variable that names the bundle, and the file that it names.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from swnb.errors import ConfigurationError

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # in the order in which `requests` reads them
_OTHER_HOST = 62  # OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH


def check_bundle(verify: object) -> None:
    """Raise `ConfigurationError` if the bundle of the environment is missing or holds no certificate.

    `verify` is what `requests` made of the environment: a path, or True for the bundle of its own.
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
    """Say why TLS did not come about."""
    cause = next((each for each in error.args if isinstance(each, ssl.SSLError)), None)
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return "the host's certificate was not accepted, or it speaks no TLS"
    if cause.verify_code == _OTHER_HOST:
        return "the host's certificate was not accepted: it is for another host name"
    return (
        f"the host's certificate was not accepted ({cause.verify_message}); if a proxy's or "
        f"company's own CA signed it, {VARIABLES[0]} must name the file of that CA's certificate"
    )


def _wrong(path: Path) -> str:
    try:
        if path.is_dir():
            return "" if any(path.iterdir()) else "is a folder that holds no certificate"
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "holds no certificate"
    except FileNotFoundError:
        return "does not exist"
    except (OSError, ValueError):
        return "cannot be read"
    return ""
