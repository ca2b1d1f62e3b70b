"""A publisher with keys, a web server that gives out its folder or other bytes, and hosts that sync."""

import datetime as dt
import http.server
import threading
from contextlib import contextmanager

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata

from support.artefacts.policies import ROOT
from support.services.issuers import serving
from tipstaff_policy.errors import TipstaffError
from tipstaff_rollout.artefacts.compiling import Draft, compile_policy
from tipstaff_rollout.model import Payload
from tipstaff_rollout.sync import publishing, settings, syncing
from tipstaff_rollout.sync.applying import Host
from tipstaff_rollout.sync.deliverables import Delivery, delivery_of
from tipstaff_rollout.sync.repository import ROLES, Repository

POLICY, REQUIREMENTS = "etc/tipstaff/policy.toml", "etc/codex/requirements.toml"
MANAGED, LAST_GOOD = "etc/codex/managed_config.toml", "var/lib/tipstaff/last-good/policy.toml"
FILES = (POLICY, REQUIREMENTS, MANAGED, LAST_GOOD)
CA = "etc/tipstaff/ca.pem"
STATE = "var/lib/tipstaff/sync"
KEYS = b'{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "made-up"}]}'


def document(version, more='login_methods = ["chatgpt"]\n'):
    return ROOT.replace('version = "1"', f'version = "{version}"').encode() + more.encode()


class Publisher:
    """A folder with two keys a role, one of which is enough unless a test wants both."""

    def __init__(self, folder, threshold=1, now=None):
        self.repository = Repository(folder)
        self.keys = {role: [CryptoSigner.generate_ed25519() for _ in range(2)] for role in ROLES}
        wanted = {
            role: publishing.RoleWanted(tuple(key.public_key for key in keys), threshold)
            for role, keys in self.keys.items()
        }
        publishing.begin(self.work(now=now), wanted)
        publishing.advance(self.work(now=now))

    @property
    def folder(self):
        return self.repository.folder

    def work(self, signers=None, now=None):
        everybody = [key for keys in self.keys.values() for key in keys]
        now = now or dt.datetime.now(dt.UTC)
        return publishing.Work(
            self.repository, tuple(everybody if signers is None else signers), now
        )

    def release(self, data, keys=None, now=None):
        self.deliver(delivery_of(compile_policy(Draft(data, keys)).payloads), now)

    def release_raw(self, **payloads):
        """Release what no release of Tipstaff would."""
        given = tuple(Payload(name, data) for name, data in payloads.items())
        self.deliver(Delivery(compile_policy(Draft(document(1)))._replace(payloads=given), None))

    def deliver(self, delivery, now=None):
        work = self.work(now=now)
        publishing.add(work, delivery)
        assert publishing.advance(work)

    def rotate(self, role, signers=None):
        """Give a role two new keys in place of its own."""
        old, new = self.keys[role], [CryptoSigner.generate_ed25519() for _ in range(2)]
        work = self.work([*self.work().signers, *new] if signers is None else signers)
        publishing.rotate(
            work,
            role,
            add=[key.public_key for key in new],
            remove=[key.public_key.keyid for key in old],
            threshold=None,
        )
        publishing.advance(work)
        self.keys[role] = new

    def forged(self, role, by, **changes):
        """Return a role's metadata changed and signed by some keys, as a thief would."""
        signed = self.repository.read_published(role).signed
        for name, value in changes.items():
            setattr(signed, name, value)
        made = Metadata(signed)
        for signer in by:
            made.sign(signer, append=True)
        return made.to_bytes()


class Mirror(http.server.ThreadingHTTPServer):
    """Gives out a folder by HTTPS, but for what a test wants otherwise."""

    daemon_threads = True

    def __init__(self, folder, context):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.folder = folder
        self.answers = {}
        """For each path bytes, or what answers a request in its own way."""
        self.asked = []
        self.ended, self.hung_up = threading.Event(), threading.Event()

    @property
    def url(self):
        return f"https://localhost:{self.server_port}"

    def handle_error(self, request, client_address):
        """Say nothing: clients that hang up are what some tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.asked.append(self.path)
        answer = server.answers.get(self.path)
        place = server.folder / self.path[1:]
        if callable(answer):
            answer(self)
        elif answer is not None or place.is_file():
            give(self, place.read_bytes() if answer is None else answer)
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


def give(request, data, length=None):
    """Answer with data; a promise of more than there is cuts it off."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(data) if length is None else length))
    request.end_headers()
    request.wfile.write(data)
    request.close_connection = True


@contextmanager
def mirroring(publisher, authority):
    """Serve a publisher's folder; the authority certifies once for all."""
    if not hasattr(authority, "context"):
        authority.context = authority.certify("localhost")
    with serving(Mirror(publisher.folder, authority.context)) as mirror:
        yield mirror


class Endpoint:
    """A host that syncs from a mirror."""

    def __init__(self, folder, authority, trust, url):
        self.root = folder
        (folder / "etc/tipstaff").mkdir(parents=True)
        (folder / CA).write_bytes(authority.file.read_bytes())
        (folder / "etc/tipstaff/sync-root.json").write_bytes(trust)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        self.url = url

    def run(self, **changes):
        given = settings.Settings(
            self.url, "/etc/tipstaff/sync-root.json", f"/{CA}", time_limit=20.0
        )
        return syncing.Run(Host(str(self.root), "linux"), given, {})._replace(**changes)

    def sync(self, **changes):
        return syncing.sync(self.run(**changes))

    def files(self):
        """Return what is where a sync puts files, without what it keeps for itself."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and STATE not in str(path)
        }


def policy_file(publisher):
    info = publisher.repository.read_published("targets").signed.targets["policy.toml"]
    return f"/targets/{info.hashes['sha256']}.policy.toml"


def failed(endpoint, **changes):
    """Sync in vain; return the exit code."""
    with pytest.raises(TipstaffError) as caught:
        endpoint.sync(**changes)
    assert "policy example 2 stays in force" in caught.value.remedy
    return caught.value.exit_code


def endless(request):
    request.send_response(200)
    request.end_headers()
    request.close_connection = True
    try:
        for _ in range(1 << 12):
            request.wfile.write(b" " * (1 << 16))
    except OSError:
        request.server.hung_up.set()
