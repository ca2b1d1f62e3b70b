"""Where a host gets its policy from: what is misspelt, missing or others' is refused."""

import os

import pytest

from support.artefacts.publishers import CA
from tipstaff_policy.errors import AccessDeniedError, PolicyError, UsageError
from tipstaff_rollout.sync.applying import Host
from tipstaff_rollout.sync.settings import Settings, authorities, read_settings

URL = "https://policy.example.com/tipstaff"
SETTINGS = "etc/tipstaff/sync.toml"
NONE = {"url": None, "ca_file": None}
EVERY = f"""\
url = "{URL}"
root = "/etc/tipstaff/root.json"
ca_file = "/etc/tipstaff/ca.pem"
proxy = "http://proxy.example.com:8080"
time_limit = 5
"""


@pytest.fixture
def host(tmp_path):
    (tmp_path / "etc/tipstaff").mkdir(parents=True)
    return Host(str(tmp_path), "linux")


def write(host, text, name=SETTINGS):
    place = os.path.join(host.root, name)
    with open(place, "w") as file:
        file.write(text)
    os.chmod(place, 0o644)
    return place


def test_the_file_states_everything(host):
    write(host, EVERY)

    assert read_settings(host, NONE) == Settings(
        URL, "/etc/tipstaff/root.json", "/etc/tipstaff/ca.pem", "http://proxy.example.com:8080", 5
    )


def test_an_option_wins_and_needs_no_file(host):
    assert Settings("https://other") == read_settings(host, {**NONE, "url": "https://other"})
    write(host, EVERY)
    assert "https://other" == read_settings(host, {**NONE, "url": "https://other"}).url


def test_a_root_that_a_package_has_put_there_is_found(host):
    write(host, "{}", "etc/tipstaff/sync-root.json")

    assert "/etc/tipstaff/sync-root.json" == read_settings(host, {"url": URL}).root


@pytest.mark.parametrize(
    "text",
    ["url =", "ulr = 'x'", "url = 1", "time_limit = true", "time_limit = -1", "root = ''", "\xff"],
)
def test_a_file_that_cannot_be_used_is_refused(text, host):
    write(host, text)

    with pytest.raises(PolicyError):
        read_settings(host, {"url": URL})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://policy.example.com",
        "https://",
        "https://user:canary@policy.example.com",
        "https://policy.example.com?canary",
        "https://policy.example.com:0",
        "https://[canary",
        "file:///etc/canary",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_quoted(url, host):
    with pytest.raises(UsageError) as caught:
        read_settings(host, {"url": url})

    assert "canary" not in str(caught.value)


def test_settings_that_others_could_change_are_refused(host):
    os.chmod(write(host, EVERY), 0o666)

    with pytest.raises(PolicyError):
        read_settings(host, NONE)


def test_settings_that_are_no_file_are_refused(host):
    os.mkdir(os.path.join(host.root, SETTINGS))

    with pytest.raises(AccessDeniedError):
        read_settings(host, NONE)


@pytest.mark.parametrize(
    "text", [None, "", "-----BEGIN CERTIFICATE-----\n!\xff\n-----END CERTIFICATE-----\n"]
)
def test_authorities_that_are_none_are_refused(text, host):
    if text is not None:
        write(host, text, CA)

    with pytest.raises(PolicyError):
        authorities(host, Settings(URL, ca_file=f"/{CA}"))


def test_authorities_are_read(host, authority):
    write(host, authority.file.read_text() * 2, CA)

    assert 2 == len(authorities(host, Settings(URL, ca_file=f"/{CA}")))
    assert () == authorities(host, Settings(URL))
