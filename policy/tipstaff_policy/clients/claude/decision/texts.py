"""What the client itself says where it does not start.

Source: docs/clients/claude.md, "The decision at start-up" (client 2.1.332).
"""

from tipstaff_policy.clients.claude.config.keys import METHOD, ORGANISATIONS
from tipstaff_policy.clients.claude.config.rules import Rules

UNREADABLE = (
    "Unable to read managed policy settings.\nThis machine may require organization login "
    "enforcement, but the policy file failed to load.\nContact your administrator."
)
SIGN_IN_UNREADABLE = (
    "Claude Code could not read the managed settings that apply to this computer, which may "
    "require a sign-in to Anthropic (enforceAnthropicSignIn), so Claude Code does not start."
)
NO_SIGN_IN = (
    "This computer's managed settings require a sign-in to Anthropic (enforceAnthropicSignIn), and "
    "none is stored or this session cannot read it (`--bare` and an app that manages the provider "
    "read none), so Claude Code does not start."
)
OTHER_SIGN_IN = (
    "This computer's managed settings require a sign-in to Anthropic (enforceAnthropicSignIn), and "
    "this session does not run under the one that is stored, so Claude Code does not start."
)
PROVIDERS = "Your organization's managed settings allow Claude Code to use: {}."
NO_PROVIDER = (
    "Your organization's managed settings allow Claude Code to use no API provider at all "
    "(allowedProviders {}), so it cannot start on this machine."
)
PROVIDER_NAMES = {
    "anthropic": "Anthropic API",
    "customEndpoint": "a custom endpoint (LLM gateway or proxy)",
    "bedrock": "Amazon Bedrock",
    "vertex": "Google Vertex AI",
    "foundry": "Microsoft Foundry",
    "anthropicAws": "Claude Platform on AWS",
    "mantle": "Amazon Bedrock (Mantle)",
    "gateway": "Cloud gateway",
}
"""What the client calls a provider."""
CREDENTIALS = {
    "key": "an API key from {}",
    "bearer": "a bearer token from {}",
    "helper": "an API key from the {}",
}
"""What the client calls a credential that it cannot check, by its role."""
CONSOLE = "a Console API key saved by an earlier login"
BARE = "no sign-in at all (--bare turns first-party sign-in off)"
NO_GATEWAY = "API Error: Not signed in to the Cloud gateway — run /login."
GATEWAY = (
    "Administrator policy requires a Cloud gateway sign-in on this machine, but this session is "
    "configured with {}, which a gateway machine does not accept."
)
FIRST_PARTY = (
    "This machine's managed settings require a first-party login: they {}, and this session is "
    "configured with {}, which cannot be checked against that policy."
)
PINS = {
    ORGANISATIONS: "pin Anthropic sign-ins to your organization (forceLoginOrgUUID)",
    METHOD: "require a claude.ai or Console sign-in (forceLoginMethod)",
}
NO_ORGANISATION = (
    "forceLoginOrgUUID in managed settings is set to an empty array.\nNo organizations are "
    "permitted. This is almost certainly a misconfiguration.\nContact your administrator."
)
UNVERIFIED = (
    "Unable to verify organization for the current authentication token.\nThis machine requires {} "
    "but the token could not be validated."
)
OTHER_ORGANISATION = (
    "Your authentication token belongs to organization {},\nbut this machine requires {}."
)
OTHER_BY_VARIABLE = (
    "The CLAUDE_CODE_OAUTH_TOKEN environment variable provides a token for a\ndifferent "
    "organization than required by this machine's managed settings."
)
INVALID_KEY = "Invalid API key · Fix external API key"
REFRESH_NEEDED = (
    "Your organization requires remote managed settings to load, but they could not be loaded."
)


def first_party(rules: Rules, what: str) -> str:
    """Return what the client says of a credential that it cannot check against a pin."""
    key = ORGANISATIONS if rules.organisations else METHOD
    return FIRST_PARTY.format(PINS[key], what)


def organisations(values: tuple[str, ...]) -> str:
    """Return the required organisations as the client lists them."""
    if len(values) == 1:
        return f"organization {values[0]}"
    return f"one of these organizations: {', '.join(values)}"


def providers(values: tuple[str, ...]) -> str:
    """Return the allowed providers in a sentence of the client's."""
    return PROVIDERS.format(", ".join(PROVIDER_NAMES.get(value, value) for value in values))
