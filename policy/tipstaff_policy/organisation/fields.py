"""Every field of a policy document: its kind, who may state it, and what it does.

The reader, the JSON Schema for editors and the manual's page are all made from these tables.
"""

from __future__ import annotations

from tipstaff_policy.organisation.field_types import (
    Kind,
    age,
    boolean,
    mapping_of,
    moment,
    prose,
    release,
    secret,
    several,
    share,
    table,
    text,
    whole_number,
    word,
)
from tipstaff_policy.record import Record

SCHEMA = 1
"""The newest document schema that this release reads."""
SEVERITIES = ("info", "low", "medium", "high", "critical")
CHECK_ID = r"TIP[1-9][0-9]{2}"
PATTERN = "a name, or a pattern with *"
KEY = r"(ssh-ed25519) [A-Za-z0-9+/=]{68}(?: [^\x00-\x1f\x7f]*)?"
PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
EXAMPLE_KEY = "a line `ssh-ed25519 AAAA… name` from a .pub file"


ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"


def is_usual_id(value: str) -> bool:
    """Return whether a text is an id, where that is seen at once."""
    return (
        value.isascii()
        and value.replace("-", "").isalnum()
        and value[0] != "-"
        and len(value) < 100
    )


class Field(Record):
    """One key of a table."""

    kind: Kind
    does: str
    root_only: bool = False
    """Whether only policy.toml may state it, not a fragment."""
    required: bool = False


class Table(Record):
    """An array of tables, or a table whose keys are free."""

    fields: dict[str, Field]
    does: str
    root_only: bool = False


FIELDS: dict[str, Field] = {
    "id": Field(
        text(pattern=ID, what="letters, digits, . _ -", is_usual=is_usual_id),
        "The policy's name; it never changes.",
        root_only=True,
        required=True,
    ),
    "version": Field(text(), "Its version; in every report.", root_only=True, required=True),
    "counter": Field(
        whole_number(),
        "Grows with every version, so that an older policy is never taken for a newer one.",
        root_only=True,
    ),
    "owner": Field(text(), "Who owns the policy.", root_only=True),
    "valid_from": Field(moment(), "Before it, nothing is removed."),
    "valid_until": Field(moment(end_of_day=True), "After it, TIP309 fails; the rules still apply."),
    "message": Field(prose(), "The message to a user who is logged out.", root_only=True),
    "contact": Field(text(), "Whom to ask.", root_only=True),
    "help_url": Field(
        text(pattern=r"https?://[^\s\x00-\x1f\x7f\"<>]+", what="an address https://…"),
        "Where users can read more.",
        root_only=True,
    ),
    "login_methods": Field(
        several(word("chatgpt", "api")), "The allowed ways to sign in; [] allows none."
    ),
    "stores": Field(
        several(word("file", "keyring", "auto", "ephemeral")),
        "Where the credential may be kept.",
    ),
    "environment_credentials": Field(
        word("allow", "forbid"), "Whether a credential may come from a variable."
    ),
    "scrub_environment": Field(
        boolean(), "Whether the guard removes a forbidden variable and starts the client."
    ),
    "oldest_client": Field(release(), "The oldest client version that is allowed."),
    "longest_age": Field(age(), "How old a login may become before it is logged out."),
    "trusted_keys": Field(
        text(
            pattern=r"/[^\x00-\x1f\x7f]+|[A-Za-z]:[\\/][^\x00-\x1f\x7f]+", what="an absolute path"
        ),
        "A JWKS file; tokens that none of its keys signed are logged out.",
    ),
    "waiver_keys": Field(
        several(text(pattern=KEY, what=EXAMPLE_KEY)),
        "Keys whose signed waivers are valid: lines of OpenSSH public keys (ed25519).",
    ),
    "knowledge_keys": Field(
        several(text(pattern=KEY, what=EXAMPLE_KEY)),
        "Keys whose signed knowledge of client versions is used: lines of OpenSSH public keys "
        "(ed25519).",
        root_only=True,
    ),
    "homes": Field(
        several(text(pattern=r"/[^\x00-\x1f\x7f]*", what="an absolute path")),
        "Further folders that hold users' homes.",
    ),
    "on_violation": Field(
        word("log_out", "report"),
        "Whether a violation is logged out, or only reported.",
        root_only=True,
    ),
    "on_error": Field(
        word("closed", "open"), "Whether the guard starts the client if it cannot judge."
    ),
    "running_clients": Field(
        word("report", "terminate"),
        "What to do with a running client that has the credential.",
        root_only=True,
    ),
    "wipe_linked": Field(
        boolean(), "Whether a log-out also empties the target of a link.", root_only=True
    ),
    "revoke_url": Field(
        text(
            pattern=rf"https://[A-Za-z0-9.-]+(?::(?:{PORT}))?/[A-Za-z0-9._~/-]*",
            what="an address https://host/path, without a login or a query",
        ),
        "Where `--revoke` sends what it revokes, in place of the client's own issuer.",
        root_only=True,
    ),
    "warn_from": Field(moment(), "Before it, users see no message.", root_only=True),
    "enforce_from": Field(
        moment(), "Before it, a violation causes only a warning.", root_only=True
    ),
    "cohort": Field(
        share(), "The share of hosts on which enforce_from applies first.", root_only=True
    ),
    "fleet_key": Field(
        secret(pattern=r"[\x21-\x7e]{16,200}", what="16 to 200 printable characters"),
        "Keys the fingerprints of credentials in reports. Never shown. Deliveries move it to "
        "fleet.key next to policy.toml, which only root can read.",
        root_only=True,
    ),
    "not_waivable": Field(
        several(text(pattern=CHECK_ID, what="the id of a check, such as TIP102")),
        "Checks that no waiver covers.",
    ),
}

TABLES: dict[str, Table] = {
    "workspaces": Table(
        {
            "id": Field(text(), "The workspace's id.", required=True),
            "name": Field(text(), "What people call it.", root_only=True),
        },
        "An allowed workspace. `workspaces = []` allows none.",
    ),
    "scopes": Table(
        {
            "name": Field(text(), "For people, and for `group` in a waiver.", required=True),
            "hosts": Field(
                several(text(what=PATTERN)), "Host names, or patterns with *.", required=True
            ),
            "on_violation": Field(word("log_out", "report"), "As above, for these hosts."),
            "warn_from": Field(moment(), "As above, for these hosts."),
            "enforce_from": Field(moment(), "As above, for these hosts."),
            "cohort": Field(share(), "As above, for these hosts."),
        },
        "Hosts with a different start; the first scope that fits applies.",
        root_only=True,
    ),
    "waivers": Table(
        {
            "check": Field(text(pattern=CHECK_ID, what="such as TIP102"), "", required=True),
            "expires": Field(
                moment(end_of_day=True), "When it ends; a day ends at midnight UTC.", required=True
            ),
            "owner": Field(text(), "Who owns the risk.", required=True),
            "approver": Field(text(), "Who said yes.", required=True),
            "ticket": Field(text(), "The ticket that records it.", required=True),
            "reason": Field(text(), "Why.", required=True),
            "host": Field(text(what=PATTERN), "Host name or pattern; every host without it."),
            "user": Field(text(what=PATTERN), "User name or pattern; every user without it."),
            "group": Field(text(), "The name of a scope."),
            "client": Field(text(), "The client's name."),
        },
        "A check that may fail until a day.",
    ),
}

SHORT_FORM_OF = "codex"
"""The client that the keys at the top stand for: they are the short form of its table."""
TOP = {
    "login_methods": "login_methods",
    "workspaces": "workspaces",
    "stores": "stores",
    "oldest_version": "oldest_client",
    "names": "workspace_names",
}
"""What a client's table may say, by the key at the top that says the same of that one client."""
SHARED = ("environment_credentials",)
"""What a client's table may say beside a key at the top that holds for every client: both hold."""


def client_fields(
    methods: Kind, stores: Kind, owners: tuple[str, ...], **files: str
) -> dict[str, Field]:
    """Return what `[clients.NAME]` may hold; the package of its adapter states it.

    Args:
        methods: One login method, by the client's own name; so for ``stores``.
        owners: Whose a login of the client can be: workspaces, organisations, accounts.
        files: Its administrators' files, each with what the policy can carry for it.
    """
    whose = {
        name: Field(several(text()), f"The allowed {name}, by id; [] allows none.")
        for name in owners
    }
    return {
        "login_methods": Field(
            several(methods), "The allowed ways to sign in to this client; [] allows none."
        ),
        **whose,
        "stores": Field(several(stores), "Where its credential may be kept."),
        "oldest_version": Field(release(), "The oldest version of it that is allowed."),
        "environment_credentials": Field(
            word("allow", "forbid"),
            "Whether a credential of this client may come from a variable; `forbid` at the top "
            "holds for every client.",
        ),
        "names": Field(
            mapping_of(text()),
            f"What people call the allowed {' and '.join(owners)}: id = name.",
            root_only=True,
        ),
        **{name: Field(table(), does) for name, does in files.items()},
    }


OWNERS_OF_LOGINS = ("workspaces", "organisations", "accounts")
RULES_OF_CLIENTS = (*TOP, *OWNERS_OF_LOGINS[1:], *SHARED)

SEVERITY = word(*SEVERITIES)
