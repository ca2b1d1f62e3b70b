"""What is removed is revoked at its issuer, afterwards; whatever comes of that, the log-out stands."""

import base64
import fcntl
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
from itertools import repeat
from urllib.request import proxy_bypass_environment

import pytest

from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, BEDROCK, chatgpt, with_fields
from support.machines.hosts import BIN, FORCED_CHATGPT, VERSION, credential, enforce, make_host, run
from support.services.issuers import Authority, IssuerServer, Proxy, serving
from tipstaff_policy import guard
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.logins.revocation import revocable
from tipstaff_policy.clients.interface.issuer import Sealed
from tipstaff_policy.enforcement.enforce import enforce as enforce_plan
from tipstaff_policy.logins.revocation import Revoker
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.https import PROXY_VARIABLES, proxy_variable

CODEX = load_client("codex")
ONLY_KEYS = 'login_methods = ["api"]\n'
ONLY_CHATGPT = 'login_methods = ["chatgpt"]\n'
SENT = {
    "token": "made-up",
    "token_type_hint": "refresh_token",
    "client_id": "app_EMoamEEZ73f0CkXaXp7hrann",
}
LENT = with_fields(chatgpt(), auth_mode="chatgptAuthTokens")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def issuer(authority):
    with serving(IssuerServer(authority.certify("localhost"))) as server:
        yield server


def host(folder, url, auth=None, rule=ONLY_KEYS):
    root = make_host(folder / "host", auth=chatgpt() if auth is None else auth)
    (root / "etc/tipstaff").mkdir()
    (root / "etc/tipstaff/policy.toml").write_text(ROOT + rule + f'revoke_url = "{url}"\n')
    return root


def environment(authority=None, **more):
    trusted = {"CODEX_CA_CERTIFICATE": str(authority.file)} if authority else {}
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **trusted, **more}


def revoke(root, env, *words):
    """Log out and revoke; return the exit code, whether the login is left, and what came of it."""
    done = enforce(root, "--revoke", "--format", "json", *words, env=env)
    revocations = json.loads(done.stdout)["revocations"]
    return done.returncode, os.path.lexists(credential(root)), revocations


def test_what_was_removed_is_revoked(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url())

    code, left, (revocation,) = revoke(root, environment(authority))

    assert 10 == code
    assert left is False
    assert [("/oauth/revoke", "application/json", SENT)] == [
        (path, kind, json.loads(body)) for path, kind, body in issuer.received
    ]
    assert {
        "store": "file",
        "path": str(credential(root)),
        "outcome": "revoked",
        "detail": "it answered 200",
        "issuer": issuer.url(),
        "through": ["CODEX_CA_CERTIFICATE"],
        "ignored": [],
    } == revocation


@pytest.mark.parametrize("trustout", [(), ("-trustout", "-addtrust", "serverAuth")])
@pytest.mark.parametrize("variable", ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"])
def test_an_authority_that_the_client_would_trust_is_trusted(
    variable, trustout, tmp_path, authority, issuer
):
    root = host(tmp_path, issuer.url())
    words = ["openssl", "x509", "-in", authority.file, *trustout]
    text = run(words).stdout
    (tmp_path / "bundle.pem").write_text(f"# two\n{text}{text}")

    _, _, (revocation,) = revoke(root, environment(**{variable: str(tmp_path / "bundle.pem")}))

    assert "revoked" == revocation["outcome"], revocation
    assert [variable] == revocation["through"], revocation


def test_the_issuer_is_asked_when_the_login_is_gone_and_the_locks_are_free(
    tmp_path, authority, issuer
):
    root = host(tmp_path, issuer.url())
    found = []

    def look():
        for name in ("auth.lock", "auth.json.lock"):
            with open(credential(root).parent / name) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found.append(credential(root).exists())

    issuer.before_answer = look

    assert "revoked" == revoke(root, environment(authority))[2][0]["outcome"]
    assert [False] == found


def test_nothing_is_sent_unless_asked_for(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url())

    done = enforce(root, "--format", "json", env=environment(authority))

    assert 10 == done.returncode
    assert [] == json.loads(done.stdout)["revocations"]
    assert [] == issuer.received


def test_a_dry_run_says_whom_it_would_ask_and_asks_nobody(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url())

    code, left, (revocation,) = revoke(root, environment(authority), "--dry-run")

    assert 11 == code
    assert left is True
    assert "planned" == revocation["outcome"]
    assert issuer.url() == revocation["issuer"]
    assert [] == issuer.received


def reply(status, *headers):
    lines = [f"HTTP/1.1 {status} canary", "Content-Length: 6", *headers, "", "canary"]
    return "\r\n".join(lines).encode()


ANSWERS = {
    "an error": (reply(500), "it answered 500"),
    "no such token": (reply(400), "it answered 400"),
    "redirected": (
        reply(307, "Location: /elsewhere"),
        "it answered 307; redirects are not followed",
    ),
    "no HTTP": (b"canary\r\n\r\n", "its answer is not HTTP"),
    "closed": (b"", "its answer is not HTTP"),
    "never done": (repeat(b"H"), "no answer in time (1 s)"),
}


@pytest.mark.parametrize(("answer", "detail"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_confirms_nothing_is_told_and_the_log_out_stands(
    answer, detail, tmp_path, authority, issuer
):
    root = host(tmp_path, issuer.url())
    issuer.answer = answer

    code, left, (revocation,) = revoke(root, environment(authority), "--revoke-timeout", "1")

    assert 10 == code
    assert left is False
    assert "failed" == revocation["outcome"]
    assert detail == revocation["detail"]
    assert ["/oauth/revoke"] == [path for path, _, _ in issuer.received]


def closed_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


UNREACHED = {
    "nobody there": ("https://localhost:{closed}/", {}, "cannot be reached: Connection refused"),
    "no such name": (
        "https://issuer.invalid/",
        {},
        "cannot be reached: ",
    ),
    "no TLS": ("https://localhost:{plain}/", {}, "no TLS connection: "),
    "not trusted": (
        "https://localhost:{port}/",
        {"CODEX_CA_CERTIFICATE": ""},
        "its certificate is not trusted: ",
    ),
    "another authority": (
        "https://localhost:{port}/",
        {"CODEX_CA_CERTIFICATE": "{other}"},
        "its certificate is not trusted: ",
    ),
    "another name": (
        "https://127.0.0.1:{port}/",
        {},
        "its certificate is not trusted: IP address mismatch, certificate is not valid for",
    ),
    "a bundle that is none": (
        "https://localhost:{port}/",
        {"CODEX_CA_CERTIFICATE": "/etc/passwd"},
        "the file of CODEX_CA_CERTIFICATE holds no certificate",
    ),
    "a proxy that is none": (
        "https://localhost:{port}/",
        {"HTTPS_PROXY": "socks5://secret:canary@localhost:1"},
        "HTTPS_PROXY names no proxy of the form http://host:port",
    ),
    "a proxy with a bad port": (
        "https://localhost:{port}/",
        {"https_proxy": "http://secret:canary@localhost:x"},
        "https_proxy names no proxy of the form http://host:port",
    ),
}


@pytest.mark.parametrize(("url", "env", "detail"), UNREACHED.values(), ids=UNREACHED)
def test_an_issuer_that_is_not_reached_is_told_and_the_log_out_stands(
    url, env, detail, tmp_path, authority, issuer, tmp_path_factory
):
    other = Authority(tmp_path_factory.mktemp("other")).file if "{other}" in str(env) else ""
    with serving(IssuerServer()) as plain:
        names = {"closed": closed_port(), "plain": plain.server_port, "port": issuer.server_port}
        root = host(tmp_path, url.format(**names))
        env = {name: text.format(other=other) for name, text in env.items()}

        code, left, (revocation,) = revoke(root, {**environment(authority), **env})

    assert 10 == code
    assert left is False
    assert "failed" == revocation["outcome"]
    assert revocation["detail"].startswith(detail), revocation["detail"]
    assert [] == issuer.received
    assert "canary" not in str(revocation)


def test_a_silent_issuer_is_waited_for_no_longer_than_asked(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url())
    issuer.before_answer = issuer.ended.wait

    code, left, (revocation,) = revoke(root, environment(authority), "--revoke-timeout", "0.5")

    assert 10 == code
    assert left is False
    assert "failed" == revocation["outcome"]
    assert "no answer in time (0.5 s)" == revocation["detail"]


def test_who_will_not_wait_for_the_issuer_still_gets_the_report(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url())
    asked = []
    words = [BIN / "tipstaff", "enforce", *VERSION, "--system-root", root, "--revoke"]
    process = subprocess.Popen(
        [str(word) for word in words],
        env=environment(authority),
        stdout=subprocess.PIPE,
        text=True,
    )

    def interrupt():
        asked.append(process.send_signal(signal.SIGINT))
        issuer.ended.wait()

    issuer.before_answer = interrupt
    out, _ = process.communicate(timeout=60)

    assert 10 == process.returncode
    assert 1 == len(asked)
    assert "issuer    failed: " in out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CODEX_REVOKE_TOKEN_URL_OVERRIDE", "{elsewhere}"),
        ("CODEX_REVOKE_TOKEN_URL_OVERRIDE", ""),
        ("CODEX_REFRESH_TOKEN_URL_OVERRIDE", "{elsewhere}"),
        ("CODEX_APP_SERVER_LOGIN_CLIENT_ID", "app_other"),
    ],
)
def test_an_override_of_the_users_is_ignored_and_told(name, text, tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url())
    with serving(IssuerServer(authority.certify("localhost"))) as other:
        env = environment(authority, **{name: text.format(elsewhere=other.url())})

        code, _, (revocation,) = revoke(root, env)

        assert [] == other.received
    assert 10 == code
    assert "revoked" == revocation["outcome"]
    assert [name] == revocation["ignored"]
    assert [SENT] == [json.loads(body) for _, _, body in issuer.received]


def test_a_proxy_of_the_organisations_is_used_with_its_login(tmp_path, authority, issuer):
    with serving(Proxy(issuer.server_port)) as proxy:
        root = host(tmp_path, "https://localhost:4711/oauth/revoke")
        address = f"http://user:p%40ss@127.0.0.1:{proxy.server_port}"
        env = environment(authority, HTTPS_PROXY=address)

        _, _, (revocation,) = revoke(root, env)

    login = base64.b64encode(b"user:p@ss").decode()
    assert [("localhost:4711", f"Basic {login}")] == proxy.asked
    assert ["HTTPS_PROXY", "CODEX_CA_CERTIFICATE"] == revocation["through"]
    assert "revoked" == revocation["outcome"]
    assert 1 == len(issuer.received)


def test_a_proxy_that_refuses_is_told_without_its_words(tmp_path, authority, issuer):
    with serving(Proxy(issuer.server_port, status=407)) as proxy:
        root = host(tmp_path, issuer.url())
        env = environment(authority, https_proxy=f"127.0.0.1:{proxy.server_port}")

        code, left, (revocation,) = revoke(root, env)

    assert 10 == code
    assert left is False
    assert 1 == len(proxy.asked)
    assert [] == issuer.received
    assert "the proxy refuses the connection" == revocation["detail"]


def test_a_host_that_needs_no_proxy_is_asked_directly(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url())
    proxy = {
        "HTTPS_PROXY": f"http://localhost:{closed_port()}",
        "NO_PROXY": "example.com,localhost",
    }

    _, _, (revocation,) = revoke(root, environment(authority, **proxy))

    assert "revoked" == revocation["outcome"]
    assert ["CODEX_CA_CERTIFICATE"] == revocation["through"]


@pytest.mark.parametrize(
    "exempt",
    ["", "*", "a.b", ".a.b", "b", "A.B", "x, a.b ", "xa.b", "a.b:8443", "a.b:1", "a", " , "],
)
@pytest.mark.parametrize("host", ["a.b", "a.b:8443", "c.a.b", "A.b"])
def test_who_needs_no_proxy_is_told_as_by_the_standard_library(exempt, host):
    env = {"https_proxy": "p:1", "no_proxy": exempt}

    ours = proxy_variable(env, f"https://{host}/")

    assert (ours is None) == bool(proxy_bypass_environment(host, {"no": exempt}))


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "p"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "p", "https_proxy": "q"}, "https_proxy"),
        ({"HTTPS_PROXY": "p", "https_proxy": ""}, None),
        ({"HTTP_PROXY": "p"}, None),
    ],
)
def test_the_variable_in_small_letters_comes_first(env, name):
    assert name == proxy_variable(env, "https://a/")
    assert 2 == len(PROXY_VARIABLES)


KEPT_BY_THE_ISSUER = {
    "an API key": (API_KEY, "OPENAI_API_KEY stays valid until it is revoked where it was made"),
    "a Bedrock key": (
        BEDROCK,
        "bedrock_api_key stays valid until it is revoked where it was made",
    ),
}


@pytest.mark.parametrize(("auth", "detail"), KEPT_BY_THE_ISSUER.values(), ids=KEPT_BY_THE_ISSUER)
def test_what_no_issuer_revokes_is_named(auth, detail, tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url(), auth, ONLY_CHATGPT)

    code, left, (revocation,) = revoke(root, environment(authority))

    assert 10 == code
    assert left is False
    assert "not_revocable" == revocation["outcome"]
    assert detail == revocation["detail"]
    assert revocation["issuer"] is None
    assert [] == issuer.received


def test_tokens_of_the_program_that_lent_them_are_left_to_it(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url(), LENT)

    _, _, (revocation,) = revoke(root, environment(authority))

    assert "not_revocable" == revocation["outcome"]
    assert [] == issuer.received


def test_tokens_that_a_key_hides_are_revoked_and_the_key_is_named(tmp_path, authority, issuer):
    both = with_fields(chatgpt(), auth_mode="apikey", OPENAI_API_KEY="made-up-key-000")
    root = host(tmp_path, issuer.url(), both, ONLY_CHATGPT)

    _, _, (revocation,) = revoke(root, environment(authority))

    assert [SENT] == [json.loads(body) for _, _, body in issuer.received]
    assert (
        "it answered 200; OPENAI_API_KEY stays valid until it is revoked where it was made"
        == revocation["detail"]
    )


def test_a_copy_that_stays_behind_is_revoked_with_what_was_removed(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url())
    os.link(credential(root), tmp_path / "backup.json")

    code, left, (revocation,) = revoke(root, environment(authority))

    assert 11 == code
    assert left is False
    assert "revoked" == revocation["outcome"]


def test_what_is_removed_without_the_lock_is_revoked_too(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url())
    descriptor = os.open(credential(root).parent / "auth.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    code, left, revocations = revoke(root, environment(authority), "--lock-timeout", "0.2")

    os.close(descriptor)
    assert 10 == code
    assert left is False
    assert ["revoked"] == [revocation["outcome"] for revocation in revocations]
    assert len(issuer.received) == 1


def test_a_login_that_complies_is_not_revoked(tmp_path, authority, issuer):
    root = host(tmp_path, issuer.url(), rule=ONLY_CHATGPT)

    assert (0, True, []) == revoke(root, environment(authority))
    assert [] == issuer.received


def test_without_a_policy_the_clients_own_issuer_is_asked(tmp_path):
    root = make_host(
        tmp_path / "host", auth=chatgpt(), managed=FORCED_CHATGPT.replace("chatgpt", "api")
    )
    proxy = {"HTTPS_PROXY": f"http://localhost:{closed_port()}"}

    code, left, (revocation,) = revoke(root, environment(**proxy))

    assert 10 == code
    assert left is False
    assert "https://auth.openai.com/oauth/revoke" == revocation["issuer"]
    assert "failed" == revocation["outcome"]
    assert ["HTTPS_PROXY"] == revocation["through"]


def garbage(path):
    path.write_text('{"tokens": {"refresh_token": "canary"')


def directory(path):
    path.unlink()
    path.mkdir()


def too_deep(path):
    path.write_text("[" * 100_000)


@pytest.mark.parametrize("spoil", [garbage, directory, too_deep])
def test_what_cannot_be_read_any_more_does_not_stop_the_removal(spoil, tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())
    request = Request({}, "/", 0, "0.169.0", str(root))
    state = CODEX.read_state(request)
    spoil(credential(root))
    revoker = Revoker(CODEX, request)

    revoker.take(request, state, "file")

    (revocation,) = revoker.revoke(None)
    assert "failed" == revocation.outcome
    assert revocation.issuer is None
    assert revocation.detail.startswith("could not be read: ")
    assert "canary" not in str(revocation)


def test_who_is_told_of_a_removal_is_told_before_it(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)
    there = []

    def note(request, state, store):
        there.append((store, credential(root).exists()))

    result = enforce_plan(CODEX, Request({}, "/", 0, "0.169.0", str(root)), before_removal=note)

    assert 10 == result.exit_code
    assert [("file", True)] == there


def test_a_token_that_waits_for_its_revocation_shows_itself_to_nobody():
    found = revocable(chatgpt())

    assert isinstance(found.body, Sealed)
    assert "made-up" not in f"{found} {found!r} {found.body}"
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(found)


LOADED = """
import os, runpy, sys
os._exit = sys.exit  # so that what was loaded can still be looked at
sys.argv = [{path!r}, *{words!r}]
try:
    runpy.run_path({path!r}, run_name="__main__")
except SystemExit as end:
    code = end.code
print(code, sorted(set(sys.modules) & {{"tipstaff_policy.logins.revocation", "tipstaff_policy.system.https", "ssl", "socket"}}))
"""


def test_the_guard_loads_nothing_that_could_ask_an_issuer(tmp_path, issuer):
    root = host(tmp_path, issuer.url())
    words = [*VERSION, "--system-root", str(root)]

    done = run([sys.executable, "-I", "-S", "-c", LOADED.format(path=guard.__file__, words=words)])

    assert "10 []" == done.stdout.splitlines()[-1], done
    assert [] == issuer.received
