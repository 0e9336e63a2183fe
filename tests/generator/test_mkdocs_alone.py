"""`mkdocs build` by itself, with either configuration, in a copy of the sources."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT
from .test_build import contents

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("mkdocs.yml", "mkdocs.zh.yml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "site", tmp_path / "site")
    for name in ("catalog", "generator"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.fixture
def mkdocs(checkout: Path) -> Run:
    def run(config: str, **env: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HERDBOOK_")}
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config],
            cwd=checkout,
            env=clean | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)} | env,
            capture_output=True,
            text=True,
        )

    return run


def test_each_build_leaves_the_other_language_and_the_sources(checkout: Path, mkdocs: Run) -> None:
    sources = contents(checkout / "site")
    for config in ("mkdocs.yml", "mkdocs.zh.yml"):
        done = mkdocs(config)
        assert done.returncode == 0, done.stderr
        assert "WARNING" not in done.stderr
    both = contents(checkout / "public")
    assert "zh/index.html" in both
    for config in ("mkdocs.yml", "mkdocs.zh.yml"):
        (checkout / "public/assets/hb/stale.css").write_text("from an earlier build")
        mkdocs(config)
        (checkout / "public/assets/hb/stale.css").unlink(missing_ok=True)
        assert contents(checkout / "public").keys() == both.keys()
    assert contents(checkout / "site") == sources


def test_english_build_removes_what_is_stale(checkout: Path, mkdocs: Run) -> None:
    mkdocs("mkdocs.yml")
    (checkout / "public/stale.html").write_text("from an earlier build")
    mkdocs("mkdocs.yml")
    assert not (checkout / "public/stale.html").exists()


def test_failed_english_build_leaves_the_chinese_site(checkout: Path, mkdocs: Run) -> None:
    mkdocs("mkdocs.zh.yml")
    before = contents(checkout / "public/zh")
    (checkout / "site/overrides/main.html").write_text("{% broken")
    assert mkdocs("mkdocs.yml").returncode != 0
    assert contents(checkout / "public/zh") == before


def test_killed_english_build_does_not_lose_the_chinese_site(checkout: Path, mkdocs: Run) -> None:
    mkdocs("mkdocs.zh.yml")
    (checkout / "public/zh").rename(checkout / "public/.zh")  # as a build leaves it that is killed half-way
    mkdocs("mkdocs.yml")
    assert (checkout / "public/zh/index.html").is_file()
    assert not (checkout / "public/.zh").exists()


def test_page_made_twice_is_an_error(checkout: Path, mkdocs: Run) -> None:
    (checkout / "site/en/index.md").write_text("# Home\n")
    done = mkdocs("mkdocs.yml")
    assert done.returncode == 1
    assert "the catalog makes this page too" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_repository_a_page_shows_its_path(checkout: Path, mkdocs: Run) -> None:
    mkdocs("mkdocs.zh.yml")
    html = (checkout / "public/zh/methodology/index.html").read_text("utf-8")
    assert "本页源文件： <code>site/zh/methodology.md</code>" in html
    assert "/edit/" not in html


def test_with_a_repository_a_page_links_to_its_source(checkout: Path, mkdocs: Run) -> None:
    mkdocs("mkdocs.yml", HERDBOOK_REPO_URL="https://github.com/o/r/")
    html = (checkout / "public/methodology/index.html").read_text("utf-8")
    assert 'href="https://github.com/o/r/edit/main/site/en/methodology.md"' in html
    entry = (checkout / "public/models/alpaca/index.html").read_text("utf-8")
    assert len(re.findall(' href="https://github.com/o/r/edit/main/catalog/[^"]*model.yaml"', entry)) == 2
    assert 'href="#origin"' not in entry
    assert 'data-md-component="source"' not in html  # the theme's own link asks api.github.com


def test_known_address_gives_alternates_sitemap_and_a_lost_page_below_the_sub_path(checkout: Path, mkdocs: Run) -> None:
    for config in ("mkdocs.yml", "mkdocs.zh.yml"):
        mkdocs(config, HERDBOOK_SITE_URL="https://e.org/h/")
    public = checkout / "public"
    page = (public / "zh/methodology/index.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://e.org/h/zh/methodology/">' in page
    assert 'hreflang="en" href="https://e.org/h/methodology/"' in page
    assert "<loc>https://e.org/h/zh/methodology/</loc>" in (public / "zh/sitemap.xml").read_text("utf-8")
    assert 'href="/h/assets/hb/hb.css"' in (public / "404.html").read_text("utf-8")
    assert 'href="/h/zh/assets/hb/hb.css"' in (public / "zh/404.html").read_text("utf-8")
