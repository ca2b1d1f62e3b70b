"""What is read, and every fault of everything that cannot be."""

import base64
import plistlib
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.lint.samples import CHATGPT, HEAD, KEY, MANAGED, POLICY, REQ, line_of, profile
from support.artefacts.policies import waiver
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.interface.lint import Aim, Given
from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_rollout.lint import lint, lint_policy, oldest_version
from tipstaff_rollout.lint.collecting import collect, kind_of
from tipstaff_rollout.lint.reading import read_files

AIM = Aim("0.169.0", now=0)
EXAMPLES = Path(__file__).parents[3] / "examples/policies"
BROKEN = profile(
    {"PayloadType": "com.openai.codex", "requirements_toml_base64": base64.b64encode(b"\n\na =").decode()}
)  # fmt: skip
FAULTS = {
    "a misspelt key": ({POLICY: HEAD + "login_method = []\n"}, (POLICY, 6, "expected `login_methods`")),
    "no TOML": ({REQ: "a = 1\nb =\n"}, (REQ, 2, "a TOML document")),
    "a value that is refused": ({MANAGED: '\nforced_login_method = "sso"\n'}, (MANAGED, 2, '"chatgpt" or "api"')),
    "no property list": ({"a.plist": "<plist>\n<dict>\n"}, ("a.plist", 3, "a property list")),
    "no dictionary": ({"a.plist": plistlib.dumps(["x"])}, ("a.plist", None, "a dictionary")),
    "no TOML in a profile": ({"a.mobileconfig": BROKEN}, ("a.mobileconfig", line_of(BROKEN, "<key>requirements"), "a TOML document")),
    "a newer schema": ({POLICY: "schema = 2\n"}, (POLICY, None, "schema = 1")),
    "a dangling group": ({POLICY: HEAD + waiver(group='"ci"')}, (POLICY, 6, "a scope")),
}  # fmt: skip


def givens(files):
    return tuple(
        Given(path, text if isinstance(text, bytes) else text.encode(), kind_of(Path(path)))
        for path, text in files.items()
    )


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_read_says_where_and_what_was_expected(name):
    files, (path, line, expected) = FAULTS[name]

    (fault,) = read_files(givens(files)).faults

    assert ("invalid", "error", path, line) == fault[:4]
    assert expected in fault.suggestion


def test_all_faults_of_all_files_come_at_once():
    files = {POLICY: "schema = 1\nx = 1\ny = 2\n", REQ: "allowed_login_methods = 5\n", MANAGED: "="}

    faults = read_files(givens(files)).faults

    assert {POLICY, REQ, MANAGED} == {fault.path for fault in faults}
    assert {"x is unknown", "y is unknown"} <= {fault.what for fault in faults}


def test_fragments_that_leave_nothing_are_a_fault_that_names_both():
    files = {
        POLICY: HEAD + CHATGPT,
        "policy.d/1.toml": 'schema = 1\nlogin_methods = ["api"]\n',
    }

    (fault,) = read_files(givens(files)).faults

    assert "policy.d/1.toml:2 and policy.toml:6" in f"{fault.path}:{fault.line}"


def test_the_keys_that_are_given_are_read_and_must_be_public_keys():
    policy = givens({POLICY: HEAD + 'trusted_keys = "/etc/tipstaff/none.json"\n'})
    jwks = (EXAMPLES / "every-field/jwks.json").read_bytes()

    assert () == lint(read_files(policy, keys=jwks).files, AIM)
    assert "is not a set of keys" == read_files(policy, keys=b"{").faults[0].what


def test_the_client_is_the_oldest_that_a_policy_allows_else_the_newest():
    assert "0.147.0" == oldest_version(read_files(givens({POLICY: HEAD})).files)
    newest = load_client("codex").versions.proven[-1]
    assert newest == oldest_version(read_files(givens({REQ: ""})).files)


def test_a_policy_that_was_read_elsewhere_is_judged_alike():
    read = read_files(givens({POLICY: HEAD + "login_methods = []\n"}))

    assert lint(read.files, AIM) == lint_policy(read.files.policies[0].policy, POLICY, AIM) != ()


@given(
    st.binary() | st.text("<>/dictkeystrng \n=[]\"'{}").map(str.encode),
    st.sampled_from([POLICY, REQ, MANAGED, "config.toml", "a.plist"]),
)
def test_any_bytes_are_read_or_refused(data, name):
    read = read_files(givens({name: data}))

    lint(read.files, AIM)
    assert all(fault.rule == "invalid" for fault in read.faults)


ODD = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text("ab") | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(["PayloadType", "PayloadContent", "com.openai.codex", "Forced", "mcx_preference_settings", "requirements_toml_base64"]),
        inner,
        max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(ODD, max_size=2), st.booleans())
def test_any_profile_is_judged(payloads, binary):
    kind = plistlib.FMT_BINARY if binary else plistlib.FMT_XML
    top = {"PayloadType": "Configuration", "PayloadContent": payloads}
    read = read_files(givens({"a.mobileconfig": plistlib.dumps(top, fmt=kind)}))

    lint(read.files, AIM)
    assert 1 == len(read.files.profiles)


def test_a_signed_profile_is_read_without_its_signature():
    signed = b"\x30\x82\x0a\x00" + profile() + b"\x00signature"

    assert read_files(givens({"a.mobileconfig": profile()})).files.profiles == (
        read_files(givens({"a.mobileconfig": signed})).files.profiles
    )


def test_the_fleet_key_is_in_no_finding():
    read = read_files(givens({POLICY: HEAD + KEY + 'contatc = "x"\n'}))
    good = read_files(givens({POLICY: HEAD + KEY}))

    assert KEY.split('"')[1] not in f"{read}{good}{lint(good.files, AIM)}"


def test_a_folder_is_its_policy_with_fragments_and_what_names_itself(tmp_path):
    for name in (
        POLICY,
        "policy.d/10-a.toml",
        "other.toml",
        REQ,
        "x.mobileconfig",
        "policy.d/x.txt",
    ):
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_text("schema = 1\n")

    found = {Path(file.path).name: file.kind for file in collect([tmp_path, tmp_path / POLICY])}

    assert {
        POLICY: "policy",
        "10-a.toml": "policy",
        REQ: "requirements",
        "x.mobileconfig": "profile",
    } == found
    assert "requirements" == collect([tmp_path / "other.toml"], "requirements")[0].kind


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageError, match="holds no policy"):
        collect([tmp_path])
    with pytest.raises(AccessDeniedError, match="cannot be read"):
        collect([tmp_path / POLICY])


def test_the_examples_are_valid_and_the_first_one_is_clean():
    assert () == read_files(collect([EXAMPLES / "every-field"])).faults
    assert () == lint(read_files(collect([EXAMPLES / "quick-start"])).files, AIM)


@pytest.mark.parametrize(("mode", "said"), [(0o644, ["fleet.key"]), (0o600, [])])
def test_a_key_in_its_own_file_is_for_its_owner_alone(mode, said, tmp_path):
    (tmp_path / POLICY).write_text(HEAD)
    (tmp_path / "fleet.key").write_text("an-example-and-no-real-key")
    (tmp_path / "fleet.key").chmod(mode)

    for named in (tmp_path, tmp_path / POLICY):
        read = read_files(collect([named]))

        found = [entry for entry in lint(read.files, AIM) if entry.rule == "fleet-key-readable"]
        assert said == [PurePath(entry.path).name for entry in found]
        assert "an-example" not in f"{read}{found}"
