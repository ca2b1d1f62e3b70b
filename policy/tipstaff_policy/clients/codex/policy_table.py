"""What `[clients.codex]` of a policy document may hold."""

from tipstaff_policy.organisation.field_types import word
from tipstaff_policy.organisation.fields import client_fields

FIELDS = client_fields(
    word("chatgpt", "api"),
    word("file", "keyring", "auto", "ephemeral"),
    ("workspaces",),
    requirements="Every other key of the client's requirements.toml, verbatim: sandbox, "
    "rules, MCP, ….",
    config="Every other key of the client's managed_config.toml, verbatim.",
)
