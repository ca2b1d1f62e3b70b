"""`install`, `uninstall` and `status` as plain text."""

from tipstaff_reports.text import as_text
from tipstaff_reports.texts.doctor import symptom_lines
from tipstaff_schemas.setup import SetupReport, SetupStep, StatusReport


def render(report: SetupReport) -> str:
    """Return every step with what came of it, then what that amounts to."""
    lines = [_line(step) for step in report.steps]
    return as_text([*lines, _summary(report)])


def render_status(report: StatusReport, *, verbose: bool = False) -> str:
    """Return the worst first, each with what to do."""
    return as_text(symptom_lines(report.mark, report.symptoms, verbose=verbose))


def _line(step: SetupStep) -> str:
    line = f"  {step.outcome:<8}  {step.action:<9}  {step.path}  ({step.detail})"
    return f"{line}: {step.why}" if step.why else line


def _summary(report: SetupReport) -> str:
    changed = [step for step in report.steps if step.outcome in ("done", "planned")]
    failed = any(step.outcome in ("failed", "not done") for step in report.steps)
    if failed:
        return f"not complete: correct the reason, then run `tipstaff {report.command}` again"
    if report.dry_run:
        return f"{len(changed)} steps; nothing was changed"
    done = {"install": "installed", "uninstall": "uninstalled"}[report.command]
    return f"{done}, {len(changed)} steps" if changed else f"{done} already, nothing to do"
