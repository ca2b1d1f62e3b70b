"""One page for an auditor who has five minutes: no script, nothing loaded, ready to be printed."""

from tipstaff_reports.model import Format
from tipstaff_reports.page.document import render_page as render

FORMAT = Format(
    "html",
    "HTML (the living standard), WCAG 2.2 AA, CSP level 3",
    "html-validate 11.21.1, axe-core 4.14.1 and Chromium",
    "the state and the surroundings, fingerprints of findings, and the table by which a client"
    " was judged",
    render,
)
