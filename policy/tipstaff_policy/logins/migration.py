"""Moving a login between stores: copied, read back, and only then taken away from where it was.

At every instant the login is in at least one place. The next run completes the work of a killed
one: a login in both stores was copied and not yet removed.
"""

import os
import sys
from contextlib import suppress

from tipstaff_policy.assessment.inspection import Inspection, inspect_host
from tipstaff_policy.clients import own_command
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.slots import Folder, slot_of
from tipstaff_policy.clients.interface.stores import (
    RESIDUE,
    CredentialStores,
    Document,
    Movable,
    Setting,
    StoreContent,
)
from tipstaff_policy.enforcement.enforce import LOCK_TIMEOUT_S
from tipstaff_policy.errors import (
    INCOMPLETE_EXIT,
    EvaluationError,
    PolicyError,
    UsageError,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import UnreadableCredential
from tipstaff_policy.model.steps import Step
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import open_folder
from tipstaff_policy.system.folder_files import give_to_owner, write_all
from tipstaff_policy.system.secret_service import KeyringError


class Move(Record):
    """What moving a login found, did, and left."""

    home: str
    to: str
    steps: tuple[Step, ...]
    """What could not be taken away is kept, and failed."""
    note: str
    exit_code: int


class _Way(Record):
    """From where to where, and with what."""

    adapter: Adapter
    request: Request
    custody: CredentialStores
    folder: int
    """Descriptor of the client's folder."""
    home: str
    to: str
    movable: Movable

    @property
    def source(self) -> str:
        return self.movable.source

    def read(self, store: str) -> Document | None:
        return self.custody.read_document(self.request, store, self.home)


def move_login(
    adapter: Adapter,
    request: Request,
    to: str,
    *,
    dry_run: bool = False,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
) -> Move:
    """Move the login of a client's folder into a store; exit codes 0 and 11.

    Raises:
        PolicyError: The configuration is broken, or makes the client look elsewhere.
        EvaluationError: A store cannot be read or written, holds no login, or another one; a lock
            is held past the limit. The login is where it was.
        UsageError: The request names no single home, or no login of the client can be moved there.
    """
    custody = adapter.custody()
    movable = _movable(adapter, custody, to)
    sight = inspect_host(adapter, request)
    state = sight.state
    _require_allowed(sight, to, movable)
    setting = custody.setting_of(state)
    _require_looked_in(setting, to)
    try:
        folder = open_folder(state.home)
    except OSError as error:
        raise EvaluationError(str(error.strerror), where=state.home) from error
    way = _Way(adapter, request, custody, folder, state.home, to, movable)
    try:
        if dry_run:
            return _plan(way)
        with adapter.hold(folder, state.home, lock_timeout_s):
            steps = _move(way)
            return _verify(way, steps, setting)
    except KeyringError as error:
        raise EvaluationError(
            error.what,
            where="the keyring",
            remedy="unlock it, then run this again; the login is not lost",
        ) from error
    except OSError as error:
        raise EvaluationError(
            f"the login could not be moved: {error.strerror}",
            where=state.home,
            remedy="fix that, then run this again; the login is not lost",
        ) from error
    finally:
        os.close(folder)


def _require_movable_here(adapter: Adapter) -> None:
    if sys.platform == "win32":
        raise UsageError(
            "Tipstaff moves no login on Windows yet",
            expected="Linux or macOS",
            remedy=f"sign out, set the store, and sign in again by `{adapter.program} login`",
        )


def _movable(adapter: Adapter, custody: CredentialStores, to: str) -> Movable:
    _require_movable_here(adapter)
    found = custody.movable.get(to)
    if found is None:
        raise UsageError(
            f"no login of {adapter.name} is moved to {to!r}",
            expected=" or ".join(custody.movable) or "a client with two stores to choose from",
        )
    return found


def _require_allowed(sight: Inspection, to: str, movable: Movable) -> None:
    if sight.faults:
        first = sight.faults[0]
        raise PolicyError(first.what, where=first.where, expected=first.expected)
    allowed = sight.orders.policy.stores if sight.orders else None
    if allowed and not set(movable.allowed_by) & set(allowed.values):
        raise PolicyError(
            f"the organisation's policy does not allow the store {to}",
            where=" and ".join(map(str, allowed.origins)),
            expected=" or ".join(allowed.values) or "no store",
            remedy="choose an allowed store; nothing was moved",
        )


def _require_looked_in(setting: Setting, to: str) -> None:
    if to in setting.looks_in:
        return
    where = str(setting.origin) if setting.origin else "the default"
    looks = " and ".join(setting.looks_in) or "no store at all"
    line = setting.write.format(to)
    raise PolicyError(
        f"the client would not read this store: {where} sets it to {looks}",
        where=f"the {to}",
        expected=line,
        remedy=(
            "ask the administrators of that file; nothing was moved"
            if setting.pinned
            else f"write that line into {setting.where}, then run this again; nothing was moved"
        ),
    )


def _plan(way: _Way) -> Move:
    held_there = way.read(way.source)
    planned = Step(way.source, None, "store", "planned", f"to the {way.to}")
    return Move(way.home, way.to, () if held_there is None else (planned,), "", 0)


def _move(way: _Way) -> tuple[Step, ...]:
    document, there = way.read(way.source), way.read(way.to)
    if document is None:
        if there is None:
            raise EvaluationError("there is no login to move", where=way.home)
        return (Step(way.to, None, "keep", "kept", "it was there already"),)
    if there is None or _must_replace(way, document, there):
        _write(way, document)
        there = document
        if way.read(way.to) != document:
            raise EvaluationError(
                "the login that was read back differs from the one written", where=way.to
            )
    if way.read(way.source) != document:
        raise EvaluationError(
            "the login changed while it was moved", where=way.source, remedy="run this again"
        )
    _remove(way)
    return (
        Step(way.to, None, "store", "stored", "and read back"),
        Step(way.source, None, "remove", "removed", ""),
    )


def _must_replace(way: _Way, document: Document, there: Document) -> bool:
    """Return whether the newer state of the login is the one that is to be moved."""
    newer = way.custody.supersedes(document, there)
    if newer is None:
        listing = own_command(way.adapter.name, "tipstaff credentials list")
        raise EvaluationError(
            f"both stores hold a login: {way.custody.relation(document, there)}",
            where=way.home,
            remedy=f"see `{listing}`; log out of the one that you do not want",
        )
    return newer


def _write(way: _Way, document: Document) -> None:
    if slot_of(way.adapter.slots, way.to).kind == "file":
        _write_file(way, document)
    else:
        way.custody.write_document(way.request, way.to, way.home, document)


def _write_file(way: _Way, document: Document) -> None:
    """Write the credential file as the client does: to a new file, to the disk, then rename it."""
    unfinished = way.custody.unfinished
    with suppress(FileNotFoundError):
        os.unlink(unfinished, dir_fd=way.folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(unfinished, flags, 0o600, dir_fd=way.folder)
    try:
        give_to_owner(descriptor, way.folder)
        write_all(descriptor, document.reveal().encode("utf-8", "surrogateescape"))
    finally:
        os.close(descriptor)
    name = way.adapter.files[way.to]
    os.rename(unfinished, name, src_dir_fd=way.folder, dst_dir_fd=way.folder)
    os.fsync(way.folder)


def _remove(way: _Way) -> None:
    folder = Folder(way.request, way.home, way.folder, on_request=True)
    slot_of(way.adapter.slots, way.source).erase(folder)


def _verify(way: _Way, steps: tuple[Step, ...], setting: Setting) -> Move:
    """Read everything back: gone here, there for the client, and no plaintext left."""
    with suppress(FileNotFoundError):
        os.unlink(way.custody.unfinished, dir_fd=way.folder)
    stores = way.custody.every_store(way.request)
    decision = way.adapter.decide(way.adapter.read_state(way.request))
    left = tuple(
        Step(place.store, place.path, "keep", "failed", _why_left(way, place))
        for place in stores.places
        if place.store in (way.source, RESIDUE) and (place.holds or place.unseen)
    )
    note = ""
    if decision.active not in (way.to, *stores.variables):
        note = f"the client would not use it: {decision.reason}"
    code = INCOMPLETE_EXIT if left or note else 0
    if setting.moves_to not in (None, way.to):
        note = note or (
            f'with the store "{setting.store}" the client moves it back when it next saves it'
        )
    return Move(way.home, way.to, (*steps, *left), note, code)


def _why_left(way: _Way, place: StoreContent) -> str:
    """Return what to do about it; a keyring that fails by now may be empty, or may not."""
    if place.name is None and isinstance(place.content, UnreadableCredential):
        return f"it {place.content.reason}, so the removal is not verified; run this again"
    return f"`{own_command(way.adapter.name, 'tipstaff logout')}` removes it"
