"""Why a login of the client failed: its log of logins and its last words, in a sentence.

Nothing of either is passed on but numbers and words that stand in these tables.
Source: tests/conformance/test_login.py (client 0.169.0).
"""

import os
import re

from tipstaff_policy.clients.codex.facts.diagnostics import NAME, log_folder
from tipstaff_policy.clients.codex.locations import on_this_machine
from tipstaff_policy.clients.interface.sign_in import Ran, Trouble
from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    INTERRUPTED_EXIT,
    INVALID_EXIT,
    UNEVALUATED_EXIT,
    USAGE_EXIT,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState
from tipstaff_policy.system.files import read_bounded

BEGUN, CAME_BACK = "Starting local login server", "received login callback"
LOG_LIMIT = 64 << 20
REACH = (
    "check the proxy; where the network inspects TLS, let CODEX_CA_CERTIFICATE name the PEM file "
    "of its authority"
)
AGAIN = "sign in again"
FAILURES: tuple[tuple[str, str, str, int], ...] = (
    (
        r"Error loading configuration",
        "the client does not start with this configuration, and says above why",
        "correct the file that it names",
        INVALID_EXIT,
    ),
    (
        r"login is disabled\. Use",
        "the client's own rules do not allow this way to sign in",
        "see `tipstaff policy explain forced_login_method` and `… allowed_login_methods`",
        FINDINGS_EXIT,
    ),
    (
        r"restricted to workspace id",
        "the service signed you in to a workspace that is not allowed",
        "choose an allowed workspace on the sign-in page; `tipstaff policy show` names them",
        FINDINGS_EXIT,
    ),
    (
        r"restricted to a specific workspace, but the token did not include",
        "the service signed you in without any workspace, and one is required",
        "choose an allowed workspace on the sign-in page; `tipstaff policy show` names them",
        FINDINGS_EXIT,
    ),
    (
        r"No API key provided|expects the API key on stdin",
        "no API key on standard input",
        "pipe it: `printenv OPENAI_API_KEY | tipstaff login --with-api-key`",
        USAGE_EXIT,
    ),
    (
        r"No access token provided|expects the access token on stdin",
        "no access token on standard input",
        "pipe it: `printenv CODEX_ACCESS_TOKEN | tipstaff login --with-access-token`",
        USAGE_EXIT,
    ),
    (
        r"invalid agent identity JWT|failed to decode agent identity",
        "standard input is not an access token that the client knows",
        "make one in the settings of your account, and pipe it whole",
        UNEVALUATED_EXIT,
    ),
    (
        r"token metadata request failed with status (\d{3})",
        "the service does not accept the access token (status {0})",
        "make a new one in the settings of your account",
        UNEVALUATED_EXIT,
    ),
    (
        r"device code login is not enabled",
        "signing in by a device code is not enabled for this account or workspace",
        "enable it in the security settings of ChatGPT, or sign in by `tipstaff login`",
        UNEVALUATED_EXIT,
    ),
    (
        r"device auth timed out|device code has expired",
        "the device code was not entered in time",
        AGAIN,
        UNEVALUATED_EXIT,
    ),
    (
        r"Port \S+:(\d+) is already in use",
        "port {0} of this machine was taken, so no browser could return",
        "see `tipstaff audit --select TIP404`, or sign in by `tipstaff login --device-auth`",
        UNEVALUATED_EXIT,
    ),
    (
        r"(?m)(?:error error_code=\"|Sign-in failed: )([a-z]+_[a-z_]{1,40})(?:\"|$)",
        "the sign-in page came back with the error {0}",
        f"{AGAIN}, and agree there; else ask the workspace's administrators",
        UNEVALUATED_EXIT,
    ),
    (
        r"selected by (CODEX_CA_CERTIFICATE|SSL_CERT_FILE)",
        "the file of authorities that {0} names cannot be used",
        "let it name a PEM file with certificates, or unset it",
        UNEVALUATED_EXIT,
    ),
    (
        r"exchange transport failure is_timeout=true",
        "the service gave no answer in time when the code was exchanged for a login",
        REACH,
        UNEVALUATED_EXIT,
    ),
    (
        r"exchange transport failure|error sending request",
        "the service could not be reached: no connection, or none that the client trusts",
        REACH,
        UNEVALUATED_EXIT,
    ),
    (
        r"(?:non-success status status=|token endpoint returned status )(\d{3})",
        "the service refused to exchange the code for a login (status {0})",
        f"{AGAIN}; if this persists, the service has a fault, or a proxy answers instead",
        UNEVALUATED_EXIT,
    ),
    (
        r"device (?:code request|auth) failed with status (\d{3})",
        "the service failed while it handled the device code (status {0})",
        f"{AGAIN} in a while, or by `tipstaff login`",
        UNEVALUATED_EXIT,
    ),
    (
        r"state_valid=false",
        "a browser returned from a different sign-in",
        "close the older pages, and sign in again",
        UNEVALUATED_EXIT,
    ),
    (
        r"Login (?:cancelled|was not completed)",
        "another sign-in replaced this one before a browser returned",
        f"finish that one, or {AGAIN}",
        UNEVALUATED_EXIT,
    ),
)
"""Of several that fit, the first counts: a cause stands before what follows from it. The log lags
behind its writer and can lack its end, so that both are searched."""


def log_end(request: Request, state: HostState) -> int:
    """Return how long the log of logins is; 0 where there is none."""
    try:
        return os.stat(on_this_machine(_path(request, state), request, state.home)).st_size
    except OSError:
        return 0


def explain(request: Request, state: HostState, ran: Ran, begun: int) -> Trouble:
    """Return why a login failed and what to do, from what the client wrote since it began."""
    log = _log_since(request, state, begun)
    text = f"{log}\n{ran.said}"
    if ran.broken_off:
        return _explain_interruption(text)
    for pattern, what, remedy, code in FAILURES:
        found = re.search(pattern, text)
        if found:
            return Trouble(what.format(*found.groups()), remedy, code)
    what = f"the client's login ended with exit code {ran.code}"
    return Trouble(what, f"see what it says above, and {_path(request, state)}", UNEVALUATED_EXIT)


def _explain_interruption(text: str) -> Trouble:
    what, remedy = "the sign-in was interrupted", "run this again when you want to sign in"
    if BEGUN in text and CAME_BACK not in text:
        what += ", with no sign of a browser that came back"
        remedy = (
            "open the page on this machine; where the browser runs elsewhere, forward the port by "
            "`ssh -L`, or sign in by `tipstaff login --device-auth`"
        )
    return Trouble(what, remedy, INTERRUPTED_EXIT)


def _log_since(request: Request, state: HostState, begun: int) -> str:
    try:
        path = on_this_machine(_path(request, state), request, state.home)
        content = read_bounded(path, LOG_LIMIT)
    except OSError:
        return ""
    # A log that has become shorter was started again.
    return content[begun if begun <= len(content) else 0 :].decode(errors="replace")


def _path(request: Request, state: HostState) -> str:
    return f"{log_folder(request, state)}/{NAME}"
