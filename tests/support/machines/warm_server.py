"""Runs `tipstaff` in children of one process that has imported it: a start less the imports.

Each question is a line of JSON and the three streams of the program that is to run; the answers
are its process id and, once it has ended, its exit code. See `warm.py`, which asks.
One thread, so that a child can be forked at any time.
"""

import gc
import json
import os
import pkgutil
import signal
import socket
import sys
import time
from importlib import import_module, util

ROOMS = (
    "tipstaff_policy",
    "tipstaff_schemas",
    "tipstaff_reports",
    "tipstaff_rollout",
    "tipstaff_cli",
)
LATE = ("bcrypt", "cryptography.x509", "jeepney.io.blocking", "jwt", "pyrage", "typer.rich_utils")
"""What the program loads only when a command needs it."""
LINE = 1 << 20


def serve(link):
    """Answer until the other end closes."""
    load()
    while True:
        text, streams, _, _ = socket.recv_fds(link, LINE, 3)
        if not text:
            return
        child = os.fork()
        if child == 0:
            link.close()
            become(streams=streams, **json.loads(text))
            run_program()
        for stream in streams:
            os.close(stream)
        link.send(b"%d" % child)
        _, status = os.waitpid(child, 0)
        link.send(b"%d" % os.waitstatus_to_exitcode(status))


def load():
    """Import all that any command could need, and keep it out of what is collected."""
    gc.disable()
    for room in ROOMS:
        for module in pkgutil.walk_packages(import_module(room).__path__, f"{room}."):
            import_module(module.name)
    for name in LATE:
        if util.find_spec(name.partition(".")[0]):
            import_module(name)
    for model in _subclasses(import_module("pydantic").BaseModel):
        if model.__module__.partition(".")[0] in ROOMS:
            model.model_rebuild()
    gc.freeze()


def _subclasses(parent):
    for subclass in parent.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def become(*, streams, words, env, cwd, umask):
    """Make of a child what a new process would be."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 256)
    os.chdir(cwd)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv[:] = words
    sys.stdin = _opened(0, sys.stdin)
    sys.stdout = _opened(1, sys.stdout)
    sys.stderr = _opened(2, sys.stderr)


def _opened(number, like):
    buffering = 1 if number == 2 else -1
    mode = "w" if number else "r"
    return os.fdopen(number, mode, buffering, encoding=like.encoding, errors=like.errors)


def run_program():
    """Run what the console script runs, and end as it does."""
    from tipstaff_cli.__main__ import run

    run()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
