"""Connections that bring nothing whole: without end, too slow, cut off, led elsewhere, not trusted."""

import http.server
import time

import pytest

from support.artefacts.publishers import Mirror, endless, failed, give, mirroring, policy_file
from support.services.issuers import Authority, serving
from tipstaff_policy.errors import INTEGRITY_EXIT, UNEVALUATED_EXIT

ROLE_FILES = ("timestamp", "3.snapshot", "3.targets")


def test_who_sends_without_end_is_hung_up_on(released, mirror, endpoint):
    mirror.answers["/metadata/timestamp.json"] = endless

    failed(endpoint)

    assert mirror.hung_up.wait(20)


def dripping_body(request):
    request.send_response(200)
    request.end_headers()
    request.close_connection = True
    _drip(request, b" ")


def dripping_head(request):
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-More: ")
    request.close_connection = True
    _drip(request, b"1")


def silent(request):
    request.server.ended.wait(30)


def _drip(request, part):
    try:
        while not request.server.ended.wait(0.05):
            request.wfile.write(part)
            request.wfile.flush()
    except OSError:
        pass


@pytest.mark.parametrize("act", [dripping_body, dripping_head, silent])
def test_slow_retrieval_ends_in_time(act, released, mirror, endpoint):
    mirror.answers["/metadata/timestamp.json"] = act
    settings = endpoint.run().settings._replace(time_limit=0.7)
    began = time.monotonic()

    assert UNEVALUATED_EXIT == failed(endpoint, settings=settings)

    assert time.monotonic() - began < 8  # neither a step's limit of ten seconds nor for ever


@pytest.mark.parametrize("promised", [True, False], ids=["cut off", "short"])
@pytest.mark.parametrize("name", [*ROLE_FILES, "policy"])
def test_a_truncated_file_is_not_taken(name, promised, released, mirror, endpoint):
    path = policy_file(released) if name == "policy" else f"/metadata/{name}.json"
    whole = (released.folder / path[1:]).read_bytes()
    half = whole[: len(whole) // 2]
    mirror.answers[path] = lambda request: give(request, half, len(whole) if promised else None)

    assert (UNEVALUATED_EXIT if promised else INTEGRITY_EXIT) == failed(endpoint)

    mirror.answers.clear()
    assert "3" == endpoint.sync().policy.version


@pytest.mark.parametrize("path", ["/metadata/timestamp.json", "/metadata/2.root.json"])
def test_a_mirror_that_leads_elsewhere_is_not_followed(path, released, mirror, endpoint, authority):
    with mirroring(released, authority) as elsewhere:

        def lead(request):
            request.send_response(302)
            request.send_header("Location", f"{elsewhere.url}{path}")
            request.end_headers()

        mirror.answers[path] = lead

        assert UNEVALUATED_EXIT == failed(endpoint)
        assert [] == elsewhere.asked


def test_a_server_whose_authority_nobody_trusts_is_not_asked(released, endpoint, tmp_path):
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    with serving(Mirror(released.folder, stranger.certify("localhost"))) as server:
        settings = endpoint.run().settings._replace(url=server.url)

        assert UNEVALUATED_EXIT == failed(endpoint, settings=settings)
        assert [] == server.asked


def test_without_a_server_what_is_there_stays(released, endpoint):
    with http.server.HTTPServer(("127.0.0.1", 0), None) as closed:
        url = f"https://localhost:{closed.server_port}"
    settings = endpoint.run().settings._replace(url=url)

    assert UNEVALUATED_EXIT == failed(endpoint, settings=settings)
