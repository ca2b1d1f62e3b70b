"""Reports of a made-up fleet of any size, by a seed: `--hosts N --rounds N >reports.ndjson`.

Every report is one that Tipstaff wrote of an example host, under another name and moment. Hosts fail
as fleets do: most comply, a failure stays for days, a unit is worse than others, a release of the
client spreads over the rounds, and a few hosts fall silent.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "examples")]
HEALTHY = ("policy-deployed", "compliant-chatgpt")
FAILING = (
    ("api-key-under-chatgpt-only", 30),
    ("wrong-workspace", 25),
    ("credential-readable-by-others", 15),
    ("expired-login", 10),
    ("store-overridden", 8),
    ("unsigned-token", 5),
    ("claims-disagree", 4),
    ("broken-credential", 3),
)
"""Example hosts by how often a failing host is like them."""
UNITS = 40
VERSIONS = ("0.169.0", "0.171.0")
FIRST_S = 1_795_000_000
DAY_S = 86_400
FAILS, RECOVERS, SILENT = 0.06, 0.15, 0.002
"""Which share fails at first, is repaired from one round to the next, or falls silent for good."""


@cache
def shapes() -> dict[str, list[str]]:
    """Return the reports of example hosts, cut where something differs from host to host."""
    from example_hosts import copy_host, platform_of  # noqa: PLC0415 - found by the path above

    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in (*HEALTHY, *(name for name, _ in FAILING)):
            root = copy_host(name, Path(folder) / name)
            words = ["--system-root", str(root), *platform_of(name), "--format", "json"]
            done = subprocess.run(
                [ROOT / ".venv/bin/tipstaff", "audit", *words],
                capture_output=True,
                text=True,
                check=False,
            )
            found[name] = _cut(json.loads(done.stdout), str(root))
    return found


def _cut(report: dict, root: str) -> list[str]:
    """Return a report as text, cut into what stays and the names of what does not."""
    report["run"] |= {"system_root": None, "user": "@USER@", "id": "@RUN@"}
    report["run"] |= {"started_at": "@MOMENT@", "finished_at": "@MOMENT@"}
    report["run"]["host"] |= {"id": "@HOST_ID@", "name": "@HOST@"}
    report["state"] |= {"system_root": None, "evaluated_at": "@SECONDS@"}
    for client in (report["client"], report["state"]["client"], *report["clients"]):
        client["version"] = "@VERSION@"
    report["policy"]["version"] = "@POLICY@"
    text = json.dumps(report, separators=(",", ":")).replace('"@SECONDS@"', "@SECONDS@")
    return text.replace(f"{root}/home/dev", "/home/@USER@").replace(root, "").split("@")


def generate(
    hosts: int, rounds: int, seed: int, first: int = 0, begin: int = FIRST_S
) -> Iterator[str]:
    """Yield the reports of some rounds, a day apart, one a line."""
    names = [name for name, _ in FAILING]
    weights = [weight for _, weight in FAILING]
    for number in range(first, first + hosts):
        chance = random.Random(f"{seed}-{number}")
        unit = unit_of(number)
        worse = 2.0 if unit % 7 == 0 else 0.8
        failing = chance.choices(names, weights)[0] if chance.random() < FAILS * worse else ""
        healthy = HEALTHY[number % len(HEALTHY)]
        upgraded = chance.random()
        host_id = f"{chance.getrandbits(256):064x}"
        for day in range(rounds):
            if chance.random() < SILENT:
                break
            if failing and chance.random() < RECOVERS:
                failing = ""
            elif not failing and chance.random() < FAILS * worse * RECOVERS:
                failing = chance.choices(names, weights)[0]
            at = begin + day * DAY_S + chance.randrange(DAY_S)
            values = {
                "USER": f"user{number}",
                "RUN": f"{chance.getrandbits(128):032x}",
                "MOMENT": datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "HOST": host_name(number),
                "HOST_ID": host_id,
                "SECONDS": str(at),
                "VERSION": VERSIONS[upgraded * rounds < day],
                "POLICY": str(1 + (day > rounds // 2)),
            }
            parts = shapes()[failing or healthy]
            yield "".join(values.get(part, part) for part in parts) + "\n"


def unit_of(number: int) -> int:
    """Return the unit of a host."""
    return number * 2_654_435_761 % UNITS


def host_name(number: int) -> str:
    """Return the name of a host."""
    return f"host-{number:08}"


def list_expected(hosts: int, first: int = 0) -> Iterator[str]:
    """Yield which hosts should report, and their units; a few of them never do."""
    yield "host,unit\n"
    for number in range(first, first + hosts + hosts // 200):
        yield f"{host_name(number)},unit-{unit_of(number):02}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--begin", type=int, default=FIRST_S, help="of the first round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--expected", action="store_true", help="write the expected hosts instead")
    asked = parser.parse_args()
    if asked.expected:
        sys.stdout.writelines(list_expected(asked.hosts, asked.first))
        return
    sys.stdout.writelines(generate(asked.hosts, asked.rounds, asked.seed, asked.first, asked.begin))


if __name__ == "__main__":
    main()
