"""The pages of an artefact: what has an effect, and which file is uploaded where, in which order.

They come from the policy alone, as every other file does, so that `verify` judges them too.
"""

import hashlib
import re

from tipstaff_policy.model.state import Platform
from tipstaff_rollout.artefacts.compiling import Draft, policy_of
from tipstaff_rollout.effects import PLATFORM_NAMES, describe_in_page
from tipstaff_rollout.model import Channel, Compiled, File
from tipstaff_rollout.payloads import every_payload

README, UPLOAD = "README.md", "UPLOAD.md"
ROW = re.compile(r"^\| `([^`\n]+)` \| ([0-9a-f]{64}) \|$", re.MULTILINE)
"""A file in an upload page, with the digest that it had when it was rendered."""


def effect_section(compiled: Compiled, platform: Platform) -> str:
    """Return what a policy has an effect on, as a section; empty without its document."""
    document = compiled.data("policy")
    if document is None:
        return ""
    policy = policy_of(Draft(document, compiled.data("keys")))
    # What is read back comes in the order of the artefact.
    shipped = sorted((payload.name for payload in compiled.payloads), key=every_payload().index)
    return "\n" + describe_in_page(policy, shipped, platform)


def upload_page(compiled: Compiled, by: Channel, files: tuple[File, ...]) -> File:
    """Return the page that says what to do with the files of an artefact."""
    steps = by.steps(compiled)
    numbered = [f"{number}. {step}" for number, step in enumerate(steps.upload, start=1)]
    effect = effect_section(compiled, by.platform)
    if any(file.path == README for file in files):
        effect = f"\n[{README}]({README}) says what has an effect, on which hosts and when.\n"
    elif not effect:
        effect = (
            "\n## What has an effect, where and when\n\n"
            "The client obeys this at once on every host that has it, with Tipstaff or without.\n"
        )
    digests = (f"| `{file.path}` | {hashlib.sha256(file.data).hexdigest()} |" for file in files)
    lines = [
        f"# Upload {compiled.id} {compiled.version}: {by.name}",
        f"Fingerprint: {compiled.fingerprint}",
        "",
        (
            "Before you upload: `tipstaff policy verify` with the path of this folder and "
            "`--against POLICY`."
        ),
        "",
        "## Which file, where, in which order",
        "",
        *numbered,
        "",
        "## How to check",
        "",
        *(f"- {step}" for step in steps.check),
        "",
        "## How to go back",
        "",
        *(f"- {step}" for step in steps.back),
        effect.rstrip("\n"),
        "",
        "## The files as they were rendered",
        "",
        "| file | SHA-256 |",
        "| --- | --- |",
        *digests,
        "",
    ]
    return File(UPLOAD, "\n".join(lines).encode())


def upload_index(compiled: Compiled, channels: tuple[Channel, ...]) -> File:
    """Return the page above several artefacts, which says which of them a device manager takes."""
    lines = [
        f"# Upload {compiled.id} {compiled.version}",
        f"Fingerprint: {compiled.fingerprint}",
        "",
        (
            "Choose one folder for each kind of host. The page in it says which file goes where, "
            "in which order, how to check and how to go back."
        ),
        "",
        "| hosts | folder | what it is |",
        "| --- | --- | --- |",
        *(
            f"| {PLATFORM_NAMES[by.platform]} | [{by.name}]({by.name}/{UPLOAD}) | {by.title} |"
            for by in sorted(channels, key=lambda by: [*PLATFORM_NAMES].index(by.platform))
        ),
        "",
    ]
    return File(UPLOAD, "\n".join(lines).encode())


def find_mismatches(files: tuple[File, ...]) -> tuple[str, ...]:
    """Return the files whose bytes are not those that the upload page names."""
    page = next((file for file in files if file.path == UPLOAD), None)
    if page is None:
        return ()
    named = dict(ROW.findall(page.data.decode("utf-8", "replace")))
    return tuple(
        file.path
        for file in files
        if named.get(file.path, "") not in ("", hashlib.sha256(file.data).hexdigest())
    )
