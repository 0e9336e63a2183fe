"""The few questions that the register asks of GitHub's API, answered: a repository, its commits, README and licence."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from tests.http_server import Answer, Request, Server


@dataclass
class Code:
    """A repository; `commits` are days, the newest first."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    spdx: str | None = None
    commits: list[str] = field(default_factory=lambda: ["2023-05-31", "2023-05-02", "2023-05-01"])
    homepage: str | None = None
    private: bool = False

    def sha(self, number: int) -> str:
        return hashlib.sha1(f"{self.name}{len(self.commits) - number}".encode()).hexdigest()


class GitHub(Server):
    """`GITHUB_API_URL` points here; `tokens` open private repositories."""

    def __init__(self) -> None:
        super().__init__()
        self.repos: dict[str, Code] = {}
        self.tokens: set[str] = set()

    def add(self, name: str, files: dict[str, bytes] | None = None, **told: Any) -> Code:
        self.repos[name] = Code(name, files or {}, **told)
        return self.repos[name]

    def answer(self, request: Request) -> Answer:
        parts = request.path.strip("/").split("/")
        code = self.repos.get("/".join(parts[1:3])) if parts[0] == "repos" else None
        if code is None or (code.private and request.token not in self.tokens):
            return Answer.of_json({"message": "Not Found"}, 404)
        what = parts[3] if len(parts) > 3 else ""
        if what == "":
            licence = {"spdx_id": code.spdx} if code.spdx else None
            told = {"full_name": code.name, "default_branch": "main", "homepage": code.homepage, "license": licence}
            return Answer.of_json({**told, "description": "told in their words"})
        if what == "commits":
            page = int(request.query.get("page", ["1"])[0])
            rows = [_commit(code, page - 1)] if page <= len(code.commits) else []
            base = f"{self.url}{request.path}?sha=main&per_page=1&page="
            links = f'<{base}{page + 1}>; rel="next", <{base}{len(code.commits)}>; rel="last"'
            return Answer.of_json(rows, **({"Link": links} if page < len(code.commits) else {}))
        wanted = {"readme": "README", "license": "LICENSE"}.get(what, "-")
        for name, content in code.files.items():
            if name.startswith(wanted):
                return Answer.of_json({"path": name, "content": base64.encodebytes(content).decode()})
        return Answer.of_json({"message": "Not Found"}, 404)


def _commit(code: Code, number: int) -> dict[str, Any]:
    return {"sha": code.sha(number), "commit": {"author": {"date": f"{code.commits[number]}T12:00:00Z"}}}
