"""Every format is read back by something that did not write it."""

import json
import re

import pytest
from jsonschema import Draft7Validator
from junitparser import JUnitXml
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog

from kloom import schemas
from kloom.reports import FORMATS, Report, RuleNote, report_as
from kloom.sdk.result import Result

RULE = RuleNote("source-chart-floats", "warning", "A chart has one version.", "It changes without a commit.")
ODD = "100% of <b>\"a\" & 'b'</b>, c: d]]> \N{SNOWMAN}"
RESULTS = [
    Result.error(ODD, field="source.path", file="services/a,b: 1%.yaml", line=3, column=10),
    Result.warning("is two; be one [source-chart-floats]", tags={"rule": RULE.id}, file="a.yaml", line=1, column=2),
    Result.info("no line", file="a.yaml"),
    Result.error("no file").about({"kind": "Application", "metadata": {"name": "cart"}}, "spec"),
]
REPORT = Report(
    RESULTS, files=["a.yaml", "clean.yaml"], applications=65, seconds=0.21, rules={RULE.id: RULE}, folder="sub"
)
EMPTY = Report([], applications=1)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["findings", "nothing"])
def test_every_format_is_the_same_each_time_and_ends_with_a_line_break(name, report):
    assert report_as(name, report) == report_as(name, report)
    assert report_as(name, report).endswith("\n")


def test_text_groups_by_file_and_sums_up():
    assert report_as("text", REPORT) == (
        "(no file)\n"
        "  -  error    Application/cart spec: no file\n"
        "\n"
        "a.yaml\n"
        "  -    info     no line\n"
        "  1:2  warning  is two; be one  [source-chart-floats]\n"
        "\n"
        "services/a,b: 1%.yaml\n"
        f"  3:10  error    source.path: {ODD}\n"
        "\n"
        "2 errors, 1 warning, 1 remark in 3 files; 65 Applications checked in 0.2 s\n"
    )
    assert report_as("text", EMPTY) == "nothing to complain about; 1 Application checked in 0.0 s\n"


def test_color_changes_nothing_but_the_color():
    report = Report(RESULTS, applications=65, seconds=0.21, color=True)
    painted = report_as("text", report)
    assert "\x1b[31merror" in painted
    assert re.sub(r"\x1b\[\d+m", "", painted) == report_as("text", REPORT)


@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["findings", "nothing"])
def test_json_keeps_to_its_schema(report):
    schema = schemas.load("report")
    Draft7Validator.check_schema(schema)
    Draft7Validator(schema).validate(json.loads(report_as("json", report)))


def test_json_says_what_is_known_and_nothing_else():
    told = json.loads(report_as("json", REPORT))
    assert told["findings"][1] == {"severity": "info", "message": "no line", "file": "a.yaml"}
    assert told["summary"] == {
        "errors": 2, "warnings": 1, "infos": 1, "applications": 65, "clusters": 0, "files": 2, "skipped": 0,
        "seconds": 0.21,
    }  # fmt: skip


@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["findings", "nothing"])
def test_sarif_conforms_to_the_models_of_its_schema(report):
    SarifLog.model_validate_json(report_as("sarif", report))


def test_the_models_of_sarif_refuse_what_the_schema_does():
    """The reader of the test above has teeth."""
    log = json.loads(report_as("sarif", REPORT))
    log["runs"][0]["results"][0]["place"] = "nowhere"
    with pytest.raises(ValidationError):
        SarifLog.model_validate(log)


def test_sarif_points_into_the_repository():
    (run,) = SarifLog.model_validate_json(report_as("sarif", REPORT)).runs
    _, remark, warning, error = run.results
    assert [rule.id for rule in run.tool.driver.rules] == [RULE.id]
    assert (warning.ruleId, warning.ruleIndex, warning.level.value) == (RULE.id, 0, "warning")
    assert warning.message.text == "is two; be one"
    place = error.locations[0].physicalLocation
    assert place.artifactLocation.uri == "sub/services/a%2Cb%3A%201%25.yaml"
    assert (place.region.startLine, place.region.startColumn) == (3, 10)
    assert remark.locations[0].physicalLocation.region is None


def test_junit_fails_for_errors_alone():
    suites = JUnitXml.fromstring(report_as("junit", REPORT).encode())
    assert (suites.tests, suites.failures) == (5, 2)
    cases = {(suite.name, case.name): case for suite in suites for case in suite}
    failure = cases["services/a,b: 1%.yaml", "error at 3:10"].result[0]
    assert failure.message == f"source.path: {ODD}"
    assert failure.text == str(RESULTS[0])
    assert cases["a.yaml", "source-chart-floats at 1:2"].is_passed
    assert cases["clean.yaml", "no findings"].is_passed


@pytest.mark.parametrize("number", [0, 0xFFFE, 0xD800, 0x1F])
def test_junit_stays_xml_whatever_a_file_is_called(number):
    report = Report([], files=[chr(number)])
    assert JUnitXml.fromstring(report_as("junit", report).encode()).tests == 1


def test_github_commands_are_escaped_and_read_back():
    commands = [read_command(line) for line in report_as("github", REPORT).splitlines()[:-1]]
    assert commands == [
        ("error", {}, "Application/cart spec: no file"),
        ("notice", {"file": "sub/a.yaml"}, "no line"),
        ("warning", {"file": "sub/a.yaml", "line": "1", "col": "2", "title": RULE.id}, "is two; be one"),
        ("error", {"file": "sub/services/a,b: 1%.yaml", "line": "3", "col": "10"}, f"source.path: {ODD}"),
    ]


def read_command(line):
    """Read after what the runner of GitHub Actions does (actions/runner, ActionCommand.TryParseV2)."""
    command, _, data = line.removeprefix("::").partition("::")
    name, _, listed = command.partition(" ")
    pairs = [pair.split("=", 1) for pair in listed.split(",") if pair]
    escapes = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}

    def unescaped(text):
        for escape, character in escapes.items():
            text = text.replace(escape, character)
        return text

    return name, {key: unescaped(value) for key, value in pairs}, unescaped(data)
