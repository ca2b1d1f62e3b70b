"""Starting a client on Windows, where a process cannot become another one.

The guard waits for the client and ends with its exit code. The console's interrupts reach both;
the guard leaves them to the client.

A batch file is never started. `cmd.exe` would read its arguments once more, by rules that no
quoting satisfies (CVE-2024-24576): `&`, `%` and line breaks in an argument would be commands. npm's
launchers are such files; they start Node.js with one script, and so does this, without `cmd.exe`.
"""

import os
import re
import subprocess
from collections.abc import Mapping

from tipstaff_policy.errors import UsageError
from tipstaff_policy.system.files import read_bounded

LAUNCHER_LIMIT = 1 << 14
PROGRAMS = (".exe", ".com")
BATCH = (".cmd", ".bat")
NPM = {
    ".cmd": re.compile(
        r"""\r?\n *endLocal & goto #_undefined_# 2>NUL \|\| title %COMSPEC% & """
        r""""%_prog%" +"%dp0%\\(?P<script>[^"%\r\n]+)" %\*\r?\n?\Z"""
    ),
    ".ps1": re.compile(r"""\n    & "node\$exe"  "\$basedir/(?P<script>[^"$`\r\n]+)" \$args\n"""),
    "": re.compile(r"""\n  exec node  "\$basedir/(?P<script>[^"$`\r\n]+)" "\$@"\n"""),
}
"""How npm's three launchers end. Source: `lib/index.js` of the package `cmd-shim` 8.0.0."""
OLD_CMD = re.compile(
    r"""\r?\n"%_prog%" +"%dp0%\\(?P<script>[^"%\r\n]+)" %\*\r?\n""",
)
"""As `cmd-shim` wrote it before."""
NODE = "node.exe"


def start(command: tuple[str, ...], env: Mapping[str, str], folder: str | None = None) -> int:
    """Start a command, wait for its end, and return its exit code.

    Args:
        command: Its first word is a path, or a name that the path of the environment finds.
        folder: Where a launcher of npm stood before it was set aside.

    Raises:
        UsageError: There is no such program, or it is a batch file that npm has not written.
        OSError: It cannot be started.
    """
    words = resolve(command, env, folder)
    import signal  # noqa: PLC0415 - only where something is started

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = subprocess.Popen(words, env=dict(env))  # noqa: S603 - the caller's own command
        return child.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def resolve(
    command: tuple[str, ...], env: Mapping[str, str], folder: str | None = None
) -> tuple[str, ...]:
    """Return the command with a program that the system starts by itself as its first word.

    Raises:
        UsageError: As for `start`.
    """
    place = _find(command[0], env)
    ending = os.path.splitext(place)[1].lower()
    if ending in PROGRAMS:
        return (place, *command[1:])
    script = npm_script(place, folder or os.path.dirname(place))
    if script is None:
        raise UsageError(
            "it is neither a program nor a launcher that npm has written",
            where=place,
            expected="an .exe; arguments cannot be passed to a batch file unchanged",
            remedy="name the program itself, or install the client by npm again",
        )
    node = os.path.join(folder or os.path.dirname(place), NODE)
    if not os.path.isfile(node):
        node = _on_path(NODE, env) or ""
    if not node:
        raise UsageError(
            "Node.js is on no folder of PATH",
            where=place,
            expected=NODE,
            remedy="install Node.js, or add its folder to PATH",
        )
    return (node, script, *command[1:])


def npm_script(place: str, folder: str) -> str | None:
    """Return the script that a launcher of npm starts; None where it is none.

    Args:
        folder: The one that it names the script from.

    Raises:
        OSError: It cannot be read.
    """
    pattern = NPM.get(os.path.splitext(place)[1].lower())
    try:
        text = read_bounded(place, LAUNCHER_LIMIT).decode()
    except (OSError, UnicodeDecodeError):
        return None
    found = pattern and (pattern.search(text) or OLD_CMD.search(text))
    if not found:
        return None
    name = found["script"].replace("/", os.sep).replace("\\", os.sep)
    return os.path.normpath(os.path.join(folder, name))


def _find(program: str, env: Mapping[str, str]) -> str:
    if os.path.dirname(program):
        return program
    ending = os.path.splitext(program)[1]
    names = [program] if ending else [program + suffix for suffix in (*PROGRAMS, *BATCH, ".ps1")]
    for name in names:
        if found := _on_path(name, env):
            return found
    raise UsageError(f"cannot start {program}: it is on no folder of PATH", expected="a program")


def _on_path(name: str, env: Mapping[str, str]) -> str | None:
    """Return the first file of a name on the path.

    Never from the working folder, where `cmd.exe` looks first: a project could bring a program
    of that name along.
    """
    path = next((value for key, value in env.items() if key.upper() == "PATH"), "")
    for folder in path.split(os.pathsep):
        named = folder.strip('"')
        if os.path.isabs(named) and os.path.isfile(place := os.path.join(named, name)):
            return place
    return None
