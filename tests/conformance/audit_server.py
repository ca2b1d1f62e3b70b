"""Runs `tipstaff audit` in children of one process that has imported it: a start less a host.

A line of JSON in: words, environment, folder and the files to write to; a line out: the exit code.
One thread, so that a child can be forked at any time.
"""

import gc
import json
import os
import pkgutil
import signal
import sys
from importlib import import_module

import tipstaff_cli
import tipstaff_policy.checks
import tipstaff_policy.clients
from tipstaff_cli.main import main

NEEDED = (tipstaff_cli, tipstaff_policy.checks, tipstaff_policy.clients)


def serve(limit_s):
    for package in NEEDED:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.alarm(limit_s)
            become(**json.loads(line))
            sys.exit(main())
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def become(words, env, cwd, files):
    """Make of a child what a new process would be."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv[:] = ["tipstaff", *words]
    for number, path in enumerate((os.devnull, *files)):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC if number else os.O_RDONLY
        os.dup2(os.open(path, flags, 0o600), number)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
