"""Runs in the namespace as the user: what Tipstaff foretells and removes on the host that is there.

A question a line, as JSON, and the answer as one.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main():
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "policy")]
    sys.dont_write_bytecode = True
    from conformance_claude import judge
    from conformance_claude.oracle import Host

    judge.make_known()
    ways = {"foretell": judge.foretell, "log out": judge.log_out}
    for line in sys.stdin:
        question = json.loads(line)
        answer = ways[question["way"]]
        version = question["version"]
        try:
            with judge.known_by(question["row"], version):
                said = answer(Host(**question["host"]), judge.LAID_AT, version)
        except Exception as error:  # noqa: BLE001 - whatever it is, the campaign shows it
            said = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
