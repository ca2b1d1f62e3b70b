"""What a policy compiles to, and what of it a payload repeats."""

import re

import pytest
import tomlkit
from hypothesis import given

from rollout.drafts import DOCUMENT, KEYS_PATH, draft, drafts, restated
from support.services.signing import issuer, jwks
from tipstaff_policy.clients import load_client
from tipstaff_policy.errors import PolicyError
from tipstaff_policy.organisation.whole_start import find_hold_backs
from tipstaff_rollout.artefacts.compiling import (
    BadPolicyError,
    compile_policy,
    policy_of,
    recompile,
    restrictions_of,
)
from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.model import ArtefactError, Payload
from tipstaff_rollout.payloads import client_payloads

HEAD = 'schema = 1\nid = "p"\nversion = "1"\n'
OBSTACLES = load_client("codex").deployment().obstacles
BOTH = frozenset({"requirements", "managed_config"})
REQUIRED = frozenset({"requirements"})
WRITTEN = {
    "one method": (
        'login_methods = ["chatgpt"]\n',
        {"allowed_login_methods": ["chatgpt"]},
        {"forced_login_method": "chatgpt"},
    ),
    "both methods": (
        'login_methods = ["api", "chatgpt"]\n',
        {"allowed_login_methods": ["api", "chatgpt"]},
        None,
    ),
    "nobody": ("login_methods = []\n", {"allowed_login_methods": []}, None),
    "one workspace": (
        'workspaces = [{ id = "a" }]\n',
        {"allowed_chatgpt_workspaces": ["a"]},
        {"forced_chatgpt_workspace_id": "a"},
    ),
    "a comma in it": (
        'workspaces = [{ id = "a,b" }]\n',
        {"allowed_chatgpt_workspaces": ["a,b"]},
        {"forced_chatgpt_workspace_id": ["a,b"]},
    ),
    "two workspaces": (
        'workspaces = [{ id = "b" }, { id = "a" }]\n',
        {"allowed_chatgpt_workspaces": ["a", "b"]},
        {"forced_chatgpt_workspace_id": ["a", "b"]},
    ),
    "no workspace": ("workspaces = []\n", {"allowed_chatgpt_workspaces": []}, None),
    "one store": (
        'stores = ["auto"]\n',
        *[{"cli_auth_credentials_store": "auto"}] * 2,
    ),
    "several stores": (
        'stores = ["file", "auto"]\n',
        *[{"cli_auth_credentials_store": "auto"}] * 2,
    ),
    "nothing for the client": ('oldest_client = "0.150.0"\n', None, None),
}


def payload(made, name):
    return next((restated(file) for file in made.payloads if file.name == name), None)


@pytest.mark.parametrize("name", WRITTEN)
def test_what_the_client_is_told(name):
    text, required, forced = WRITTEN[name]

    made = compile_policy(draft(HEAD + text))

    assert required == payload(made, "requirements")
    assert forced == payload(made, "managed_config")


@given(drafts())
def test_payloads_tell_their_policy_again(one):
    made = compile_policy(one, at_once=True)

    assert made == recompile(made.payloads)
    for file in made.payloads:
        if file.name in BOTH:
            assert made[:4] == recompile((file,))[:4]


@given(drafts(starts=False))
def test_what_the_clients_files_say_is_what_the_policy_says(one):
    made, policy = compile_policy(one), policy_of(one)
    files = tuple(file for file in made.payloads if file.name in BOTH)

    said = restrictions_of(made._replace(payloads=files))

    for field in ("login_methods", "workspaces"):
        stated, found = getattr(policy, field), getattr(said, field)
        assert (stated and stated.values) == (found and found.values)
    stores = policy.stores
    assert {*(said.stores.values if said.stores else ())} <= {*(stores.values if stores else ())}


@given(drafts(starts=False))
def test_the_clients_files_hold_every_other_key_of_the_policy(one):
    made, policy = compile_policy(one), policy_of(one)
    files = tuple(file for file in made.payloads if file.name in client_payloads())

    said = restrictions_of(made._replace(payloads=files))

    assert {key[:4] for key in policy.client_keys} == {key[:4] for key in said.client_keys}


REFUSED = '[clients.codex.config]\ncheck_for_update_on_startup = "no"\n'


def test_a_key_at_which_a_version_does_not_start_is_an_obstacle():
    found = OBSTACLES(policy_of(draft(HEAD + REFUSED)), (0, 169, 0), BOTH)

    assert "it does not start" in found[0]
    assert "check_for_update_on_startup" in found[0]


LATER = {
    "valid_from": "valid_from = 2026-01-01\n",
    "warn_from": "warn_from = 2026-01-01\n",
    "enforce_from": "enforce_from = 2026-01-01\n",
    "a share": 'enforce_from = 2026-01-01\ncohort = "5%"\n',
    "report": 'on_violation = "report"\n',
    "a scope": '[[scopes]]\nname = "ci"\nhosts = ["ci-*"]\n',
}


@pytest.mark.parametrize("name", LATER)
def test_a_policy_that_begins_later_gives_the_client_nothing_by_itself(name):
    one = draft(DOCUMENT + LATER[name])

    assert find_hold_backs(policy_of(one), None)
    assert ["policy"] == [payload.name for payload in compile_policy(one).payloads]
    assert 3 == len(compile_policy(one, at_once=True).payloads)


OBSTACLE_ROWS = [
    ('workspaces = [{ id = "a" }, { id = "b" }]\n', (0, 130, 0), BOTH, "is a list"),
    ('workspaces = [{ id = "a" }, { id = "b" }]\n', (0, 146, 0), BOTH, ""),
    ('workspaces = [{ id = "a" }]\n', (0, 130, 0), BOTH, ""),
    ('login_methods = ["api"]\n', (0, 146, 0), REQUIRED, "ignores"),
    ('login_methods = ["api"]\n', (0, 146, 0), BOTH, ""),
    ('login_methods = ["api"]\n', (0, 147, 0), REQUIRED, ""),
    ("login_methods = []\n", (0, 146, 0), BOTH, "ignores"),
    ("login_methods = []\n", (0, 169, 0), BOTH, ""),
    ('login_methods = ["api"]\n', (0, 1, 0), BOTH, "never measured"),
    ('workspaces = [{ id = " a" }]\n', (0, 169, 0), BOTH, "white space"),
]


@pytest.mark.parametrize(("text", "version", "files", "why"), OBSTACLE_ROWS)
def test_a_version_that_would_not_do_it_says_why(text, version, files, why):
    found = OBSTACLES(policy_of(draft(HEAD + text)), version, files)

    assert bool(why) == bool(found)
    assert why in "".join(found)


def test_public_keys_have_to_be_given():
    text = HEAD + f'trusted_keys = "{KEYS_PATH}"\n'

    with pytest.raises(ArtefactError, match="names public keys"):
        compile_policy(draft(text))

    keys = jwks(issuer("k").jwk()).encode()
    assert keys == compile_policy(draft(text, keys)).data("keys")


def test_every_fault_is_told_with_its_line():
    with pytest.raises(BadPolicyError) as caught:
        compile_policy(draft(HEAD + 'login_methods = ["sso"]\nlogin_metods = []\n'))

    assert ["policy.toml:4", "policy.toml:5"] == sorted(
        re.findall(r"(?<=^error: )policy\.toml:\d", str(caught.value), re.MULTILINE)
    )


def test_files_of_two_policies_are_none():
    one, other = (
        compile_policy(draft()),
        compile_policy(draft(DOCUMENT.replace("2026-11", "2026-12"))),
    )
    mixed = (*one.payloads[:2], other.payloads[2])

    with pytest.raises(ArtefactError, match="is of policy example-corp 2026-12"):
        recompile(mixed)


def test_a_file_with_a_stamp_of_its_own_making_is_not_its_policys():
    made = compile_policy(draft())
    forged = compile_policy(draft(DOCUMENT.replace('"chatgpt"', '"api"'))).payloads[1]
    text = forged.data.replace(forged.data.splitlines()[2], made.payloads[1].data.splitlines()[2])
    body = text.split(b"\n", 1)[1]
    import hashlib

    head = f"# Tipstaff requirements.toml sha256:{hashlib.sha256(body).hexdigest()} of all that follows\n".encode()

    with pytest.raises(PolicyError, match="does not say what its policy compiles to"):
        recompile((made.payloads[0], Payload("requirements", head + body)))


PLACES = {
    "linux": ["/etc/tipstaff/policy.toml", "/etc/codex/requirements.toml", "/etc/codex/managed_config.toml"],
    "macos": [
        "/Library/Application Support/Tipstaff/policy.toml",
        "/etc/codex/requirements.toml",
        "/etc/codex/managed_config.toml",
    ],
    "windows": [
        r"%ProgramData%\Tipstaff\policy.toml",
        r"%ProgramData%\OpenAI\Codex\requirements.toml",
    ],
}  # fmt: skip


@pytest.mark.parametrize("platform", PLACES)
def test_where_payloads_lie(platform):
    assert PLACES[platform] == [
        file.path for file in place_payloads(compile_policy(draft()), platform)
    ]


def test_keys_lie_where_the_policy_says_or_nowhere():
    keys = jwks(issuer("k").jwk()).encode()
    made = compile_policy(draft(HEAD + f'trusted_keys = "{KEYS_PATH}"\n', keys))

    assert KEYS_PATH in [file.path for file in place_payloads(made, "linux")]
    with pytest.raises(ArtefactError, match="no place on windows"):
        place_payloads(made, "windows")


def test_the_document_is_carried_as_it_is():
    text = tomlkit.dumps(tomlkit.parse(DOCUMENT)) + "# mine\r\n"

    assert text.encode() == compile_policy(draft(text)).data("policy")
