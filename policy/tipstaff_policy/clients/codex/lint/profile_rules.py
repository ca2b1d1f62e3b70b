"""Configuration profiles: whether the client takes their values, and whether they stay.

Source: docs/clients/codex.md (layers); Apple's device management documentation (payload keys).
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from tipstaff_policy.clients.codex.config.device_management import (
    CONFIG,
    DOMAIN,
    REQUIREMENTS,
    decode,
)
from tipstaff_policy.clients.codex.config.sign_in_keys import CONFIG_KEYS, REQUIREMENT_KEYS
from tipstaff_policy.clients.codex.lint.profiles import KINDS, OWN_KEYS, is_ours
from tipstaff_policy.clients.interface.lint import (
    ANYWHERE,
    FORCED,
    ClientFile,
    Hit,
    LintRule,
    Profile,
    Setting,
    all_profiles,
    each_file,
    together,
    within,
)
from tipstaff_policy.model.state import ReadLayer

Profiles = tuple[Profile, ...]
NEEDED = ("PayloadType", "PayloadVersion", "PayloadIdentifier", "PayloadUUID")
UNIQUE = ("PayloadIdentifier", "PayloadUUID")


def value_not_base64(profiles: Profiles) -> Iterator[Hit]:
    """Find values that the client cannot decode."""
    for profile, setting in _ours(profiles):
        if setting.key in KINDS and decode(setting.value) is None:
            kind = "data" if isinstance(setting.value, bytes) else "no base64 text"
            yield Hit(
                profile.path,
                setting.line,
                f"{setting.key} is {kind}, which the client does not take",
                "a <string> with one line of base64",
            )


def wrong_domain(profiles: Profiles) -> Iterator[Hit]:
    """Find the client's keys in a domain that it does not read."""
    for profile, setting in _ours(profiles):
        if setting.domain not in (DOMAIN, ANYWHERE):
            yield Hit(
                profile.path,
                setting.line,
                f"{setting.key} is set in the domain {setting.domain}, which the client ignores",
                f"set it in {DOMAIN}",
            )


def find_unknown_preference(profiles: Profiles) -> Iterator[Hit]:
    """Find keys of the client's domain that it does not have."""
    for profile, setting in _ours(profiles):
        if setting.key not in OWN_KEYS:
            yield Hit(
                profile.path,
                setting.line,
                f"{setting.key} is ignored: the client has no such preference",
                _instead(setting.key.casefold().replace("-", "_")),
            )


def _instead(key: str) -> str:
    """Return what was probably meant by a key that the client's domain has not."""
    for home, known in ((REQUIREMENTS, REQUIREMENT_KEYS), (CONFIG, CONFIG_KEYS)):
        if key in known:
            return f"write it into the TOML that {home} holds as base64"
    likely = get_close_matches(key, OWN_KEYS, 1)
    return f"did you mean `{likely[0]}`?" if likely else f"one of {', '.join(OWN_KEYS)}"


def sets_nothing(profiles: Profiles) -> Iterator[Hit]:
    """Find profiles that are complete and have no effect in their place."""
    for profile in profiles:
        if not profile.settings:
            what = "the preferences are empty" if profile.bare else "the profile holds no setting"
            yield Hit(profile.path, None, f"{what}, so that it sets nothing", "render it again")


def file_sets_nothing(file: ClientFile) -> Iterator[Hit]:
    """Find files of the client that are complete and have no effect in their place."""
    if not file.document and isinstance(file.layer.content, ReadLayer):
        yield within(file, None, "holds no key, so that it sets nothing", "state what it is for")


def not_forced(profiles: Profiles) -> Iterator[Hit]:
    """Find values that a person may change, which the client does not take."""
    for profile, setting in _ours(profiles):
        if setting.how != FORCED:
            yield Hit(
                profile.path,
                setting.line,
                f"{setting.key} is set {setting.how}: the client takes only forced values",
                f"put it under {FORCED}",
            )


def domain_twice(profiles: Profiles) -> Iterator[Hit]:
    """Find a preference that two profiles set; which of them wins is undefined."""
    first: dict[tuple[str, str], tuple[Profile, Setting]] = {}
    for profile, setting in _ours(profiles):
        key = (setting.domain.replace(ANYWHERE, DOMAIN), setting.key)
        before, other = first.setdefault(key, (profile, setting))
        if other is not setting:
            yield Hit(
                profile.path,
                setting.line,
                f"{setting.key} of {key[0]} is set in {_place(before.path, other.line)} too, and "
                "which of them wins is undefined",
                "set it in one profile",
            )


def profile_removable(profiles: Profiles) -> Iterator[Hit]:
    """Find profiles that the user may take away."""
    for profile, payload, line in _roots(profiles):
        if payload.get("PayloadRemovalDisallowed") is not True:
            yield Hit(
                profile.path,
                line,
                "the user may remove this profile",
                "PayloadRemovalDisallowed true",
            )


def profile_of_user(profiles: Profiles) -> Iterator[Hit]:
    """Find profiles that hold for one user alone."""
    for profile, payload, line in _roots(profiles):
        if payload.get("PayloadScope") == "User":
            yield Hit(
                profile.path,
                line,
                "PayloadScope is User: it applies to only one user of the machine",
                "PayloadScope System",
            )


def profile_incomplete(profiles: Profiles) -> Iterator[Hit]:
    """Find profiles that no Mac installs."""
    for profile in _with_ours(profiles):
        for payload, line in profile.payloads:
            lacking = [key for key in NEEDED if key not in payload]
            if lacking:
                yield Hit(
                    profile.path,
                    line,
                    f"a payload lacks {' and '.join(lacking)}, so no Mac installs it",
                    "add what is missing",
                )


def identifier_twice(profiles: Profiles) -> Iterator[Hit]:
    """Find payloads that replace each other, because they have one name."""
    seen: dict[tuple[str, Any], tuple[str, int | None]] = {}
    for profile in profiles:
        for payload, line in profile.payloads:
            for key in (key for key in UNIQUE if isinstance(payload.get(key), str)):
                name = (key, payload[key])
                if name in seen:
                    yield Hit(
                        profile.path,
                        line,
                        f"{key} {payload[key]} stands in {_place(*seen[name])} too: one replaces "
                        "the other",
                        "give each its own",
                    )
                seen.setdefault(name, (profile.path, line))


def _ours(profiles: Profiles) -> Iterator[tuple[Profile, Setting]]:
    for profile in profiles:
        for setting in profile.settings:
            if is_ours(setting):
                yield profile, setting


def _with_ours(profiles: Profiles) -> Iterator[Profile]:
    """Return the profiles for the client; others do not matter here."""
    for profile in profiles:
        if not profile.bare and any(map(is_ours, profile.settings)):
            yield profile


def _roots(profiles: Profiles) -> Iterator[tuple[Profile, dict[str, Any], int | None]]:
    for profile in _with_ours(profiles):
        payload, line = profile.payloads[0]
        yield profile, payload, line


def _place(path: str, line: int | None) -> str:
    return path if line is None else f"{path}:{line}"


RULES = (
    LintRule(
        "value-not-base64",
        "error",
        "a value that is no base64 text",
        all_profiles(value_not_base64),
    ),
    LintRule(
        "wrong-domain", "error", "the client's keys in another domain", all_profiles(wrong_domain)
    ),
    LintRule(
        "unknown-preference",
        "error",
        "a key that the client's domain has not",
        all_profiles(find_unknown_preference),
    ),
    LintRule(
        "sets-nothing",
        "error",
        "a file or profile that holds no setting",
        together(all_profiles(sets_nothing), each_file(file_sets_nothing)),
    ),
    LintRule("not-forced", "error", "a value that is not forced", all_profiles(not_forced)),
    LintRule(
        "domain-twice", "error", "a preference that two profiles set", all_profiles(domain_twice)
    ),
    LintRule(
        "profile-removable",
        "warning",
        "a profile that the user may remove",
        all_profiles(profile_removable),
    ),
    LintRule(
        "profile-of-user", "warning", "a profile for only one user", all_profiles(profile_of_user)
    ),
    LintRule(
        "profile-incomplete",
        "error",
        "a payload without its name",
        all_profiles(profile_incomplete),
    ),
    LintRule(
        "identifier-twice", "error", "two payloads of one name", all_profiles(identifier_twice)
    ),
)
