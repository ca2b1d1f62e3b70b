"""Tells of hosts whether Tipstaff ends as the client did, if a row of behaviour were another one.

    python -m conformance.replay_by_row VERSION '{"field": value}' < hosts.json

A program of its own, because the row has to be another one before anything has read it.
"""

import json
import sys
import tempfile
from pathlib import Path

from conformance.engine import change_row


def main():
    _, version, row = sys.argv
    change_row(version, json.loads(row))
    from conformance.client import Case
    from conformance.test_corpus import decided, lay_out

    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, fields, real in json.load(sys.stdin):
            case = Case(**{**fields, "flags": tuple(fields["flags"])})._asdict()
            lay_out(Path(folder) / "host", case)
            decision = decided(Path(folder) / "host", case, version)
            found[name] = real == [decision.verdict, sorted(decision.removes)]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
