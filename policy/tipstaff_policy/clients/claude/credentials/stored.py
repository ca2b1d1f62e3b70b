"""Stored logins: the credential document, the global file and its copies, other folders.

Absent is what the client itself takes for signed out: no file, a folder, a document that is none.
Source: tests/clients/claude/test_credentials.py (client 2.1.332).
"""

import errno
import os
from collections.abc import Callable, Iterator

from tipstaff_policy.clients.claude.credentials.members import KEY_KIND, Known, key_in, login_in
from tipstaff_policy.clients.claude.credentials.places import (
    DOCUMENT,
    Places,
    global_file_in_force,
    list_backups,
)
from tipstaff_policy.clients.claude.credentials.texts import (
    MARK,
    is_value,
    parse_object,
)
from tipstaff_policy.clients.claude.locations import in_home
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.secret import FleetKey
from tipstaff_policy.model.state import (
    Credential,
    Effect,
    FileFacts,
    HeldCredential,
    NoCredential,
    UnreadableCredential,
)
from tipstaff_policy.system.files import (
    NotRegularFileError,
    TooLargeError,
    is_shortage,
    read_bounded,
    read_file_facts,
)

DOCUMENT_STORE, MAIN_STORE, LEGACY_STORE = "credentials", "config", "legacy-config"
BACKUP_STORE, OTHER_STORE = "backups", "other-folders"
SIZE_LIMIT = 1 << 28
BLANKS = b" \t\r\n"
BROKEN = "is no JSON, and the client does not start with it"
SIGNED_OUT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
Content = NoCredential | HeldCredential | UnreadableCredential


def document_credential(request: Request, places: Places) -> Credential:
    """Return the login of the credential document."""
    return _credential(request, DOCUMENT_STORE, places.document, read_document)


def global_credentials(request: Request, places: Places) -> tuple[Credential, ...]:
    """Return the Console key of each of the two global files, the one in force first."""
    main = _credential(request, MAIN_STORE, places.main, read_global)
    legacy = _credential(request, LEGACY_STORE, places.legacy, read_global)
    counts = places.legacy == global_file_in_force(places, request)
    return (legacy, main) if counts else (main, legacy)


def read_copied_credential(request: Request, places: Places) -> Credential:
    """Return the Console key of the newest copy of the global file that holds one."""
    content = _of_copies(request, places.backups)
    return Credential(BACKUP_STORE, places.backups, content)


def other_credential(request: Request, places: Places) -> Credential:
    """Return the first login of a folder that is not in use, as one place."""
    first = places.others[0] if places.others else f"{places.config}/other"
    unread: Credential | None = None
    for path, content in others_in(request, places):
        if isinstance(content, HeldCredential):
            return Credential(OTHER_STORE, path, content, facts_in_home(path, request))
        if isinstance(content, UnreadableCredential):
            unread = unread or Credential(OTHER_STORE, path, content, facts_in_home(path, request))
    return unread or Credential(OTHER_STORE, first, NoCredential())


def others_in(request: Request, places: Places) -> Iterator[tuple[str, Content]]:
    """Give every place of a folder that is not in use, with its content."""
    for path in places.others:
        is_document = os.path.basename(path) == DOCUMENT
        yield path, read_file(request, path, read_document if is_document else read_copy)
    for folder in places.other_backups:
        yield folder, _of_copies(request, folder)


def read_document(data: bytes) -> Known | None:
    """Return what a credential document holds; None where the client takes it for none."""
    members = parse_object(data)
    return None if members is None else login_in(members)


def read_global(data: bytes) -> Known | None:
    """Return what a global file holds; None where the client does not start with it.

    Another value than an object, and nothing at all, are a file without a login.
    """
    members = parse_object(data, mark=True)
    if members is not None:
        return key_in(members)
    is_empty = not data.removeprefix(MARK).strip(BLANKS)
    return Known(NoCredential()) if is_empty or is_value(data, mark=True) else None


def read_file(request: Request, path: str, read: Callable[[bytes], Known | None]) -> Content:
    """Return what a file holds, without what is secret."""
    try:
        known = read(read_bounded(in_home(path, request), SIZE_LIMIT))
    except RecursionError:
        return UnreadableCredential("is nested too deeply to be read here", "unknown")
    except MemoryError:
        return UnreadableCredential("is too large for the memory of this process", "unknown")
    except OSError as error:
        return _judge_unread(error)
    if known is None:
        broken = read is read_global
        return UnreadableCredential(BROKEN, "refuse") if broken else NoCredential()
    return with_fingerprint(known, request.policy_inputs.fleet_key)


def with_fingerprint(known: Known, key: FleetKey | None) -> Content:
    """Return a credential with what shows that two hosts have the same one."""
    if key is None or not known.parts or not isinstance(known.content, HeldCredential):
        return known.content
    import hmac  # noqa: PLC0415 - only where a policy has a fleet key

    message = "".join(f"{len(part)}:{part}" for part in known.parts)
    data = message.encode("utf-8", "surrogatepass")
    made = hmac.new(key.reveal().encode(), data, "sha256").hexdigest()
    return known.content._replace(fingerprint=made)


def facts_in_home(path: str, request: Request) -> FileFacts | None:
    """Return what the file system says of a file; it is expected to belong as its folder does."""
    try:
        folder = in_home(os.path.dirname(path), request)
    except OSError:
        return None
    return read_file_facts(f"{folder}/{os.path.basename(path)}", folder)


def _credential(
    request: Request, source: str, path: str, read: Callable[[bytes], Known | None]
) -> Credential:
    content = read_file(request, path, read)
    facts = facts_in_home(path, request)
    return Credential(source, path, content, facts)


def _judge_unread(error: OSError) -> Content:
    """Return what a file that is not read counts as."""
    if error.errno in SIGNED_OUT or (isinstance(error, NotRegularFileError) and is_folder(error)):
        return NoCredential()
    reason = f"cannot be read: {error.strerror}"
    # Its user's client cannot read it either, and a change of its mode brings the login back.
    effect: Effect = "refuse" if error.errno in (errno.EACCES, errno.EPERM) else "unknown"
    unclear = isinstance(error, (NotRegularFileError, TooLargeError)) or is_shortage(error)
    return UnreadableCredential(reason, "unknown" if unclear else effect, unseen=is_shortage(error))


def is_folder(error: OSError) -> bool:
    """Return whether a folder was found where a file was looked for."""
    return error.strerror == "is a directory"


def _of_copies(request: Request, folder: str) -> Content:
    """Return what the copies in a folder hold; the newest that holds something counts."""
    try:
        names = list_backups(folder, request)
    except OSError as error:
        return _judge_unread(error)
    found = [read_file(request, f"{folder}/{name}", read_copy) for name in reversed(names)]
    found.sort(key=lambda content: not isinstance(content, HeldCredential))
    return next(
        (content for content in found if not isinstance(content, NoCredential)), NoCredential()
    )


def read_copy(data: bytes) -> Known | None:
    """Return what a copy of a global file holds; a broken one may hold a key all the same."""
    known = read_global(data)
    if known is not None:
        return known
    from tipstaff_policy.clients.claude.credentials.cutting import (  # noqa: PLC0415 - broken copies
        without_broken_key,
    )

    if without_broken_key(data) is None:
        return Known(NoCredential())
    return Known(HeldCredential(KEY_KIND, "console", usable=False, identity=()))
