"""Profiles of the `ant` tool: a configuration, and a file with the tokens that it names.

Source: tests/clients/claude/test_credentials.py (client 2.1.332).
"""

import os
from collections.abc import Mapping
from typing import Any

from tipstaff_policy.clients.claude.credentials.members import Known
from tipstaff_policy.clients.claude.credentials.places import Places, is_own
from tipstaff_policy.clients.claude.credentials.stored import facts_in_home, with_fingerprint
from tipstaff_policy.clients.claude.credentials.texts import parse_object
from tipstaff_policy.clients.claude.locations import in_home
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    Identity,
    NoCredential,
    UnreadableCredential,
)
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import read_bounded

STORE = "profiles"
NAMED_BY = "ANTHROPIC_PROFILE"
FOLDER_VARIABLE, CONFIG_HOME = "ANTHROPIC_CONFIG_DIR", "XDG_CONFIG_HOME"
ACTIVE, DEFAULT = "active_config", "default"
USER, FEDERATED = "user_oauth", "oidc_federation"
SIZE_LIMIT = 1 << 24


class Profile(Record):
    """A profile, as far as the client asks."""

    name: str
    kind: str | None
    """``user_oauth`` or ``oidc_federation``; None for one that the client cannot use."""
    tokens: str
    """The file with its tokens."""
    config: str
    explicit: bool = False
    """Whether a variable names it, so that it beats a stored login."""
    organisation: str | None = None


def folder_of(request: Request, places: Places, environment: Mapping[str, str]) -> str:
    """Return the folder of the profiles."""
    if is_own(request):
        if named := environment.get(FOLDER_VARIABLE, "").strip():
            return os.path.normpath(os.path.join(request.started_in, named))
        if named := environment.get(CONFIG_HOME, "").strip():
            return f"{os.path.normpath(os.path.join(request.started_in, named))}/anthropic"
    home = request.env.get("HOME", "").strip() if is_own(request) else ""
    return f"{home or os.path.dirname(places.config)}/.config/anthropic"


def profile_of(request: Request, places: Places, environment: Mapping[str, str]) -> Profile | None:
    """Return the profile that the client would use; None where it would use none."""
    folder = folder_of(request, places, environment)
    named = environment.get(NAMED_BY, "").strip()
    found = read_profile(request, folder, named or active_name(request, folder))
    found = found._replace(explicit=bool(named))
    return found if found.kind else None


def read_profile(request: Request, folder: str, name: str) -> Profile:
    """Return a profile by its name."""
    config = f"{folder}/configs/{name}.json"
    found = Profile(name, None, f"{folder}/credentials/{name}.json", config)
    members = parse_object(_text(request, config))
    how = members.get("authentication") if members else None
    if members is None or not isinstance(how, dict):
        return found
    path = how.get("credentials_path")
    if isinstance(path, str) and path:
        found = found._replace(tokens=os.path.normpath(os.path.join(folder, path)))
    kind = how.get("type")
    text = _text(request, found.tokens)
    tokens = parse_object(text)
    usable = kind == FEDERATED or (kind == USER and bool(text.strip()) and _has_token(tokens))
    organisation = _organisation(members, tokens)
    return found._replace(kind=kind if usable else None, organisation=organisation)


def _has_token(tokens: Mapping[str, Any] | None) -> bool:
    """Return whether tokens can sign in; what is no JSON object is left to the client."""
    return tokens is None or any(tokens.get(name) for name in ("access_token", "refresh_token"))


def active_name(request: Request, folder: str) -> str:
    """Return the name of the profile that is used where nothing names one."""
    return _text(request, f"{folder}/{ACTIVE}").decode("utf-8", "replace").strip() or DEFAULT


def every_profile(request: Request, folder: str) -> tuple[Profile, ...]:
    """Return every profile of a folder that has tokens of its own; usable ones or not.

    Raises:
        OSError: The folder is there and cannot be listed.
    """
    names = _list_names(request, f"{folder}/configs") | _list_names(
        request, f"{folder}/credentials"
    )
    profiles = [read_profile(request, folder, name) for name in sorted(names)]
    return tuple(profile for profile in profiles if _text(request, profile.tokens).strip())


def credential_of(request: Request, profile: Profile) -> Credential:
    """Return the credential of a profile, without what is secret."""
    owner = (Identity("organisation", profile.organisation, "claimed"),)
    held = HeldCredential(str(profile.kind or USER), "profile", identity=owner)
    if profile.kind == FEDERATED:
        # The machine's own identity signs in: no token that could be removed.
        return Credential(STORE, profile.config, held, kind_of_place="settings", scrub=())
    tokens = parse_object(_text(request, profile.tokens)) or {}
    secret = tokens.get("refresh_token") or tokens.get("access_token") or ""
    known = Known(held, (held.kind, str(secret)) if secret else ())
    content = with_fingerprint(known, request.policy_inputs.fleet_key)
    return Credential(STORE, profile.tokens, content, facts_in_home(profile.tokens, request))


def read_stored_profile(
    request: Request, places: Places, environment: Mapping[str, str]
) -> Credential:
    """Return the first profile with tokens, as one place; the one in use comes first."""
    folder = folder_of(request, places, environment)
    try:
        profiles = every_profile(request, folder)
    except OSError as error:
        unread = UnreadableCredential(f"cannot be read: {error.strerror}", "unknown")
        return Credential(STORE, folder, unread)
    used = profile_of(request, places, environment)
    ordered = sorted(profiles, key=lambda profile: used is None or profile.name != used.name)
    if not ordered:
        return Credential(STORE, f"{folder}/credentials", NoCredential())
    return credential_of(request, ordered[0])


def _list_names(request: Request, folder: str) -> set[str]:
    try:
        names = os.listdir(in_home(folder, request))
    except (FileNotFoundError, NotADirectoryError):
        return set()
    return {name.removesuffix(".json") for name in names if name.endswith(".json")}


def _organisation(*documents: dict[str, Any] | None) -> str | None:
    named = [(document or {}).get("organization_uuid") for document in reversed(documents)]
    named += [(document or {}).get("organization_id") for document in documents]
    return next(
        (organisation for organisation in named if isinstance(organisation, str) and organisation),
        None,
    )


def _text(request: Request, path: str) -> bytes:
    """Return what stands in a file of a profile; nothing where the client reads nothing."""
    try:
        return read_bounded(in_home(path, request), SIZE_LIMIT)
    except OSError:
        return b""
