"""A proof as documents: SARIF for code scanning, JUnit for the page of a run, Markdown for people."""

import json
from xml.etree import ElementTree as ET

from proving import hosts
from proving.differences import kind_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULES = {
    hosts.DISAGREED: "The client ends otherwise than Tipstaff foretells.",
    hosts.NOT_JUDGED: "Tipstaff does not judge this host, which is no agreement.",
    hosts.NO_VERDICT: "The client came to no end that is known, which is no agreement.",
    "not proven": "The proof stopped before every host had agreed.",
}
PLACE = "policy/tipstaff_policy/clients/{}/knowledge/versions.json"
"""What a person has to look at: code scanning wants a file."""


def write(run, lines, *, is_proven):
    """Write the documents of a proof into its folder; return the files.

    Args:
        lines: What stopped it, line by line.
    """
    made = {
        "report.sarif": sarif(run, lines),
        "report.xml": junit(run, lines),
        "report.md": markdown(run, lines, is_proven=is_proven),
    }
    return [run.state.write_text(name, text) for name, text in made.items()]


def asked(run):
    """Return the answers of all hosts that were run, by stage."""
    found = {stage: run.found.get(stage, ({}, {}))[1] for stage in ("table", "campaign")}
    return {stage: answers for stage, answers in found.items() if answers}


def sarif(run, lines):
    results = [
        _result(run, answer.how, f"{name}: {kind_of(answer)}", name)
        for answers in asked(run).values()
        for name, answer in hosts.wrong_of(answers).items()
    ]
    if lines:
        results.append(_result(run, "not proven", "\n".join(lines), run.version))
    rules = [{"id": _id(name), "shortDescription": {"text": text}} for name, text in RULES.items()]
    driver = {"name": "tipstaff-proof", "rules": rules}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}}]}
    log["runs"][0]["results"] = results
    return json.dumps(log, indent=1) + "\n"


def _id(rule):
    return rule.replace(" ", "-")


def _result(run, rule, text, name):
    place = {"artifactLocation": {"uri": PLACE.format(run.part.NAME)}, "region": {"startLine": 1}}
    return {
        "ruleId": _id(rule),
        "level": "error",
        "message": {"text": text},
        "locations": [
            {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": name}]}
        ],
    }


def junit(run, lines):
    root = ET.Element("testsuites", name=f"{run.part.NAME} {run.version}")
    for stage, answers in asked(run).items():
        wrong = hosts.wrong_of(answers)
        suite = ET.SubElement(root, "testsuite", name=stage, tests=str(len(answers)))
        suite.set("failures", str(len(wrong)))
        for name, answer in answers.items():
            case = ET.SubElement(suite, "testcase", classname=stage, name=name)
            case.set("time", f"{answer.client_s:.3f}")
            if name in wrong:
                ET.SubElement(case, "failure", message=kind_of(answer))
            elif answer.how == hosts.OUTSIDE:
                ET.SubElement(case, "skipped", message=answer.why)
    proof = ET.SubElement(root, "testsuite", name="proof", tests="1", failures=str(bool(lines) + 0))
    case = ET.SubElement(proof, "testcase", classname="proof", name="every host agrees")
    if lines:
        ET.SubElement(case, "failure", message=lines[0]).text = "\n".join(lines)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def markdown(run, lines, *, is_proven):
    clock = run.clock
    title = "Proven" if is_proven else "Not proven"
    text = [f"# {title}: {run.part.NAME} {run.version}", ""]
    text += ["| hosts | number | agreed | no agreement | decided by more than files |"]
    text += ["| --- | --- | --- | --- | --- |"]
    for stage, answers in asked(run).items():
        hows = [answer.how for answer in answers.values()]
        outside = hows.count(hosts.OUTSIDE)
        cells = stage, len(hows), hows.count(hosts.AGREED), len(hosts.wrong_of(answers)), outside
        text.append(f"| {' | '.join(map(str, cells))} |")
    text += ["", *(f"    {line}" for line in lines), *([""] if lines else [])]
    text += [
        f"Whole time {clock.whole_s:.0f} s, {clock.ratio:.2f} times that of the client's starts."
    ]
    return "\n".join(text) + "\n"
