"""What a run says of its inputs where they are not surely those of the publication, in both languages."""

from __future__ import annotations

from collections.abc import Iterable

Text = dict[str, str]

_ROLE_ZH = {"base": "基座", "tokenizer": "分词器", "data": "数据"}
_ROLE_EN = {"base": "base", "tokenizer": "tokenizer", "data": "data"}


def not_pinned(repo: str, revision: str) -> Text:
    """The recipe knows no commit."""
    return {
        "en": f"No revision of {repo} is on record; this run took what `main` was: commit {revision}.",
        "zh": f"{repo} 没有留下版本记录；本次运行取的是当时的 `main`，提交 {revision}。",
    }


def hash_not_known(url: str) -> Text:
    """A web file without a hash."""
    return {
        "en": f"No hash of {url} is on record; this run wrote down that of the file it got.",
        "zh": f"{url} 没有留下哈希；本次运行记下的是它取到的那份文件的哈希。",
    }


def local_copy(role: str, name: str) -> Text:
    """A copy of the user's whose hash the recipe does not pin."""
    of = f" in place of {name}" if name else ""
    zh = f"，代替 {name}" if name else ""
    return {
        "en": f"The {_ROLE_EN[role]} came from a local copy{of}; no hash on record says that it is the same.",
        "zh": f"{_ROLE_ZH[role]}取自本机的一份副本{zh}；没有留存的哈希能证明二者相同。",
    }


def own_template(name: str, lacking: Iterable[str]) -> Text:
    """Our words in place of the published ones."""
    said = ", ".join(sorted(lacking)) or "all of it"
    return {
        "en": f"Prompts follow our own template `{name}`: the published text was not at hand ({said}).",
        "zh": f"提示词用的是我们自己的模板 `{name}`：手头没有当年发布的文本（{said}）。",
    }
