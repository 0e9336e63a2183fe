"""The judge that asks a model, against an endpoint on this machine: troubles, bounds, money, and the key."""

import email.utils
import gzip
import json
import threading
import time
from dataclasses import replace

import pytest

from catalog.errors import UserError
from runner.judge import openai as judge_module
from runner.judge.base import NoAnswer, Pair, Ruling
from runner.judge.budget import Budget, Price
from runner.judge.openai import OFFICIAL, OpenAIJudge, Options, goes_in_clear, public_address
from runner.judge.secret import Secret, from_environment
from tests.runner.judge.conftest import KEY
from tests.runner.judge.server import Answer, Server, completion, failure, serving

PAIR = Pair("1", "math", "What is 2 + 2?", "alpha", "It is 4.", "beta", "It is 5.")
GOOD = completion("Because.\nVERDICT: A")


class Stop(threading.Event):
    """Waits for nothing and remembers how long it should have."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return self.is_set()


def judge(server: Server, stop: Stop | None = None, budget: Budget | None = None, **options: object) -> OpenAIJudge:
    settings = replace(Options("judge-1", server.url, timeout_s=5.0), **options)
    return OpenAIJudge(settings, Secret(KEY), budget=budget, stop=stop or Stop())


def ruling(*answers: Answer, **options: object) -> tuple[Ruling, Server]:
    with serving(lambda n, _: answers[min(n, len(answers) - 1)]) as server:
        return judge(server, **options).compare(PAIR), server


def no_answer(*answers: Answer, stop: Stop | None = None, **options: object) -> tuple[NoAnswer, Server]:
    with serving(lambda n, _: answers[min(n, len(answers) - 1)]) as server, pytest.raises(NoAnswer) as caught:
        judge(server, stop, **options).compare(PAIR)
    return caught.value, server


def test_reply_is_kept_beside_its_verdict() -> None:
    said, server = ruling(GOOD)
    assert said.winner == "model_a"
    assert said.evidence["reply"] == "Because.\nVERDICT: A"
    assert said.evidence["response"]["model"] == "judge-1-2026"
    assert (said.evidence["prompt_tokens"], said.evidence["completion_tokens"]) == (100, 20)
    [request] = server.requests
    assert (request["model"], request["temperature"], request["max_tokens"]) == ("judge-1", 0.0, 1024)
    assert server.keys == [f"Bearer {KEY}"]


def test_temperature_may_be_left_to_the_endpoint() -> None:
    assert "temperature" not in ruling(GOOD, temperature=None)[1].requests[0]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (completion("I like both."), "no verdict that was on offer"),
        (completion("VERDICT: A\nVERDICT: maybe"), "no verdict that was on offer"),
        (completion("So far\nVERDICT: A", finish="length"), "cut at its token limit"),
        (completion(""), "no text"),
        (completion(None), "no text"),
        (Answer(b" " * 1_100_000), "too large"),
    ],
)
def test_unreadable_reply_is_invalid_and_not_asked_again(answer: Answer, why: str) -> None:
    said, server = ruling(answer)
    assert (said.winner, said.scores, said.valid) == (None, None, False)
    assert why in said.why
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (failure(429), "busy"),
        (failure(500), "server"),
        (failure(503), "server"),
        (failure(529), "server"),
        (failure(408), "server"),
        (Answer(b'{"choices": [{"mess', promised=4000), "connection"),
        (Answer(b'{"choices": [{"mess'), "cut"),
        (Answer(b"<html>Bad gateway</html>"), "cut"),
        (Answer(b'{"error": {"code": 429}}'), "cut"),
        (Answer(b'{"choices": []}'), "cut"),
        (Answer(b'{"choices": [{"message": {"content": NaN}}]}'), "cut"),
        (Answer(b"[" * 200_000), "cut"),
        (Answer(b'{"choices":[{"message":{}}],"x":' + b"[" * 90 + b"]" * 90 + b"}"), "cut"),
        (Answer(b"\xff\xfe"), "cut"),
        (Answer(gzip.compress(GOOD.body), headers={"Content-Encoding": "gzip"}), "connection"),
        (Answer(b" " * 1_100_000, 500), "server"),
    ],
)
def test_passing_trouble_is_asked_again(trouble: Answer, kind: str) -> None:
    said, server = ruling(trouble, GOOD)
    assert said.winner == "model_a"
    assert [t["kind"] for t in said.evidence["troubles"]] == [kind]
    assert len(server.requests) == 2


def test_waiting_grows_and_attempts_are_bounded() -> None:
    stop = Stop()
    error, server = no_answer(failure(500, "overloaded"), stop=stop)
    assert len(server.requests) == judge_module.MAX_ATTEMPTS
    assert (error.kind, error.why) == ("server", "status 500: overloaded")
    assert len(stop.waits) == judge_module.MAX_ATTEMPTS - 1
    assert all(0.7 * 2**n < wait < 1.3 * 2**n for n, wait in enumerate(stop.waits))


def test_retry_after_is_obeyed_in_seconds_and_as_a_date() -> None:
    stop = Stop()
    later = email.utils.formatdate(time.time() + 60, usegmt=True)
    with serving(lambda n, _: [failure(429, retry_after="7"), failure(503, retry_after=later), GOOD][n]) as server:
        assert judge(server, stop).compare(PAIR).winner == "model_a"
    assert stop.waits[0] == 7
    assert 50 < stop.waits[1] <= 60


def test_endpoint_that_asks_to_wait_for_hours_is_given_up() -> None:
    error, server = no_answer(failure(429, "quota", retry_after="7200"))
    assert "it asks to wait 7200 s" in error.why
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", ["nan", "inf", "soon", "-5"])
def test_senseless_retry_after_does_no_harm(value: str) -> None:
    assert ruling(failure(429, retry_after=value), GOOD)[0].winner == "model_a"


def test_time_out_is_asked_again() -> None:
    said, _ = ruling(replace(GOOD, delay=0.6), GOOD, timeout_s=0.3)
    assert said.winner == "model_a"
    assert said.evidence["troubles"][0]["kind"] == "timeout"


def test_dripping_body_does_not_hold_the_run() -> None:
    start = time.monotonic()
    said, _ = ruling(replace(GOOD, drip=0.02), GOOD, timeout_s=0.4)
    assert said.evidence["troubles"][0]["kind"] == "timeout"
    assert time.monotonic() - start < 3


def test_nobody_there_is_said() -> None:
    with serving(lambda n, _: GOOD) as server:
        pass
    with pytest.raises(NoAnswer, match="cannot connect") as caught:
        judge(server).compare(PAIR)
    assert caught.value.evidence["unconfirmed_usd"] == 0


@pytest.mark.parametrize("status", [400, 413, 422])
def test_refusal_of_one_pair_is_not_repeated(status: int) -> None:
    error, server = no_answer(failure(status, "too long"))
    assert (error.kind, error.why) == ("refused", f"status {status}: too long")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 307, 401, 402, 403, 404])
def test_refusal_of_everything_is_an_error(status: int) -> None:
    with serving(lambda n, _: failure(status, "no", location="http://127.0.0.1:9/")) as server:
        with pytest.raises(UserError, match=f"status {status}"):
            judge(server).compare(PAIR)
        assert len(server.requests) == 1


def test_control_codes_in_an_error_do_not_reach_the_terminal() -> None:
    error, _ = no_answer(failure(400, "red\x1b[31m\u202e and\nlong" + "g" * 500))
    assert error.why.startswith("status 400: red [31m and long")
    assert len(error.why) < 330


@pytest.mark.parametrize(
    "reply",
    [
        completion(f"The key is {KEY}.\nVERDICT: B"),
        Answer(completion("The key is KEY.\nVERDICT: B").body.replace(b"KEY", b"\\u0073" + KEY[1:].encode())),
        Answer(completion("VERDICT: B").body.replace(b'"chatcmpl-1"', json.dumps({KEY: [KEY]}).encode())),
    ],
)
def test_key_that_comes_back_in_a_reply_is_taken_out(reply: Answer) -> None:
    said, _ = ruling(reply)
    assert said.winner == "model_b"
    assert KEY not in json.dumps(said.evidence)
    assert "[key removed]" in json.dumps(said.evidence)


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_key_that_comes_back_in_an_error_is_not_repeated(status: int) -> None:
    answer = failure(status, "x" * 280 + f" bad key {KEY}")
    with serving(lambda n, _: answer) as server, pytest.raises((NoAnswer, UserError)) as caught:
        judge(server).compare(PAIR)
    shown = f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert not any(KEY[:length] in shown for length in (8, len(KEY)))


def test_no_repr_shows_the_key() -> None:
    with serving(lambda n, _: GOOD) as server:
        asker = judge(server)
        shown = [repr(asker), repr(vars(asker)), repr(asker.settings), repr(Secret(KEY)), str(Secret(KEY))]
    assert not any(KEY in text for text in shown)


@pytest.mark.parametrize("value", ["sk-with space-123", "sk-with\nline-123", "ключ-123456"])
def test_key_that_cannot_be_sent_is_refused_without_repeating_it(value: str) -> None:
    with pytest.raises(UserError) as caught:
        from_environment({"OPENAI_API_KEY": value})
    assert "OPENAI_API_KEY" in caught.value.what
    assert value not in str(caught.value)


def test_own_variable_comes_before_the_common_one() -> None:
    key = from_environment({"HERDBOOK_JUDGE_KEY": " first-key\n", "OPENAI_API_KEY": "second-key"})
    assert key is not None
    assert key.reveal() == "first-key"
    assert from_environment({"OPENAI_API_KEY": ""}) is None


def test_account_in_the_environment_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-private")
    headers: list[str] = []
    with serving(lambda n, _: GOOD) as server:
        asker = judge(server)
        asker._endpoint._client._client.event_hooks["request"].append(lambda r: headers.extend(r.headers.values()))
        asker.compare(PAIR)
    assert headers
    assert "org-private" not in headers


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (Options("m", "ftp://host/v1"), "--base-url"),
        (Options("m", "http:///v1"), "--base-url"),
        (Options("m", "http://[::1/v1"), "--base-url"),
        (Options("m", "http://user:secret-pass@host/v1"), "holds a user"),
        (Options("m", "https://host/v1?key=secret-pass"), "a query"),
        (Options("=m", "http://host/v1"), "--model"),
        (Options("m", "http://host/v1", timeout_s=float("nan")), "--timeout"),
        (Options("m", "http://host/v1", temperature=3), "--temperature"),
        (Options("m", "http://host/v1", max_tokens=0), "--max-tokens"),
        (Options("m", "http://host/v1", price=Price(-1, 1)), "--price"),
    ],
)
def test_options_that_cannot_work_are_refused_before_anything_is_asked(options: Options, why: str) -> None:
    with pytest.raises(UserError) as caught:
        OpenAIJudge(options, None)
    assert caught.value.exit_code == 2
    assert why in caught.value.why
    assert "secret-pass" not in str(caught.value)


def test_official_endpoint_needs_a_key() -> None:
    with pytest.raises(UserError, match="no key"):
        OpenAIJudge(Options("m"), None)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (OFFICIAL + "/", OFFICIAL),
        ("http://127.0.0.1:8000/v1", "local"),
        ("http://10.1.2.3/v1", "local"),
        ("http://gpubox:8000/v1", "local"),
        ("http://gpubox.lan/v1", "local"),
        ("http://[::1]:8000/v1", "local"),
    ],
)
def test_record_names_public_endpoints_only(address: str, shown: str) -> None:
    assert public_address(address) == shown


def test_unencrypted_way_is_noticed() -> None:
    assert goes_in_clear("http://example.org/v1")
    assert not goes_in_clear("https://example.org/v1")
    assert not goes_in_clear("http://localhost:1/v1")


def test_cost_follows_the_tokens_and_the_price() -> None:
    budget = Budget(1.0)
    said, _ = ruling(GOOD, budget=budget, price=Price(10.0, 30.0))
    assert said.evidence["cost_usd"] == budget.spent == (100 * 10.0 + 20 * 30.0) / 1e6


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": -1, "completion_tokens": 2}, {"prompt_tokens": True}, []])
def test_reply_without_usable_token_count_costs_its_ceiling(usage: object) -> None:
    body = json.loads(GOOD.body) | {"usage": usage}
    price = Price(10.0, 30.0)
    with serving(lambda n, _: Answer(json.dumps(body).encode())) as server:
        asker = judge(server, price=price)
        said = asker.compare(PAIR)
        assert said.evidence["prompt_tokens"] is None
        assert said.evidence["cost_usd"] == asker.ceiling(PAIR) > 1024 * 30.0 / 1e6


def test_question_that_could_exceed_the_budget_is_not_asked() -> None:
    error, server = no_answer(GOOD, budget=Budget(0.01), price=Price(10.0, 30.0))
    assert error.kind == "budget"
    assert server.requests == []


def test_attempt_that_was_lost_counts_as_paid() -> None:
    budget, price = Budget(100.0), Price(10.0, 30.0)
    said, _ = ruling(replace(GOOD, delay=0.6), GOOD, timeout_s=0.3, budget=budget, price=price)
    assert said.evidence["unconfirmed_usd"] > 0.03
    assert budget.spent == said.evidence["unconfirmed_usd"] + said.evidence["cost_usd"]
