"""What the client asks of permission profiles beyond the types of their members.

A name that is not kept (``shapes.NAME``) leaves open whether it is there, so that the answer is
``unknown`` where it counts.

Source: tests/conformance/cases_permissions.py (clients 0.169.0 and 0.171.0).
"""

import re
from collections.abc import Iterator

from tipstaff_policy.clients.codex.config.value_shapes import Node, is_kept, unsure, wrong
from tipstaff_policy.model.state import Fault
from tipstaff_policy.record import Record

READ_ONLY, WORKSPACE, FULL_ACCESS = ":read-only", ":workspace", ":danger-full-access"
EXTENSIBLE = (READ_ONLY, WORKSPACE)
"""The client's own profiles that another one may extend."""
SHARED = ("filesystem", "network")
"""Members of the required `permissions` that are no profiles."""
ROOT, ROOTS = ":root", ":workspace_roots"
NESTED = (ROOTS, ":project_roots")
"""The client's names of places whose parts may be named; of others it knows only the whole."""
_GLOB = re.compile(r"[*?\[\]]")
_OWN_PLACE = re.compile(r":(root|minimal|tmpdir|slash_tmp)")


class Profiles(Record):
    """The profiles of both kinds of document, and what chooses among them."""

    configured: dict[str, Node]
    required: dict[str, Node]
    allowed: Node | None
    """The required list of profiles, each with whether it is allowed."""
    required_default: Node | None
    default: Node | None
    sandbox: Node | None
    known: tuple[str, ...]
    """The profiles that the client brings."""

    @property
    def own(self) -> dict[str, Node]:
        """All profiles that documents define."""
        return {**self.configured, **self.required}

    @property
    def names(self) -> set[str]:
        """All profiles that are there."""
        return {*self.known, *self.own}

    @property
    def selected(self) -> Node | None:
        """What names the profile in force; None where nothing does."""
        if self.allowed is None:
            return self.default
        choice = self.default
        if choice and choice.text in self.names and _is_on(self.allowed.members.get(choice.text)):
            return choice
        return self.required_default


def profiles_of(config: Node, requirements: Node, known: tuple[str, ...]) -> Profiles:
    """Return the profiles of the merged documents."""
    required = _tables(requirements.members.get("permissions"))
    return Profiles(
        _tables(config.members.get("permissions")),
        {name: node for name, node in required.items() if name not in SHARED},
        requirements.members.get("allowed_permission_profiles"),
        requirements.members.get("default_permissions"),
        config.members.get("default_permissions"),
        config.members.get("sandbox_mode"),
        known,
    )


def profile_faults(profiles: Profiles) -> Iterator[Fault]:
    """Return what stops a start, or could."""
    yield from _names(profiles)
    yield from _judge_required_choice(profiles)
    yield from _choice(profiles)
    selected = profiles.selected
    if selected and selected.text in profiles.own:
        yield from _inheritance(profiles, selected.text)
        yield from _places(profiles, selected.text)


def _tables(node: Node | None) -> dict[str, Node]:
    return dict(node.members) if node else {}


def _is_on(node: Node | None) -> bool:
    return node is not None and node.text == "true"


def _names(profiles: Profiles) -> Iterator[Fault]:
    for name, node in profiles.own.items():
        if name.startswith(":"):
            yield wrong(node, f"permissions.{name}", "a name that does not begin with a colon")
    for name in {*profiles.configured} & {*profiles.required}:
        expected = "a name that no profile of the requirements has"
        yield wrong(profiles.configured[name], f"permissions.{name}", expected)


def _judge_required_choice(profiles: Profiles) -> Iterator[Fault]:
    allowed, default = profiles.allowed, profiles.required_default
    if allowed is None:
        if default:
            yield wrong(
                default, "default_permissions", "allowed_permission_profiles in the same file"
            )
        return
    for name, member in allowed.members.items():
        if name not in profiles.names:
            expected = "the name of a profile that is there"
            yield wrong(member, f"allowed_permission_profiles.{name}", expected)
    yield from _judge_required_default(allowed, default)


def _judge_required_default(allowed: Node, default: Node | None) -> Iterator[Fault]:
    if default is None:
        if not all(_is_on(allowed.members.get(name)) for name in EXTENSIBLE):
            expected = f'"{WORKSPACE}" and "{READ_ONLY}" set to true, or default_permissions'
            yield wrong(allowed, "allowed_permission_profiles", expected)
    elif default.type == "text" and not is_kept(default.text):
        yield unsure(default, "default_permissions", "the name of an allowed profile")
    elif not _is_on(allowed.members.get(default.text)):
        yield wrong(default, "default_permissions", "one of allowed_permission_profiles")


def _choice(profiles: Profiles) -> Iterator[Fault]:
    if profiles.allowed is not None:
        return  # what is not allowed, or not there, gives way to the required default
    chosen = profiles.default
    if chosen is None:
        if profiles.own and profiles.sandbox is None:
            first = next(iter(profiles.own.values()))
            yield wrong(
                first, "permissions", "default_permissions or sandbox_mode in the same file"
            )
    elif chosen.type == "text" and not is_kept(chosen.text):
        yield unsure(chosen, "default_permissions", "the name of a profile that is there")
    elif chosen.text not in profiles.names:
        yield wrong(chosen, "default_permissions", "the name of a profile that is there")


def _chain(profiles: Profiles, name: str) -> list[str]:
    """Return a profile and those that it extends, as far as they are there and not in a circle."""
    chain: list[str] = []
    while name in profiles.own and name not in chain:
        chain.append(name)
        extended = profiles.own[name].members.get("extends")
        name = extended.text if extended else ""
    return chain


def _inheritance(profiles: Profiles, name: str) -> Iterator[Fault]:
    chain = _chain(profiles, name)
    last = profiles.own[chain[-1]].members.get("extends")
    key = f"permissions.{chain[-1]}.extends"
    if last is None or last.text in EXTENSIBLE:
        return
    if last.type == "text" and not is_kept(last.text):
        yield unsure(last, key, "the name of a profile that is there")
    elif last.text in chain:
        yield wrong(last, key, "a profile that does not extend this one in turn")
    else:
        yield wrong(last, key, f'a profile of your own, "{READ_ONLY}" or "{WORKSPACE}"')


def _filesystem(profiles: Profiles, name: str) -> dict[str, Node]:
    """Return what a profile says of files, with what it takes over from those that it extends."""
    merged: dict[str, Node] = {}
    for profile in reversed(_chain(profiles, name)):
        table = profiles.own[profile].members.get("filesystem")
        for place, access in _tables(table).items():
            before = merged.get(place)
            both = before and before.type == access.type == "table"
            inherited = before.members if before and both else {}
            merged[place] = access._replace(members={**inherited, **access.members})
    return merged


def _places(profiles: Profiles, name: str) -> Iterator[Fault]:
    for place, access in _filesystem(profiles, name).items():
        key = f"permissions.{name}.filesystem.{place}"
        if place == "glob_scan_max_depth":
            if access.text in ("", "0"):
                yield wrong(access, key, "a number from 1")
        elif not place.startswith((":", "/", "~/")) and place != "~":
            yield wrong(access, key, "a place that begins with /, ~/ or a colon")
        elif access.type == "table":
            yield from _parts(place, access, key)
        elif _is_wide(place, access):
            yield wrong(access, key, 'a place without wildcards, except /** at its end, or "deny"')


def _parts(place: str, access: Node, key: str) -> Iterator[Fault]:
    for part, member in access.members.items():
        inside = f"{key}.{part}"
        if _is_wide(part, member):
            expected = 'a place without wildcards, except /** at its end, or "deny"'
            yield wrong(member, inside, expected)
        elif part == ".":
            continue
        elif _OWN_PLACE.fullmatch(place):
            yield wrong(member, inside, f"nothing below {place}")
        elif (
            not part.removesuffix("/**")
            or {"", ".", ".."} & {*part.split("/")[:1]}
            or (".." in part.split("/"))
        ):
            yield wrong(member, inside, "a path below it, without `.` and `..`")


def _is_wide(place: str, access: Node) -> bool:
    """Return whether a place has wildcards that go with `deny` alone."""
    return bool(_GLOB.search(place.removesuffix("/**"))) and access.text not in ("deny", "none")


def is_full_access(profiles: Profiles, name: str) -> bool:
    """Return whether a profile takes all limits from files, so that a sandbox must allow it."""
    if name == FULL_ACCESS:
        return True
    if name not in profiles.own:
        return False
    last = profiles.own[_chain(profiles, name)[-1]].members.get("extends")
    places = {
        place: accesses
        for place, accesses in _filesystem(profiles, name).items()
        if place != "glob_scan_max_depth"
    }
    return (
        last is None
        and ROOT in places
        and all(_accesses(accesses) <= {"write"} for accesses in places.values())
    )


def _accesses(node: Node) -> set[str]:
    return {member.text for member in (node.members.values() if node.type == "table" else (node,))}
