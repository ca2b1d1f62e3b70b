"""Settings of a sync: options, or `sync.toml` next to the policy for a timer."""

import os
import re
import ssl
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tipstaff_policy.errors import AccessDeniedError, PolicyError, UsageError
from tipstaff_policy.organisation.paths import FOLDERS
from tipstaff_policy.system.files import read_bounded, within
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_rollout.sync.applying import Host

NAME = "sync.toml"
ROOT_NAME = "sync-root.json"
SIZE_LIMIT = 1 << 20
TEXTS = ("url", "root", "ca_file", "proxy")
CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
TIME_LIMIT_S = 60.0


class Settings(NamedTuple):
    """From where, and whom to trust."""

    url: str = ""
    root: str = ""
    """The file of the root that is trusted first; empty where an earlier run has kept it."""
    ca_file: str = ""
    """Certificate authorities for the connection, in addition to those of the system."""
    proxy: str = ""
    time_limit: float = TIME_LIMIT_S
    """Seconds, for all of a run's downloads together."""


def read_settings(host: Host, options: Mapping[str, Any]) -> Settings:
    """Return the settings of the file, where there is one, and of the options, which win.

    Raises:
        PolicyError: The file is none, or others than the administrators could change it.
        UsageError: There is no usable address.
    """
    path = f"{FOLDERS[host.platform]}/{NAME}"
    data = read_trusted(host, path)
    stated = _parse(data, path) if data is not None else {}
    given = {name: value for name, value in options.items() if value}
    settings = Settings(**{**stated, **given})
    if not settings.root and os.path.lexists(within(host.root, own_root(host))):
        settings = settings._replace(root=own_root(host))
    _require_address(settings.url, path)
    return settings


def own_root(host: Host) -> str:
    """Return where a package may put the root that is trusted first."""
    return f"{FOLDERS[host.platform]}/{ROOT_NAME}"


def authorities(host: Host, settings: Settings) -> tuple[bytes, ...]:
    """Return the certificates (DER) of the file that the settings name.

    Raises:
        PolicyError: It holds none, or others could change it.
    """
    if not settings.ca_file:
        return ()
    data = read_trusted(host, settings.ca_file)
    found = CERTIFICATE.findall(data or b"")
    try:
        if found:
            return tuple(
                ssl.PEM_cert_to_DER_cert(certificate.decode("ascii")) for certificate in found
            )
    except ValueError:
        pass
    raise PolicyError(
        "holds no certificate" if data is not None else "is missing",
        where=settings.ca_file,
        expected="a PEM file with certificates of authorities",
    )


def read_trusted(host: Host, path: str) -> bytes | None:
    """Return the content of a file that administrators alone can change; None without one.

    Raises:
        PolicyError: Others could change it.
        AccessDeniedError: It cannot be read.
    """
    try:
        data = read_bounded(within(host.root, path), SIZE_LIMIT)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=path) from error
    require_own(host, path)
    return data


def require_own(host: Host, path: str) -> None:
    """Refuse a place that others than the administrators could change.

    Raises:
        PolicyError: They could.
    """
    if others := loose_places(path, host.root, host.platform):
        raise PolicyError(
            "could be changed by others than the administrators: " + "; ".join(map(str, others)),
            where=path,
            expected="a file and folders that only root owns and can write",
        )


def _parse(data: bytes, path: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"not valid TOML: {error}", where=path) from error
    for name, value in document.items():
        wanted: tuple[type, ...] = (str,) if name in TEXTS else (int, float)
        if name not in Settings._fields:
            raise PolicyError(
                f"{name} is unknown", where=path, expected=", ".join(Settings._fields)
            )
        is_usable = value > 0 if isinstance(value, int | float) else bool(value)
        if not isinstance(value, wanted) or isinstance(value, bool) or not is_usable:
            raise PolicyError(f"{name} cannot be used", where=path, expected=wanted[0].__name__)
    return document


def _require_address(url: str, path: str) -> None:
    try:
        found = urlsplit(url)
        usable = found.scheme == "https" and found.hostname and found.port != 0
        if usable and not (found.username or found.query or found.fragment):
            return
    except ValueError:
        pass
    raise UsageError(  # an address is not quoted, for it may hold a login
        "there is no address to get the policy from" if not url else "the address cannot be used",
        expected="https://HOST/PATH, by --url or as `url` of the settings",
        where=path,
    )
