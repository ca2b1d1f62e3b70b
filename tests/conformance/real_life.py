"""Whole configurations as people write them, and how the real client ends on each.

    python -m conformance.real_life                   (make real-life CLIENT=0.171.0)

Each configuration of `real_life/` is laid out under three policies, with a login that violates
them and with one that complies. How the client ends on each host is written down, a file a
version; test_real_life.py holds Tipstaff against it, without the client.
"""

import argparse
import concurrent.futures
import gzip
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

from conformance.client import VERSION, Case, Namespace, find_client, judge
from support.clients.logins import API_KEY, chatgpt

HERE = Path(__file__).parent
FOLDER = HERE / "real_life"
TITLE, PLACE = "#= ", "#> "
PLACES = {
    "user": ("home", "config.toml"),
    "system": ("etc", "config.toml"),
    "managed": ("etc", "managed_config.toml"),
    "requirements": ("etc", "requirements.toml"),
    "project": ("cwd", ".codex/config.toml"),
}
"""Where a part of a configuration is: which folder of a host, under which name."""
POLICIES = {
    "forced": ("managed", 'forced_login_method = "chatgpt"\n'),
    "required": ("requirements", 'allowed_login_methods = ["chatgpt"]\n'),
    "none": None,
}
BATCH = 100
"""Hosts after which what was seen is written down, so that a run that ended goes on from there."""
LOGINS = {"api": API_KEY, "chatgpt": chatgpt("ws-a")}


class Configuration(NamedTuple):
    """One configuration: its files by folder and name, and the flags that go with it."""

    etc: dict
    home: dict
    cwd: dict
    flags: tuple


def configurations():
    """Return every configuration by its name: the file that it stands in, and its title."""
    found = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for title, lines in _parts(path.read_text("utf-8").splitlines(keepends=True), TITLE):
            name = f"{path.stem}: {title}"
            assert name not in found, f"{name} stands there twice"
            found[name] = _configuration(lines)
    return found


def _parts(lines, mark):
    """Return what stands under each line that begins with a mark, and what follows the mark."""
    parts = []
    for line in lines:
        if line.startswith(mark):
            parts.append((line.removeprefix(mark).strip(), []))
        elif parts:
            parts[-1][1].append(line)
    return parts


def _configuration(lines):
    made = Configuration({}, {}, {}, ())
    for place, text in _parts(lines, PLACE):
        kind, _, rest = place.partition(" ")
        if kind == "flags":
            made = made._replace(flags=(*made.flags, *rest.split()))
        elif kind == "profile":
            made.home[f"{rest}.config.toml"] = "".join(text)
            made = made._replace(flags=(*made.flags, "-p", rest))
        elif kind in ("home", "etc"):
            getattr(made, kind)[rest] = "".join(text).strip("\n")
        else:
            folder, name = PLACES[kind]
            getattr(made, folder)[name] = "".join(text)
    return made


def hosts():
    """Return every host by the names of its configuration, its policy and its login."""
    return {
        (name, policy, login): _host(configuration, POLICIES[policy], LOGINS[login])
        for name, configuration in configurations().items()
        for policy in POLICIES
        for login in LOGINS
    }


def _host(made, policy, login):
    etc = dict(made.etc)
    if policy:
        name = PLACES[policy[0]][1]
        before = etc.get(name, "")
        key = policy[1].split()[0]
        if not re.search(rf"^\[?{key}\b", before, re.MULTILINE):  # its own policy comes first
            etc[name] = policy[1] + before
    return Case(etc=etc, home={**made.home, "auth.json": login}, cwd=made.cwd, flags=made.flags)


def digest(case):
    """Return what shows whether a recording was made of this host."""
    text = json.dumps(case._asdict(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def path_of(version):
    """Return where the recording of a version is."""
    return HERE / f"real-life-{version}.jsonl.gz"


def recorded(version):
    """Return the client's version as it named itself, and how each host ended."""
    with gzip.open(path_of(version), "rt", encoding="utf-8") as lines:
        head, *rest = map(json.loads, lines)
    return head["client"], {tuple(row.pop("host")): row for row in rest}


def ask(client, share):
    """Return how the client ends on some hosts."""
    namespace = Namespace()
    found = {}
    for name, case in share:
        real = judge(namespace, client, case)
        found[name] = {
            "digest": digest(case),
            "verdict": real.verdict,
            "removes": sorted(real.removes),
            "left": sorted(real.left),
            # A client that has started is stopped by us.
            "exit": 1 if real.verdict in ("log_out", "refuse") else None,
        }
    namespace.close()
    return found


def record(client, jobs):
    """Run the client on every host that is not recorded as it is, and write down how it ended."""
    every = hosts()
    found = recorded(VERSION)[1] if path_of(VERSION).exists() else {}
    found = {name: value for name, value in found.items() if _is_of(value, every.get(name))}
    new = [(name, case) for name, case in every.items() if name not in found]
    namespace = Namespace()
    version = namespace.run([client, "--version"], Case())["out"].strip()
    namespace.close()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for begin in range(0, len(new), BATCH):
            batch = new[begin : begin + BATCH]
            shares = [batch[number::jobs] for number in range(jobs)]
            for part in pool.map(lambda share: ask(client, share), shares):
                found |= part
            write(version, [(name, found[name]) for name in every if name in found])
            print(f"{len(found)} of {len(every)}", file=sys.stderr, flush=True)


def write(version, ends):
    """Write a recording, in the order of the hosts."""
    lines = [{"client": version}, *({"host": name, **end} for name, end in ends)]
    text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
    path_of(VERSION).write_bytes(gzip.compress(text.encode(), mtime=0))


def _is_of(end, case):
    return case is not None and end["digest"] == digest(case)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    client = find_client()
    if client is None:
        sys.exit(f"error: client {VERSION} is not installed; run `make real-life`")
    record(client, options.jobs)


if __name__ == "__main__":
    main()
