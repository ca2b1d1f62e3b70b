"""What the checks say of Claude Code: its own commands, files, keys and variables."""

from tipstaff_policy.model.advice import CheckAdvice

NO_SUCH = {
    "TIP105": "a login of this client names no workspace, so that none can disagree",
    "TIP109": "a cloud provider or another address is judged as a way to sign in",
    "TIP206": "the client's stores do not fall back to another one on this platform",
    "TIP403": "the client writes no log of its sign-ins",
    "TIP404": "a sign-in of this client comes back to any free port",
    "TIP406": "the client runs no server for editors that signs in by itself",
    "TIP410": "the client works through no other one",
    "TIP411": "what its service sends is no part of the administrators' files",
}
ADVICE = {
    **{check: CheckAdvice(not_applicable=why) for check, why in NO_SUCH.items()},
    "TIP101": CheckAdvice(
        remedy="Run `claude auth logout`, unset the variable or take out the helper program that "
        "the finding names, then sign in with `claude auth login`.",
    ),
    "TIP102": CheckAdvice(
        title="Organisation not allowed",
        fails_when="the active login, or another one that Tipstaff logs out, belongs to an "
        "organisation outside of the allowed ones",
        remedy="Run `claude auth logout`, then `claude auth login`, and choose an allowed "
        "organisation.",
    ),
    "TIP103": CheckAdvice(
        title="Credential without an organisation",
        fails_when="an organisation is required, and the active credential, or another one that "
        "Tipstaff logs out, such as a key, belongs to none that can be checked",
        remedy="Remove the key, then sign in with `claude auth login`.",
    ),
    "TIP104": CheckAdvice(
        remedy="Unset the variable, or take it out of `env` in the settings file that the finding "
        "names.",
    ),
    "TIP201": CheckAdvice(
        remedy="Move the login to an allowed store; on Linux the client knows one only.",
    ),
    "TIP202": CheckAdvice(
        fails_when=".credentials.json or a copy of the global file holds a login although the "
        "Keychain is used",
        remedy="Run `tipstaff logout`, which empties the copies in backups/ too, and sign in "
        "again with `claude auth login`.",
    ),
    "TIP204": CheckAdvice(
        fails_when=".credentials.json or the global file is a link, has further names, or is no "
        "regular file",
    ),
    "TIP205": CheckAdvice(
        remedy="Make the file readable, or remove the login with `tipstaff logout` and sign in "
        "again.",
    ),
    "TIP207": CheckAdvice(
        rationale="`claude auth logout` leaves the Console key in backups/.claude.json.backup.*, "
        "and a login in a folder that CLAUDE_CONFIG_DIR no longer names.",
        remedy="Run `tipstaff logout`, which empties both.",
    ),
    "TIP301": CheckAdvice(
        remedy="Distribute managed-settings.json with `forceLoginOrgUUID` and, from client "
        "2.1.330 on, `enforceAnthropicSignIn`.",
    ),
    "TIP302": CheckAdvice(
        rationale="A rule in a person's own settings only steers the login page.",
        remedy="State it in managed-settings.json or by device management.",
    ),
    "TIP303": CheckAdvice(
        rationale="The client obeys managed-settings.json also where any user can write it.",
    ),
    "TIP304": CheckAdvice(
        rationale="A misspelt key and an unknown login method are passed over without a word.",
        remedy="Write the key as the finding says, at the top of managed-settings.json.",
    ),
    "TIP305": CheckAdvice(
        remedy="Correct the value that the finding names: with it nobody can sign in.",
    ),
    "TIP306": CheckAdvice(
        remedy="Deliver the value by a configuration profile of the domain "
        "com.anthropic.claudecode, which forces it.",
    ),
    "TIP307": CheckAdvice(
        fails_when="a project, a settings file of the user or `--settings` states a login rule, "
        "or names a provider or a key",
        remedy="Delete the key from the file that the finding names; state rules in "
        "managed-settings.json.",
    ),
    "TIP308": CheckAdvice(
        remedy="Deploy managed-settings.json again; a drop-in widens every list of it.",
    ),
    "TIP310": CheckAdvice(
        remedy="Update the client: an organisation is enforced since 2.1.84, keys are refused "
        "since 2.1.146, `forceLoginGatewayUrl` counts since 2.1.212 and `enforceAnthropicSignIn` "
        "since 2.1.330.",
    ),
    "TIP311": CheckAdvice(
        rationale="A broken managed-settings.json stops every command, `claude auth logout` too.",
        remedy="Correct the file that the finding names, then run `claude auth logout` again; "
        "`tipstaff logout` works meanwhile.",
    ),
    "TIP401": CheckAdvice(
        remedy="Update the client by `claude update` or `npm install -g "
        "@anthropic-ai/claude-code@latest`, and remove the old one.",
    ),
    "TIP402": CheckAdvice(
        fails_when="the file that NODE_EXTRA_CA_CERTS names is missing, unreadable, without a "
        "certificate or malformed, or every certificate in it has expired",
        remedy="Let NODE_EXTRA_CA_CERTS name a PEM file with valid certificates, or unset it.",
    ),
    "TIP405": CheckAdvice(
        rationale="In a read-only folder `claude auth logout` says that it logged out, and the "
        "login stays.",
        remedy="Remove what stands in the way, then run `tipstaff logout`.",
    ),
    "TIP408": CheckAdvice(
        remedy="On the day that a version comes out, leave it: sign-in rules are enforced as "
        "before. Then update Tipstaff to a release that proves the version (`tipstaff client "
        "list`), install knowledge that proves it (`tipstaff client knowledge install`), or keep "
        "the client at a proven one, for example by `npm install -g "
        "@anthropic-ai/claude-code@VERSION`. Where the version is assumed, install the client as "
        "a package that only administrators can write.",
    ),
}
"""By check; what is missing here, the check itself says well enough."""
