"""What the client says of a bundle of authorities, and what Tipstaff says of the same file.

The device log-in loads the bundle first; in the private namespace it reaches no network after.
"""

import subprocess

import pytest

from conformance.client import Case
from tipstaff_policy.clients.codex.facts.bundle import ca_bundle
from tipstaff_policy.model.request import Request


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ca")
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += ["-nodes", "-days", "30", "-subj", "/CN=made up", "-keyout", "/dev/null"]
    subprocess.run([*words, "-out", folder / "ca.pem"], check=True, capture_output=True)
    return (folder / "ca.pem").read_text()


FILES = {
    "one": ("{ca}", True),
    "two and a comment": ("# a comment\n{ca}\n{ca}", True),
    "windows lines": ("{crlf}", True),
    "trusted label": ("{trusted}", True),
    "empty": ("", False),
    "text": ("no certificate\n", False),
    "key only": ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", False),
    "byte order mark": ("\ufeff{ca}", False),
    "not base64": ("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", False),
    "cut off": ("{half}", False),
    "no certificate inside": (
        "{ca}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        False,
    ),
    "an empty block": ("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", False),
    "spaces around a line": ("{indented}", True),
    "another block cut off": ("{ca}\n-----BEGIN X509 CRL-----\nAAAA\n", False),
}


def made(template, ca):
    half = ca[: len(ca) // 2]
    trusted = ca.replace(" CERT", " TRUSTED CERT")
    lines = ca.splitlines()
    indented = "\n".join([lines[0], *(f"  {line}  " for line in lines[1:-1]), lines[-1]]) + "\n"
    return template.format(
        ca=ca, crlf=ca.replace("\n", "\r\n"), half=half, trusted=trusted, indented=indented
    )


@pytest.mark.parametrize(("template", "good"), FILES.values(), ids=FILES)
def test_the_client_takes_what_tipstaff_takes(
    template, good, certificate, namespace, client, tmp_path
):
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(made(template, certificate), "utf-8", newline="")
    case = Case(env={"CODEX_CA_CERTIFICATE": str(bundle)})

    found = namespace.run([client, "login", "--device-auth"], case)
    out = found["out"] + found.get("err", "")
    ours = ca_bundle(Request(dict(case.env), "/", 0))

    assert "logging in" in out, found
    assert good == ("selected by CODEX_CA_CERTIFICATE" not in out), out
    assert good == (ours.fault is None), ours.fault
