"""Policies as authors have them, and random ones."""

import json

import tomlkit
from hypothesis import strategies as st

from support.services.signing import issuer, jwks
from tipstaff_rollout.artefacts.compiling import Draft, compile_policy

KEYS_PATH = "/etc/tipstaff/jwks.json"
KEYS_PATHS = {
    "linux": KEYS_PATH,
    "macos": "/Library/Application Support/Tipstaff/jwks.json",
    "windows": r"C:\ProgramData\Tipstaff\jwks.json",
}
DOCUMENT = """\
schema = 1
id = "example-corp"
version = "2026-11"
owner = "identity@example.com"
login_methods = ["chatgpt"]
workspaces = [{ id = "ws-example", name = "Example Corp" }]
stores = ["keyring", "auto"]
"""
OF_CLAUDE = """\
[clients.claude]
login_methods = ["claudeai"]
organisations = ["aaaaaaaa-0000-4000-8000-000000000001"]
[clients.claude.settings]
model = "opus"
[clients.claude.settings.env]
NOTE = "50 % of %PATH% and 'é' in \\"quotes\\" <&> \\\\"
"""
"""What a policy says of a second client, whose file is JSON and a text of the registry."""
EDGES = [
    '"',
    "'",
    "\\",
    "$(x)",
    "`x`",
    "<&>",
    "]]>",
    "%s",
    "--",
    "-->",
    "é€𝄞",
    "{{ x }}",
    "#",
    "\u2028",
]
"""Text that one of the formats around a policy could take for its own."""
one_line = (
    st.lists(
        st.sampled_from(EDGES) | st.text("abc ", min_size=1, max_size=5), min_size=1, max_size=4
    )
    .map("".join)
    .filter(str.strip)
)


def draft(text=DOCUMENT, keys=None):
    return Draft(text.encode(), keys)


def example(platform="linux"):
    """Return the compiled policy that says something for every channel of a platform."""
    text = DOCUMENT + f"trusted_keys = '{KEYS_PATHS[platform]}'\n"
    return compile_policy(draft(text, jwks(issuer("k").jwk()).encode()))


def example_of_both(platform="linux", *, drop_ins=False):
    """Return the compiled policy that says something for every channel, and for two clients."""
    text = DOCUMENT + f"trusted_keys = '{KEYS_PATHS[platform]}'\n" + OF_CLAUDE
    return compile_policy(draft(text, jwks(issuer("k").jwk()).encode()), drop_ins=drop_ins)


OTHER_KEYS = st.fixed_dictionaries(
    {},
    optional={
        "check_for_update_on_startup": st.booleans(),
        "note": one_line,
        "mcp_servers": st.dictionaries(
            one_line, st.fixed_dictionaries({"command": one_line, "args": st.lists(one_line)})
        ),
        "empty": st.just({}),
    },
)
"""Keys that have nothing to do with signing in."""
OF_CODEX = st.dictionaries(st.sampled_from(["requirements", "config"]), OTHER_KEYS, max_size=2)
OF_OTHER = st.fixed_dictionaries(
    {},
    optional={
        "login_methods": st.lists(
            st.sampled_from(["claudeai", "console", "gateway", "bedrock"]), min_size=1, unique=True
        ),
        "organisations": st.lists(one_line.map(str.strip), min_size=1, max_size=3, unique=True),
        "settings": OTHER_KEYS,
    },
)


@st.composite
def drafts(draw, *, starts=True, platform="linux"):
    """Give any valid document, with the keys that it names."""
    document = {
        "schema": 1,
        "id": draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)),
        "version": draw(one_line),
    }
    some = {
        "owner": one_line,
        "message": one_line.map("Hello\n{}".format),
        "contact": one_line,
        "login_methods": _some(["api", "chatgpt"]),
        "stores": _some(["file", "keyring", "auto", "ephemeral"]),
        "workspaces": st.lists(one_line.map(str.strip), min_size=1, max_size=3, unique=True).map(
            lambda ids: [{"id": id_} for id_ in ids]
        ),
        "environment_credentials": st.sampled_from(["allow", "forbid"]),
        "fleet_key": st.text("abcdefgh", min_size=16, max_size=20),
        "trusted_keys": st.just(KEYS_PATHS[platform]),
        "clients": st.fixed_dictionaries({}, optional={"codex": OF_CODEX, "claude": OF_OTHER}),
        **({"on_violation": st.sampled_from(["log_out", "report"])} if starts else {}),
    }
    for name, values in some.items():
        if draw(st.booleans()):
            document[name] = draw(values)
    keys = jwks(issuer("k").jwk()).encode() if "trusted_keys" in document else None
    return Draft(tomlkit.dumps(document).encode(), keys)


def _some(words):
    return st.lists(st.sampled_from(words), min_size=1, unique=True)


def restated(payload):
    """Return a payload's TOML as plain values, without its stamp."""
    return json.loads(json.dumps(tomlkit.parse(payload.data.decode()).unwrap()))
