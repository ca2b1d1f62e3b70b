"""The program without its start: `tipstaff` in a child of a process that has imported all of it."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

SERVER = Path(__file__).with_name("warm_server.py")
PROGRAM = Path(sys.executable).parent / "tipstaff"
LIMIT_S = 60
READ_AT_START = ("LANG", "LC_", "LD_", "PYTHON", "TYPER_", "_TYPER_")
"""What Python, or a library, reads once and before any command: by how its name begins."""
READ_AT_IMPORT = ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "TERMINAL_WIDTH")


class NeedsItsOwnStartError(Exception):
    """A program that is imported already cannot be run as the test asks: use `hosts.run`."""


class WarmProgram:
    """A process that has imported the program, and runs each command line in a child of its own.

    A child has, as a new process has: words, environment, folder, umask and streams of its own,
    the signal handlers of a start, no caches and nothing set or monkeypatched by a test or by an
    earlier command. What it does ends with it; what it writes or locks is on the real disk, and
    its exit code is the one that a shell would see. It may replace itself by another program.

    It differs in what happens before the first command: Python's own start (its options, its
    locale and hash seed are the server's), the order of the imports, and who its parent is. Tests
    of those, of signals, of pipes that break and of programs that run at the same time start a
    process: `hosts.run([BIN / "tipstaff", …])`. A variable that Python or a library reads before
    the first command is refused here.
    """

    def __init__(self):
        self.env = {name: value for name, value in os.environ.items() if _is_read_early(name)}
        self.turn = threading.Lock()
        self.link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, SERVER, str(theirs.fileno())],
                env={"PATH": os.defpath, **self.env},
                cwd="/",
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(self, words, streams, *, env, cwd=None, limit_s=LIMIT_S):
        """Run one command line on three streams, by file descriptor; return its exit code.

        Threads take turns: an answer does not say which question it is for.
        """
        self._refuse_early(env)
        with self.turn:
            return self._run(words, streams, env, cwd, limit_s)

    def _run(self, words, streams, env, cwd, limit_s):
        words = [str(PROGRAM), *map(str, words)]
        question = {"words": words, "env": dict(env), "cwd": os.path.abspath(cwd or ".")}
        question["umask"] = umask()
        socket.send_fds(self.link, [json.dumps(question).encode()], streams)
        child = int(self._answer())
        self.link.settimeout(limit_s)
        try:
            return int(self._answer())
        except TimeoutError:
            os.kill(child, 9)
            self.link.settimeout(None)
            self._answer()
            raise subprocess.TimeoutExpired(words, limit_s) from None
        finally:
            self.link.settimeout(None)

    def _refuse_early(self, env):
        own = {name for name, value in env.items() if self.env.get(name) != value}
        if early := sorted(filter(_is_read_early, own)):
            raise NeedsItsOwnStartError(", ".join(early))

    def _answer(self):
        answer = self.link.recv(64)
        if not answer:
            raise OSError("the process that runs the program has ended")
        return answer

    def close(self):
        """End it."""
        self.link.close()
        self.process.wait()


def _is_read_early(name):
    return name.startswith(READ_AT_START) or name in READ_AT_IMPORT


def umask():
    """Return the mask of this process."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_program = []


def program():
    """Return this process' warm program, started when it is first asked for."""
    if not _program:
        _program.append(WarmProgram())
    return _program[0]


def close():
    """End the warm program of this process, if there is one."""
    while _program:
        _program.pop().close()


def tipstaff(
    *words,
    env=None,
    cwd=None,
    input="",  # noqa: A002 - these are named as in `subprocess.run`
    stdin=None,
    stdout=None,
    stderr=None,
    encoding="utf-8",
    timeout=LIMIT_S,
):
    """Run `tipstaff` with these words; return what `subprocess.run` would return.

    Args:
        input: What it reads; nothing where neither this nor `stdin` is given.
        stdin: An open file in place of `input`.
        stdout: An open file to write to, in place of keeping what is written.
        stderr: The same for the messages.
        encoding: Of the streams; None for bytes.
    """
    with ExitStack() as kept:
        files = [kept.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        files[0].write(input.encode() if isinstance(input, str) else input)
        files[0].seek(0)
        given = [stdin, stdout, stderr]
        streams = [
            own if theirs is None else theirs for own, theirs in zip(files, given, strict=True)
        ]
        code = program().run(
            words,
            [stream if isinstance(stream, int) else stream.fileno() for stream in streams],
            env=os.environ if env is None else env,
            cwd=cwd,
            limit_s=timeout,
        )
        written = [
            None if theirs else _content(own, encoding)
            for own, theirs in zip(files[1:], given[1:], strict=True)
        ]
    return subprocess.CompletedProcess(["tipstaff", *map(str, words)], code, *written)


def _content(file, encoding):
    file.seek(0)
    data = file.read()
    # As `subprocess.run` does it with text.
    return data if encoding is None else re.sub("\r\n?", "\n", data.decode(encoding))
