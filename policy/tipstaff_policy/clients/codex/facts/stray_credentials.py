"""Credentials outside of the store in force, and in other folders of the client.

Every search is bounded, follows no link, and says what it could not see.
Source: docs/clients/codex.md, "Stores" and "Where Tipstaff is stricter".
"""

import os
from collections.abc import Iterator
from itertools import islice

from tipstaff_policy.clients.codex.compliance.stores_not_asked import stores_not_asked
from tipstaff_policy.clients.codex.config.sign_in_keys import Rules
from tipstaff_policy.clients.codex.credentials.stored_credentials import file_credential
from tipstaff_policy.clients.codex.decision.active_store import credentials_in_force
from tipstaff_policy.clients.codex.locations import on_this_machine, user_home
from tipstaff_policy.clients.codex.versions import behaviour_of
from tipstaff_policy.clients.own_files import PREFIX
from tipstaff_policy.model.host_facts import LeftOver, LeftOvers
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    HostState,
    NoCredential,
    UnreadableCredential,
)

NAMES = (".codex", "codex")
"""How a folder of the client's is called, whatever follows; other programs have auth.json too."""
ENTRIES = 1000
"""Entries of one folder that are looked at."""


def find_left_over(request: Request, state: HostState, rules: Rules) -> LeftOvers:
    """Return the credentials where the client does not look, except the file of its own folder."""
    unseen: list[str] = []
    behaviour = behaviour_of(state.client.version)
    unknown_fields = behaviour.unknown_fields if behaviour else ()
    used = {credential.source for credential in credentials_in_force(state.credentials, rules)}
    stored = [
        *state.credentials,
        *stores_not_asked(request, state.home, state.credentials, unknown_fields),
    ]
    places = [
        credential
        for credential in stored
        if credential.source != "file" and credential.source not in used
    ]
    unseen += [
        f"{place.path}: {place.content.reason}"
        for place in places
        if isinstance(place.content, UnreadableCredential) and place.content.unseen
    ]
    places += [
        file_credential(request, folder, unknown_fields).credential
        for folder in _other_folders(request, state, unseen)
    ]
    return LeftOvers(tuple(_find_in_folder(places)), tuple(unseen))


def _find_in_folder(places: list[Credential]) -> Iterator[LeftOver]:
    for source, path, content, *_ in places:
        there = isinstance(content, HeldCredential) or (
            isinstance(content, UnreadableCredential) and content.present
        )
        if path is not None and there and not isinstance(content, NoCredential):
            yield LeftOver(source, path, content)


def _other_folders(request: Request, state: HostState, unseen: list[str]) -> list[str]:
    """Return the user's other folders of the client.

    Also those inside it, in which a sign-in goes on or was killed.
    """
    home = state.home
    mine = os.path.dirname(home) if request.system_root else user_home(request)
    owner = _find_owner(mine)
    users = [mine]
    for folder in request.policy_inputs.homes:
        try:
            place = on_this_machine(folder, request, home)
        except OSError as error:
            unseen.append(f"{folder}: {error.strerror}")
            continue
        users += [folder for folder in _list_folders(place, unseen) if _find_owner(folder) == owner]
    places = dict.fromkeys(
        folder for user in users for folder in _list_folders(user, unseen, NAMES)
    )
    places |= dict.fromkeys(folder for folder in state.further_homes if os.path.isdir(folder))
    others = [folder for folder in places if os.path.realpath(folder) != os.path.realpath(home)]
    return others + _list_folders(home, unseen, (PREFIX,))


def _list_folders(place: str, unseen: list[str], names: tuple[str, ...] = ("",)) -> list[str]:
    """Return the folders in a folder whose names begin as wanted; links are none."""
    try:
        with os.scandir(place) as entries:
            seen = list(islice(entries, ENTRIES + 1))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        unseen.append(f"{place}: {error.strerror}")
        return []
    if len(seen) > ENTRIES:
        unseen.append(f"{place}: more than {ENTRIES} entries")
    return sorted(
        entry.path
        for entry in seen[:ENTRIES]
        if entry.name.casefold().startswith(names) and entry.is_dir(follow_symlinks=False)
    )


def _find_owner(place: str) -> int | None:
    try:
        return os.lstat(place).st_uid
    except OSError:
        return None
