"""What a person should know of each sign-in key."""

from tipstaff_policy.model.advice import KeyText

CONFIG = "config.toml, managed_config.toml, a profile, a trusted project, or `-c`"
REQUIREMENTS = "/etc/codex/requirements.toml, and there only"
KEY_ADVICE = {
    "forced_login_method": KeyText(
        "Only this login method may be used; the client logs out of another one and exits.",
        CONFIG,
        "both methods",
    ),
    "forced_chatgpt_workspace_id": KeyText(
        "Only these ChatGPT workspaces may be used; the client logs out of another one and exits. "
        "API keys are not touched by it.",
        CONFIG,
        "any workspace",
    ),
    "cli_auth_credentials_store": KeyText(
        "Where the client keeps the login: file, keyring, auto (keyring, else file) or ephemeral. "
        "As a requirement it replaces what is configured.",
        f"{CONFIG}; as a requirement in requirements.toml",
        "file",
    ),
    "chatgpt_base_url": KeyText(
        "The address of the service, also that from which its own policy is fetched.",
        f"{CONFIG.replace(' a trusted project,', '')}; as a requirement in requirements.toml",
        "the client's own",
    ),
    "allowed_login_methods": KeyText(
        "Only these login methods are offered; the client ignores a login by another one, which "
        "stays stored.",
        REQUIREMENTS,
        "both methods",
    ),
    "allowed_chatgpt_workspaces": KeyText(
        "Only logins into these workspaces are used; the client ignores another one, which "
        "stays stored. "
        "An empty list allows none.",
        REQUIREMENTS,
        "any workspace",
    ),
}
