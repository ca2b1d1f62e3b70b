"""The path of each payload on an endpoint."""

from tipstaff_policy.assessment.policy_loading import ROOT_FILE
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.paths import FLEET_KEY, FOLDERS
from tipstaff_rollout.model import ArtefactError, Compiled, Deployed, Payload
from tipstaff_rollout.payloads import client_payloads


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
    if payload.name in ("policy", "fleet_key"):
        path = f"{FOLDERS[platform]}/{ROOT_FILE if payload.name == 'policy' else FLEET_KEY}"
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
