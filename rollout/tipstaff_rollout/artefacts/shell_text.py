"""Shell that checks, installs and removes payloads on macOS and Linux: one text, several channels.

It is for any POSIX shell and uses what both systems have. Device managers run it as root, again
and again, on hosts whose users may have been there first: it follows no link, changes nothing
below a folder that others could change, and renames a folder of policies that was not root's,
because its content must not become an administrator's. It prints everything on standard output
and ends with 0 only if all files are in place.
"""

import base64
import binascii
import hashlib
import json
import posixpath
import re
import shlex
from collections.abc import Iterable
from importlib.resources import files
from typing import Literal, NamedTuple

from tipstaff_rollout.model import PRIVATE, ArtefactError, Compiled, Deployed, Payload, mode_of
from tipstaff_rollout.payloads import (
    ClientPayload,
    client_payloads,
    every_payload,
    list_carried_keys,
)

Action = Literal["check", "install", "remove", "choose"]
PARTS: dict[Action, tuple[str, ...]] = {
    "check": ("trusting", "naming", "looking"),
    "install": ("trusting", "naming", "looking", "changing"),
    "remove": ("trusting", "naming", "looking", "changing", "removing"),
    "choose": ("trusting", "naming", "looking", "changing", "removing", "choosing"),
}
WIDTH = 100
END = "TIPSTAFF_END"
"""Ends a file's content; base64 has no such letters."""
CONTENT = re.compile(
    rf"^content_(\w+)\(\) \{{\n    cat <<'{END}'\n([^_]*)^{END}\n\}}$", re.MULTILINE
)


class ForcedValue(NamedTuple):
    """A value of a domain that stands for a client's file."""

    domain: str
    key: str
    start: str
    """How the text begins that it holds, where Tipstaff rendered it."""
    keys: str
    """The plain keys in that text, with blanks between."""


def script(
    compiled: Compiled,
    places: tuple[Deployed, ...],
    action: Action = "choose",
    *,
    values: tuple[ForcedValue, ...] = (),
    note: str = "",
) -> bytes:
    """Return a whole script that does one thing, or what its first argument says.

    Args:
        places: What it is about, installed in this order; the policy comes last of all.
        values: What a profile forces next to it, so that another profile is found.
        note: A line for the one who reads it.

    Raises:
        ArtefactError: A place cannot be written into a script.
    """
    last = sorted(places, key=lambda place: place.payload.name == "policy")
    # The policy sets the path of the public keys, which may be in a folder of another owner.
    policy = next((place.path for place in last if place.payload.name == "policy"), "/")
    own = {posixpath.dirname(place.path) for place in places if place.payload.name != "keys"}
    lines = [
        "#!/bin/sh",
        *comments(compiled),
        *([f"# {note}"] if note else []),
        "# shellcheck disable=SC2016 # what the policy is called is shown as it is",
        f"Policy={shlex.quote(f'{compiled.id} {show_in_line(compiled.version)}')}",
        "each_file() {",
        *(_row(place, own, policy) for place in last),
        "}",
        *keys_function(compiled, last),
        "each_value() {",
        *(f'    "$1" {" ".join(map(shlex.quote, value))}' for value in values),
        "    :",
        "}",
    ]
    if action in {"install", "choose"}:
        lines += [_content(place.payload) for place in last]
    texts = [read_part(name) for name in PARTS[action]]
    ending = [] if action == "choose" else [f'{action} "$@"\n']
    return "\n".join([*lines, "", *texts, *ending]).encode()


def keys_function(compiled: Compiled, places: Iterable[Deployed]) -> list[str]:
    """Return the lines of a function that prints the keys in a client's file of the policy."""
    keys = list_carried_keys(compiled)
    rows = [
        f"    {shlex.quote(place.path)}) echo {shlex.quote(' '.join(keys[place.payload.name]))} ;;"
        for place in sorted(places)
        if place.payload.name in keys
    ]
    return ["carried_keys() {", "    case $1 in", *rows, "    *) ;;", "    esac", "}"]


def read_part(name: str) -> str:
    """Return a file of shell that scripts are made of."""
    return files("tipstaff_rollout.artefacts").joinpath("shell", f"{name}.sh").read_text("utf-8")


def comments(compiled: Compiled) -> tuple[str, ...]:
    """Return the lines by which a script says whose it is; owner and version are free text."""
    owner = f", owner {show_in_line(compiled.owner)}" if compiled.owner else ""
    return (
        "# Written by Tipstaff; do not edit: `tipstaff policy verify` finds it.",
        f"# policy {compiled.id}, version {show_in_line(compiled.version)}{owner}",
        f"# fingerprint {compiled.fingerprint}",
    )


def show_in_line(text: str) -> str:
    """Return free text as one line of ASCII."""
    return json.dumps(text)[1:-1]


def read_script(data: bytes, name: str) -> tuple[Payload, ...]:
    """Return the payloads in a script.

    Raises:
        ArtefactError: There are none, or one cannot be decoded.
    """
    found, known = [], every_payload()
    for content in CONTENT.finditer(data.decode("utf-8", "replace")):
        if content[1] not in known:
            continue
        try:
            decoded = base64.b64decode(content[2].replace("\n", ""), validate=True)
        except (binascii.Error, ValueError) as error:
            line = data[: content.start()].count(b"\n") + 1
            raise ArtefactError("holds no base64", where=f"{name}:{line}") from error
        found.append(Payload(content[1], decoded))
    if not found:
        raise ArtefactError("holds no policy", where=name, remedy="render it again")
    return tuple(found)


def start_pattern(kind: ClientPayload, name: str) -> str:
    """Return a pattern of shell for the first line of a client's rendered file.

    Args:
        name: What stands for the file's own name, so that files with like stamps share a pattern.
    """
    text = re.sub(r'(["\\$`])', r"\\\1", kind.start.decode())
    return f'"{text.replace(posixpath.basename(kind.place("linux")), name)}"*'


def _row(place: Deployed, own: set[str], policy: str) -> str:
    path, payload = place
    if posixpath.normpath(path) != path or not path.isprintable():
        raise ArtefactError(
            f"{path!r} is no plain path", where="policy.toml", remedy="choose another trusted_keys"
        )
    kind = "own" if posixpath.dirname(path) in own else "shared"
    digest = hashlib.sha256(payload.data).hexdigest()
    words = f"{shlex.quote(path)} {digest} content_{payload.name} {kind} {_sign(place, policy)}"
    words += f" {mode_of(payload.name):o}" if payload.name in PRIVATE else ""
    return f'    "$1" {words} || return 1'


def _sign(place: Deployed, policy: str) -> str:
    """Return by what a script knows a file of an earlier delivery, as a word of shell.

    Args:
        policy: The path of the policy; everything in its folder is Tipstaff's.
    """
    path, payload = place
    kind = client_payloads().get(payload.name)
    if kind:
        return shlex.quote(kind.start.decode())
    is_tipstaffs = payload.name == "policy" or posixpath.dirname(path) == posixpath.dirname(policy)
    return shlex.quote("" if is_tipstaffs else policy)


def _content(payload: Payload) -> str:
    text = base64.b64encode(payload.data).decode()
    lines = [text[at : at + WIDTH] for at in range(0, len(text), WIDTH)]
    return "\n".join([f"content_{payload.name}() {{", f"    cat <<'{END}'", *lines, END, "}"])
