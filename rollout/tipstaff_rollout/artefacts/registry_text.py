"""Texts of the registry as a file of registration entries, and read back from any artefact.

Source: the format of `.reg` files that the registry editor of Windows writes (version 5.00).
"""

import re

from tipstaff_policy.clients.interface.deployment import RegistryText
from tipstaff_rollout.artefacts.places import Registered, place_texts
from tipstaff_rollout.artefacts.shell_text import show_in_line
from tipstaff_rollout.model import BEFORE, ArtefactError, Compiled, Payload
from tipstaff_rollout.payloads import client_payloads, files_of, texts_of

HIVE = "HKEY_LOCAL_MACHINE"
FIRST = "Windows Registry Editor Version 5.00"
SECURITY = "O:BAG:BAD:PAI(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;BU)"
"""The administrators own a key and can change it, as can the system; users can read."""
KEY = re.compile(rf"\[{HIVE}\\([^\r\n]*)\]")
VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"="((?:[^"\\]|\\.)*)"')


def read_text(key: str, value: str, text: str, where: str) -> Payload:
    """Return the payload that a text of the registry stands for.

    Raises:
        ArtefactError: No client reads that value, or the text is not what one reads.
    """
    for name, kind in client_payloads().items():
        registry = kind.registry
        if registry and (registry.key, registry.value) == (key, value):
            try:
                return Payload(name, registry.data(text))
            except ValueError as error:
                raise ArtefactError(
                    f"{registry.place} {error}", where=where, remedy="render it again"
                ) from error
    raise ArtefactError(
        f"HKLM\\{key}\\{value} is the value of no client", where=where, remedy="render it again"
    )


def write_entries(compiled: Compiled) -> bytes:
    """Return a file of registration entries, as the registry editor exports one."""
    lines = [FIRST, "", *_comments(compiled)]
    for text in place_texts(compiled):
        registry = text.registry
        lines += [
            "",
            f"[{HIVE}\\{registry.key}]",
            f'"{_escape(registry.value)}"="{_escape(text.text)}"',
        ]
    return ("\ufeff" + "\r\n".join([*lines, ""])).encode("utf-16-le")


def read_entries(data: bytes, name: str) -> tuple[Payload, ...] | None:
    """Return the payloads in a file of registration entries; None where it is none.

    Raises:
        ArtefactError: It is one, and sets something else, or is cut off.
    """
    if not data.startswith(b"\xff\xfe"):
        return None
    text = data[2:].decode("utf-16-le", "replace")
    if not text.startswith(FIRST):
        return None
    key, found = "", []
    for number, line in enumerate(text.splitlines()[1:], 2):
        where = f"{name}:{number}"
        if not line or line.startswith(";"):
            continue
        if heading := KEY.fullmatch(line):
            key = heading[1]
        elif key and (entry := VALUE.fullmatch(line)):
            found.append(read_text(key, _plain(entry[1]), _plain(entry[2]), where))
        else:
            raise ArtefactError("is no entry of a policy", where=where, remedy="render it again")
    if not found:
        raise ArtefactError("holds no policy", where=name, remedy="render it again")
    return tuple(found)


def list_places(compiled: Compiled) -> tuple[str, ...]:
    """Return what a policy brings to Windows for its clients, in words: file names and values."""
    files = (f"`{kind.file.file_name}`" for kind in files_of(compiled, "windows"))
    return (*files, *(f"`{registry.place}`" for registry in texts_of(compiled)))


def list_kept(compiled: Compiled) -> tuple[str, ...]:
    """Return under which names what was there before is kept."""
    return tuple(f"{place[:-1]}{BEFORE}`" for place in list_places(compiled))


def describe_registry(compiled: Compiled) -> str:
    """Return what a page says of the texts of the registry; nothing where there are none."""
    return "".join(
        f"\n`{registry.place}` is a text (REG_SZ) in the view of 64-bit programs.\n"
        "Windows lets administrators alone write below `HKLM\\SOFTWARE\\Policies`; the key is\n"
        f"theirs too, and users can read it.{_describe_silencing(registry)}\n"
        for registry in texts_of(compiled)
    )


def _describe_silencing(registry: RegistryText) -> str:
    if not registry.silences:
        return ""
    return f"\nWhile it is there, the client passes over `{registry.silences}`."


def _comments(compiled: Compiled) -> list[str]:
    owner = f", owner {show_in_line(compiled.owner)}" if compiled.owner else ""
    values = place_texts(compiled)
    return [
        "; Written by Tipstaff; do not edit: `tipstaff policy verify` finds it.",
        f"; policy {compiled.id}, version {show_in_line(compiled.version)}{owner}",
        f"; fingerprint {compiled.fingerprint}",
        *(f"; {line}" for line in _usage(values)),
    ]


def _usage(values: tuple[Registered, ...]) -> list[str]:
    found = [
        "As an administrator: reg import policy.reg /reg:64",
        "It replaces a value of another administrator. The scripts of the channels intune-windows",
        "and intune-win32, and Group Policy, keep one.",
    ]
    for value in values:
        registry = value.registry
        key = f"HKLM\\{registry.key}"
        found.append(f'To remove it: reg delete "{key}" /v "{registry.value}" /f /reg:64')
        if registry.silences:
            found.append(f"While it is there, the client passes over {registry.silences}.")
    return found


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
