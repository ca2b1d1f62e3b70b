"""Read the files that an author names; their names show their kinds."""

from pathlib import Path

from tipstaff_policy.assessment.policy_loading import FRAGMENTS, ROOT_FILE
from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.clients.interface.lint import POLICY, PROFILE, Given, Kind
from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_policy.organisation.paths import FLEET_KEY
from tipstaff_policy.system.files import read_bounded

SIZE_LIMIT = 4 << 20
PROFILES: dict[str, Kind] = {".mobileconfig": PROFILE, ".plist": PROFILE}


def collect(paths: list[Path], kind: Kind | None = None) -> tuple[Given, ...]:
    """Return the files of the given paths, each once; in folders those whose names show their kind.

    Args:
        kind: What files named by themselves are, whatever their names.

    Raises:
        UsageError: A folder holds nothing to look at.
        AccessDeniedError: Something cannot be read.
    """
    found: dict[str, Given] = {}
    for path in paths:
        places = _list_inside(path) if path.is_dir() else [path]
        if not places:
            endings = ", ".join(kinds_by_ending())
            raise UsageError(
                f"{path} holds no policy",
                expected=f"{ROOT_FILE}, {FRAGMENTS}/*.toml, or files ending in {endings}",
            )
        for place in places:
            chosen = kind if kind and place == path else kind_of(place)
            found.setdefault(str(place), _read(place, chosen))
    return tuple(found.values())


def kinds_by_ending() -> dict[str, Kind]:
    """Return what a file is by how its name ends."""
    known = {
        ending: kind
        for client in CLIENTS
        for ending, kind in load_client(client).lint().kinds.items()
    }
    return known | PROFILES


def list_kinds() -> tuple[Kind, ...]:
    """Return everything that a file can be."""
    return tuple(dict.fromkeys((POLICY, *kinds_by_ending().values())))


def kind_of(path: Path) -> Kind:
    """Return what a file is by its name; the longest ending that fits counts.

    A file with none of them is a policy document.
    """
    endings = kinds_by_ending()
    fitting = [ending for ending in endings if _fits(path, ending)]
    return endings[max(fitting, key=len)] if fitting else POLICY


def _fits(path: Path, ending: str) -> bool:
    return path.match(ending) if "*" in ending else path.name.endswith(ending)


def _list_inside(folder: Path) -> list[Path]:
    patterns = [ending for ending in kinds_by_ending() if "*" in ending]
    below = [place for pattern in patterns for place in sorted(folder.glob(pattern))]
    own = [place for place in sorted(folder.iterdir()) if kind_of(place) != POLICY]
    own += [place for place in below if not place.name.startswith(".")]
    root = [folder / ROOT_FILE] if (folder / ROOT_FILE).exists() else []
    fragments = folder if folder.name == FRAGMENTS else folder / FRAGMENTS
    return [*root, *sorted(fragments.glob("*.toml")), *own]


def _key_mode(path: Path, kind: Kind) -> int | None:
    """Return the rights of the fleet's key next to a policy; lint does not read its content."""
    secret = path.with_name(FLEET_KEY)
    return secret.stat().st_mode if kind == POLICY and secret.exists() else None


def _read(path: Path, kind: Kind) -> Given:
    try:
        data, key_mode = read_bounded(str(path), SIZE_LIMIT), _key_mode(path, kind)
        if kind == POLICY and path.suffix != ".toml" and b"\0" in data:
            raise UsageError(
                f"{path} is no text",
                expected=f"a policy document, or a file ending in {', '.join(kinds_by_ending())}",
                remedy="`tipstaff policy verify` reads an artefact, such as a package",
            )
        return Given(str(path), data, kind, path.stat().st_mode, key_mode)
    except OSError as error:
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=str(path)) from error
