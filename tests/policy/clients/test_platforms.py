"""Images of each platform, audited from this machine; device management on macOS."""

import base64
import json
import plistlib

import pytest

from support.clients.logins import API_KEY
from support.machines.hosts import FORCED_CHATGPT, VERSION, tipstaff

ALLOWED = b'allowed_login_methods = ["chatgpt"]\n'
DOMAIN = "com.openai.codex.plist"
FORCED = "Library/Managed Preferences"


def image(folder, files, home="Users/dev/.codex"):
    root = folder / "image"
    for path, content in {f"{home}/auth.json": API_KEY, **files}.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        place.chmod(0o600)
    return root


def audit(root, platform, *words):
    done = tipstaff(
        "audit", *VERSION, "--platform", platform, "--system-root", root, "--format", "json", *words
    )
    return json.loads(done.stdout) if done.stdout else done


def preferences(style=plistlib.FMT_XML, **values):
    coded = {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in values.items()
    }
    return plistlib.dumps(coded, fmt=style)


CONFIG = preferences(config_toml_base64=FORCED_CHATGPT.encode())
BINARY = preferences(plistlib.FMT_BINARY, config_toml_base64=FORCED_CHATGPT.encode())
CODED = base64.b64encode(FORCED_CHATGPT.encode()).decode()
MACOS = {
    "forced configuration": ({f"{FORCED}/{DOMAIN}": CONFIG}, "log_out"),
    "forced configuration, binary": ({f"{FORCED}/{DOMAIN}": BINARY}, "log_out"),
    "forced for the user": ({f"{FORCED}/dev/{DOMAIN}": CONFIG}, "log_out"),
    "forced for another user": ({f"{FORCED}/ann/{DOMAIN}": CONFIG}, "allow"),
    "forced requirements": (
        {f"{FORCED}/{DOMAIN}": preferences(requirements_toml_base64=ALLOWED)},
        "ignore_credential",
    ),
    "merely present": ({f"Library/Preferences/{DOMAIN}": CONFIG}, "allow"),
    "merely present for the user": ({f"Users/dev/Library/Preferences/{DOMAIN}": CONFIG}, "allow"),
    "beats the managed file": (
        {
            f"{FORCED}/{DOMAIN}": CONFIG,
            "etc/codex/managed_config.toml": 'forced_login_method = "api"\n',
        },
        "log_out",
    ),
    "requirements beat the system's": (
        {
            f"{FORCED}/{DOMAIN}": preferences(requirements_toml_base64=ALLOWED),
            "etc/codex/requirements.toml": 'allowed_login_methods = ["api"]\n',
        },
        "ignore_credential",
    ),
    "bad TOML": ({f"{FORCED}/{DOMAIN}": preferences(config_toml_base64=b"x =")}, "refuse"),
    "no base64": ({f"{FORCED}/{DOMAIN}": preferences(config_toml_base64="%")}, "refuse"),
    "indented": (
        {f"{FORCED}/{DOMAIN}": preferences(config_toml_base64=f"\n\t{CODED}\n\t")},
        "log_out",
    ),
    "in two lines": (
        {f"{FORCED}/{DOMAIN}": preferences(config_toml_base64=f"{CODED[:8]}\n{CODED[8:]}")},
        "refuse",
    ),
    "without padding": ({f"{FORCED}/{DOMAIN}": preferences(config_toml_base64="YQ")}, "refuse"),
    "plain TOML": (
        {f"{FORCED}/{DOMAIN}": preferences(config_toml_base64=FORCED_CHATGPT)},
        "refuse",
    ),
    "no text": ({f"{FORCED}/{DOMAIN}": preferences(config_toml_base64=5)}, "unknown"),
    "no property list": ({f"{FORCED}/{DOMAIN}": b"garbage"}, "unknown"),
    "cut off": ({f"{FORCED}/{DOMAIN}": CONFIG[:-40]}, "unknown"),
    "cut off, binary": ({f"{FORCED}/{DOMAIN}": BINARY[:-9]}, "unknown"),
    "system's file": ({"etc/codex/config.toml": FORCED_CHATGPT}, "log_out"),
    "names in another case": ({"ETC/Codex/Managed_Config.toml": FORCED_CHATGPT}, "log_out"),
}


@pytest.mark.parametrize(("files", "verdict"), MACOS.values(), ids=MACOS)
def test_macos(files, verdict, tmp_path):
    report = audit(image(tmp_path, files), "macos")

    assert verdict == report["decision"]["verdict"]
    assert "source" == report["client"]["precedence_evidence"]


def test_what_is_present_and_not_forced_is_named(tmp_path):
    root = image(tmp_path, {f"Library/Preferences/{DOMAIN}": CONFIG})

    done = tipstaff("policy", "show", *VERSION, "--platform", "macos", "--system-root", root)

    assert "/Library/Preferences/com.openai.codex.plist config_toml_base64" in done.stdout
    assert "not forced" in done.stdout


def test_a_forced_setting_keeps_the_line_of_its_document(tmp_path):
    text = b'# first\nforced_login_method = "chatgpt"\n'
    root = image(tmp_path, {f"{FORCED}/{DOMAIN}": preferences(config_toml_base64=text)})

    (setting,) = audit(root, "macos")["policy"]["settings"]

    assert "device" == setting["origin"]["layer"]
    assert 2 == setting["origin"]["line"]


def test_a_keychain_is_not_seen_in_an_image(tmp_path):
    store = 'cli_auth_credentials_store = "keyring"\n'
    report = audit(image(tmp_path, {"Users/dev/.codex/config.toml": store}), "macos")

    assert "unknown" == report["decision"]["verdict"]
    assert report["summary"]["compliant"] is False


WINDOWS = {
    "managed file in the home": (
        {"Users/dev/.codex/managed_config.toml": FORCED_CHATGPT},
        "log_out",
    ),
    "requirements": (
        {"ProgramData/OpenAI/Codex/requirements.toml": ALLOWED},
        "ignore_credential",
    ),
    "requirements in another case": (
        {"programdata/openai/codex/Requirements.toml": ALLOWED},
        "ignore_credential",
    ),
    "system's file": ({"ProgramData/OpenAI/Codex/config.toml": FORCED_CHATGPT}, "log_out"),
    "files of another platform": ({"etc/codex/managed_config.toml": FORCED_CHATGPT}, "allow"),
    "keyring": (
        {"Users/dev/.codex/config.toml": 'cli_auth_credentials_store = "keyring"\n'},
        "not_logged_in",
    ),
}


@pytest.mark.parametrize(("files", "verdict"), WINDOWS.values(), ids=WINDOWS)
def test_windows(files, verdict, tmp_path):
    report = audit(image(tmp_path, files), "windows")

    assert verdict == report["decision"]["verdict"]


def test_on_windows_the_managed_file_is_the_users_own(tmp_path):
    root = image(tmp_path, {"Users/dev/.codex/managed_config.toml": FORCED_CHATGPT})

    layers = {layer["name"]: layer for layer in audit(root, "windows")["state"]["layers"]}

    assert not layers["managed"]["administrators"]
    assert layers["system"]["administrators"]


def test_another_platform_without_an_image_is_a_usage_error(tmp_path):
    done = tipstaff("audit", "--platform", "windows")

    assert 2 == done.returncode
    assert "" == done.stdout
    assert "--system-root" in done.stderr


WRITTEN = {
    "plain TOML": (FORCED_CHATGPT, "is plain TOML, and not the base64 of it"),
    "in two lines": (f"{CODED[:8]}\n{CODED[8:]}", "is base64 in several lines or parts"),
    "no base64": ("%", "is not base64 text"),
}


@pytest.mark.parametrize(("value", "said"), WRITTEN.values(), ids=WRITTEN)
def test_a_value_that_the_client_cannot_decode_is_named_with_what_to_do(value, said, tmp_path):
    place = f"{FORCED}/{DOMAIN}"
    root = image(tmp_path, {place: preferences(config_toml_base64=value)})

    done = tipstaff("enforce", *VERSION, "--platform", "macos", "--system-root", root)

    assert 3 == done.returncode
    assert f"/{place} config_toml_base64: {said}" in done.stdout


@pytest.mark.parametrize("folder", [FORCED, "Library/Preferences"])
def test_a_key_put_straight_into_the_preference_domain_has_no_effect_and_is_named(folder, tmp_path):
    keys = {"allowed_login_methods": ["chatgpt"], "Forced_Login_Method": "chatgpt"}
    found = audit(image(tmp_path, {f"{folder}/{DOMAIN}": plistlib.dumps(keys)}), "macos")

    failing = {
        finding["subject"]: finding["expected"]
        for finding in found["findings"]
        if finding["check"] == "TIP304" and finding["status"] == "fail"
    }

    assert {
        "allowed_login_methods": "`allowed_login_methods` in the TOML that requirements_toml_base64 holds as base64",
        "Forced_Login_Method": "`forced_login_method` in the TOML that config_toml_base64 holds as base64",
    } == failing
