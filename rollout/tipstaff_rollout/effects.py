"""What a policy has an effect on at a stage of its start, in words for an author."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.organisation.wording import moment
from tipstaff_rollout.model import NAMES, PayloadName
from tipstaff_rollout.payloads import client_payloads, files_for, in_preferences
from tipstaff_rollout.stages import Stage, State, find_stage, list_stages

TITLES: dict[State, str] = {
    "before": "the start is still to come",
    "warn": "people are warned",
    "cohort": "some hosts log out",
    "whole": "every host logs out",
    "expired": "its validity has ended; the rules still hold",
}
PLATFORM_NAMES: dict[Platform, str] = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}


class Effect(NamedTuple):
    """What a policy does at a stage, and what its author does next."""

    state: State
    since: int | None
    ships: str
    with_tipstaff: str
    without_tipstaff: str
    next: str


def find_effect(policy: OrganisationPolicy, now: int, shipped: Sequence[PayloadName]) -> Effect:
    """Return what a policy does at a moment, with the payloads that go with it."""
    return _describe(policy, find_stage(policy, now), shipped)


def name_client_files(
    shipped: Sequence[PayloadName], platforms: Sequence[Platform] = tuple(PLATFORM_NAMES)
) -> str:
    """Return which of the client's own files go to which platform; empty for none."""
    parts = (_files_on(platform, shipped) for platform in platforms)
    return "; ".join(part for part in parts if part)


def _files_on(platform: Platform, shipped: Sequence[PayloadName]) -> str:
    known = client_payloads()
    found: list[str] = []
    for name in shipped:
        if name not in known:
            continue
        preferences = known[name].deployment.preferences
        if platform == "macos" and preferences and name in in_preferences():
            found.append(f"preferences of {preferences.domain}")
        elif known[name].place(platform):
            found.append(known[name].file.file_name)
        elif platform == "windows" and (registry := known[name].registry):
            found.append(registry.place)
    names = ", ".join(dict.fromkeys(found))
    return f"{PLATFORM_NAMES[platform]}: {names}" if names else ""


def _describe(
    policy: OrganisationPolicy,
    stage: Stage,
    shipped: Sequence[PayloadName],
    platforms: Sequence[Platform] = tuple(PLATFORM_NAMES),
) -> Effect:
    files = name_client_files(shipped, platforms)
    own = f"Tipstaff's own document ({NAMES['policy']})"
    why = _name_reasons(stage)
    if files:
        ships = f"{own}, and the client's own files ({files})"
        without = "the client obeys its own files"
        if stage.held_back_by:
            without += f", at once, whatever the policy says of its start ({why})"
    elif stage.held_back_by:
        ships = (
            f"{own}; the client's own files are left out, because they know no start and would "
            f"act at once on every host ({why})"
        )
        without = "nothing"
    else:
        ships = f"{own}; no file of the client"
        without = "nothing, because no file of the client goes with the policy"
    advice = " ".join(_advise(policy, stage, has_files=bool(files)))
    return Effect(stage.state, stage.since, ships, stage.on_hosts, without, advice)


def _name_reasons(stage: Stage) -> str:
    return ", ".join(f"{name} at {place}" for name, place in stage.held_back_by)


def _advise(policy: OrganisationPolicy, stage: Stage, *, has_files: bool) -> Iterator[str]:
    if stage.state == "expired":
        yield (
            "State a later `valid_until` and a new version, then render and upload; until then "
            "TIP309 fails on every host."
        )
        return
    if stage.state == "before":
        yield "Install Tipstaff on the hosts and collect their reports."
    elif stage.state == "warn":
        yield "Read the reports, and help the people who are warned."
    if stage.then is not None and stage.state == "whole":
        yield f"Before {_day(stage.then)}: render a version with a later `valid_until`."
    elif stage.then is not None:
        yield (
            f"Before {_day(stage.then)}: `tipstaff policy simulate POLICY --reports DIR "
            f"--at {_day(stage.then)}`."
        )
    yield from _advise_on_the_end(policy, stage, has_files=has_files)


def _advise_on_the_end(
    policy: OrganisationPolicy, stage: Stage, *, has_files: bool
) -> Iterator[str]:
    """Yield what brings the policy to every host."""
    stages = list_stages(policy)
    whole = next((later for later in stages if later.state == "whole"), None)
    if not stage.held_back_by:
        yield (
            "Upload all of it, and check with `tipstaff audit`; to go back, upload the version "
            "before."
        )
        return
    if has_files:
        return
    if whole is not None and whole.since is not None:
        yield (
            f"From {_day(whole.since)} on, render and upload again: then the client's own files "
            "go with it."
        )
        return
    for name, place in stage.held_back_by:
        if name == "cohort":
            yield (
                f'Raise `cohort` ({place}), render and upload again; with "100%" and all dates '
                "past the client's own files go with it."
            )
        elif name == "on_violation":
            yield f"To enforce it, remove `on_violation` ({place}), then render and upload again."
        elif name.startswith("scope "):
            yield (
                f"While the {name} ({place}) is not enforced, the client's own files stay left "
                "out: they would act on its hosts too. Give those hosts a policy of their own."
            )


def _day(seconds: int) -> str:
    text = moment(seconds)
    return text.removesuffix("T00:00:00Z")


def describe_now(effect: Effect, now: int) -> tuple[str, ...]:
    """Return an effect as lines for a terminal, with the moment that they are about."""
    return (
        f"on {moment(now)[:10]} its start is at `{effect.state}`: {TITLES[effect.state]}",
        f"  ships: {effect.ships}",
        f"  with Tipstaff on the host: {effect.with_tipstaff}",
        f"  without Tipstaff on the host: {effect.without_tipstaff}",
        f"  next: {effect.next}",
    )


def _render_again(effect: Effect, later: Sequence[PayloadName], platform: Platform) -> Effect:
    """Return what a policy does at a stage whose client's own files were not rendered yet."""
    if effect.state == "expired" or not name_client_files(later, (platform,)):
        return effect
    without = "nothing, until it is rendered again: then the client obeys its own files"
    advice = (
        "Render again and upload all of it: then the client's own files go with it. Check with "
        "`tipstaff audit`; to go back, upload the version before."
    )
    return effect._replace(without_tipstaff=without, next=advice)


def describe_in_page(
    policy: OrganisationPolicy, shipped: Sequence[PayloadName], platform: Platform
) -> str:
    """Return the section of a page that says what has an effect, on which hosts, and when.

    It depends on no clock, so that the same policy gives the same page.
    """
    stages = list_stages(policy)
    files = name_client_files(shipped, (platform,))
    if files and not all(stage.held_back_by for stage in stages):
        stages = tuple(stage for stage in stages if not stage.held_back_by)
    effects = [_describe(policy, stage, shipped, (platform,)) for stage in stages]
    if stages[0].held_back_by and not files:
        later = files_for(policy)
        effects = [
            effect if stage.held_back_by else _render_again(effect, later, platform)
            for stage, effect in zip(stages, effects, strict=True)
        ]
    lines = ["## What has an effect, where and when", "", f"Ships: {effects[0].ships}."]
    if stages[0].held_back_by and not files:
        lines += ["", "**It has no effect on a host without Tipstaff.**"]
    lines += [
        "",
        "| from | stage | with Tipstaff on the host | without | what to do next |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {'the first day' if effect.since is None else _day(effect.since)} | `{effect.state}`: "
        f"{TITLES[effect.state]} | {effect.with_tipstaff} | {effect.without_tipstaff} "
        f"| {effect.next} |"
        for effect in effects
    ]
    return "\n".join([*lines, ""])
