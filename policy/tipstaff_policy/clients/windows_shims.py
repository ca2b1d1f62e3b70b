"""Tipstaff's shims on Windows: for cmd.exe, for PowerShell, for Git Bash, and as a program.

One for each kind of file by which a client is started there: npm writes three launchers, with the
endings `.cmd`, `.ps1` and none; a release is a program. Each is made of exactly the parts below,
and starts the guard by absolute paths that hold nothing for its interpreter to expand. Without one
of its parts it says so and starts nothing (ADR 0067).

What a person types reaches the guard as the launcher that stood there would have passed it on:
`%*`, `@args` and `"$@"` are those of npm's own. The guard starts the client without any of the
three interpreters (`system.windows.child_process`).
"""

import io
import os
import re
import zipfile
from collections.abc import Mapping

from tipstaff_policy.clients.shim import Shim
from tipstaff_policy.errors import UsageError
from tipstaff_policy.system.files import read_bounded

ASIDE = "/Program Files/Tipstaff/clients"
"""Every client behind a shim is here under its whole path, without the drive."""
ENDINGS = (".cmd", ".ps1", ".exe", "")
"""The kinds of a client's entry: of npm's three launchers, and of a program."""
SIZE_LIMIT = 4096
"""Of a shim that is a text."""
PROGRAM_LIMIT = 1 << 20
"""Of one that is a program: its launcher has some 110,000 bytes."""
WORD = r"[A-Za-z]:\\[\w .@+()~-]+(?:\\[\w .@+()~-]+)*"
"""Nothing that cmd.exe, PowerShell or a shell replaces between quotes."""
MARKER = "tipstaff shim "
LOST = (
    "{name}: not started: a part of Tipstaff or the client is missing; needed are {python}, "
    "{guard} and {client}. An administrator runs: tipstaff install; or takes this shim away by: "
    "move /y {client} {entry}"
)
CMD = """\
@echo off
rem tipstaff shim {version}
setlocal DisableDelayedExpansion
if exist "{python}" if exist "{guard}" if exist "{client}" goto start
echo {lost} 1>&2
exit /b 4
:start
"{python}" -IS "{guard}" -- "{client}" %*
"""
POWERSHELL = """\
#!/usr/bin/env pwsh
# tipstaff shim {version}
foreach ($part in '{python}', '{guard}', '{client}') {{
  if (-not (Test-Path -LiteralPath $part -PathType Leaf)) {{
    [Console]::Error.WriteLine('{lost}')
    exit 4
  }}
}}
if ($MyInvocation.ExpectingInput) {{
  $input | & '{python}' -IS '{guard}' -- '{client}' @args
}} else {{
  & '{python}' -IS '{guard}' -- '{client}' @args
}}
exit $LASTEXITCODE
"""
SHELL = """\
#!/bin/sh
# tipstaff shim {version}
test -f '{python}' && test -f '{guard}' && test -f '{client}' || {{ echo '{lost}' >&2
exit 4; }}
exec '{python}' -IS '{guard}' -- '{client}' "$@"
"""
MAIN = """\
# tipstaff shim {version}
import os
import sys

PYTHON, GUARD, CLIENT = r"{python}", r"{guard}", r"{client}"
if not all(map(os.path.isfile, (GUARD, CLIENT))):
    sys.stderr.write(r"{lost}" + "\\n")
    sys.exit(4)
sys.argv[:1] = [GUARD, "--", CLIENT]
with open(GUARD, "rb") as file:
    guard = compile(file.read(), GUARD, "exec")
exec(guard, {{"__name__": "__main__", "__file__": GUARD}})
"""
"""Of a shim that is a program: what Python runs in it."""
TEXTS = {".cmd": CMD, ".ps1": POWERSHELL, "": SHELL}
MEMBER, TIME = "__main__.py", (2000, 1, 1, 0, 0, 0)
PARTS = re.compile(
    rf"""(?P<python>{WORD}\\python\.exe)(?:" -IS "|' -IS '|", r")"""
    rf"""(?P<guard>{WORD}\\tipstaff_policy\\guard\.py)(?:" -- "|' -- '|", r")"""
    rf"""(?P<client>{WORD})["']"""
)
VERSION = re.compile(rf"^(?:rem|#) {MARKER}(?P<version>[\w.+]+)$", re.MULTILINE)
SHEBANG = re.compile(rb'#!"(?P<python>[^"\r\n]+)" -IS\r?\n')


def ending_of(path: str) -> str:
    """Return which kind of entry a path is; of another kind it is no entry.

    Raises:
        ValueError: Of another kind.
    """
    ending = os.path.splitext(path.rpartition("/")[2].rpartition("\\")[2])[1].lower()
    if ending not in ENDINGS:
        raise ValueError(ending)
    return ending


def to_windows(path: str, drive: str = "C:") -> str:
    """Return a path of an image as Windows writes it."""
    return drive + path.replace("/", "\\")


def to_image(path: str) -> str:
    """Return a path of Windows as one of an image."""
    return re.sub("^[A-Za-z]:", "", path.replace("\\", "/"))


def entry_behind(client: str) -> str:
    """Return the entry of which a client was set aside; the path itself where it was not."""
    image = to_image(client)
    if not image.lower().startswith(f"{ASIDE}/".lower()):
        return client
    return re.match("(?:[A-Za-z]:)?", client)[0] + image[len(ASIDE) :]  # type: ignore[index]


def render_windows_shim(shim: Shim, launcher: bytes = b"") -> bytes:
    r"""Return a shim, by the kind of its client.

    Args:
        shim: Its paths as Windows writes them: `C:\\…`.
        launcher: Of a program: what starts the Python that its first line names.

    Raises:
        UsageError: A path that an interpreter would not take as it stands, or no launcher.
    """
    for path in (shim.python, shim.guard, shim.client):
        if not re.fullmatch(WORD, path, re.ASCII):
            raise UsageError(
                f"{path!r} cannot stand in a shim",
                expected=r"a path of letters, digits, blanks and -_.@+()~ alone, with its drive",
            )
    ending = ending_of(shim.client)
    entry = to_windows(to_image(entry_behind(shim.client)), shim.client[:2])
    lost = LOST.format(**shim._asdict(), name=to_image(shim.client).rpartition("/")[2], entry=entry)
    words = {**shim._asdict(), "lost": lost}
    if ending != ".exe":
        text = TEXTS[ending].format(**words)
        return text.replace("\n", "\r\n").encode() if ending == ".cmd" else text.encode()
    if not launcher.startswith(b"MZ"):
        raise UsageError(
            "there is no launcher to make a program of",
            expected="the file launcher.exe of the stand-alone folder",
            remedy="install Tipstaff by its package for Windows",
        )
    head = f'#!"{shim.python}" -IS\r\n'.encode()
    return launcher + head + _archive(MAIN.format(**words).encode())


def parse_windows_shim(content: bytes, ending: str) -> Shim | None:
    """Return what a shim starts; None where it is none, or one that was edited."""
    launcher, text = _parts_of_program(content) if ending == ".exe" else (b"", content)
    try:
        words = text.decode("ascii")
    except UnicodeDecodeError:
        return None
    parts, version = PARTS.search(words), VERSION.search(words.replace("\r\n", "\n"))
    if not parts or not version:
        return None
    shim = Shim(version["version"], **parts.groupdict())
    try:
        if ending_of(shim.client) == ending and render_windows_shim(shim, launcher) == content:
            return shim
    except (UsageError, ValueError):
        pass
    return None


def is_marked(content: bytes, ending: str) -> bool:
    """Return whether a file was a shim before it was edited."""
    text = _parts_of_program(content)[1] if ending == ".exe" else content[:SIZE_LIMIT]
    return MARKER.encode() in b"\n".join(text.splitlines()[:2])


def _archive(main: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        header = zipfile.ZipInfo(MEMBER, TIME)
        header.create_system = 0
        packed.writestr(header, main)
    return made.getvalue()


def _parts_of_program(content: bytes) -> tuple[bytes, bytes]:
    """Return the launcher and the text of a shim that is a program; no text in another one."""
    found = None
    for found in SHEBANG.finditer(content):  # noqa: B007 - the last one
        pass
    if found is None:
        return b"", b""
    try:
        with zipfile.ZipFile(io.BytesIO(content[found.end() :])) as packed:
            if packed.namelist() != [MEMBER] or packed.getinfo(MEMBER).file_size > SIZE_LIMIT:
                return b"", b""
            return content[: found.start()], packed.read(MEMBER)
    except (zipfile.BadZipFile, OSError, ValueError):
        return b"", b""


def read_shim_there(place: str) -> Shim | None:
    """Return the shim at a path of this Windows, or None."""
    try:
        ending = ending_of(place)
        limit = PROGRAM_LIMIT if ending == ".exe" else SIZE_LIMIT
        return parse_windows_shim(read_bounded(place, limit), ending)
    except (OSError, ValueError):
        return None


def why_unguarded_there(place: str) -> str | None:
    """Return why a program of this Windows is no shim that can be trusted; None where it is one."""
    from tipstaff_policy.system.owners.loose_places import loose_places  # noqa: PLC0415

    shim = read_shim_there(place)
    if shim is None:
        return "is not Tipstaff's shim"
    parts = (place, shim.python, shim.guard, shim.client)
    loose = [
        str(loose_place)
        for part in parts
        for loose_place in loose_places(part, None, "windows") or ()
    ]
    return f"is a shim that others can change: {loose[0]}" if loose else None


def start_behind(command: tuple[str, ...], env: Mapping[str, str]) -> int:
    """Start a client that was set aside, or any other command; return its exit code.

    Raises:
        UsageError: There is no such program, or it cannot be started with its arguments unchanged.
    """
    from tipstaff_policy.system.windows import child_process  # noqa: PLC0415 - where it starts

    entry = entry_behind(command[0])
    folder = os.path.dirname(entry) if entry != command[0] else None
    try:
        return child_process.start(command, env, folder)
    except OSError as error:
        raise UsageError(
            f"cannot start {command[0]}: {error.strerror}", expected="a program"
        ) from error
