"""What a change changes: found in a shallow clone of a fork too, and told in Markdown that nobody can break out of."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from catalog.changes import Change, Changes, PageChange, RecordChange, compare
from catalog.changes.markdown import LONGEST, MOST_CHARACTERS, as_markdown, inert
from catalog.cli import main
from catalog.errors import UserError
from catalog.register import Catalog
from generator.diff import page_changes
from tests.catalog.small import EWE, FILES, HAY, changed, loaded, plant

GITHUB = MarkdownIt("gfm-like")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Shepherd", "-c", "user.email=shepherd@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def flock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the small catalog, two commits old."""
    root = plant(tmp_path / "flock")
    git(root.parent, "init", "-q", "-b", "main")
    for message in ("first", "second"):
        (root.parent / "README").write_text(message, "utf-8")
        git(root.parent, "add", "-A")
        git(root.parent, "commit", "-q", "-m", message)
    monkeypatch.chdir(root.parent)
    return root


def after(tmp_path: Path, **files: str | None) -> Changes:
    names = {"ewe": EWE, "hay": HAY}
    old = loaded(plant(tmp_path / "old"))
    new = loaded(plant(tmp_path / "new", {names.get(name, name): text for name, text in files.items()}))
    return compare(old, new)


def test_nothing_changes_between_a_catalog_and_itself(register: Catalog) -> None:
    assert compare(register, register) == Changes()
    assert "nothing changes" in as_markdown(Changes(), "abc")


def test_changed_figure_is_told_with_its_evidence(tmp_path: Path) -> None:
    found = after(tmp_path, ewe=changed(EWE, "{value: 3 h, from: readme#L12}", "{value: 4 h, from: notes#L12}"))
    assert found.records == (RecordChange("models/ewe", "Ewe", "changed"),)
    assert found.facts == (Change("models/ewe", "variants.ewe-7b.training.sft.duration", "3 h", "4 h", "notes#L12"),)
    assert found.texts == found.openness == found.licences == ()


def test_other_evidence_for_the_same_figure_is_a_change(tmp_path: Path) -> None:
    found = after(tmp_path, ewe=changed(EWE, "{value: 3 h, from: readme#L12}", "{value: 3 h, from: notes#L12}"))
    assert [(change.before, change.after, change.why) for change in found.facts] == [("3 h", "3 h", "notes#L12")]
    assert "with other claims, evidence or words" in as_markdown(found, "abc")


def test_claim_that_arithmetic_now_judges_otherwise_is_told(register: Catalog, tmp_path: Path) -> None:
    """Alpaca's three hours on eight cards, claimed as three minutes, is more than the cards can do."""
    import shutil

    from catalog.store import load

    shutil.copytree(register.root, tmp_path / "catalog", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = tmp_path / "catalog/models/alpaca/model.yaml"
    text = path.read_text("utf-8")
    assert text.count("duration: {value: 3 h") == 1
    path.write_text(text.replace("duration: {value: 3 h", "duration: {value: 3 min"), "utf-8")
    verdicts = compare(register, load(tmp_path / "catalog")).verdicts
    [found] = [change for change in verdicts if change.about.endswith("duration: 3 min")]
    assert (found.record, found.before, found.after) == ("models/alpaca", None, "contradicted")


def test_licence_of_data_changes_the_answer_of_every_model_made_with_it(tmp_path: Path) -> None:
    found = after(tmp_path, hay=changed(HAY, "{value: Apache-2.0, from: readme}", "{value: NC, from: readme}"))
    answers = {(change.record, change.about): (change.before, change.after) for change in found.licences}
    assert answers["models/ewe", "ewe-7b"][1] == "no"
    assert "hay data: NC" in next(change.why for change in found.licences if change.about == "ewe-7b")


def test_level_and_score_change_together(tmp_path: Path) -> None:
    found = after(tmp_path, ewe=changed(EWE, "training_code: {level: open", "training_code: {level: closed"))
    assert {(c.about, c.before, c.after) for c in found.openness} >= {("training_code", "open", "closed")}
    assert "score" in {change.about for change in found.openness}


def test_item_put_first_in_a_list_changes_no_other(tmp_path: Path) -> None:
    statement = "{kind: claim, from: readme, text: {en: %s, zh: 话。}}"
    two = f"statements:\n  - {statement % 'Old.'}\npublished:"
    three = f"statements:\n  - {statement % 'New.'}\n  - {statement % 'Old.'}\npublished:"
    old = loaded(plant(tmp_path / "old", {EWE: changed(EWE, "published:", two)}))
    new = loaded(plant(tmp_path / "new", {EWE: changed(EWE, "published:", three)}))
    [one] = compare(old, new).texts
    assert one.before is None
    assert one.after
    assert "New." in one.after


def test_new_and_lost_records_are_told(tmp_path: Path) -> None:
    lamb = FILES[EWE].replace("ewe", "lamb").replace("Ewe", "Lamb").replace("big lamb", "small lamb")
    found = after(tmp_path, **{"models/lamb/model.yaml": lamb, "terms/wool.yaml": None})
    assert {(r.record, r.what) for r in found.records} == {("models/lamb", "added"), ("terms/wool", "removed")}


def test_every_page_that_is_rendered_differently_is_told(tmp_path: Path) -> None:
    old = loaded(plant(tmp_path / "old"))
    new = loaded(plant(tmp_path / "new", {EWE: changed(EWE, "value: 3 h", "value: 4 h"), "terms/wool.yaml": None}))
    pages = {page.address: page.what for page in page_changes(old, new)}
    assert pages["models/ewe/"] == pages["zh/models/ewe/"] == "changed"
    assert pages["terms/wool/"] == "removed"
    assert "models/ram/" not in pages
    assert page_changes(old, old) == []


def test_command_compares_with_a_revision(flock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (flock / EWE).write_text(changed(EWE, "value: 3 h", "value: 4 h"), "utf-8")
    assert main(["diff", "HEAD~1"]) == 0
    assert "`3 h` → `4 h`" in capsys.readouterr().out
    assert main(["diff", "main", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [change["after"] for change in data["facts"]] == ["4 h"]
    assert data["pages"] is None
    assert len(data["base"]) == 40


def test_command_works_from_a_folder_below(
    flock: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(flock / "models/ewe")
    assert main(["diff", "HEAD"]) == 0
    assert "nothing changes" in capsys.readouterr().out


def test_shallow_clone_says_what_to_fetch_and_works_after_it(
    flock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    git(flock.parent, "checkout", "-q", "-b", "topic")
    (flock / EWE).write_text(changed(EWE, "value: 3 h", "value: 4 h"), "utf-8")
    git(flock.parent, "commit", "-q", "-a", "-m", "third")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=topic", f"file://{flock.parent}", str(clone))
    monkeypatch.chdir(clone)
    assert main(["diff", "origin/main"]) == 2
    error = capsys.readouterr().err
    assert "shallow" in error
    assert "git fetch --depth=1 origin main" in error
    git(clone, "fetch", "-q", "--depth=1", "origin", "main")
    assert main(["diff", "FETCH_HEAD"]) == 0
    assert "`3 h` → `4 h`" in capsys.readouterr().out


@pytest.mark.parametrize(
    "revision", ["nowhere", "origin/nowhere", "-x", "--output=x", "HEAD:catalog", "", "a b", "@{-9}"]
)
def test_revision_that_is_none_is_an_argument_error(
    flock: Path, revision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "--", revision]) == 2
    assert "this clone has no commit" in capsys.readouterr().err


def test_folder_outside_git_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from catalog.changes.revision import catalog_at

    plant(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UserError, match="git could not answer"), catalog_at(tmp_path / "catalog", "HEAD"):
        pass


def test_revision_that_cannot_be_read_whole_is_compared_as_far_as_it_can(
    flock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (flock / HAY).write_text("name: [Hay\n", "utf-8")
    git(flock.parent, "commit", "-q", "-a", "-m", "broken")
    (flock / HAY).write_text(FILES[HAY], "utf-8")
    (flock / EWE).write_text(changed(EWE, "value: 3 h", "value: 4 h"), "utf-8")
    assert main(["diff", "HEAD"]) == 0
    out = capsys.readouterr().out
    assert "### Not compared" in out
    assert "hay.yaml" in out
    assert "`3 h` → `4 h`" in out


def test_link_in_a_revision_leads_nowhere(flock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (flock / "terms/passwd.yaml").symlink_to("/etc/passwd")
    git(flock.parent, "add", "-A")
    git(flock.parent, "commit", "-q", "-m", "a link")
    (flock / "terms/passwd.yaml").unlink()
    assert main(["diff", "HEAD"]) == 0
    assert "root:" not in capsys.readouterr().out


HOSTILE = [
    "<script>alert(1)</script>", "![x](https://evil.example/x.png)", "[x](javascript:alert(1))", "@everyone",
    "closes #1", "https://evil.example/", "a`b``c```d", "`", "``", " `x` ", "|a|b|", "line\n# heading\n- item",
    "\u202egnp", "\\`", "&lt;b&gt;", "*b* _i_ ~~s~~", "$x$", "<!-- -->", "", " ", "x" * 5000,
    "[x]: https://evil.example", "www.evil.example", "\x1b[31m",
]  # fmt: skip


def inner(markdown: str) -> Iterator[Token]:
    for token in GITHUB.parse(markdown):
        yield from token.children or [token]


def spoken(markdown: str) -> list[str]:
    return [token.content for token in inner(markdown) if token.type == "code_inline"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_a_code_span_and_nothing_else(text: str) -> None:
    change = Change(text, text, text, text + "2", text)
    page = PageChange(text, text, "changed", 1, 1)
    changes = Changes((RecordChange(text, text, "added"),), *[(change,)] * 5, (text,))
    markdown = as_markdown(changes, text, [page])
    allowed = {"text", "code_inline", "softbreak", "inline", "heading_open", "heading_close", "paragraph_open"}
    allowed |= {"paragraph_close", "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"}
    assert {token.type for token in inner(markdown)} <= allowed
    headings = [t.content for t in GITHUB.parse(markdown) if t.type == "inline" and t.map and t.level == 1]
    assert "heading" not in headings
    shown = "".join(token.content for token in inner(markdown) if token.type == "text")
    assert "evil" not in shown
    assert "@" not in shown
    assert "#" not in shown
    assert len(markdown) <= MOST_CHARACTERS + 100


@given(st.text(max_size=300))
def test_code_span_holds_the_text_whatever_it_is(text: str) -> None:
    [token] = [token for token in inner(f"- {inert(text)} and") if token.type != "text" and token.type == "code_inline"]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    if not shown.strip():
        assert token.content == "(empty)"
    elif len(shown) <= LONGEST:
        assert token.content == shown or token.content.strip(" ") == shown.strip(" ")


def test_very_many_changes_are_cut_and_counted() -> None:
    many = tuple(Change(f"models/m{n}", "x" * 150, "a" * 150, "b" * 150) for n in range(3000))
    markdown = as_markdown(Changes(facts=many, texts=many, openness=many, verdicts=many, licences=many), "abc")
    assert len(markdown) <= MOST_CHARACTERS + 100
    assert "3,000 facts" in markdown
    assert "more" in markdown
