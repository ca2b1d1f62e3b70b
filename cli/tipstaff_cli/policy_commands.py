"""``tipstaff policy``: the commands of the group, each from its own file."""

from collections.abc import Callable

from tipstaff_cli import (
    authoring,
    comparing,
    delivering,
    policy,
    publishing,
    rendering,
    signing,
    simulating,
    verifying,
    waivers,
)

COMMANDS: tuple[Callable[..., None], ...] = (
    authoring.init,
    authoring.lint,
    comparing.diff,
    simulating.simulate,
    rendering.render,
    verifying.verify,
    signing.sign,
    waivers.waive,
    delivering.sync,
)
app = policy.app
for command in COMMANDS:
    app.command()(command)
app.add_typer(publishing.app, name="publish")
