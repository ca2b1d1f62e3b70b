"""A publisher, its mirror and a host, for every test of this folder."""

import os

import pytest

from support.artefacts.publishers import Endpoint, Publisher, document, mirroring
from support.services.issuers import Authority


@pytest.fixture(autouse=True)
def _without_waiting_for_the_disk(monkeypatch):
    """A kill does not lose what was written; only a power cut would."""
    monkeypatch.setattr(os, "fsync", {}.get)


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def publisher(tmp_path):
    made = Publisher(tmp_path / "site")
    made.release(document(1))
    return made


@pytest.fixture
def mirror(publisher, authority):
    with mirroring(publisher, authority) as server:
        yield server


@pytest.fixture
def endpoint(tmp_path, authority, publisher, mirror):
    trust = (publisher.folder / "metadata/1.root.json").read_bytes()
    return Endpoint(tmp_path / "host", authority, trust, mirror.url)


@pytest.fixture
def released(publisher, endpoint):
    """The host has the second release, the publisher the third; an attacker has kept the first."""
    endpoint.sync()
    metadata = publisher.folder / "metadata"
    publisher.former = {path.name: path.read_bytes() for path in metadata.iterdir()}
    publisher.release(document(2))
    endpoint.sync()
    publisher.release(document(3))
    return publisher
