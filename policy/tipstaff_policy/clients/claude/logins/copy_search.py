"""Copies of a login outside of the client's own places: backups, dotfiles, shell files, images.

A file is a copy where a secret of a known login stands in it, plain or as base64, or a login of
the client's own form.
Source: tests/clients/claude/test_custody.py.
"""

import os
import re
from collections.abc import Callable

from tipstaff_policy.clients.claude.credentials.members import (
    DOCUMENT_LOGINS,
    KEY,
    LOGIN,
)
from tipstaff_policy.clients.claude.credentials.places import (
    SECURE_VARIABLE,
    is_backup,
    is_own,
    places_of,
)
from tipstaff_policy.clients.claude.credentials.texts import parse_object
from tipstaff_policy.clients.claude.credentials.unstored import BEARER, HEADERS, TOKEN
from tipstaff_policy.clients.claude.credentials.unstored import KEY as KEY_VARIABLE
from tipstaff_policy.clients.claude.locations import HOME_VARIABLE, user_home
from tipstaff_policy.clients.claude.logins.stores import every_store, read_document, secrets_of
from tipstaff_policy.clients.interface.stores import Copy, Document, Found, Relation, Stores
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import Request
from tipstaff_policy.parsing.base64_texts import encodings, without_wrapping
from tipstaff_policy.record import Record
from tipstaff_policy.system.file_walk import Scope, Seen, Walk

SHORTEST = 12
"""Characters of a secret below which finding it somewhere would prove nothing."""
DOCUMENT_LIMIT = 1 << 20
LIKELY_NAMES = ("claude", "anthropic", "credential")
VARIABLES = (BEARER, KEY_VARIABLE, TOKEN, HEADERS)
OWN_FORMS = re.compile(rb"sk-ant-(?:oat|ort|api)[0-9]{2}-[A-Za-z0-9_-]{20,}")
"""How the service's own tokens and keys look."""
LIKELY = re.compile(
    r".*(claude|anthropic|credential|secret|token|auth).*|\.env(rc)?|\.env\..*|.*\.env"
    r"|\.(bash|zsh|ksh|csh|fish)\w*|\.profile|\.xprofile|\.netrc|fish_variables|config\.fish"
    r"|.*\.(bak|old|orig|save)|.*~|docker-compose.*\.ya?ml|\.?devcontainer.*\.json"
)


class _Known(Record):
    name: str
    secrets: tuple[Document, ...]


def find_copies(request: Request, scope: Scope) -> Found:
    """Return every copy of a login that a bounded search comes across.

    Raises:
        EvaluationError: Nothing names a home.
    """
    stores = every_store(request)
    walk = Walk(scope, LIKELY_NAMES)
    known = [*_read_stored(request, stores, walk), *_variables(request)]
    needles = [secret.reveal().encode() for login in known for secret in login.secrets]
    search = _Search(walk, needles)
    own = _own(request)
    roots = [os.path.realpath(root) for root in scope.roots or _homes(request, stores.home)]
    copies = [
        copy
        for root in roots
        for seen in walk.through(root)
        if not own(seen) and (scope.all_files or is_likely(seen))
        if (copy := search.judge(seen)) is not None
    ]
    compared = tuple(login.name for login in known)
    return Found(tuple(roots), compared, walk.entries, walk.files, tuple(copies), walk.unseen)


def is_likely(seen: Seen) -> bool:
    """Return whether a file may hold a login of this client, by its name or its folders'."""
    names = [name.casefold() for name in (seen.name, *seen.within)]
    return bool(LIKELY.fullmatch(names[0])) or any("claude" in name for name in names)


def _own(request: Request) -> Callable[[Seen], bool]:
    """Return what says whether a file is one of the client's own places."""
    places = places_of(request)
    files = {
        os.path.realpath(os.path.dirname(path)) + "/" + os.path.basename(path)
        for path in (places.document, places.main, places.legacy, *places.others)
    }
    folders = {os.path.realpath(path) for path in (places.backups, *places.other_backups)}

    def is_own_place(seen: Seen) -> bool:
        in_backups = os.path.dirname(seen.path) in folders and is_backup(seen.name)
        return seen.path in files or in_backups

    return is_own_place


def _homes(request: Request, home: str) -> tuple[str, ...]:
    user = user_home(request) if is_own(request) else os.path.dirname(home)
    named = [
        os.path.join(request.started_in, request.env[variable])
        for variable in (HOME_VARIABLE, SECURE_VARIABLE)
        if is_own(request) and request.env.get(variable)
    ]
    outside = [
        home_folder
        for home_folder in (home, *named)
        if not f"{home_folder}/".startswith(f"{user}/")
    ]
    return tuple(dict.fromkeys((user, *outside)))


def _read_stored(request: Request, stores: Stores, walk: Walk) -> list[_Known]:
    found = []
    for place in stores.places:
        try:
            document = read_document(request, place.store, stores.home) if place.holds else None
        except EvaluationError as error:
            if place.unseen:
                walk.miss(f"{place.path}: {error.what}")
            continue
        if document is not None:
            found.append(_Known(place.path, _long(secrets_of(document))))
    return [login for login in found if login.secrets]


def _variables(request: Request) -> list[_Known]:
    seen = request.env if is_own(request) else {}
    texts = [(name, seen.get(name, "").strip()) for name in VARIABLES]
    return [_Known(name, _long((text,))) for name, text in texts if len(text) >= SHORTEST]


def _long(secrets: tuple[str, ...]) -> tuple[Document, ...]:
    return tuple(Document(secret) for secret in secrets if len(secret) >= SHORTEST)


class _Search:
    """Judges what the walk comes across."""

    def __init__(self, walk: Walk, needles: list[bytes]) -> None:
        self._walk = walk
        self._needles = needles
        self._encoded = [form for needle in needles for form in encodings(needle)]
        # What is encoded and wrapped takes more than twice the room.
        self._overlap = 4 * max(map(len, needles), default=64)

    def judge(self, seen: Seen) -> Copy | None:
        """Return what a file is a copy of, or None."""
        if seen.facts.st_size == 0:
            return None
        head, tail, foreign = b"", b"", False
        for piece in self._walk.read(seen):
            window = tail + piece
            if self._holds_secret(window):
                return _copy(seen, "same login")
            foreign = foreign or bool(OWN_FORMS.search(window))
            tail = window[-self._overlap :]
            head = head + piece if seen.facts.st_size <= DOCUMENT_LIMIT else b""
        return _copy(seen, "another login") if foreign or _is_document(head) else None

    def _holds_secret(self, text: bytes) -> bool:
        if any(needle in text for needle in self._needles):
            return True
        plain = without_wrapping(text) if self._encoded else b""
        return any(secret in plain for secret in self._encoded)


def _is_document(data: bytes) -> bool:
    """Return whether a file is a document of the client with a login in it."""
    if not any(name.encode() in data for name in (LOGIN, KEY)):
        return False
    try:
        members = parse_object(data, mark=True) or {}
    except RecursionError:
        return False
    login = members.get(LOGIN)
    tokens = isinstance(login, dict) and (login.get("accessToken") or login.get("refreshToken"))
    further = any(members.get(name) for name in DOCUMENT_LOGINS if name.endswith("Oauth"))
    return bool(tokens or members.get(KEY)) or (bool(further) and login is None)


def _copy(seen: Seen, reason: Relation) -> Copy:
    notes = ["in a git working tree, so perhaps in its history"] if seen.in_git else []
    if seen.facts.st_nlink > 1:
        notes.append(f"{seen.facts.st_nlink - 1} further name(s)")
    facts = seen.facts
    mode = f"{facts.st_mode & 0o7777:04o}"
    changed = int(facts.st_mtime)
    return Copy(seen.path, reason, "; ".join(notes), mode, facts.st_uid, changed)
