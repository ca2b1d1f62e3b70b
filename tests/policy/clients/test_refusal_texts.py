"""A refusal says which value stops the client and what it takes, and never shows what may be a secret."""

import pytest

from support.clients.logins import API_KEY
from support.machines.hosts import FORCED_CHATGPT, make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.request import ReadOptions, Request

CODEX = load_client("codex")
VERSION = "0.169.0"
PROVIDER = '[model_providers.y]\nname = "Y"\n'
IN_WORDS = {
    "a word of old times": (
        "user",
        f'{PROVIDER}wire_api = "chat"\n',
        'model_providers.y.wire_api is "chat" (expected "responses")',
    ),
    "a word that never was": (
        "user",
        'sandbox_mode = "full-auto"\n',
        'sandbox_mode is "full-auto" (expected "read-only" or "workspace-write" or ',
    ),
    "a list that lacks a word": (
        "requirements",
        'allowed_sandbox_modes = ["workspace-write"]\n',
        'allowed_sandbox_modes is ["workspace-write"] (expected an array with "read-only")',
    ),
    "a text that may be a secret": (
        "user",
        'features = "made-up-secret"\n',
        "features is a text that is not shown (expected table)",
    ),
    "a single letter": (
        "user",
        '[agents]\nmax_threads = "m"\n',
        "agents.max_threads is a text that is not shown (expected integer from 1)",
    ),
    "a choice with a digit in it": (
        "user",
        'sandbox_mode = "s3cret"\n',
        "sandbox_mode is a text that is not shown (expected ",
    ),
    "a switch": ("user", "model = true\n", "model is true (expected text)"),
    "a number": ("user", "model = 5\n", "model is an integer (expected text)"),
    "a number too large": (
        "user",
        "mcp_oauth_callback_port = 99999\n",
        "mcp_oauth_callback_port is an integer (expected integer from 0 below 65536)",
    ),
    "a profile that is not there": (
        "user",
        'default_permissions = "nightly"\n',
        'default_permissions is "nightly" (expected the name of a profile that is there)',
    ),
    "a file that is gone": (
        "user",
        'model_instructions_file = "/no/such.md"\n',
        "model_instructions_file names a file that is not there or that the client cannot use",
    ),
}


def decided(folder, place, text):
    root = make_host(folder / "host", managed=FORCED_CHATGPT, auth=API_KEY, **{place: text})
    state = CODEX.read_state(
        Request({}, "/", 0, VERSION, str(root), options=ReadOptions(detail="all"))
    )
    return CODEX.decide(state)


@pytest.mark.parametrize(("place", "text", "message"), IN_WORDS.values(), ids=IN_WORDS)
def test_the_value_and_what_is_accepted_are_told(tmp_path, place, text, message):
    decision = decided(tmp_path, place, text)

    assert decision.verdict == "refuse"
    assert message in decision.reason


@pytest.mark.parametrize(
    "text",
    [
        'sandbox_mode = "s3cret-value"\n',
        'wire_api = "s3cret-value"\nmodel = 5\n',
        'model = 5\n[mcp_servers.x]\ncommand = "s3cret-value"\nenv = {A = "s3cret-value"}\n',
        'approval_policy = "a-choice-that-is-longer-than-any-s3cret-value"\n',
        'default_permissions = "s3cret-value/with+signs="\n',
    ],
)
def test_no_text_of_the_users_own_is_in_the_state(tmp_path, text):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT, auth=API_KEY, user=text)

    state = CODEX.read_state(
        Request({}, "/", 0, VERSION, str(root), options=ReadOptions(detail="all"))
    )

    assert "s3cret" not in str(state)


@pytest.mark.parametrize("detail", ["lines", "all"])
@pytest.mark.parametrize(
    ("login", "sent"),
    [
        ("", False),
        ("requires_openai_auth = true\n", True),
        ("requires_openai_auth = false\n", False),
    ],
)
def test_a_provider_to_which_no_login_is_sent_is_named(tmp_path, detail, login, sent):
    text = f'model_provider = "y"\n{PROVIDER}{login}'
    root = make_host(tmp_path / "host", user=text, auth=API_KEY)

    decision = CODEX.decide(
        CODEX.read_state(
            Request({}, "/", 0, VERSION, str(root), options=ReadOptions(detail=detail))
        )
    )

    clause = 'the client works with the model provider "y" and sends it no login'
    assert decision.verdict == "allow"
    assert (clause in decision.reason) == (not sent)
