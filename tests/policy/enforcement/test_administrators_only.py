"""Who acts without being asked obeys administrators alone, and leaves this process's variables."""

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, credential, make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.model.request import ReadOptions, Request

CODEX = load_client("codex")
ALLOWED_CHATGPT = 'allowed_login_methods = ["chatgpt"]\n'
WS_A, WS_B = (f'forced_chatgpt_workspace_id = "{workspace}"\n' for workspace in ("ws-a", "ws-b"))
CASES = {
    "a rule of the user's": ({"user": FORCED_CHATGPT}, API_KEY, 10, 0),
    "a rule of the administrators": ({"managed": FORCED_CHATGPT}, API_KEY, 10, 10),
    "a requirement": ({"requirements": ALLOWED_CHATGPT}, API_KEY, 10, 10),
    "a requirement behind the user's own": (
        {"user": FORCED_CHATGPT, "requirements": ALLOWED_CHATGPT},
        API_KEY,
        10,
        10,
    ),
    "the system's rule behind the user's own": (
        {"user": WS_B, "system": WS_A},
        chatgpt("ws-z"),
        10,
        10,
    ),
    "the system's rule that the user has beaten": (
        {"user": WS_B, "system": WS_A},
        chatgpt("ws-b"),
        0,
        10,
    ),
    "the user's rule, and the system's that is kept": (
        {"user": WS_B, "system": WS_A},
        chatgpt("ws-a"),
        10,
        0,
    ),
    "a broken file of the user's": ({"user": "x = [", "managed": FORCED_CHATGPT}, API_KEY, 10, 10),
}


@pytest.mark.parametrize(("files", "auth", "asked", "unasked"), CASES.values(), ids=CASES)
def test_only_what_administrators_wrote_removes(files, auth, asked, unasked, tmp_path):
    for personal_rules, code in ((False, unasked), (True, asked)):
        root = make_host(tmp_path / str(personal_rules), auth=auth, **files)
        request = Request(
            {}, "/", 0, "0.169.0", str(root), options=ReadOptions(personal_rules=personal_rules)
        )

        result = enforce_all(CODEX, request.read_with(unasked=not personal_rules))

        assert code == result.exit_code
        assert (code != 10) == credential(root).exists()


def test_the_variables_of_this_process_are_not_a_persons(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt("ws-a"), user=FORCED_CHATGPT)
    env = {"HOME": str(root / "home/dev"), "CODEX_API_KEY": "made-up"}
    request = Request(
        env, "/", 0, "0.169.0", options=ReadOptions(unasked=True, personal_rules=False)
    )

    result = enforce(CODEX, request)

    assert 0 == result.exit_code
    assert "not_seen" == result.state.environment
    assert ["file"] == [entry.source for entry in result.state.credentials]
