from pathlib import Path

import pytest

from generator.links import dead_links


def pages(folder: Path, link: str) -> Path:
    for name, html in {"index.html": f'<a href="{link}">x</a>', "a/index.html": '<h2 id="训练">x</h2>'}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(html, "utf-8")
    return folder


@pytest.mark.parametrize("link", ["a/", "a/#训练", "a/#%E8%AE%AD%E7%BB%83", "a/?sort=size", "https://e.org/x", "."])
def test_link_that_leads_somewhere_passes(tmp_path: Path, link: str) -> None:
    assert dead_links(pages(tmp_path, link)) == []


def test_folder_may_be_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages(tmp_path, "a/#训练")
    monkeypatch.chdir(tmp_path.parent)
    assert dead_links(Path(tmp_path.name)) == []


@pytest.mark.parametrize("link", ["b/", "a/#none", "#none", "../outside/", "/a/"])
def test_dead_link_is_named_with_its_page(tmp_path: Path, link: str) -> None:
    assert dead_links(pages(tmp_path, link)) == [f"index.html: {link}"]
