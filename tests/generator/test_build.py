"""`generator build`: the same bytes each time, and never less of a site than before."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.errors import UserError
from generator.build import build
from generator.cli import main
from generator.render import Page, Site

from .conftest import ROOT


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_same_inputs_give_the_same_bytes(site: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "generator.cli", "build", "--output", str(tmp_path / "again")]
    env = {name: value for name, value in os.environ.items() if not name.startswith("HERDBOOK_")}
    env |= {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
    first, second = contents(site), contents(tmp_path / "again")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_archive_does_not_show_the_clock(site: Path) -> None:
    header = (site / "sitemap.xml.gz").read_bytes()[4:8]
    assert int.from_bytes(header, "little") == 1672531200
    assert gzip.decompress((site / "sitemap.xml.gz").read_bytes()) == (site / "sitemap.xml").read_bytes()


def test_failed_build_leaves_the_site_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "public"
    build(ROOT, output)
    before = contents(output)
    monkeypatch.setattr("generator.build.dead_links", lambda folder: ["index.html: nowhere/"])
    with pytest.raises(UserError, match="1 links lead nowhere"):
        build(ROOT, output, strict=True)
    assert contents(output) == before
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_folder_with_something_else_is_not_deleted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("two years of work")
    assert main(["build", "--output", str(tmp_path)]) == 1
    assert (tmp_path / "thesis.txt").exists()
    said = capsys.readouterr().err
    assert said.startswith("error: the output folder holds something else than a built site\n  where: ")
    assert "hint: " in said


def test_sources_are_not_deleted() -> None:
    with pytest.raises(UserError, match="its own sources"):
        build(ROOT, ROOT)


def test_usage_error_exits_with_2() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["build", "--colour"])


@pytest.mark.parametrize("command", [[], ["build"], ["serve"]])
def test_help_has_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--help"])
    assert "example:\n" in capsys.readouterr().out


def test_search_finds_the_sections_of_a_rendered_page(site: Path) -> None:
    index = json.loads((site / "search/search_index.json").read_text("utf-8"))
    assert any(entry["location"].startswith("models/") and "#" in entry["location"] for entry in index["docs"])


def test_files_that_have_no_language_are_written_once(site: Path) -> None:
    assert list((site / "api").rglob("*.json"))
    assert not list((site / "zh").glob("api/**/*.json"))


@pytest.mark.parametrize("path", ["/models/", "models"])
def test_page_path_has_the_form_of_an_address(path: str) -> None:
    with pytest.raises(ValueError, match="a page's path"):
        Page(path=path, title="", description="", html="")


def test_two_pages_at_one_address_are_refused() -> None:
    page = Page(path="models/alpaca/", title="", description="", html="")
    with pytest.raises(ValueError, match="more than one page at models/alpaca/"):
        Site(pages=(page, page))
