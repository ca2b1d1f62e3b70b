"""Copy the example hosts with the modes of a real host. Run by `make examples`.

Git keeps no modes but the executable bit, so a login in a checkout is readable by others, and an
audit of examples/hosts itself reports that.
"""

import shutil
import sys
from pathlib import Path

from example_hosts import EXPECTED, copy_host

COMPLIANT = "compliant-chatgpt"


def main(folder):
    """Replace a folder by prepared copies of all example hosts, and say what to try."""
    place = Path(folder)
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    for name in EXPECTED:
        copy_host(name, place)
    print(f"{len(EXPECTED)} example hosts in {place}; to audit one:")
    print(f"  tipstaff audit --system-root {place / COMPLIANT}")


if __name__ == "__main__":
    main(sys.argv[1])
