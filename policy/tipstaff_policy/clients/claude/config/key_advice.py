"""What a person should know of each sign-in key."""

from tipstaff_policy.model.advice import KeyText

MANAGED = (
    "managed-settings.json, its drop-ins, and device management; in a person's own settings it "
    "restricts nothing"
)
KEY_ADVICE = {
    "forceLoginMethod": KeyText(
        '"claudeai" or "console" binds the login page; at start-up it refuses keys, tokens and '
        'helper programs, and lets any stored login pass. "gateway" forces a Cloud gateway.',
        MANAGED,
        "every method",
    ),
    "forceLoginOrgUUID": KeyText(
        "Only logins of these organisations are used; the client asks its service at every start. "
        "Console keys, custom headers, cloud providers and profiles are not touched by it.",
        MANAGED,
        "any organisation",
    ),
    "forceLoginGatewayUrl": KeyText(
        "The address of the Cloud gateway that people sign in to; it forces the gateway.",
        MANAGED,
        "no gateway",
    ),
    "enforceAnthropicSignIn": KeyText(
        "Only a claude.ai login on Anthropic's own service is used, and nothing else: no key, no "
        "token, no helper program, no cloud provider. Since 2.1.330.",
        MANAGED,
        "false",
    ),
    "allowedProviders": KeyText(
        "Only these providers are used: anthropic, customEndpoint, bedrock, vertex, foundry, "
        "anthropicAws, mantle, gateway.",
        MANAGED,
        "every provider",
    ),
    "forceRemoteSettingsRefresh": KeyText(
        "The client does not start before the service has sent the organisation's settings anew.",
        MANAGED,
        "false",
    ),
    "apiKeyHelper": KeyText(
        "A program that prints a key; the client uses it before any stored login.",
        "every settings file, a project's too",
        "none",
    ),
}
