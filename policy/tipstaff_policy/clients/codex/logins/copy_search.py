"""Copies of a login outside of the client's stores: backups, switchers, dotfiles, entries.

A file is a copy where a secret of a known login stands in it, or where it holds a login of its
own. Files are chosen by their names (`is_likely`), or all are read.
Source: docs/credentials.md; tests/policy/clients/test_copies.py.
"""

import os
import re
from collections.abc import Iterator

from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE
from tipstaff_policy.clients.codex.credentials import keyring
from tipstaff_policy.clients.codex.credentials.stored_credentials import (
    KEY_VARIABLE,
    TOKEN_VARIABLE,
)
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.clients.codex.locations import text_of, user_home
from tipstaff_policy.clients.codex.logins.copied_documents import OURS, Kept, find_kept
from tipstaff_policy.clients.codex.logins.login_identity import (
    Known,
    identify_text,
    is_login,
    know_login,
    relation,
)
from tipstaff_policy.clients.codex.logins.store_access import every_store
from tipstaff_policy.clients.interface.stores import Copy, Document, Found, Relation, Stores
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.model.request import Request
from tipstaff_policy.parsing.base64_texts import decode_texts, encodings, without_wrapping
from tipstaff_policy.parsing.sqlite_text import MAGIC, texts_in
from tipstaff_policy.record import Record
from tipstaff_policy.system.file_walk import Scope, Seen, Walk
from tipstaff_policy.system.files import read_bounded
from tipstaff_policy.system.secret_service import KeyringError, read_every

DOCUMENT_LIMIT = 1 << 20
"""Bytes beyond which a file is only searched, and not read as a login."""
DATABASE_LIMIT = 32 << 20
NESTED = 2
"""How often a text is taken out of another one that holds it encoded."""
LIKELY_NAMES = ("codex", "auth")
"""Parts of names of which a search that must stop has seen the places."""
SWITCHERS = (".cc-switch", ".cli-proxy-api", "opencode", ".opencode")
"""Folders of programs that keep logins of this client, without its name in theirs."""
HANDED_ON = (".devcontainer", ".secrets", ".secret", "secrets")
"""Folders and files from which logins are handed into containers and runs."""
SHELL = re.compile(
    r"\.(bash|zsh|ksh|csh|tcsh|fish)\w*|\.profile|\.login|\.history|\.environment|config\.fish|"
    r"fish_variables|fish_history|\.xprofile|\.xsessionrc|\.pam_environment|\.netrc",
)
SETTINGS = re.compile(
    r"\.env(rc)?|\.env\..*|.*\.env|docker-compose.*\.ya?ml|compose.*\.ya?ml|"
    r"\.?devcontainer.*\.json|environment|secrets?\.(env|ya?ml|json|toml|txt)",
)
LOGIN = re.compile(r".*(auth|credential|token|secret).*\.(json|age|toml|ya?ml|txt|bak|old).*")
EDITORS = re.compile(r"(\.?#?)(.+?)(\.sw[a-p]|~|#|\.bak|\.orig|\.old|\.save)+")
ENCRYPTED_HEAD = b"age-encryption.org/"
ENCRYPTED_LIMIT = 8
"""Encrypted copies that are tried: each costs a second."""
ORDER: tuple[Relation, ...] = (
    "same login",
    "same account, newer token",
    "same account, older token",
    "same account, another token",
    "another login",
)


class _Source(Record):
    name: str
    login: Known


def find_copies(request: Request, scope: Scope) -> Found:
    """Return every copy of a login that a bounded search comes across.

    Raises:
        EvaluationError: The client's folder is named and is none.
    """
    stores = every_store(request)
    walk = Walk(scope, LIKELY_NAMES)
    client = settle(request).request
    sources = _sources(client, stores, walk)
    roots = [os.path.realpath(root) for root in scope.roots or _homes(request, stores.home)]
    home = os.path.realpath(stores.home)
    own = {f"{home}/{place.name}" for place in stores.places if place.name is not None}
    hunt = _Hunt(client, walk, tuple(source.login for source in sources), stores.home)
    copies = [
        copy
        for root in roots
        for seen in walk.through(root)
        if seen.path not in own and (scope.all_files or is_likely(seen.name, seen.within))
        if (copy := hunt.judge(seen)) is not None
    ]
    copies += hunt.in_keyring()
    compared = tuple(source.name for source in sources)
    return Found(tuple(roots), compared, walk.entries, walk.files, tuple(copies), walk.unseen)


def is_likely(name: str, within: tuple[str, ...]) -> bool:
    """Return whether a file by its name, or by its folders', may hold a login of this client."""
    folded = [part.casefold() for part in (name, *within)]
    if any(
        "codex" in folded_name or folded_name in SWITCHERS or folded_name in HANDED_ON
        for folded_name in folded
    ):
        return True
    plain = EDITORS.fullmatch(folded[0])
    names = [folded[0], plain[2] if plain else ""]
    patterns = (SHELL, SETTINGS, LOGIN)
    return any(pattern.fullmatch(folded_name) for folded_name in names for pattern in patterns)


def _homes(request: Request, home: str) -> tuple[str, ...]:
    user = os.path.dirname(home) if request.system_root else user_home(request)
    outside = not (home + "/").startswith(user.rstrip("/") + "/")
    return (user, home) if outside else (user,)


def _sources(request: Request, stores: Stores, walk: Walk) -> list[_Source]:
    """Return the logins that copies are compared with, read once."""
    found = []
    for place in stores.places:
        if not place.holds:
            continue
        try:
            text = _text(request, stores.home, place.store, place.path)
        except (OSError, KeyringError, ShapeError) as error:
            why = getattr(error, "what", None) or getattr(error, "strerror", None)
            walk.miss(f"{place.path}: {why or 'cannot be read'}")
            continue
        if text is not None and is_login(Document(text)):
            found.append(_Source(place.path, know_login(Document(text))))
    seen = {} if request.system_root else request.env
    for name in (KEY_VARIABLE, TOKEN_VARIABLE):
        secret = (text_of(seen, name) or "").strip(WHITE_SPACE)
        found += [_Source(name, identify_text(secret))] if secret else []
    return found


def _text(request: Request, home: str, store: str, path: str) -> str | None:
    if store in (keyring.KEYRING, keyring.ENCRYPTED):
        return keyring.read_document(request, home, store, unlocks=False)
    return read_bounded(path, DOCUMENT_LIMIT).decode("utf-8", "surrogateescape")


class _Hunt:
    """Judges what the walk comes across."""

    def __init__(self, request: Request, walk: Walk, logins: tuple[Known, ...], home: str) -> None:
        self._request = request
        self._walk = walk
        self._logins = logins
        self._home = home
        self._needles = [
            secret.reveal().encode("utf-8", "surrogateescape")
            for login in logins
            for secret in login.secrets
        ]
        self._encoded = [form for needle in self._needles for form in encodings(needle)]
        # What is encoded and wrapped takes more than twice the room.
        self._overlap = 4 * max(map(len, self._needles), default=1)
        self._encrypted = 0

    def judge(self, seen: Seen) -> Copy | None:
        """Return what a file is a copy of, or None."""
        if seen.facts.st_size == 0:
            return None
        same, head = self._search(seen)
        if same:
            return self._copy(seen, "same login")
        if head.startswith(ENCRYPTED_HEAD):
            reason = self._of_encrypted(seen)
        elif head.startswith(MAGIC):
            reason = self._of_database(head, ours=_is_ours(seen))
        else:
            reason = self._of_text(head, ours=_is_ours(seen))
        return self._copy(seen, reason) if reason else None

    def in_keyring(self) -> Iterator[Copy]:
        """Give the logins of other folders of the client in the same keyring."""
        if self._request.system_root is not None or self._request.platform != "linux":
            return
        own = keyring.login_entry(self._home)
        try:
            entries = read_every(self._request.env, own.service)
        except KeyringError as error:
            if error.there is not False:
                self._walk.miss(f"keyring: {error.what}")
            return
        for account, text in sorted(entries.items()):
            reason = self._of_document(Document(text)) if account != own.account else None
            if reason:
                place = f"keyring entry {account} of {own.service}"
                yield Copy(place, reason, "of another folder of the client, or of one that is gone")

    def _search(self, seen: Seen) -> tuple[bool, bytes]:
        """Return whether a known secret stands in a file, and the file where it is small."""
        head, tail, size = b"", b"", seen.facts.st_size
        for piece in self._walk.read(seen):
            window = tail + piece
            if self._holds_secret(window):
                return True, b""
            tail = window[-self._overlap :]
            limit = DATABASE_LIMIT if (head or piece).startswith(MAGIC) else DOCUMENT_LIMIT
            head = head + piece if size <= limit else b""
        if size > DATABASE_LIMIT and tail and seen.name.endswith((".db", ".sqlite", ".sqlite3")):
            self._walk.miss(f"{seen.path}: searched only as raw text, because it is large")
        return False, head

    def _holds_secret(self, text: bytes) -> bool:
        """Return whether a known secret stands in a text, as it is or as base64."""
        if any(needle in text for needle in self._needles):
            return True
        plain = without_wrapping(text) if self._encoded else b""
        return any(secret in plain for secret in self._encoded)

    def _of_database(self, data: bytes, *, ours: bool) -> Relation | None:
        found: list[Relation] = []
        for text in texts_in(data):
            if self._holds_secret(text):
                return "same login"
            reason = self._of_text(text, ours=ours)
            found += [reason] if reason else []
        return min(found, key=ORDER.index, default=None)

    def _of_text(self, data: bytes, *, ours: bool, nested: int = NESTED) -> Relation | None:
        """Return what the logins in a text are, also those that it holds as base64."""
        found = [self._of_kept(login) for login in find_kept(data, ours=ours)]
        for text in decode_texts(data) if nested else ():
            if self._holds_secret(text):
                return "same login"
            if b"{" in text or nested > 1:
                found.append(self._of_text(text, ours=ours, nested=nested - 1))
        return min((document for document in found if document), key=ORDER.index, default=None)

    def _of_kept(self, kept: Kept) -> Relation | None:
        return self._of_document(kept.document) if kept.is_whole else "another login"

    def _of_document(self, document: Document) -> Relation | None:
        if not is_login(document):
            return None
        relations = [relation(document, login.document) for login in self._logins]
        return min(relations, key=ORDER.index, default="another login")

    def _of_encrypted(self, seen: Seen) -> Relation | None:
        """Return what an encrypted copy holds, where a passphrase in the keyring opens it."""
        if self._encrypted >= ENCRYPTED_LIMIT:
            self._walk.miss(f"{seen.path}: more than {ENCRYPTED_LIMIT} encrypted copies")
            return None
        self._encrypted += 1
        folder = os.path.dirname(os.path.dirname(seen.path))
        for home in dict.fromkeys((self._home, folder)):
            try:
                text = keyring.read_encrypted(self._request, seen.path, home, unlocks=False)
            except (OSError, KeyringError, ShapeError):
                continue
            return self._of_document(Document(text)) if text else None
        return None  # useless without its passphrase

    def _copy(self, seen: Seen, reason: Relation) -> Copy:
        notes = ["in a git working tree, so perhaps in its history"] if seen.in_git else []
        if seen.facts.st_nlink > 1:
            notes.append(f"{seen.facts.st_nlink - 1} further name(s)")
        return Copy(
            seen.path,
            reason,
            "; ".join(notes),
            f"{seen.facts.st_mode & 0o7777:04o}",
            seen.facts.st_uid,
            int(seen.facts.st_mtime),
        )


def _is_ours(seen: Seen) -> bool:
    """Return whether the place of a file says that it is of this client, or of one for it."""
    return any(OURS.search(part) for part in (seen.name, *seen.within))
