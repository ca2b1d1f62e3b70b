"""TIP408: how this version of the client behaves is not proven."""

from tipstaff_policy.checks.model import Check, Evidence, Host, Outcome, Severity, not_applicable
from tipstaff_policy.model.host_facts import Release
from tipstaff_policy.model.state import Client

GRACE_S = 30 * 86400
"""How long a version may be here before a release of Tipstaff should have proven it."""
CHECK = Check(
    id="TIP408",
    title="Client version not proven",
    severity="medium",
    since="0.1.0",
    fails_when="the client's version is not one on which Tipstaff was compared with the client "
    "(low for the first 30 days after that version was installed here), or installed knowledge of "
    "client versions cannot be used",
    rationale="What Tipstaff foretells of this version is taken from another one, and may be "
    "wrong. What it enforces does not depend on the version.",
    remedy="When a new version comes out, wait: sign-in rules are enforced as before. "
    "Then update Tipstaff to a release that proves the version (`tipstaff client list`), install "
    "knowledge that proves it (`tipstaff client knowledge install`), or keep the client at a "
    "proven one. Where the version is assumed, install the client as a package "
    "that only administrators can write.",
    source="docs/clients/codex.md, Versions",
    fails_on="examples/hosts/compliant-chatgpt, with --client-version 99.0.0",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge the version by which the host was judged."""
    client, release = host.state.client, host.surroundings.release
    if client.version_source == "assumed" and client.path is None:
        return not_applicable("no client was found here", "client")
    return (_judge_version(client, host, release), *_judge_knowledge(release))


def _judge_version(client: Client, host: Host, release: Release | None) -> Outcome:
    places = (Evidence(client.path),) if client.path else ()
    proven = f": {', '.join(release.proven)}" if release else ""
    if client.proven:
        by = f" (by installed knowledge {client.knowledge})" if client.knowledge is not None else ""
        observed = f"{client.version}{by}"
        return Outcome("pass", "client", observed, f"a proven version{proven}", places)
    return Outcome(
        "fail",
        "client",
        f"{_describe(client)}{_age(host, release)}",
        f"a proven version{proven}",
        places,
        _severity(host, release),
    )


def _judge_knowledge(release: Release | None) -> tuple[Outcome, ...]:
    """Judge an installed document of knowledge, where there is one that does not count."""
    if release is None or release.unusable_knowledge is None:
        return ()
    expected = "a document that only administrators can change, signed by a key of the policy"
    return (Outcome("fail", "knowledge", release.unusable_knowledge, expected),)


def _describe(client: Client) -> str:
    if client.version_source == "assumed":
        why = f"because no package around {client.path} states it"
        return f"its version is assumed to be {client.version}, {why}"
    if client.version_source == "doubted":
        return f"{client.version}, which is not trusted, because {client.writable_at}"
    return client.version


def _age(host: Host, release: Release | None) -> str:
    if release is None or release.since is None:
        return ""
    days = max(0, host.state.evaluated_at - release.since) // 86400
    return f" (installed here {days} day{'' if days == 1 else 's'} ago)"


def _severity(host: Host, release: Release | None) -> Severity | None:
    """Return low while the version is new here; what its user can change may always look new."""
    if release is None or release.since is None or host.state.client.writable_at is not None:
        return None
    return "low" if host.state.evaluated_at - release.since < GRACE_S else None
