"""What Linux and macOS have in common: shims of the shell, modes that say what can be started."""

import os

from tipstaff_policy.clients.shim import MARKER, Shim, parse_shim, render_shim
from tipstaff_policy.installation.platforms.interface import Fronting, Rights

EXECUTES = 0o111


def _entry_names(program: str) -> tuple[str, ...]:
    return (program,)


def _render_shim(shim: Shim, _launcher: bytes) -> bytes:
    return render_shim(shim).encode()


def _parse_shim(content: bytes) -> Shim | None:
    try:
        return parse_shim(content.decode("ascii"))
    except UnicodeDecodeError:
        return None


def _is_marked(content: bytes) -> bool:
    marker = MARKER.encode()
    return content.isascii() and any(line.startswith(marker) for line in content.splitlines()[:2])


def _is_program(_name: str, mode: int) -> bool:
    return bool(mode & EXECUTES)


FRONTING = Fronting(
    entry_names=_entry_names,
    render_shim=_render_shim,
    parse_shim=_parse_shim,
    is_marked=_is_marked,
    is_program=_is_program,
)
RIGHTS = Rights(needed="root", are_held=lambda: os.geteuid() == 0, prefix="sudo ")
