"""Signed knowledge of client versions comes with the policy, and an older Tipstaff learns by it."""

import json

import pytest

from support.artefacts.knowledge import (
    NEW,
    NOW,
    content_with_newer,
    older_release,
    public,
    signed,
    signing_keys,
)
from support.artefacts.publishers import POLICY, document
from support.clients.logins import chatgpt
from support.machines.hosts import FORCED_CHATGPT, make_host
from tipstaff_policy.assessment.knowledge.making import make_content
from tipstaff_policy.errors import INTEGRITY_EXIT, BadSignatureError, TipstaffError
from tipstaff_rollout.artefacts.compiling import Draft, compile_policy
from tipstaff_rollout.model import Payload
from tipstaff_rollout.signing.errors import RolledBackError
from tipstaff_rollout.sync.deliverables import Delivery, delivery_of
from tipstaff_rollout.sync.publishing import require_newer

__all__ = ["older_release", "signing_keys"]

KNOWLEDGE = "etc/tipstaff/knowledge.json"


@pytest.fixture
def policy(signing_keys):
    """Return the text of each version of a policy that trusts the maintainer's key."""
    keys = f'knowledge_keys = ["{public(signing_keys)}"]\n'
    return lambda version: document(version, f'login_methods = ["chatgpt"]\n{keys}')


def release(publisher, policy, knowledge, version=2):
    made = compile_policy(Draft(policy(version), knowledge=knowledge))
    publisher.deliver(delivery_of(made.payloads))


def release_unread(publisher, policy, knowledge, version=2):
    """Release what no publisher of this release would."""
    made = compile_policy(Draft(policy(version)))
    payloads = (*made.payloads, Payload("knowledge", knowledge))
    publisher.deliver(Delivery(made._replace(payloads=payloads), None))


def test_knowledge_comes_with_the_policy(publisher, endpoint, policy, signing_keys):
    knowledge = signed(signing_keys)
    release(publisher, policy, knowledge)
    endpoint.sync()

    assert knowledge == endpoint.files()[KNOWLEDGE]


def test_knowledge_that_is_published_no_more_is_removed(publisher, endpoint, policy, signing_keys):
    release(publisher, policy, signed(signing_keys))
    endpoint.sync()
    publisher.release(policy(3))
    endpoint.sync()

    assert KNOWLEDGE not in endpoint.files()


def test_edited_knowledge_changes_nothing_and_ends_with_6(
    publisher, endpoint, policy, signing_keys
):
    endpoint.sync()
    before = endpoint.files()
    release_unread(publisher, policy, signed(signing_keys).replace(b"2026-11-30", b"2026-11-29", 1))
    with pytest.raises(BadSignatureError) as refused:
        endpoint.sync()

    assert (INTEGRITY_EXIT, before) == (refused.value.exit_code, endpoint.files())


@pytest.mark.parametrize("other", [{"name": "stranger"}, {"purpose": "tipstaff"}])
def test_knowledge_by_another_key_or_for_another_purpose_ends_with_6(
    other, publisher, endpoint, policy, signing_keys
):
    release_unread(publisher, policy, signed(signing_keys, **other))
    with pytest.raises(TipstaffError) as refused:
        endpoint.sync()

    assert INTEGRITY_EXIT == refused.value.exit_code


def test_knowledge_for_another_tipstaff_keeps_no_policy_from_a_host(
    publisher, endpoint, policy, signing_keys
):
    content = make_content(1, NOW, needs=("9.0.0", "10.0.0"))
    release_unread(publisher, policy, signed(signing_keys, content))
    done = endpoint.sync()

    assert (policy(2), False) == (endpoint.files()[POLICY], KNOWLEDGE in endpoint.files())
    assert "is for Tipstaff from 9.0.0" in done.knowledge_not_used


def test_an_older_document_than_that_of_the_last_sync_is_refused(
    publisher, endpoint, policy, signing_keys
):
    release(publisher, policy, signed(signing_keys, make_content(7, NOW)))
    endpoint.sync()
    release(publisher, policy, signed(signing_keys, make_content(6, NOW)), version=3)
    with pytest.raises(RolledBackError) as refused:
        endpoint.sync()

    assert INTEGRITY_EXIT == refused.value.exit_code


def test_newer_knowledge_that_was_installed_by_hand_stays(
    publisher, endpoint, policy, signing_keys
):
    release(publisher, policy, signed(signing_keys, make_content(1, NOW)))
    endpoint.sync()
    newer = signed(signing_keys, make_content(2, NOW))
    (endpoint.root / KNOWLEDGE).write_bytes(newer)
    endpoint.sync()

    assert newer == endpoint.files()[KNOWLEDGE]


def test_no_older_document_is_published(publisher, policy, signing_keys):
    release(publisher, policy, signed(signing_keys, make_content(7, NOW)))
    older = signed(signing_keys, make_content(6, NOW))
    delivery = delivery_of(compile_policy(Draft(policy(3), knowledge=older)).payloads)

    with pytest.raises(RolledBackError):
        require_newer(publisher.repository, delivery)


def test_no_policy_is_made_with_knowledge_that_its_hosts_would_refuse(policy, signing_keys):
    with pytest.raises(BadSignatureError):
        compile_policy(Draft(policy(2), knowledge=signed(signing_keys, name="stranger")))


def test_an_older_release_learns_a_version_by_a_sync(
    older_release, publisher, endpoint, mirror, policy, signing_keys
):
    """A whole process of an older Tipstaff, against a server."""
    release(publisher, policy, signed(signing_keys))
    make_host(endpoint.root / "host", auth=chatgpt(), managed=FORCED_CHATGPT)
    (endpoint.root / "host/home").rename(endpoint.root / "home")
    settings = endpoint.root / "etc/tipstaff/sync.toml"
    settings.write_text(f'url = "{mirror.url}"\nca_file = "/etc/tipstaff/ca.pem"\n')
    settings.chmod(0o644)
    judged = ("--client", "codex", "--client-version", NEW, "--system-root", endpoint.root)

    def proven():
        done = older_release("audit", *judged, "--format", "json")
        return json.loads(done.stdout)["client"]["proven"]

    before = proven()
    done = older_release("policy", "sync", "--system-root", endpoint.root)

    assert (False, 0, True) == (before, done.returncode, proven()), done.stderr


def test_an_older_release_refuses_edited_knowledge_by_a_sync_with_6(
    older_release, publisher, endpoint, mirror, policy, signing_keys
):
    release_unread(publisher, policy, signed(signing_keys).replace(b"2026-11-30", b"2026-11-29", 1))
    settings = endpoint.root / "etc/tipstaff/sync.toml"
    settings.write_text(f'url = "{mirror.url}"\nca_file = "/etc/tipstaff/ca.pem"\n')
    settings.chmod(0o644)
    done = older_release("policy", "sync", "--system-root", endpoint.root)

    assert (6, False) == (done.returncode, (endpoint.root / KNOWLEDGE).exists()), done.stderr


def test_what_a_sync_brings_is_more_than_this_release_knows(
    publisher, endpoint, policy, signing_keys
):
    release(publisher, policy, signed(signing_keys, content_with_newer()))
    endpoint.sync()

    assert b'"0.999.0"' in endpoint.files()[KNOWLEDGE]
