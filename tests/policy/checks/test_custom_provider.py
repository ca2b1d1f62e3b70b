"""TIP109: what the user's own layers make of the model provider, where sign-in is restricted."""

import pytest

from support.clients.installed_clients import install
from support.machines.check_hosts import REFUSED, around, decided, ordered, statuses
from support.machines.hosts import FORCED_CHATGPT, make_host
from tipstaff_policy.checks import load_check
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.host_facts import ModelProvider
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import Allowed

HERE = Origin("user", "/home/dev/.codex/config.toml", 2)
BUILT_IN = ModelProvider("openai", None)
OWN = ModelProvider("mine", HERE, past_login=(HERE,))
FREE = decided(methods=("api", "chatgpt"))
ORDERED = ordered(login_methods=Allowed(("chatgpt",), ()))
CASES = {
    "pass": around(provider=BUILT_IN),
    "pass: defined and not in use": around(provider=BUILT_IN._replace(idle=("mine",))),
    "fail": around(provider=OWN),
    "fail: by the organisation's rule alone": around(FREE, provider=OWN, orders=ORDERED),
    "fail: by a workspace alone": around(FREE._replace(workspaces=("ws-a",)), provider=OWN),
    "fail: another address": around(provider=BUILT_IN._replace(elsewhere=(HERE,))),
    "not_applicable: no rule": around(FREE, provider=OWN),
    "not_applicable: nobody looked": around(),
    "error": around(REFUSED, provider=OWN),
    "error: nobody can tell": around(provider=OWN._replace(unclear="two versions")),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_the_user_has_changed(name, host):
    assert [name.partition(":")[0]] == statuses("TIP109", host)


def test_a_provider_and_an_address_are_told_apart():
    host = around(provider=OWN._replace(elsewhere=(HERE,)))

    first, second = load_check("TIP109")[1](host)

    assert "mine needs no login, by /home/dev/.codex/config.toml" == first.observed
    assert second.observed.startswith("the login goes to another address")
    assert [("/home/dev/.codex/config.toml", 2, None)] == [
        tuple(evidence) for evidence in first.evidence
    ]


MINE = (
    'model_provider = "mine"\n[model_providers.mine]\nname = "x"\nbase_url = "https://a.example"\n'
)
BY_KEY = MINE + 'env_key = "A"\n'
BY_LOGIN = MINE + "requires_openai_auth = true\n"
AT_HOME = BY_LOGIN.replace("a.example", "api.openai.com/v1/")
EMPTY = 'model_provider = "amazon-bedrock"\n[model_providers.amazon-bedrock]\n'
PIN = 'model_provider = "openai"\n'
ELSEWHERE = 'openai_base_url = "https://a.example"\n'
PORTAL = 'chatgpt_base_url = "https://a.example"\n'
HEADER = "[model_providers.mine.http_headers]\nX = "
FILES = {
    "nothing": ({}, 0, 0),
    "a key of one's own": ({"user": BY_KEY}, 4, 0),
    "no credential at all": ({"user": MINE}, 3, 0),
    "the login, elsewhere": ({"user": BY_LOGIN}, 0, 1),
    "the login, at the service": ({"user": AT_HOME}, 0, 0),
    "the login, and a header": ({"user": AT_HOME + HEADER + '"y"\n'}, 5, 0),
    "one that the client brings": ({"user": 'model_provider = "ollama"\n'}, 1, 0),
    "one that the client brings, with an empty table": ({"user": EMPTY}, 1, 0),
    "pinned": ({"user": BY_KEY, "requirements": PIN}, 0, 0),
    "pinned by the managed file": ({"user": BY_KEY, "managed": PIN + FORCED_CHATGPT}, 0, 0),
    "pinned and elsewhere": ({"user": ELSEWHERE, "requirements": PIN}, 0, 1),
    "the system's": ({"system": BY_KEY}, 0, 0),
    "the system's, chosen by the user": (
        {"system": BY_KEY.partition("\n")[2], "user": MINE.partition("\n")[0]}, 0, 0),
    "the system's, with more retries": (
        {"system": BY_KEY, "user": '[model_providers.mine]\nname = "x"\nstream_max_retries = 2\n'},
        0, 0),
    "the system's, with another key": (
        {"system": BY_KEY, "user": '[model_providers.mine]\nname = "x"\nenv_key = "B"\n'}, 1, 0),
    "the system's, with a further header": (
        {"managed": FORCED_CHATGPT + BY_KEY + HEADER + '"y"\n',
         "user": f'[model_providers.mine]\nname = "x"\n{HEADER.replace("X", "Y")}"y"\n'}, 1, 0),
    "chosen by the system, defined by the user": (
        {"system": MINE.partition("\n")[0], "user": BY_KEY.partition("\n")[2]}, 3, 0),
    "defined by a requirement, changed by the user": (
        {"requirements": BY_KEY, "user": BY_KEY.replace("A", "B")}, 0, 0),
    "an address of one's own": ({"user": ELSEWHERE}, 0, 1),
    "a blank address": ({"user": 'openai_base_url = ""\n'}, 0, 0),
    "the administrators' address": ({"system": ELSEWHERE}, 0, 0),
    "another address for ChatGPT": ({"user": PORTAL}, 0, 1),
    "the service's address for ChatGPT": (
        {"user": 'chatgpt_base_url = "https://chatgpt.com/backend-api/"\n'}, 0, 0),
    "another address for ChatGPT, required": ({"user": PORTAL, "requirements": PORTAL}, 0, 0),
    "another address for ChatGPT, where only keys sign in": (
        {"user": PORTAL, "managed": 'forced_login_method = "api"\n'}, 0, 0),
}  # fmt: skip


def provider_of(root, version="0.169.0", **more):
    adapter = load_client("codex")
    request = Request({}, "/", 0, version, str(root), **more, options=ReadOptions(detail="all"))
    return adapter.observe(request, adapter.read_state(request)).provider


@pytest.mark.parametrize(("files", "past", "elsewhere"), FILES.values(), ids=FILES)
def test_only_what_the_user_says_counts(files, past, elsewhere, tmp_path):
    found = provider_of(make_host(tmp_path / "host", **files))

    assert past == len(found.past_login)
    assert elsewhere == len(found.elsewhere)
    assert {"user"} >= {origin.layer for origin in (*found.past_login, *found.elsewhere)}


def test_flags_and_profiles_count_as_the_users_own(tmp_path):
    root = make_host(tmp_path / "host")
    (root / "home/dev/.codex/p.config.toml").write_text(BY_KEY)
    table = '{name = "x", base_url = "https://a.example", env_key = "A"}'
    flags = ('model_provider="mine"', f"model_providers.mine={table}")

    by_profile, by_flag = provider_of(root, profile="p"), provider_of(root, overrides=flags)

    assert {"/home/dev/.codex/p.config.toml"} == {origin.path for origin in by_profile.past_login}
    assert {"-c"} == {origin.path for origin in by_flag.past_login}


def test_a_provider_that_is_only_defined_is_named(tmp_path):
    root = make_host(tmp_path / "host", user=BY_KEY.partition("\n")[2])

    assert ModelProvider("openai", None, idle=("mine",)) == provider_of(root)


@pytest.mark.parametrize(("version", "beats"), [("0.150.0", False), ("0.160.0", True)])
def test_an_older_client_passes_over_the_pin(version, beats, tmp_path):
    root = make_host(tmp_path / "host", user=BY_KEY, requirements=PIN)

    assert beats == (not provider_of(root, version).past_login)


def test_a_version_that_is_not_certain_is_no_pass(tmp_path):
    """What its user can change may be any version, also one that does not know the pin."""
    root = make_host(tmp_path / "host", user=BY_KEY, requirements=PIN)
    install(root / "usr", "0.160.0")
    (root / "usr").chmod(0o777)

    assert "versions" in provider_of(root, None).unclear


def test_a_newer_version_knows_the_pin_like_the_newest_proven_one(tmp_path):
    root = make_host(tmp_path / "host", user=BY_KEY, requirements=PIN)

    assert () == provider_of(root, "9.0.0").past_login
    assert "" == provider_of(root, "9.0.0").unclear


def test_a_profile_as_a_table_is_no_pass(tmp_path):
    root = make_host(tmp_path / "host", user='[profiles.p]\nmodel_provider = "ollama"\n')

    assert "a profile as a table" in provider_of(root, "0.130.0", profile="p").unclear


def test_a_broken_configuration_tells_nothing(tmp_path):
    assert provider_of(make_host(tmp_path / "host", user="model_provider = 5\n")) is None


def test_the_guard_reads_none_of_it(tmp_path):
    root = make_host(tmp_path / "host", user=BY_KEY)
    state = load_client("codex").read_state(Request({}, "/", 0, "0.169.0", str(root)))

    assert [()] == [layer.content.shapes for layer in state.layers if layer.content.state == "read"]
