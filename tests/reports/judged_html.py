"""The page before html-validate, axe-core and a real browser."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from example_hosts import hosts_of

from support.records.full_report import full_report
from support.records.saved_reports import OF_CLAUDE, SPECIAL, every_document
from tipstaff_reports.formats import load_format

JUDGES = Path(__file__).resolve().parents[2] / ".judges" / "node_modules"
RULES = {
    "extends": ["html-validate:recommended"],
    # For search engines, which cut a title after 70 characters; ours names person and host.
    "rules": {"long-title": "off"},
}
SHOWN = (
    "compliant-chatgpt",
    "wrong-workspace",
    "policy-deployed",
    "broken-credential",
    "merged",
    "of-users",
    "hostile",
    "nobody",
    "full",
)
"""Documents that are shown in the browser."""
FOCUSABLE = "a[href], summary, button, input, [tabindex='0']"
UNSEEN = """
() => {
  const seen = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && node.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true, opacityProperty: true});
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const unseen = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), parent = walker.currentNode.parentElement;
    if (text && !parent.closest("nav, .contents, .skip, .back") && !seen(parent)) unseen.push(text);
  }
  return unseen;
}
"""
"""What of the text outside of ways about the page is not to be seen."""


@cache
def documents():
    return {**every_document(), "full": full_report()}


@cache
def html_of(name):
    return load_format("html").render(documents()[name])


def validated(html, config):
    """Return what html-validate finds, as rule and place."""
    program = JUDGES / ".bin/html-validate"
    done = subprocess.run(
        [program, "--config", config, "--formatter", "json", "--stdin"],
        input=html.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    return [
        (message["ruleId"], message["line"], message["message"])
        for file in json.loads(done.stdout)
        for message in file["messages"]
    ]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "htmlvalidate.json"
    path.write_text(json.dumps(RULES), "utf-8")
    return path


@pytest.mark.parametrize("name", [*hosts_of("codex"), *OF_CLAUDE, *SPECIAL, "full"])
def test_html_validate_finds_nothing(name, rules):
    assert [] == validated(html_of(name), rules)


BROKEN = {
    "two places of one name": ("</main>", '<p id="findings">x</p></main>', "no-dup-id"),
    "a picture without words": ("</main>", '<img src="x.png"></main>', "wcag/h37"),
    "a style of its own": ("<main ", '<main style="color:red" ', "no-inline-style"),
    "an element that is left open": ("</main>", "<div></main>", "close-order"),
}


@pytest.mark.parametrize(("old", "new", "rule"), BROKEN.values(), ids=BROKEN)
def test_html_validate_refuses_a_broken_page(old, new, rule, rules):
    broken = html_of("nobody").replace(old, new)

    assert rule in {found for found, _, _ in validated(broken, rules)}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as program:
        found = program.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield found
        found.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Return what opens a page, and all that it says, asks for or shows while it is open."""
    contexts = []

    def one(html, **options):
        path = tmp_path / "page.html"
        path.write_text(html, "utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        noise = []
        page.on("console", lambda message: noise.append(("console", message.text)))
        page.on("pageerror", lambda error: noise.append(("error", str(error))))
        page.on("requestfailed", lambda request: noise.append((request.failure, request.url)))
        page.on("request", lambda request: noise.append(("request", request.url)))

        def dismissed(dialog):
            noise.append(("dialog", dialog.message))
            dialog.dismiss()

        page.on("dialog", dismissed)
        page.goto(path.as_uri())
        return page, noise

    yield one
    for opened_context in contexts:
        opened_context.close()


@pytest.mark.parametrize("name", SHOWN)
def test_the_browser_has_nothing_to_say_and_asks_for_the_page_alone(name, opened):
    page, noise = opened(html_of(name))

    assert [("request", page.url)] == noise


def test_what_somebody_slips_into_the_file_is_neither_run_nor_loaded(opened):
    slipped = "<script>document.title = 'run'; alert(1)</script><img src='https://evil.example/x.png' alt=''><p style='color: rgb(1, 2, 3)' onclick='alert(2)' id='slipped'>x</p></main>"
    page, noise = opened(html_of("nobody").replace("</main>", slipped))
    page.click("#slipped")

    assert "NOTHING WAS AUDITED" in page.title()
    assert "rgb(1, 2, 3)" != page.evaluate(
        "getComputedStyle(document.getElementById('slipped')).color"
    )
    assert {"console", "request", "csp"} == {kind for kind, _ in noise}
    assert ["https://evil.example/x.png"] == [url for kind, url in noise if kind == "csp"]


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_the_same_where_scripts_are_off(name, opened):
    with_scripts, _ = opened(html_of(name))
    without, _ = opened(html_of(name), java_script_enabled=False)

    assert with_scripts.locator("body").inner_text() == without.locator("body").inner_text()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SHOWN)
def test_axe_finds_nothing(name, scheme, width, opened):
    # Only here: axe-core itself is a script, which the page would not run.
    page, _ = opened(
        html_of(name),
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        bypass_csp=True,
    )

    assert [] == violations(page)


def test_axe_refuses_text_that_is_too_pale(opened):
    pale = html_of("nobody").replace(
        "</main>", '<p style="color:#bbbbbb;background:#ffffff">too pale to be read</p></main>'
    )
    page, _ = opened(pale, bypass_csp=True)

    assert ["color-contrast"] == [rule for rule, _ in violations(page)]


SMALL = (
    '<html lang="en"><head><title>Small</title></head><body><main><h1>Small</h1>'
    '<button style="width:10px;height:10px;padding:0">a</button>'
    '<button style="width:10px;height:10px;padding:0">b</button></main></body></html>'
)


def test_axe_refuses_targets_that_are_too_small(opened):
    """The one rule of WCAG 2.2, which axe-core leaves off by default."""
    page, _ = opened(SMALL, bypass_csp=True)

    assert ["target-size"] == [rule for rule, _ in violations(page)]


TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
"""What the page claims, WCAG 2.2 AA, and what axe-core looks at unasked."""


def violations(page):
    page.evaluate((JUDGES / "axe-core/axe.min.js").read_text("utf-8"))
    options = json.dumps({"resultTypes": ["violations"], "runOnly": TAGS})
    found = page.evaluate(f"axe.run(document, {options})")["violations"]
    return [
        (violation["id"], [node["html"][:100] for node in violation["nodes"][:3]])
        for violation in found
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["full", "merged", "hostile"])
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(name, scheme, opened):
    page, _ = opened(html_of(name), color_scheme=scheme)
    expected = page.evaluate(
        f'[...document.querySelectorAll("{FOCUSABLE}")].map(each => each.textContent)'
    )
    reached = []
    for _ in expected:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))

    assert [(label, True) for label in expected] == [tuple(element) for element in reached]
    assert "Skip to the findings" == expected[0]


FOCUSED = """
() => {
  const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const here = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
  return [node.textContent, outlined && here];
}
"""
"""What has the focus, and whether that can be seen."""


def test_the_skip_link_leads_past_the_contents(opened):
    page, _ = opened(html_of("wrong-workspace"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_what_passes_unfolds_by_the_keyboard(opened):
    page, _ = opened(html_of("wrong-workspace"))
    table = page.locator("details table")
    before = table.is_visible()
    page.locator("summary").focus()
    page.keyboard.press("Enter")

    assert before is False
    assert table.is_visible() is True


@pytest.mark.parametrize("width", [320, 360, 700, 1024, 1280])
@pytest.mark.parametrize("name", SHOWN)
def test_no_page_is_wider_than_the_screen(name, width, opened):
    page, _ = opened(html_of(name), viewport={"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    assert width == page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("name", SHOWN)
def test_print_shows_everything_black_on_white(name, opened):
    page, _ = opened(html_of(name), color_scheme="dark", viewport={"width": 688, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    )

    assert [] == page.evaluate(UNSEEN)
    assert ["rgb(0, 0, 0)", "rgb(255, 255, 255)"] == colours
    assert 688 == page.evaluate("document.documentElement.scrollWidth")


def test_on_the_screen_what_passes_is_folded(opened):
    page, _ = opened(html_of("wrong-workspace"), viewport={"width": 1280, "height": 1000})

    assert "Passing checks" in page.evaluate(UNSEEN)


def test_the_page_can_be_printed_to_a_file(opened):
    page, _ = opened(html_of("full"))

    assert page.pdf(format="A4").startswith(b"%PDF-")
