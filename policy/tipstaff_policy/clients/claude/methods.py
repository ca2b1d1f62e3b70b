"""The ways to sign in to the client, and what each kind of credential is at start-up.

Source: docs/clients/claude.md, "Which credential is active" (client 2.1.332).
"""

from typing import Literal

from tipstaff_policy.model.state import Credential, HeldCredential, Method

Role = Literal[
    "provider", "bearer", "helper", "key", "token", "login", "console", "profile", "headers",
    "gateway",
]  # fmt: skip
"""What a credential is in the client's order; `token` is CLAUDE_CODE_OAUTH_TOKEN."""

PROVIDERS = {
    "CLAUDE_CODE_USE_BEDROCK": "bedrock",
    "CLAUDE_CODE_USE_FOUNDRY": "foundry",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "anthropicAws",
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "anthropicGoogleCloud",
    "CLAUDE_CODE_USE_MANTLE": "mantle",
    "CLAUDE_CODE_USE_VERTEX": "vertex",
}
"""The variables that switch to a cloud provider, each with its name; the first that is on counts.

Only those that `allowedProviders` has a word for are run or documented as such.
"""
CLOUDS = tuple(PROVIDERS.values())
METHODS = (
    Method("claudeai", "a claude.ai account", "a claude.ai account", has_workspace=True),
    Method("console", "an Anthropic API key", "an Anthropic API key", has_workspace=False),
    Method("token", "a bearer token", "a bearer token", has_workspace=False),
    Method("helper", "a key of a helper program", "a helper program", has_workspace=False),
    Method("profile", "a profile of the ant tool", "a profile of the ant tool", has_workspace=True),
    Method("gateway", "a Cloud gateway", "a Cloud gateway", has_workspace=False),
    *(
        Method(name, f"the provider {name}", f"the provider {name}", has_workspace=False)
        for name in CLOUDS
    ),
)
NAMES = tuple(method.name for method in METHODS)
ROLES: dict[str, Role] = {
    **dict.fromkeys(PROVIDERS, "provider"),
    "ANTHROPIC_AUTH_TOKEN": "bearer",
    "apiKeyHelper": "helper",
    "ANTHROPIC_API_KEY": "key",
    "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR": "key",
    "CLAUDE_CODE_OAUTH_TOKEN": "token",
    "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR": "token",
    "ANTHROPIC_CUSTOM_HEADERS": "headers",
}
"""By the source of a credential: a variable, also one that settings set, or a key of settings."""
OF_METHODS: dict[str, Role] = {
    "claudeai": "login",
    "console": "console",
    "profile": "profile",
    "gateway": "gateway",
}
"""By the method of a stored credential."""
FIRST_PARTY_KEYS: tuple[Role, ...] = ("bearer", "helper", "key")
"""What the client cannot check against a pin, and refuses."""


def role_of(credential: Credential) -> Role | None:
    """Return what a credential is in the client's order; None for one that it does not know."""
    role = ROLES.get(credential.source)
    if role is not None:
        return role
    content = credential.content
    if isinstance(content, HeldCredential):
        return OF_METHODS.get(content.method)
    return None
