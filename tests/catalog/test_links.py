"""Addresses are checked against a real server: every answer has its word, and none leads into a private network."""

from __future__ import annotations

import datetime
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import links
from catalog.cli import main
from catalog.commands import links as command
from catalog.linkcheck.check import Checker, Found
from catalog.linkcheck.fetch import Fetcher, Private, Unreachable, is_public
from catalog.linkcheck.polite import Manners, TooMuch
from catalog.linkcheck.run import Run, due
from catalog.links import Address, LinkState
from catalog.reader import read
from catalog.register import Catalog
from catalog.store import read_catalog
from tests.catalog.small import EWE, FILES, TODAY, changed, lint, loaded, plant
from tests.link_server import LinkServer, serving


@pytest.fixture
def server() -> Iterator[LinkServer]:
    with serving() as one:
        yield one


class Clock:
    """Waits take no time and are written down."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.at = 0.0

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds

    def now(self) -> float:
        return self.at


def checker(server: LinkServer, clock: Clock | None = None, timeout: float = 5.0, **resolve: Any) -> Checker:
    clock = clock or Clock()
    manners = Manners(Fetcher(agent="test", timeout=timeout, **resolve), pause=1.0, sleep=clock.sleep, now=clock.now)
    return Checker(manners, allow_local=True, hub=server.home, archive=f"{server.home}/wayback")


def found(server: LinkServer, path: str, *, download: bool = False, timeout: float = 5.0) -> Found:
    return checker(server, timeout=timeout).check(Address(f"{server.home}/{path}", "20230313", False, download))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("200", "reachable", 200),
        ("no-head", "reachable", 200),
        ("temporary/200", "reachable", 200),
        ("permanent/200", "moved", 200),
        ("permanent/temporary/200", "reachable", 200),
        ("permanent/404", "gone", 404),
        ("404", "gone", 404),
        ("410", "gone", 410),
        ("401", "refused", 401),
        ("403", "refused", 403),
        ("500", "error", 500),
        ("503", "error", 503),
        ("loop/", "error", 302),
        ("endless", "reachable", 200),
    ],
)
def test_every_answer_has_its_word(server: LinkServer, path: str, status: str, code: int) -> None:
    one = found(server, path)
    assert (one.status, one.code) == (status, code)


def test_server_that_gives_no_answer_is_an_error_with_its_reason(server: LinkServer) -> None:
    assert found(server, "slow/5", timeout=0.2).why == "no answer within 0.2 s"
    assert found(server, "broken").status == "error"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        server_at = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    one = checker(server).check(Address(server_at, "", False, False))
    assert (one.status, one.answered) == ("error", False)


def test_body_that_drips_is_not_waited_for(server: LinkServer) -> None:
    fetcher = Fetcher(agent="test", timeout=0.5)
    reply = fetcher.once("GET", f"{server.home}/drip", local=True)
    assert 0 < len(reply.body) < 50


@pytest.mark.parametrize(
    ("name", "status"),
    [("owner/open", "reachable"), ("owner/form", "gated"), ("owner/click", "gated"), ("owner/gone", "gone"),
     ("owner/disabled", "gone"), ("datasets/owner/form", "gated"), ("owner/renamed", "reachable")],
)  # fmt: skip
def test_hub_says_whether_weights_can_be_had(server: LinkServer, name: str, status: str) -> None:
    assert found(server, name, download=True).status == status


def test_without_a_clear_word_of_the_hub_the_page_decides(server: LinkServer) -> None:
    assert found(server, "owner/nonsense", download=True).status == "gone"  # the page answers 404
    assert found(server, "owner", download=True).status == "gone"
    assert ("GET", "/api/models/owner") not in server.asked


def test_gone_page_has_the_copy_nearest_to_the_day_it_was_cited(server: LinkServer) -> None:
    assert (found(server, "404/x").archived or "").startswith("https://web.archive.org/web/20230313000000/https://")
    assert found(server, "404/lost").archived is None
    assert found(server, "404/evil").archived is None
    assert server.count("/wayback") == 3
    checker(server).check(Address(f"{server.home}/404/y", "", True, False))
    assert server.count("/wayback") == 3


def test_robots_txt_is_read_once_and_obeyed(server: LinkServer) -> None:
    server.robots = (200, "User-agent: herdbook-links\nDisallow: /200/private\nCrawl-delay: 7\n")
    clock = Clock()
    one = checker(server, clock)
    for path, status in (
        ("200/private", "not-checked"),
        ("200/public", "reachable"),
        ("temporary/200/private", "not-checked"),
    ):
        assert one.check(Address(f"{server.home}/{path}", "", False, False)).status == status
    assert server.count("/robots.txt") == 1
    assert server.count("/200/private") == 0
    assert 7.0 in clock.waits


@pytest.mark.parametrize("code", [500, 503])
def test_without_an_answer_about_robots_nothing_is_asked(server: LinkServer, code: int) -> None:
    server.robots = (code, "")
    one = found(server, "200")
    assert (one.status, one.why) == ("not-checked", f"robots.txt answers {code}")
    assert server.count("/200") == 0


def test_busy_server_is_asked_again_after_the_time_it_names(server: LinkServer) -> None:
    clock = Clock()
    one = checker(server, clock).check(Address(f"{server.home}/busy/2/30", "", False, False))
    assert one.status == "reachable"
    assert clock.waits.count(30.0) == 2


def test_busy_server_that_names_no_time_gets_longer_and_longer_pauses(server: LinkServer) -> None:
    clock = Clock()
    with pytest.raises(TooMuch):
        checker(server, clock).check(Address(f"{server.home}/429", "", False, False))
    assert [wait for wait in clock.waits if wait != 1.0] == [2.0, 4.0, 8.0, 16.0]


def test_busy_server_that_wants_an_hour_is_left_alone(server: LinkServer) -> None:
    clock = Clock()
    with pytest.raises(TooMuch):
        checker(server, clock).check(Address(f"{server.home}/busy/9/3600", "", False, False))
    assert max(clock.waits, default=0) <= 1.0


PRIVATE = """
127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 192.0.2.1
198.18.0.1 ::1 :: fe80::1%eth0 fc00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: ff02::1
"""


@pytest.mark.parametrize("number", PRIVATE.split())
def test_address_off_the_public_network_is_known(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", ["1.1.1.1", "140.82.121.4", "2606:4700::1111", "64:ff9b::101:101"])
def test_address_on_the_public_network_is_known(number: str) -> None:
    assert is_public(number)


def test_redirect_into_a_private_network_is_not_followed(server: LinkServer) -> None:
    """The first host passes for a public one; the second is where the server really is."""
    target = f"{server.home}/200/secret"
    names = {"public.example": ["127.0.0.1"], "127.0.0.1": ["127.0.0.1"]}

    class Pretending(Fetcher):
        def once(self, method: str, url: str, *, local: bool = False) -> Any:
            return super().once(method, url, local="public.example" in url)

        def is_local(self, url: str) -> bool:
            return False

    fetcher = Pretending(agent="test", resolve=lambda host, port: names[host])
    clock = Clock()
    one = Checker(Manners(fetcher, sleep=clock.sleep, now=clock.now), allow_local=True)
    result = one.check(Address(f"http://public.example:{server.server_port}/away?to={target}", "", False, False))
    assert (result.status, result.why) == ("not-checked", "127.0.0.1 is not on the public network")
    assert server.count("/away") > 0
    assert server.count("/200/secret") == 0


def test_private_address_is_asked_only_where_that_was_allowed(server: LinkServer) -> None:
    one = checker(server)
    one.allow_local = False
    assert one.check(Address(f"{server.home}/200", "", False, False)).status == "not-checked"
    assert server.asked == []
    with pytest.raises(Private):
        Fetcher(agent="test").once("GET", f"{server.home}/200")


def test_connection_goes_to_the_number_that_was_approved(server: LinkServer) -> None:
    """A name that leads elsewhere the second time it is looked up gains nothing."""
    answers = [["127.0.0.1"], ["203.0.113.9"]]
    fetcher = Fetcher(agent="test", resolve=lambda host, port: answers.pop(0))
    reply = fetcher.once("GET", f"http://rebinding.example:{server.server_port}/200", local=True)
    assert (reply.code, len(answers)) == (200, 1)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/", "http://", "https://user:x@example.org/", "gopher://x"]
)
def test_other_schemes_are_not_followed(server: LinkServer, url: str) -> None:
    with pytest.raises(Unreachable):
        Fetcher(agent="test").once("GET", url)


def run(
    server: LinkServer, addresses: list[str], states: dict[str, LinkState] | None = None, concurrency: int = 4
) -> Run:
    saved: list[Mapping[str, LinkState]] = []
    one = Run(states or {}, TODAY, checker(server), saved.append)
    one.go([Address(url, "", False, False) for url in addresses], concurrency)
    return one


def test_one_host_is_asked_one_address_at_a_time(server: LinkServer) -> None:
    one = run(server, [f"{server.home}/slow/0.02/{n}" for n in range(8)], concurrency=8)
    assert server.most_busy == 1
    assert len(one.states) == 8


def test_busy_host_is_left_for_the_next_run_and_its_states_stay(server: LinkServer) -> None:
    old = state("reachable", "2026-01-01")
    addresses = [f"{server.home}/200", f"{server.home}/429", f"{server.home}/200/z"]
    one = run(server, addresses, {f"{server.home}/429": old})
    assert one.left == [f"{server.home}/429", f"{server.home}/200/z"]
    assert one.states[f"{server.home}/429"] is old
    assert one.states[f"{server.home}/200"].status == "reachable"


def test_run_that_is_stopped_saves_what_it_has_and_the_next_one_goes_on(server: LinkServer) -> None:
    addresses = [Address(f"{server.home}/200/{n}", "", False, False) for n in range(9)]
    saved: list[dict[str, LinkState]] = []
    first = Run({}, TODAY, checker(server), lambda states: saved.append(dict(states)))
    first.report = lambda done: first.stop.set() if done == 4 else None
    first.go(addresses, 2)
    assert [len(states) for states in saved] == [4]
    again = due({one.url: one for one in addresses}, saved[-1], TODAY, 7)
    assert len(again) == 5
    second = Run(saved[-1], TODAY, checker(server), lambda states: None)
    second.go(again, 2)
    assert len(second.states) == 9
    assert server.count("/200/0") == 1


def test_without_any_answer_nothing_is_recorded(server: LinkServer) -> None:
    saved: list[Mapping[str, LinkState]] = []
    manners = Manners(Fetcher(agent="test", resolve=lambda host, port: []), sleep=lambda seconds: None)
    one = Run({}, TODAY, Checker(manners), saved.append)
    assert one.go([Address(f"https://a{n}.example.org/", "", False, False) for n in range(9)], 3) is False
    assert (saved, one.states) == ([], {})


def state(status: str, checked: str, since: str = "") -> LinkState:
    return LinkState.model_validate({"status": status, "checked": checked, "since": since or checked})


def test_state_is_dated_from_the_first_of_an_unbroken_row() -> None:
    before = state("gone", "2026-11-01", "2026-10-01")
    assert Found("gone", 404).state("2026-11-20", before).since.said == "2026-10-01"
    assert Found("reachable", 200).state("2026-11-20", before).since.said == "2026-11-20"


@given(st.text(max_size=60), st.text(max_size=80))
def test_whatever_a_server_says_fits_the_file(why: str, to: str) -> None:
    one = Found("error", 500, to=f"https://example.org/{to}", why=why).state("2026-11-20", None)
    assert read_again(links.text({"https://example.org/": one})) == {"https://example.org/": one}


def read_again(text: str) -> Mapping[str, LinkState]:
    tree, problems = read(text.encode())
    assert problems == []
    return links.LinkFile.model_validate(tree).links


def test_what_is_new_enough_is_not_asked_again() -> None:
    every = {url: Address(url, "", False, False) for url in ("a", "b", "c", "d")}
    states = {
        "a": state("reachable", str(TODAY - datetime.timedelta(days=1))),
        "b": state("gone", str(TODAY - datetime.timedelta(days=20))),
        "c": state("not-checked", str(TODAY - datetime.timedelta(days=1))),
    }
    assert [one.url for one in due(every, states, TODAY, 7)] == ["b", "c", "d"]


def test_every_address_of_the_register_is_listed_once(register: Catalog) -> None:
    every = links.addresses(register)
    assert len(every) > 600
    assert every["https://huggingface.co/tatsu-lab/alpaca-7b-wdiff"].download
    readme = register.models["alpaca"].sources["readme"]
    assert every[str(readme.url)].as_of == f"{readme.as_of.last:%Y%m%d}"


def test_register_claims_no_check_that_nobody_made(register: Catalog) -> None:
    assert dict(register.links) == {} or all(
        one.checked.last <= datetime.date.today() for one in register.links.values()
    )


@pytest.fixture
def farm(tmp_path: Path, server: LinkServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small catalog, whose example.org stands on the local server."""
    root = plant(tmp_path)
    monkeypatch.chdir(root)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795132800")  # 2026-11-20
    names = {"https://example.org/readme": "200", "https://example.org/code": "404/lost"}

    def ours(arguments: Any, stop: threading.Event) -> Checker:
        one = checker(server)
        really = one.check
        one.check = lambda address: really(  # type: ignore[method-assign]
            Address(f"{server.home}/{names.get(address.url, '410/x')}", address.as_of, address.has_copy, False)
        )
        return one

    monkeypatch.setattr(command, "checker", ours)
    return root


def test_command_writes_the_file_goes_on_and_tells(farm: Path, server: LinkServer, capsys: Any) -> None:
    assert main(["links", "--limit", "2"]) == 0
    first = (farm / "links.yaml").read_text("utf-8")
    assert first.startswith("# Written by `catalog links`")
    assert first.count("\n  ") == 2
    capsys.readouterr()
    assert main(["links", "--json"]) == 0
    out, err = capsys.readouterr()
    data = json.loads(out)
    assert data["https://example.org/readme"] == {
        "status": "reachable", "checked": "2026-11-20", "since": "2026-11-20", "code": 200
    }  # fmt: skip
    assert data["https://example.org/code"]["status"] == "gone"
    assert "gone" in err
    asked = len(server.asked)
    assert main(["links"]) == 0
    assert len(server.asked) == asked
    assert read_catalog(farm).findings == ()


def test_command_checks_only_what_was_named(farm: Path) -> None:
    assert main(["links", "ewe"]) == 0
    assert set(loaded(farm).links) == {"https://example.org/readme", "https://example.org/code"}


def test_address_that_no_record_cites_any_more_leaves_the_file(farm: Path) -> None:
    assert main(["links"]) == 0
    text = changed(EWE, 'links:\n  code: {value: "https://example.org/code", from: readme#L4}\n', "")
    (farm / EWE).write_text(text, "utf-8")
    (farm / "links.yaml").write_text(
        (farm / "links.yaml").read_text("utf-8").replace("2026-11-20", "2026-01-01"), "utf-8"
    )
    assert main(["links"]) == 0
    assert "https://example.org/code" not in loaded(farm).links


def test_dead_link_is_a_warning_where_it_is_cited_and_a_copy_settles_it(farm: Path) -> None:
    assert main(["links"]) == 0
    dead = [f for f in lint(farm) if f.code == "HB270"]
    assert {f.severity for f in dead} == {"warning"}
    [code] = [f for f in dead if f.path.endswith(EWE)]
    assert (
        code.at.line
        == FILES[EWE].splitlines().index('  code: {value: "https://example.org/code", from: readme#L4}') + 1
    )
    hay = (farm / "datasets/hay.yaml").read_text("utf-8")
    copied = hay.replace(
        '"https://example.org/hay",', '"https://example.org/hay", archived: "https://example.org/old",'
    )
    (farm / "datasets/hay.yaml").write_text(copied, "utf-8")
    assert not [f for f in lint(farm) if f.code == "HB270" and f.path.endswith("hay.yaml")]


DAYS = "checked: 2026-11-20, since: 2026-11-20"
BAD = {
    "not YAML": "links: [",
    "another shape": "links: [a]\n",
    "a status nobody knows": 'links:\n  "https://example.org/": {status: fine, ' + DAYS + "}\n",
    "an address that is none": 'links:\n  "javascript:x": {status: gone, ' + DAYS + "}\n",
    "markup": 'links:\n  "https://example.org/": {status: gone, ' + DAYS + ', why: "<b>"}\n',
}


@pytest.mark.parametrize("name", BAD)
def test_file_that_was_edited_badly_is_found(name: str, tmp_path: Path) -> None:
    root = plant(tmp_path, {"links.yaml": BAD[name]})
    assert [f.path.endswith("links.yaml") for f in read_catalog(root).findings][:1] == [True]


def test_command_without_network_says_so_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plant(tmp_path)
    monkeypatch.chdir(root)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: (_ for _ in ()).throw(OSError("no network")))
    assert main(["links"]) == 1
    assert "no server answered" in capsys.readouterr().err
    assert not (root / "links.yaml").exists()
