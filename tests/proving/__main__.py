"""Prove a version of a client by one command.

    python -m proving codex 0.171.0          (make prove CLIENT=codex VERSION=0.171.0)

The exit code is 0 where the version is proven and written down, 1 where it is not, 2 for a wrong
command.
"""

import argparse
import os
import re
import signal
import sys
import zlib
from pathlib import Path

from proving import records
from proving.driver import Options, Run, prove
from proving.parts import PARTS, load_part
from proving.state import FOLDER, ROOT, State

CLIENTS = ROOT / "policy/tipstaff_policy/clients"
NUMBER = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}")


def parse_arguments(words=None):
    parser = argparse.ArgumentParser(prog="python -m proving", description=__doc__.splitlines()[0])
    parser.add_argument("client", choices=sorted(PARTS))
    parser.add_argument("version", type=version)
    parser.add_argument("--jobs", type=int, default=2, help="clients at once")
    parser.add_argument("--cases", type=int, default=400, help="random hosts")
    parser.add_argument("--seed", type=int, help="of the random hosts; by default of the version")
    parser.add_argument("--row", default="", help='values of the row of behaviour: "field=value …"')
    parser.add_argument("--state", type=Path, default=FOLDER, help="where what was found is kept")
    parser.add_argument("--no-write", action="store_true", help="leave the project as it is")
    return parser.parse_args(words)


def version(text):
    """Return a version that is one."""
    if not NUMBER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no version; expected one such as 0.171.0")
    return text


def take_row(part, given, state):
    """Write the row that was given, and begin again: what is imported knows the row of before."""
    try:
        row = part.parse_row(given.row, given.version)
    except ValueError as error:
        sys.exit(f"error: --row: {error}")
    part.take_row(given.version, row)
    state.write("row", {**state.read("row", {}), **row})
    words = ["--row", given.row], [f"--row={given.row}"]
    left = [word for word in sys.argv[1:] if word not in words[0] + words[1]]
    os.execv(sys.executable, [sys.executable, "-m", "proving", *left])


def forget_killed_proof(client):
    """Begin again where a proof was killed that had its version count as proven."""
    known = CLIENTS / client / "knowledge/versions.json"
    if records.forget_taken(known):
        records.write_modules(known)
        os.execv(sys.executable, [sys.executable, "-m", "proving", *sys.argv[1:]])


def main():
    given = parse_arguments()
    forget_killed_proof(given.client)
    # Read by the client's comparison when it is imported.
    os.environ["TIPSTAFF_CLIENT_VERSION"] = given.version
    part = load_part(given.client)
    folder = given.state / f"{given.client}-{given.version}"
    if given.row:
        take_row(part, given, State(folder))
    seed = zlib.crc32(f"{given.client} {given.version}".encode())
    options = Options(
        given.client,
        given.version,
        given.jobs,
        given.cases,
        seed if given.seed is None else given.seed,
        State(folder).read("row", {}),
        not given.no_write,
    )
    # So that what was started is ended, however this is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(f"stopped; {run.command()} goes on"))
    run = Run(options, part, folder)
    try:
        sys.exit(0 if prove(run) else 1)
    except KeyboardInterrupt:
        sys.exit(f"stopped; {run.command()} goes on from here")


if __name__ == "__main__":
    main()
