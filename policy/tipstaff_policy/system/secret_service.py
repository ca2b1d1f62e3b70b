"""The Secret Service of a desktop session: one entry, looked up or removed as the client does it.

The client searches with the target ``default`` first and without any target where that finds
nothing; two matching items are an error to it. What is locked is unlocked by the service's own
prompt, which the person may dismiss.

Source: tests/conformance/test_keyring.py (client 0.169.0, gnome-keyring 42); the protocol is the
Secret Service API, draft 0.2, of freedesktop.org.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.state import Effect
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import is_shortage
from tipstaff_policy.system.session_bus import is_gone, session_bus

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

BUS_NAME = "org.freedesktop.secrets"
ROOT = "/org/freedesktop/secrets"
ANSWER_LIMIT_S = 5.0
"""For the service to answer all that one call asks, prompts apart."""
PROMPT_LIMIT_S = 10.0
"""For the person in front of the service's prompt."""
SILENCE_S = 60.0
"""How long a bus that did not answer is not asked again, so that one run waits for it once."""
ITEM = "org.freedesktop.Secret.Item"
NOTHING = NO_PROMPT = "/"
BROKEN_OFF = tuple(
    f"org.freedesktop.DBus.Error.{name}" for name in ("NoReply", "Timeout", "TimedOut")
)
SERVICE_UNKNOWN = "org.freedesktop.DBus.Error.ServiceUnknown"


class Entry(Record):
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
        self,
        reason: str,
        effect: Effect,
        *,
        there: bool | None = None,
        needs_library: bool = False,
    ) -> None:
        super().__init__(reason)
        self.effect: Effect = effect
        self.there = there
        """Whether an entry is known to be there; False if there is no service at all, so a
        client could use none either; None if the service was not read."""
        self.needs_library = needs_library
        """Whether the full program, which has the D-Bus library, could still do it."""


def read_entry(
    env: Mapping[str, str],
    entry: Entry,
    *,
    unlocks: bool = True,
) -> str | None:
    """Return the secret of an entry, or None where there is none.

    Args:
        unlocks: Whether the service may ask the person to unlock it; else it stays locked.

    Raises:
        KeyringError: No session bus, no service, several entries, a dismissed prompt, no answer.
    """
    with _connect(env) as service:
        item = service.find_item(entry, unlocks=unlocks)
        if item is None:
            return None
        (_, session) = service.call(ROOT, "Service", "OpenSession", "sv", "plain", ("s", ""))
        ((_, _, secret, _),) = service.call(item, "Item", "GetSecret", "o", session)
        try:
            return bytes(secret).decode("utf-8")
        except UnicodeDecodeError:
            what = "contains an entry that is not UTF-8"
            raise KeyringError(what, "refuse", there=True) from None


def remove_entry(
    env: Mapping[str, str],
    entry: Entry,
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
    with _connect(env) as service:
        one = service.find_item(entry, unlocks=unlocks) if not every else None
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
        attributes: Of a new item, in addition to those that find it again.

    Raises:
        KeyringError: As for reading, or the service has no keyring to write to.
    """
    with _connect(env) as service:
        (_, session) = service.call(ROOT, "Service", "OpenSession", "sv", "plain", ("s", ""))
        sealed = (session, b"", secret.encode(), "text/plain")
        item = service.find_item(entry)
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


def read_every(env: Mapping[str, str], service_name: str) -> dict[str, str]:
    """Return the secret of every entry of a service by its account, of those not locked.

    Raises:
        KeyringError: As for reading.
    """
    found: dict[str, str] = {}
    with _connect(env) as service:
        (_, session) = service.call(ROOT, "Service", "OpenSession", "sv", "plain", ("s", ""))
        items, _ = service.call(ROOT, "Service", "SearchItems", "a{ss}", {"service": service_name})
        for item in items:
            account = service.attributes(item).get("username", "")
            ((_, _, secret, _),) = service.call(item, "Item", "GetSecret", "o", session)
            found[account] = bytes(secret).decode("utf-8", "replace")
    return found


class _Service:
    """The service behind one connection, with one time limit for all that is asked."""

    def __init__(self, connection: "DBusConnection") -> None:
        self._connection = connection
        self.found = False
        """Whether the service has shown an item of the entry."""

    def call(
        self, path: str, interface: str, method: str, signature: str | None = None, *body: Any
    ) -> Any:
        """Call a method; return what it answers."""
        from jeepney import DBusAddress, new_method_call  # noqa: PLC0415 - costs start-up

        address = DBusAddress(path, BUS_NAME, f"org.freedesktop.Secret.{interface}")
        return self._answer_to(new_method_call(address, method, signature, body))

    def _answer_to(self, message: Any) -> Any:
        from jeepney import MessageType  # noqa: PLC0415 - costs start-up

        reply = self._connection.send_and_get_reply(message)
        if reply.header.message_type is MessageType.error:
            names = (v for k, v in reply.header.fields.items() if k.name == "error_name")
            raise self._failure(str(next(names, "")))
        return reply.body

    def _failure(self, name: str) -> KeyringError:
        if name == SERVICE_UNKNOWN and not self.found:
            return KeyringError("cannot be reached: no secret service", "refuse", there=False)
        effect: Effect = "unknown" if name in BROKEN_OFF else "refuse"
        return KeyringError(f"fails: {name}", effect, there=self.there)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    @property
    def there(self) -> bool | None:
        """Return whether an entry is known to be there, should anything fail from here on."""
        return True if self.found else None

    def find_item(self, entry: Entry, *, unlocks: bool = True) -> str | None:
        """Return the one item of an entry, unlocked; None where there is none."""
        names = _names(entry)
        unlocked: list[str] = []
        locked: list[str] = []
        for attributes in (names, _without_target(names)):
            unlocked, locked = self.call(ROOT, "Service", "SearchItems", "a{ss}", attributes)
            if unlocked or locked:
                self.found = True
                break
        if len(unlocked) + len(locked) > 1:
            what = "contains several entries with the client's name"
            raise KeyringError(what, "refuse", there=True)
        self._unlock(locked, unlocks=unlocks)
        return next(iter([*unlocked, *locked]), None)

    def every_item(self, entry: Entry, *, unlocks: bool) -> list[str]:
        """Return all items of an entry, whatever their target, unlocked."""
        names = _without_target(_names(entry))
        unlocked, locked = self.call(ROOT, "Service", "SearchItems", "a{ss}", names)
        self.found = bool(unlocked or locked)
        self._unlock(locked, unlocks=unlocks)
        return [*unlocked, *locked]

    def default_keyring(self) -> str:
        """Return the keyring that new items go to, unlocked."""
        (path,) = self.call(ROOT, "Service", "ReadAlias", "s", "default")
        if path == NOTHING:
            raise KeyringError("has no default keyring to write to", "refuse", there=False)
        self._unlock([path])
        return str(path)

    def attributes(self, item: str) -> dict[str, str]:
        """Return the attributes of an item."""
        from jeepney import DBusAddress, Properties  # noqa: PLC0415 - costs start-up

        message = Properties(DBusAddress(item, BUS_NAME, ITEM)).get("Attributes")
        ((_, found),) = self._answer_to(message)
        return dict(found) if isinstance(found, dict) else {}

    def _unlock(self, places: list[str], *, unlocks: bool = True) -> None:
        if places and not unlocks:
            raise KeyringError("is locked", "refuse", there=self.there)
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
        self._answer_to(message_bus.AddMatch(rule))
        with self._connection.filter(rule) as answers:
            self.call(prompt, "Prompt", "Prompt", "s", "")
            self._give(PROMPT_LIMIT_S)
            try:
                answer = self._connection.recv_until_filtered(answers)
            except TimeoutError:
                self._dismiss(prompt)
                what = f"gave no answer within {PROMPT_LIMIT_S:g} s"
                raise KeyringError(what, "unknown", there=self.there) from None
        if answer.body[0]:
            what = "is locked, and its prompt was dismissed"
            raise KeyringError(what, "refuse", there=self.there)
        self._give(ANSWER_LIMIT_S)

    def _dismiss(self, prompt: str) -> None:
        self._give(1.0)
        # It need not answer to this either; the time limit is what counts.
        with suppress(KeyringError, OSError):
            self.call(prompt, "Prompt", "Dismiss")

    def _give(self, seconds: float) -> None:
        self._connection.sock.until = time.monotonic() + seconds


_silent_until: dict[str, float] = {}
"""Until when a bus is not asked, by its address."""


def forget_silence() -> None:
    """Ask every bus again, also one that was silent just now."""
    _silent_until.clear()


@contextmanager
def _connect(env: Mapping[str, str]) -> Iterator[_Service]:
    address = session_bus(env)
    if address is None:
        raise KeyringError("cannot be reached: no session bus", "refuse", there=False)
    if ";" in address or not address.startswith("unix:"):
        elsewhere = address.startswith(("tcp:", "vsock:"))
        raise KeyringError(
            "cannot be reached: the session bus is no local socket",
            "unknown" if elsewhere else "refuse",
            there=None if elsewhere else False,
        )
    if time.monotonic() < _silent_until.get(address, 0.0):
        raise KeyringError("did not answer a moment ago", "unknown")
    service = _Service(_open_bus(address))
    try:
        yield service
    except KeyringError:
        raise
    except Exception as error:  # noqa: BLE001 - a service can answer anything
        raise _explain_broken(address, error, there=service.there) from None
    finally:
        service.close()


def _open_bus(address: str) -> "DBusConnection":
    from tipstaff_policy.system.bounded_bus import (  # noqa: PLC0415 - only where there is a bus
        open_bus,
    )

    try:
        return open_bus(address, ANSWER_LIMIT_S)
    except ImportError:
        if is_gone(address):
            raise KeyringError("cannot be reached: no session bus", "refuse", there=False) from None
        raise KeyringError("needs the full program", "unknown", needs_library=True) from None
    except (TimeoutError, ConnectionResetError, BrokenPipeError) as error:
        raise _explain_broken(address, error, there=None) from None
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and is_shortage(error):
            raise _explain_broken(address, error, there=None) from None
        raise KeyringError(f"cannot be reached: {error}", "refuse", there=False) from error
    except Exception as error:  # noqa: BLE001 - a bus can say anything
        raise _explain_broken(address, error, there=None) from None


def _explain_broken(address: str, error: Exception, *, there: bool | None) -> KeyringError:
    """Return why a bus or its service was not read to the end; no part of what it said."""
    if isinstance(error, TimeoutError):
        _silent_until[address] = time.monotonic() + SILENCE_S
        return KeyringError(f"gave no answer within {ANSWER_LIMIT_S:g} s", "unknown", there=there)
    if isinstance(error, OSError):
        return KeyringError(f"broke off: {error.strerror}", "unknown", there=there)
    what = f"gave an answer that cannot be read ({type(error).__name__})"
    return KeyringError(what, "unknown", there=there)
