"""When a certificate expires, read from its own bytes."""

import datetime as dt
import ssl
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.clients.codex.facts.bundle import ca_bundle
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.certificates import certificates, not_after

LENGTHS = {"by two digits of the year": 30, "by four digits of the year": 365 * 40}


def make(folder, days):
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += ["-nodes", "-days", str(days), "-subj", "/CN=made up", "-keyout", "/dev/null"]
    path = folder / f"{days}.pem"
    subprocess.run([*words, "-out", path], check=True, capture_output=True)
    message = ["openssl", "x509", "-in", path, "-noout", "-enddate"]
    end = subprocess.run(message, check=True, capture_output=True, text=True).stdout
    return path, ssl.cert_time_to_seconds(end.strip().removeprefix("notAfter="))


@pytest.mark.parametrize("days", LENGTHS.values(), ids=LENGTHS)
def test_a_certificate_expires_when_openssl_says(days, tmp_path):
    path, end = make(tmp_path, days)
    (der,) = certificates(path.read_bytes())

    said = dt.datetime.fromtimestamp(end, dt.UTC).strftime("%Y%m%d%H%M%S")
    assert said == not_after(der)


def test_a_bundle_names_the_certificates_that_have_expired(tmp_path):
    (short, end), (long, _) = make(tmp_path, 30), make(tmp_path, 365 * 40)
    bundle = tmp_path / "both.pem"
    bundle.write_bytes(long.read_bytes() + short.read_bytes())
    request = Request({"SSL_CERT_FILE": "both.pem"}, str(tmp_path), end)

    assert (2, ()) == ca_bundle(request)[3:5]
    assert (2, (2,)) == ca_bundle(request._replace(now=end + 1))[3:5]


@pytest.mark.parametrize("what", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_a_fault_and_does_not_block(what, tmp_path):
    import os

    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    if what == "pipe":
        os.mkfifo(path)

    assert "cannot be read" in ca_bundle(Request({"SSL_CERT_FILE": str(path)}, "/", 0)).fault


@given(st.binary())
def test_any_bytes_are_a_date_or_no_certificate(der):
    try:
        said = not_after(der)
    except ValueError as error:
        said = str(error)

    assert said.isdecimal() or said == "holds a block that is no certificate"


@pytest.fixture(scope="module")
def folder_of_bundles(tmp_path_factory):
    return tmp_path_factory.mktemp("bundles")


@given(data=st.binary())
def test_any_file_gives_certificates_or_a_fault(folder_of_bundles, data):
    marked = b"-----BEGIN CERTIFICATE-----\n" + data
    for content in (data, marked, marked + b"\n-----END CERTIFICATE-----\n"):
        path = str(folder_of_bundles / "any.pem")
        with open(path, "wb") as file:
            file.write(content)
        bundle = ca_bundle(Request({"SSL_CERT_FILE": path}, "/", 0))
        assert (bundle.fault is None) == (bundle.certificates > 0)
