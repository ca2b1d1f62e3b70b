"""Runs in the namespace as the user: what Tipstaff foretells on the host that is there, as JSON."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main():
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "policy")]
    sys.dont_write_bytecode = True
    from conformance_claude import judge
    from conformance_claude.oracle import Host

    _, version, text = sys.argv
    judge.make_known()
    print(json.dumps(judge.foretell(Host(**json.loads(text)), judge.LAID_AT, version)))


if __name__ == "__main__":
    main()
