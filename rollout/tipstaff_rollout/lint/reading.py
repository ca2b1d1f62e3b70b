"""From the bytes of files to what the rules read; pure, so that nothing here looks at a disk."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple

from tipstaff_policy.assessment.policy_contradictions import contradictions
from tipstaff_policy.assessment.policy_loading import FRAGMENTS, ROOT_FILE, clients_of_documents
from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.clients.interface.lint import (
    POLICY,
    PROFILE,
    ClientFile,
    ClientLint,
    Files,
    Given,
    LintFinding,
    Policy,
    Profile,
    invalid,
)
from tipstaff_policy.model.request import Reader
from tipstaff_policy.model.state import Fault
from tipstaff_policy.organisation.merging import meet
from tipstaff_policy.organisation.model import Allowed, OrganisationPolicy
from tipstaff_policy.organisation.parsing import Faulty, File, Newer, Parsed, parse_document
from tipstaff_policy.organisation.paths import FLEET_KEY
from tipstaff_policy.organisation.trusted_keys import parse_keys
from tipstaff_rollout.lint.carried import find_carried, relocate
from tipstaff_rollout.lint.profiles import read_profile

OTHERS = 0o004
"""The right of everyone to read a file."""


class Read(NamedTuple):
    """What was read, and what could not be."""

    files: Files
    faults: tuple[LintFinding, ...]


def read_files(
    given: tuple[Given, ...], *, keys: bytes | None = None, newer_toml: Reader | None = None
) -> Read:
    """Return everything that files say, and every fault of all of them.

    Args:
        keys: The author's copy of the file of public keys that a policy names.
        newer_toml: Reads TOML 1.1, as the client does.
    """
    faults: list[Fault] = []
    policies = [
        found
        for group in _sets([group for group in given if group.kind == POLICY])
        if (found := read_policy(group, faults, keys=keys))
    ]
    profiles = [
        profile
        for file in given
        if file.kind == PROFILE and (profile := read_profile(file.path, file.data, faults))
    ]
    lints = {client: load_client(client).lint() for client in CLIENTS}
    clients = [
        lint.read(file, newer_toml)
        for file in given
        for lint in lints.values()
        if file.kind in lint.kinds.values()
    ]
    clients += [
        file
        for lint in lints.values()
        for profile in profiles
        for file in _in_profile(lint, profile, newer_toml)
    ]
    clients += [
        relocate(lints[file.client].read(file.given, newer_toml), file.lines)
        for policy in policies
        for file in find_carried(policy.policy.client_keys)
    ]
    refused = [lints[file.client].refused(file) for file in clients]
    sound = tuple(file for file, why in zip(clients, refused, strict=True) if why is None)
    return Read(
        Files(tuple(policies), sound, tuple(profiles)),
        (*map(invalid, faults), *(finding for finding in refused if finding)),
    )


def _in_profile(
    lint: ClientLint, profile: Profile, newer_toml: Reader | None
) -> Iterator[ClientFile]:
    for setting, kind, data in lint.carried(profile):
        file = lint.read(Given(profile.path, data, kind), newer_toml)
        yield file._replace(inside=setting.key, at=setting.line)


def is_fragment(path: str) -> bool:
    """Return whether a policy file is a fragment, by its folder."""
    return PurePath(path).parent.name == FRAGMENTS


def _sets(given: list[Given]) -> list[list[Given]]:
    """Return the policies apart, each with its fragments; those without a root together."""
    found = {file.path: [file] for file in given if not is_fragment(file.path)}
    for file in given:
        if is_fragment(file.path):
            root = str(PurePath(file.path).parent.parent / ROOT_FILE)
            found.setdefault(root, []).append(file)
    return list(found.values())


def read_policy(
    given: list[Given], faults: list[Fault], *, keys: bytes | None = None
) -> Policy | None:
    """Return what a root and its fragments say together; None, and the faults, where nothing."""
    before = len(faults)
    parsed = [parse_document(_file(file), clients_of_documents(), lines=True) for file in given]
    for document in parsed:
        if isinstance(document, Faulty):
            faults += document.faults
        elif isinstance(document, Newer):
            faults.append(
                Fault("needs a newer Tipstaff", document.path, "refuse", "schema = 1", "update it")
            )
    good = [document for document in parsed if isinstance(document, Parsed)]
    policy = meet(_with_keys(document, keys, faults) for document in good)
    faults += contradictions(_judge(policy, given))
    if len(faults) > before:
        return None
    named = next((document.keys_file for document in good if document.keys_file), None)
    readable = tuple(file.path for file in given if file.mode & OTHERS)
    readable += tuple(
        str(PurePath(file.path).with_name(FLEET_KEY))
        for file in given
        if (file.key_mode or 0) & OTHERS and not is_fragment(file.path)
    )
    return Policy(given[0].path, policy, None if keys else named, readable)


def _file(given: Given) -> File:
    return File(given.path, given.data, root=not is_fragment(given.path))


def _judge(policy: OrganisationPolicy, given: list[Given]) -> OrganisationPolicy:
    """Leave out for whom a fragment's waivers are, where the file with the scopes is not here."""
    if any(not is_fragment(file.path) for file in given):
        return policy
    return policy._replace(waivers=tuple(waiver._replace(group=None) for waiver in policy.waivers))


def _with_keys(parsed: Parsed, keys: bytes | None, faults: list[Fault]) -> OrganisationPolicy:
    if parsed.keys_file is None or keys is None:
        return parsed.policy
    found = parse_keys(keys, parsed.keys_file.value)
    if isinstance(found, Fault):
        faults.append(found)
        return parsed.policy
    prints = tuple(key.thumbprint for key in found)
    allowed = Allowed(prints, parsed.keys_file.origins)
    return parsed.policy._replace(trusted_keys=allowed, keys=found)
