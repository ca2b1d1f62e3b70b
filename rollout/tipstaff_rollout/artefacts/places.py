"""The path of each payload on an endpoint, or the text of the registry that stands for it."""

from typing import NamedTuple

from tipstaff_policy.clients.interface.deployment import RegistryText
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.paths import FOLDERS
from tipstaff_rollout.model import NAMES, ArtefactError, Compiled, Deployed, Payload
from tipstaff_rollout.payloads import client_payloads


class Registered(NamedTuple):
    """A payload that Windows gets as a text of the registry."""

    registry: RegistryText
    payload: Payload

    @property
    def text(self) -> str:
        """Return what the value says."""
        return self.registry.text(self.payload.data)


def place_texts(compiled: Compiled) -> tuple[Registered, ...]:
    """Return each payload that goes to Windows as a text of the registry, in their order."""
    known = client_payloads()
    return tuple(
        Registered(registry, payload)
        for payload in compiled.payloads
        if payload.name in known and (registry := known[payload.name].registry)
    )


def place_payloads(compiled: Compiled, platform: Platform) -> tuple[Deployed, ...]:
    """Return each payload at its place, in their order; what has none on a platform is left out.

    On Windows a place begins with ``%ProgramData%``, and the separators are its own.

    Raises:
        ArtefactError: The policy names its keys by a place that the platform does not have.
    """
    known = client_payloads()
    found = []
    for payload in compiled.payloads:
        client = known.get(payload.name)
        path = client.place(platform) if client else _own_place(compiled, payload, platform)
        if path:
            found.append(Deployed(path, payload))
    return tuple(found)


def _own_place(compiled: Compiled, payload: Payload, platform: Platform) -> str:
    if payload.name != "keys":
        path = f"{FOLDERS[platform]}/{NAMES[payload.name]}"
        return _windows(path) if platform == "windows" else path
    is_absolute = compiled.keys_path.startswith("/")
    if is_absolute == (platform == "windows"):
        raise ArtefactError(
            f"trusted_keys = {compiled.keys_path!r} is no place on {platform}",
            where="policy.toml",
            expected=r"C:\… there" if platform == "windows" else "/… there",
            remedy="write one policy for each kind of platform, or use another channel",
        )
    return compiled.keys_path


def _windows(path: str) -> str:
    return path.replace("/ProgramData", "%ProgramData%", 1).replace("/", "\\")
