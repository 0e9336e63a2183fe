"""What GitHub reads: workflows that give a stranger nothing, forms that ask for what a record holds, the citation."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from catalog import cli, vocabulary
from catalog.records import Licences, Model, Run, Variant

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORM = ROOT / ".github/ISSUE_TEMPLATE/add-a-model.yml"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def check(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("custom.github-workflows-require-timeout", WORKFLOWS),
        ("vendor.github-issue-forms", [FORM]),
        ("vendor.github-issue-config", [FORM.with_name("config.yml")]),
        ("vendor.citation-file-format", [ROOT / "CITATION.cff"]),
    ],
)
def test_files_have_the_shape_that_their_readers_publish(schema: str, files: list[Path]) -> None:
    done = check(schema, *files)
    assert done.returncode == 0, done.stdout


def test_validator_would_refuse_another_shape(tmp_path: Path) -> None:
    wrong = tmp_path / "CITATION.cff"
    wrong.write_text((ROOT / "CITATION.cff").read_text("utf-8").replace("authors:", "writers:"), "utf-8")
    assert check("vendor.citation-file-format", wrong).returncode == 1


def test_workflows_pass_a_linter_of_their_security() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("zizmor"), "--offline", "--no-progress", "--format=plain", ROOT / ".github"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings" in done.stdout + done.stderr


def steps(workflow: Any) -> list[Any]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_gives_no_more_than_it_must(path: Path) -> None:
    workflow, text = read(path), path.read_text("utf-8")
    triggers = workflow[True]  # YAML 1.1 reads `on` so
    assert workflow["permissions"] == {}
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers)
    assert "secrets." not in text
    for job in workflow["jobs"].values():
        writes = {name for name, level in job["permissions"].items() if level == "write"}
        assert not writes or "pull_request" not in triggers
        runs = [step["run"] for step in job["steps"] if "run" in step]
        # A job that may write to the repository runs none of its code.
        assert "contents" not in writes or not any(re.search(r"\b(pip|catalog links|generator)\b", run) for run in runs)
    for step in steps(workflow):
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
            assert re.search(re.escape(step["uses"]) + r" # v\d+\.\d+\.\d+\n", text)
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        assert "${{" not in step.get("run", "")  # a stranger's text would become shell


def test_commands_of_the_workflows_exist() -> None:
    parser = cli._parser()
    for path in WORKFLOWS:
        for line in path.read_text("utf-8").splitlines():
            for found in re.findall(r"(?:run: |^\s+)catalog ([^>|\n]+)", line):
                parser.parse_args(found.split())


TYPES: dict[str, type[BaseModel]] = {"variants": Variant, "training": Run, "licences": Licences}
LEFT_OUT = {
    "aliases", "parameters", "reported", "openness", "training", "inference", "uses", "statements", "corrections",
    "kind", "demonstration", "links",
}  # fmt: skip
"""Fields that the curators fill: judged, derived, or said by `sources`."""


def fields() -> dict[str, Any]:
    return {item["id"]: item for item in read(FORM)["body"] if "id" in item}


def test_form_asks_for_fields_that_a_record_has() -> None:
    for name in fields():
        group, _, field = name.partition("-")
        kind = TYPES[group] if field else Model
        assert (field or name) in kind.model_fields, name


def test_form_asks_for_every_field_but_those_that_curators_fill() -> None:
    asked = {name.partition("-")[0] for name in fields()}
    assert asked | LEFT_OUT == set(Model.model_fields)
    assert asked & LEFT_OUT == {"training"}


def test_form_requires_what_a_record_requires_and_a_source() -> None:
    required = {name for name, item in fields().items() if item.get("validations", {}).get("required")}
    assert required == {name for name, info in Model.model_fields.items() if info.is_required()} | {"sources"}


def test_choices_of_the_form_are_the_words_of_the_register() -> None:
    asked = fields()
    assert asked["training-method"]["attributes"]["options"] == list(get_args(vocabulary.Method))
    assert asked["variants-form"]["attributes"]["options"] == list(get_args(vocabulary.Form))
    licences = {name.partition("-")[2] for name in asked if name.startswith("licences-")}
    assert licences == set(Licences.model_fields)


def test_template_of_a_pull_request_names_what_exists() -> None:
    text = (ROOT / ".github/pull_request_template.md").read_text("utf-8")
    parser = cli._parser()
    for found in re.findall(r"`catalog ([^`]+)`", text):
        parser.parse_args(found.replace("SLUG", "alpaca").split())
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make (\w+)`", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    named = set(re.findall(r"`(as_of|accessed|sources|claims|accepted|status)\b", text))
    assert named == {"as_of", "accessed", "sources", "claims", "accepted", "status"}


def test_hook_runs_commands_that_exist_on_records_alone() -> None:
    parser = cli._parser()
    hooks = read(ROOT / ".pre-commit-hooks.yaml")
    for hook in hooks:
        parser.parse_args(hook["entry"].split()[1:])
    lint = next(hook for hook in hooks if hook["id"] == "catalog-lint")

    def wanted(path: str) -> bool:
        return bool(re.search(lint["files"], path)) and not re.search(lint["exclude"], path)

    assert wanted("catalog/models/alpaca/model.yaml")
    assert wanted("catalog/licences.yaml")
    assert not wanted("catalog/schema/model.json")
    assert not wanted("tests/data/x.yaml")


def test_citation_file_says_what_the_project_says() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    citation = read(ROOT / "CITATION.cff")
    assert citation["version"] == project["version"]
    assert project["license"] in citation["license"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## {citation['version']}, {citation['date-released']}" in changelog


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "CONTRIBUTING.zh.md"])
def test_every_command_and_file_of_the_guide_exists(name: str) -> None:
    from generator.cli import parser as generator

    text = (ROOT / name).read_text("utf-8")
    asked = re.findall(r"^    (catalog|generator) (.+?)(?:\s{2,}#.*)?$", text, re.MULTILINE)
    assert len(asked) == 4
    for program, arguments in asked:
        (cli._parser() if program == "catalog" else generator()).parse_args(arguments.split())
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target


def test_guides_of_both_languages_have_the_same_parts() -> None:
    english, chinese = ((ROOT / f"CONTRIBUTING{end}.md").read_text("utf-8") for end in ("", ".zh"))
    for pattern in (r"^#+ ", r"^\*\*", r"!\[", r"^    \w", "```"):
        assert len(re.findall(pattern, english, re.MULTILINE)) == len(re.findall(pattern, chinese, re.MULTILINE)), (
            pattern
        )
