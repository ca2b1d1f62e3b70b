"""Where the judges lie that `make test-real` fetches."""

from pathlib import Path

JUDGES = Path(__file__).resolve().parent.parent.parent / ".judges"
PROGRAMS = JUDGES / "node_modules/.bin"
