"""Whatever is in the files: a verdict, never a crash, never a removal of what is unread."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.test_state import decide_again
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, credential, make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.credentials.auth_document import parse_auth_document
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.parsing.toml_text import TomlError, parse_toml

CODEX = load_client("codex")
json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.floats(allow_nan=False)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
fields = st.sampled_from(
    ["auth_mode", "OPENAI_API_KEY", "tokens", "last_refresh", "agent_identity", "personal_access_token",
     "bedrock_api_key", "bedrock_access_keys", "id_token", "access_token", "refresh_token", "account_id"]
)  # fmt: skip
documents = st.one_of(
    st.binary(max_size=60),
    st.dictionaries(fields, json_values, max_size=5).map(lambda value: json.dumps(value).encode()),
    st.dictionaries(fields, st.dictionaries(fields, json_values, max_size=4), max_size=3).map(
        lambda value: json.dumps(value).encode()
    ),
    st.builds(
        lambda at, new: API_KEY.encode()[:at] + new + API_KEY.encode()[at + 1 :],
        st.integers(0, 60),
        st.binary(max_size=2),
    ),
    st.builds(
        lambda at, new: chatgpt().encode()[:at] + new + chatgpt().encode()[at + 1 :],
        st.integers(0, 900),
        st.binary(max_size=2),
    ),
)
policies = st.one_of(
    st.binary(max_size=40),
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "forced_login_method",
                    "forced_chatgpt_workspace_id",
                    "allowed_login_methods",
                    "features",
                    "x",
                ]
            ),
            st.sampled_from(
                [
                    '"chatgpt"',
                    '"api"',
                    '["chatgpt"]',
                    "[]",
                    "5",
                    "{a = 1}",
                    '"ws-a"',
                    "[1, [2]]",
                    "2020-01-01",
                    "inf",
                ]
            ),
        ),
        max_size=4,
    ).map(lambda pairs: "".join(f"{key} = {value}\n" for key, value in pairs).encode()),
)


@given(documents)
def test_any_bytes_give_a_credential_or_a_reason(data):
    assert parse_auth_document(data).content.state in ("held", "unreadable")


@given(policies)
def test_any_bytes_give_a_document_or_a_reason(data):
    assert isinstance(parse_toml(data), dict | TomlError)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150
)
@given(auth=documents, managed=policies, requirements=policies)
def test_only_what_was_read_and_found_to_violate_is_removed(
    auth, managed, requirements, tmp_path_factory
):
    root = make_host(
        tmp_path_factory.mktemp("host") / "root",
        auth=auth,
        managed=managed,
        requirements=requirements,
    )
    request = Request({}, "/", 0, "0.169.0", str(root), options=ReadOptions(detail="all"))

    result = enforce(CODEX, request)

    violates = result.sign_in.verdict == "violates"
    assert violates == (not credential(root).exists())
    assert (10 if violates else result.exit_code) == result.exit_code
    assert result.decision == decide_again(result.state)


def test_a_forbidden_login_is_removed_so_that_the_law_above_is_not_empty(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)

    enforce(CODEX, Request({}, "/", 0, "0.169.0", str(root)))

    assert not credential(root).exists()
