"""An endpoint's run: what was left is completed, the release is had, read, and put in place."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tipstaff_policy.assessment.knowledge.installed import read_current
from tipstaff_policy.assessment.policy_loading import FaultyOrganisation, read_organisation
from tipstaff_policy.errors import AccessDeniedError, PolicyError, TipstaffError, UsageError
from tipstaff_policy.installation.apply import apply_step, refusals
from tipstaff_policy.installation.model import Step
from tipstaff_policy.installation.survey import place_of
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Fault
from tipstaff_policy.organisation.paths import place_of_knowledge
from tipstaff_policy.system.files import read_bounded
from tipstaff_rollout.artefacts.compiling import KNOWLEDGE_LIMIT
from tipstaff_rollout.knowledge import require_knowledge_not_older
from tipstaff_rollout.signing import require_not_older
from tipstaff_rollout.sync.applying import (
    PRIVATE,
    Change,
    FileSet,
    Host,
    apply,
    complete,
    plan,
    read_set,
    run_alone,
)
from tipstaff_rollout.sync.deliverables import (
    Delivery,
    delivery_of,
    place_files,
)
from tipstaff_rollout.sync.downloading import Downloaded, download
from tipstaff_rollout.sync.fetching import Way
from tipstaff_rollout.sync.merging import with_others
from tipstaff_rollout.sync.settings import Settings, authorities, read_trusted, require_own

Files = tuple[tuple[str, bytes], ...]
"""Each file with its place."""
REMEDY = "correct that, and sync again; the next run completes it"
TRUSTED = "root.json"
"""The root that the first run was given."""


class Run(NamedTuple):
    """What is asked of one run."""

    host: Host
    settings: Settings
    env: Mapping[str, str]
    trust: bytes | None = None
    """A root that the administrator names now."""
    dry_run: bool = False
    replace: bool = False
    """Whether files of other administrators are replaced as a whole; copies are kept."""


class Synced(NamedTuple):
    """What a run came to."""

    downloaded: Downloaded
    policy: FileSet
    completed: tuple[Change, ...]
    """What an earlier run had begun and this one has put in place first."""
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    """Why the policy contradicts other files on this host."""
    knowledge_not_used: str | None = None
    """Why the published knowledge was left out; the policy is in force without it."""


def sync(run: Run) -> Synced:
    """Bring a host to the newest release; where that fails, what is there stays in force.

    Raises:
        EvaluationError: The server cannot be had; another run is under way; the disk refuses.
        IntegrityError: What the server gives is not to be believed.
        PolicyError: The policy is none that this release reads; others could change what a sync
            goes by.
        UsageError: No root is trusted yet.
    """
    host = run.host
    if host.root is None and os.geteuid() != 0:
        raise AccessDeniedError(
            "only root can change the policy of this machine",
            remedy="`sudo tipstaff policy sync`",
        )
    require_own(host, host.folder)
    with refusals(REMEDY), run_alone(host) if not run.dry_run else contextlib.nullcontext():
        completed = () if run.dry_run else complete(host)
        old = read_set(host, host.applied)
        with _explain_what_stays(old, completed):
            return _sync(run, old, completed)


def _sync(run: Run, old: FileSet | None, completed: tuple[Change, ...]) -> Synced:
    host = run.host
    trust = _trust(run)
    with _give_folder(run) as folder:
        way = _way(run)
        downloaded = download(run.settings.url, trust, folder, way)
    delivery = delivery_of(downloaded.payloads)
    if old is not None and old.counter is not None:
        require_not_older(delivery.counter, old.counter, "that of the policy in force")
    new = _set_of(delivery, run, old)
    changes = plan(host, new, old)
    if not run.dry_run:
        if run.trust is not None:
            kept = Step("write", host.state(TRUSTED), content=run.trust, mode=PRIVATE)
            apply_step(host.root, kept)
        if new != old or any(change.action != "unchanged" for change in changes):
            changes = apply(host, new)
    faults = () if run.dry_run else _faults(run)
    return Synced(downloaded, new, completed, changes, faults, delivery.not_used)


def _trust(run: Run) -> bytes:
    """Return the root from which trust starts: named now, by the settings, or kept."""
    if run.trust is not None:
        return run.trust
    host = run.host
    path = run.settings.root or host.state(TRUSTED)
    data = read_trusted(host, path)
    if data is not None:
        return data
    if run.settings.root:
        raise PolicyError("is missing", where=path, expected="the root that is trusted first")
    raise UsageError(
        "no root is trusted here yet",
        expected="--root FILE, the first time: the publisher's metadata/1.root.json, "
        "copied here, but not from that server",
    )


@contextlib.contextmanager
def _give_folder(run: Run) -> Iterator[Path]:
    """Give the folder of earlier metadata; for a dry run, a copy of it."""
    folder = Path(place_of(run.host.root, run.host.folder))
    if not run.dry_run:
        yield folder
        return
    with tempfile.TemporaryDirectory() as copy:
        if folder.is_dir():
            shutil.copytree(folder, copy, symlinks=True, dirs_exist_ok=True)
        yield Path(copy)


def _way(run: Run) -> Way:
    settings = run.settings
    env = {**run.env}
    if settings.proxy:
        env["https_proxy"] = settings.proxy
    return Way(env, authorities(run.host, settings), settings.time_limit)


def _set_of(delivery: Delivery, run: Run, old: FileSet | None) -> FileSet:
    made = delivery.compiled
    files = place_files(delivery, run.host.platform)
    files = _with_newer_knowledge(run.host, delivery, files, old)
    files = with_others(run.host, made, files, old, replace=run.replace)
    return FileSet(made.id, made.version, made.fingerprint, delivery.counter, files)


def _with_newer_knowledge(
    host: Host, delivery: Delivery, files: Files, old: FileSet | None
) -> Files:
    """Return the files to put in place; newer knowledge that was installed by hand stays.

    Raises:
        RolledBackError: The last sync has put newer knowledge in place than is published now.
    """
    if delivery.knowledge is None:
        return files
    there = read_current(host.root, host.platform)
    if there is None or there.counter is None or there.counter <= delivery.knowledge:
        return files
    path = place_of_knowledge(host.platform)
    data = read_bounded(place_of(host.root, path), KNOWLEDGE_LIMIT)
    if old is not None and dict(old.files).get(path) == data:
        require_knowledge_not_older(delivery.knowledge, there.counter, "the last sync", path)
    return tuple((place, data if place == path else content) for place, content in files)


def _faults(run: Run) -> tuple[Fault, ...]:
    """Return why the current files are not a valid policy; fragments of others count too."""
    request = Request(
        run.env, "/", int(time.time()), system_root=run.host.root, platform=run.host.platform
    )
    found = read_organisation(request)
    return found.faults if isinstance(found, FaultyOrganisation) else ()


@contextlib.contextmanager
def _explain_what_stays(old: FileSet | None, completed: tuple[Change, ...]) -> Iterator[None]:
    """Add to an error what stays in force."""
    try:
        yield
    except TipstaffError as error:
        lines = (
            "nothing was changed" if not completed else "the files of an earlier run were installed"
        )
        stays = f"policy {old.id} {old.version} stays in force" if old else "none was synced yet"
        error.remedy = "; ".join([*([error.remedy] if error.remedy else []), lines, stays])
        raise
