"""What the checks say of Codex: its own commands, files, keys and variables."""

from tipstaff_policy.model.advice import CheckAdvice

ADVICE = {
    "TIP105": CheckAdvice(
        remedy="Sign in again with `codex login`, so that all three are written together.",
    ),
    "TIP109": CheckAdvice(
        remedy='Pin `model_provider = "openai"` (or your own provider, defined next to it) in '
        "requirements.toml, before client 0.160.0 in managed_config.toml; addresses are pinned by "
        "`openai_base_url` in managed_config.toml and `chatgpt_base_url` in requirements.toml.",
    ),
    "TIP201": CheckAdvice(
        remedy="Require the store in requirements.toml, where the user's setting does not beat it.",
    ),
    "TIP202": CheckAdvice(
        fails_when="auth.json exists although a keyring or memory store is in force",
        remedy="Sign in again with `codex login`, which moves the login into the keyring and "
        "deletes auth.json; with the memory store delete auth.json by hand.",
    ),
    "TIP204": CheckAdvice(
        fails_when="auth.json is a symbolic link, has further hard links, or is no regular file",
    ),
    "TIP205": CheckAdvice(
        remedy="Make the file readable, or remove it with `codex logout` and sign in again.",
    ),
    "TIP206": CheckAdvice(
        remedy="Start or unlock the keyring of the session, or require "
        '`cli_auth_credentials_store = "keyring"` in requirements.toml.',
    ),
    "TIP207": CheckAdvice(
        rationale="No log-out reaches it, and one setting or another CODEX_HOME brings it back.",
        remedy="Run `codex logout` with that store or with CODEX_HOME set to that folder, or "
        "delete the entry or file by hand.",
    ),
    "TIP301": CheckAdvice(
        remedy="Distribute /etc/codex/requirements.toml with at least `allowed_login_methods`, or "
        "/etc/tipstaff/policy.toml.",
    ),
    "TIP302": CheckAdvice(
        rationale="The system's config.toml is a default: one line in the user's own file switches "
        "the restriction off.",
        remedy="State it in requirements.toml or, for `forced_*` keys, in managed_config.toml; "
        "on Windows in requirements.toml only.",
    ),
    "TIP306": CheckAdvice(
        remedy="Deliver the value by a configuration profile of the domain com.openai.codex, "
        "which forces it.",
    ),
    "TIP307": CheckAdvice(
        fails_when="a login rule or a store that a project, a profile or `-c` sets is in force",
        remedy="Delete the key from the file that the finding names, or end the trust in that "
        "project; fix the rule in requirements.toml.",
    ),
    "TIP310": CheckAdvice(
        remedy="Update the client: `allowed_*` keys work since 0.147.0, a required store since "
        "0.150.0. Until then add `forced_*` keys to managed_config.toml.",
    ),
    "TIP311": CheckAdvice(
        rationale="`codex logout` exits 1 and keeps the credential: one wrong line in the user's "
        "own file is enough.",
        remedy="Correct what the finding names, then run `codex logout` again.",
    ),
    "TIP313": CheckAdvice(
        not_applicable="no restriction of the client needs another one; TIP109 judges providers",
    ),
    "TIP314": CheckAdvice(
        not_applicable="the client does not start where it cannot read a policy file",
    ),
    "TIP315": CheckAdvice(
        not_applicable="a stronger file of the client replaces a list and adds nothing to it",
    ),
    "TIP401": CheckAdvice(
        remedy="Update the client, for example by `npm install -g @openai/codex@latest`, and "
        "remove the old one.",
    ),
    "TIP402": CheckAdvice(
        fails_when="the file that CODEX_CA_CERTIFICATE or SSL_CERT_FILE names is missing, "
        "unreadable, without a certificate or malformed, or every certificate in it has expired",
        remedy="Let the variable (CODEX_CA_CERTIFICATE, or without it SSL_CERT_FILE) name a PEM "
        "file with valid certificates, or unset it.",
    ),
    "TIP403": CheckAdvice(
        fails_when="codex-login.log is readable or writable by others, belongs to another user, "
        "or holds a key or token",
    ),
    "TIP404": CheckAdvice(
        fails_when="both ports to which a browser log-in returns (1455 and 1457) are taken by "
        "something else than the client",
        rationale="`codex login` fails, and the program that listens there could receive the "
        "answer that was meant for it.",
        remedy="End the programs named, or sign in by `codex login --device-auth`.",
    ),
    "TIP406": CheckAdvice(
        fails_when="a stored credential breaks a rule of the client: its app-server, which editors "
        "start, ignores it, acts as signed out and never removes it",
    ),
    "TIP408": CheckAdvice(
        remedy="On the day that a version comes out, leave it: sign-in rules are enforced as "
        "before. Then update Tipstaff to a release that proves the version (`tipstaff client "
        "list`), install knowledge that proves it (`tipstaff client knowledge install`), or keep "
        "the client at a proven one, for example by `npm install -g @openai/codex@VERSION`. "
        "Where the version is assumed, install the client as a package that only administrators "
        "can write.",
    ),
    "TIP410": CheckAdvice(
        fails_when="under a restriction a client process, or the command line that is judged, "
        "works through a remote app-server",
        remedy="Start the client without `--remote`, and put the same sign-in rules on the host of "
        "the app-server.",
    ),
    "TIP411": CheckAdvice(
        fails_when="the requirements name a `config_server`",
        remedy="State the sign-in rules in requirements.toml or in the organisation's policy as "
        "well, where Tipstaff reads and enforces them.",
    ),
}
"""By check; what is missing here, the check itself says well enough."""
