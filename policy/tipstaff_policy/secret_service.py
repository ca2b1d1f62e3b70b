"""The Secret Service of a desktop session: one entry, looked up or removed as the client does it.

The client searches with the target ``default`` first and without any target where that finds
nothing; two matching items are an error to it. What is locked is unlocked by the service's own
prompt, which the person may dismiss.

Source: tests/conformance/test_keyring.py (client 0.169.0, gnome-keyring 42); the protocol is the
Secret Service API, draft 0.2, of freedesktop.org.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.values import Effect

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

BUS_NAME = "org.freedesktop.secrets"
ROOT = "/org/freedesktop/secrets"
TIME_LIMIT_S = 10.0
"""For the service and for the person in front of its prompt, together."""
ITEM = "org.freedesktop.Secret.Item"
NOTHING = NO_PROMPT = "/"
BROKEN_OFF = tuple(
    f"org.freedesktop.DBus.Error.{name}" for name in ("NoReply", "Timeout", "TimedOut")
)
SERVICE_UNKNOWN = "org.freedesktop.DBus.Error.ServiceUnknown"


class Entry(NamedTuple):
    """The name of an entry, by which the client finds it again."""

    service: str
    account: str


def _names(entry: Entry) -> dict[str, str]:
    return {"service": entry.service, "username": entry.account, "target": "default"}


def _without_target(names: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in names.items() if name != "target"}


class KeyringError(EvaluationError):
    """The entry can be neither read nor removed; holds no part of it."""

    def __init__(
        self, reason: str, effect: Effect, *, present: bool = True, needs_library: bool = False
    ) -> None:
        super().__init__(reason)
        self.effect: Effect = effect
        self.present = present
        """Whether an entry is known to be there."""
        self.needs_library = needs_library
        """Whether the full program, which has the D-Bus library, could still do it."""


def read_entry(
    env: Mapping[str, str],
    entry: Entry,
    time_limit_s: float = TIME_LIMIT_S,
    *,
    unlocks: bool = True,
) -> str | None:
    """Return the secret of an entry, or None where there is none.

    Args:
        unlocks: Whether the service may ask the person to unlock it; else it stays locked.

    Raises:
        KeyringError: No session bus, no service, several entries, a dismissed prompt, no answer.
    """
    with _connected(env, time_limit_s) as service:
        item = service.unlocked(entry, unlocks=unlocks)
        if item is None:
            return None
        (_, session) = service.call(ROOT, "Service", "OpenSession", "sv", "plain", ("s", ""))
        ((_, _, secret, _),) = service.call(item, "Item", "GetSecret", "o", session)
        try:
            return bytes(secret).decode("utf-8")
        except UnicodeDecodeError:
            raise KeyringError("holds an entry that is not UTF-8", "refuse") from None


def remove_entry(
    env: Mapping[str, str],
    entry: Entry,
    time_limit_s: float = TIME_LIMIT_S,
    *,
    every: bool = False,
    unlocks: bool = True,
) -> None:
    """Remove an entry; that there is none is no error.

    Args:
        every: Whether several items of its name are all removed; else they are an error.

    Raises:
        KeyringError: As for reading.
    """
    with _connected(env, time_limit_s) as service:
        one = service.unlocked(entry, unlocks=unlocks) if not every else None
        items = service.every_item(entry, unlocks=unlocks) if every else [one] if one else []
        for item in items:
            (prompt,) = service.call(item, "Item", "Delete")
            service.answer(prompt)


def write_entry(
    env: Mapping[str, str],
    entry: Entry,
    secret: str,
    *,
    label: str,
    attributes: Mapping[str, str],
) -> None:
    """Store a secret under an entry: in the item that is there, else in a new one.

    Args:
        label: Of a new item.
        attributes: Of a new item, beside those that find it again.

    Raises:
        KeyringError: As for reading, or the service has no keyring to write to.
    """
    with _connected(env, TIME_LIMIT_S) as service:
        (_, session) = service.call(ROOT, "Service", "OpenSession", "sv", "plain", ("s", ""))
        sealed = (session, b"", secret.encode(), "text/plain")
        item = service.unlocked(entry)
        if item is not None:
            service.call(item, "Item", "SetSecret", "(oayays)", sealed)
            return
        properties = {
            f"{ITEM}.Attributes": ("a{ss}", {**_names(entry), **attributes}),
            f"{ITEM}.Label": ("s", label),
        }
        keyring = service.default_keyring()
        body = (properties, sealed, True)
        _, prompt = service.call(keyring, "Collection", "CreateItem", "a{sv}(oayays)b", *body)
        service.answer(prompt)


def read_every(
    env: Mapping[str, str], service_name: str, time_limit_s: float = TIME_LIMIT_S
) -> dict[str, str]:
    """Return the secret of every entry of a service by its account, of those not locked.

    Raises:
        KeyringError: As for reading.
    """
    found: dict[str, str] = {}
    with _connected(env, time_limit_s) as service:
        (_, session) = service.call(ROOT, "Service", "OpenSession", "sv", "plain", ("s", ""))
        items, _ = service.call(ROOT, "Service", "SearchItems", "a{ss}", {"service": service_name})
        for item in items:
            account = service.attributes(item).get("username", "")
            ((_, _, secret, _),) = service.call(item, "Item", "GetSecret", "o", session)
            found[account] = bytes(secret).decode("utf-8", "replace")
    return found


def session_bus(env: Mapping[str, str]) -> str | None:
    """Return the address of the session bus, found where the client looks for it."""
    if "DBUS_SESSION_BUS_ADDRESS" in env:
        return env["DBUS_SESSION_BUS_ADDRESS"]
    folder = env.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return f"unix:path={folder}/bus" if os.path.exists(f"{folder}/bus") else None


class _Service:
    """The service behind one connection, with one time limit for all that is asked."""

    def __init__(self, connection: "DBusConnection", until: float) -> None:
        self._connection = connection
        self._until = until

    def call(
        self, path: str, interface: str, method: str, signature: str | None = None, *body: Any
    ) -> Any:
        """Call a method; return what it answers."""
        from jeepney import DBusAddress, MessageType, new_method_call  # noqa: PLC0415 - costs start-up

        address = DBusAddress(path, BUS_NAME, f"org.freedesktop.Secret.{interface}")
        message = new_method_call(address, method, signature, body)
        reply = self._connection.send_and_get_reply(message, timeout=self._left())
        if reply.header.message_type is MessageType.error:
            name = str(
                next((v for k, v in reply.header.fields.items() if k.name == "error_name"), "")
            )
            if name == SERVICE_UNKNOWN:
                raise KeyringError("cannot be reached: no secret service", "refuse", present=False)
            raise KeyringError(f"fails: {name}", "unknown" if name in BROKEN_OFF else "refuse")
        return reply.body

    def unlocked(self, entry: Entry, *, unlocks: bool = True) -> str | None:
        """Return the one item of an entry, unlocked; None where there is none."""
        names = _names(entry)
        unlocked: list[str] = []
        locked: list[str] = []
        for attributes in (names, _without_target(names)):
            unlocked, locked = self.call(ROOT, "Service", "SearchItems", "a{ss}", attributes)
            if unlocked or locked:
                break
        if len(unlocked) + len(locked) > 1:
            raise KeyringError("holds several entries of the client's name", "refuse")
        self._unlock(locked, unlocks=unlocks)
        return next(iter([*unlocked, *locked]), None)

    def every_item(self, entry: Entry, *, unlocks: bool) -> list[str]:
        """Return all items of an entry, whatever their target, unlocked."""
        names = _without_target(_names(entry))
        unlocked, locked = self.call(ROOT, "Service", "SearchItems", "a{ss}", names)
        self._unlock(locked, unlocks=unlocks)
        return [*unlocked, *locked]

    def default_keyring(self) -> str:
        """Return the keyring that new items go to, unlocked."""
        (path,) = self.call(ROOT, "Service", "ReadAlias", "s", "default")
        if path == NOTHING:
            raise KeyringError("has no default keyring to write to", "refuse", present=False)
        self._unlock([path])
        return str(path)

    def attributes(self, item: str) -> dict[str, str]:
        """Return the attributes of an item."""
        from jeepney import DBusAddress, Properties  # noqa: PLC0415 - costs start-up

        message = Properties(DBusAddress(item, BUS_NAME, ITEM)).get("Attributes")
        reply = self._connection.send_and_get_reply(message, timeout=self._left())
        found = reply.body[0][1]
        return dict(found) if isinstance(found, dict) else {}

    def _unlock(self, places: list[str], *, unlocks: bool = True) -> None:
        if places and not unlocks:
            raise KeyringError("is locked", "refuse")
        if places:
            done, prompt = self.call(ROOT, "Service", "Unlock", "ao", places)
            if not done:
                self.answer(prompt)

    def answer(self, prompt: str) -> None:
        """Let the service ask the person, and wait for the answer."""
        if prompt == NO_PROMPT:
            return
        from jeepney import MatchRule, message_bus  # noqa: PLC0415 - rarely needed

        rule = MatchRule(type="signal", interface="org.freedesktop.Secret.Prompt", path=prompt)
        self._connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=self._left())
        with self._connection.filter(rule) as answers:
            self.call(prompt, "Prompt", "Prompt", "s", "")
            try:
                answer = self._connection.recv_until_filtered(answers, timeout=self._left())
            except TimeoutError:
                self._dismiss(prompt)
                raise
        if answer.body[0]:
            raise KeyringError("is locked, and its prompt was dismissed", "refuse")

    def _dismiss(self, prompt: str) -> None:
        self._until = time.monotonic() + 1
        # It need not answer to this either; the time limit is what counts.
        with suppress(KeyringError, TimeoutError, OSError):
            self.call(prompt, "Prompt", "Dismiss")

    def _left(self) -> float:
        return max(self._until - time.monotonic(), 0.001)


@contextmanager
def _connected(env: Mapping[str, str], time_limit_s: float) -> Iterator[_Service]:
    address = session_bus(env)
    if address is None:
        raise KeyringError("cannot be reached: no session bus", "refuse", present=False)
    try:
        from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415 - costs start-up
    except ImportError:
        raise KeyringError("needs the full program", "unknown", needs_library=True) from None
    if ";" in address or not address.startswith("unix:"):
        effect: Effect = "unknown" if address.startswith(("tcp:", "vsock:")) else "refuse"
        what = "cannot be reached: the session bus is no local socket"
        raise KeyringError(what, effect, present=False)
    try:
        connection = open_dbus_connection(address)
    except (OSError, RuntimeError, ValueError) as error:
        raise KeyringError(f"cannot be reached: {error}", "refuse", present=False) from error
    try:
        yield _Service(connection, time.monotonic() + time_limit_s)
    except TimeoutError:
        raise KeyringError(f"gave no answer within {time_limit_s:g} s", "unknown") from None
    except OSError as error:
        raise KeyringError(f"broke off: {error}", "unknown") from error
    finally:
        connection.close()
