"""Real servers for the engines of a fleet: PostgreSQL, and Sail, which speaks as Spark Connect."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

POSTGRES_USER = "postgres"
LOCALE = "en-US"
"""A database of this order puts `a` before `B`; bytes do not."""


def postgresql_programs():
    """Return the folder of PostgreSQL's programs; None where they are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def _as_other(command):
    """Return a command that runs as an ordinary user, because PostgreSQL refuses root."""
    if os.geteuid():
        return command
    user = f"--reuid={POSTGRES_USER}"
    return ["setpriv", user, f"--regid={POSTGRES_USER}", "--clear-groups", *command]


@contextmanager
def postgresql(folder):
    """Give the port of a server that orders texts as people do; user `fleet`, password `right`.

    Args:
        folder: For its data and its socket; short, because the path of a socket must be.
    """
    programs = postgresql_programs()
    data, password = Path(folder) / "data", Path(folder) / "password"
    password.write_text("right\n")
    for path in (folder, password):
        if not os.geteuid():
            owner = pwd.getpwnam(POSTGRES_USER)
            os.chown(path, owner.pw_uid, owner.pw_gid)
    made = [programs / "initdb", "-U", "fleet", "--auth=scram-sha-256", f"--pwfile={password}"]
    made += ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    made += ["--locale-provider=icu", f"--icu-locale={LOCALE}", "-D", data]
    _run(made, folder)
    port = free_port()
    settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    _run(
        [programs / "pg_ctl", "-w", "-D", data, "-l", data / "log", "-o", settings, "start"], folder
    )
    try:
        yield port
    finally:
        _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], folder)


def _run(command, folder):
    done = subprocess.run(
        _as_other(list(map(str, command))),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def sail(folder):
    """Give the port of a Sail server."""
    take_for_a_program()
    port = free_port()
    program = Path(sys.executable).parent / "sail"
    kept = Path(folder) / "kept"
    kept.mkdir()
    with (Path(folder) / "sail.log").open("w") as log:
        server = subprocess.Popen(
            [program, "spark", "server", "--ip", "127.0.0.1", "--port", str(port)],
            env=os.environ | {"SAIL_EXECUTION__CHECKPOINT__PATH": kept.as_uri()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(port, server)
        yield port
    finally:
        server.kill()
        server.wait()


def take_for_a_program():
    """Keep the client of Spark Connect (4.2.0) from taking a worker of the tests for its doctests.

    It does so where `__main__` has no file, as under `python -c`, and ends the process.
    """
    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):
        main.__file__ = __file__


@contextmanager
def clickhouse(folder):
    """Give the port of ClickHouse as a library behind its HTTP interface; user `fleet`, password `right`."""
    port = free_port()
    program = Path(__file__).parent / "clickhouse_server.py"
    with (Path(folder) / "clickhouse.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, program, str(port), str(folder)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(port, server)
        yield port
    finally:
        server.kill()
        server.wait()


def free_port():
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, server):
    """Wait until a server listens."""
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server ended with {server.returncode}")
