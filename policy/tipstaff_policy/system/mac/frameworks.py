"""Apple's frameworks, called in a process of its own (`asking` starts it, and ends a late one).

Not in the caller's process: the frameworks refuse to work after a fork, which a root run makes for
each user, and a service behind them that hangs would hang the start of a client.

No test has run on a Mac: a library of C stands for the frameworks, made from the same declarations.

Source: CFPreferences.h, CFPropertyList.h, CFString.h, CFData.h and CFBase.h of Core Foundation,
SecKeychain.h of Security, by Apple's developer documentation.
"""

import sys
from typing import Any

CORE = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"
SECURITY = "/System/Library/Frameworks/Security.framework/Security"
UTF8 = 0x08000100
"""kCFStringEncodingUTF8."""
XML = 100
"""kCFPropertyListXMLFormat_v1_0."""
UNLOCKED = 1
"""kSecUnlockStateStatus."""


def values_by_force(domain: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return those values of a domain that an administrator forces upon this user.

    Raises:
        OSError: There are no such frameworks here.
        ValueError: A value is nothing that a property list holds.
    """
    import plistlib  # noqa: PLC0415 - in this process alone

    core = _load_core_foundation()
    application = core.CFStringCreateWithCString(None, domain.encode(), UTF8)
    found: dict[str, Any] = {}
    for key in keys:
        name = core.CFStringCreateWithCString(None, key.encode(), UTF8)
        value = core.CFPreferencesCopyAppValue(name, application)
        if value and core.CFPreferencesAppValueIsForced(name, application):
            found[key] = plistlib.loads(_as_xml(core, value))
    return found


def _as_xml(core: Any, value: int) -> bytes:
    import ctypes  # noqa: PLC0415 - in this process alone

    data = core.CFPropertyListCreateData(None, value, XML, 0, None)
    if not data:
        raise ValueError("no property list")
    return ctypes.string_at(core.CFDataGetBytePtr(data), core.CFDataGetLength(data))


def _load_core_foundation() -> Any:
    """Return Core Foundation, its functions declared as in its headers."""
    import ctypes  # noqa: PLC0415 - in this process alone

    core = ctypes.CDLL(CORE)
    reference, index, text = ctypes.c_void_p, ctypes.c_long, ctypes.c_char_p
    for name, result, *words in (
        ("CFStringCreateWithCString", reference, reference, text, ctypes.c_uint32),
        ("CFPreferencesCopyAppValue", reference, reference, reference),
        ("CFPreferencesAppValueIsForced", ctypes.c_ubyte, reference, reference),
        (
            "CFPropertyListCreateData",
            reference, reference, reference, index, ctypes.c_ulong, reference,
        ),
        ("CFDataGetLength", index, reference),
        ("CFDataGetBytePtr", reference, reference),
    ):  # fmt: skip
        function = getattr(core, name)
        function.restype, function.argtypes = result, words
    return core


def keychain_is_unlocked() -> bool:
    """Return whether the default keychain is open; never asks a person to open it.

    Raises:
        OSError: There are no such frameworks here, or no such keychain.
    """
    import ctypes  # noqa: PLC0415 - in this process alone

    call = ctypes.CDLL(SECURITY).SecKeychainGetStatus
    call.restype, call.argtypes = ctypes.c_int32, [ctypes.c_void_p, ctypes.c_void_p]
    status = ctypes.c_uint32()
    failed = call(None, ctypes.byref(status))
    if failed:
        raise OSError(failed, "no keychain")
    return bool(status.value & UNLOCKED)


def main(words: list[str]) -> None:
    """Write the answer to one question as a property list."""
    import plistlib  # noqa: PLC0415 - in this process alone

    asked, *rest = words
    answer: dict[str, Any]
    if asked == "forced":
        answer = {"forced": values_by_force(rest[0], tuple(rest[1:]))}
    else:
        answer = {"unlocked": keychain_is_unlocked()}
    sys.stdout.buffer.write(plistlib.dumps(answer))
