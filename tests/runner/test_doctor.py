"""`runner doctor`: what is here, what lacks and how to mend it; no secret is printed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from typing import Any

import pytest

from runner import doctor, machine
from runner.doctor import Check
from runner.learning import check as learning_check
from runner.machine import FoundCard
from tests.hub_server import Hub
from tests.runner.conftest import Run

CARD = FoundCard("NVIDIA GeForce RTX 4090", 24 * 2**30, "600.1", "rtx-4090")
SEEN = {"name": CARD.name, "bytes": CARD.bytes, "capability": "8.9", "bfloat16": True}
WORKS: dict[str, Any] = {"torch": "2.13.0", "cuda": "13.0", "nf4": {"cpu": 0.092}, "cards": [SEEN]}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, hub: Hub) -> None:
    """A hub that answers, no card, and libraries that load at once: a test puts its own in their place."""
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(doctor, "nvidia_cards", lambda: ())
    monkeypatch.setattr(doctor, "tried", lambda: {**WORKS, "cards": [], "cuda": None})


def checks(**found: Any) -> dict[str, Check]:
    return {check.name: check for check in doctor.examine(**found).checks}


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    before = metadata.version

    def version(name: str) -> str:
        if name in names:
            raise metadata.PackageNotFoundError(name)
        return before(name)

    monkeypatch.setattr(metadata, "version", version)


def test_json_has_checks_and_abilities_and_says_whether_it_is_ready(run: Run) -> None:
    code, found, err = run("doctor", "--json")
    assert (code, err) == (0, "")
    assert list(found) == ["status", "checks", "abilities"]
    assert found["status"] == "ready"
    assert all(list(check) == ["name", "status", "found", "fix"] for check in found["checks"])
    assert all(check["fix"] for check in found["checks"] if check["status"] != "fine")
    able = {one["what"]: one["can"] for one in found["abilities"]}
    assert able["run and repeat the demonstration: runner reproduce demo"]
    assert not able["QLoRA of LLaMA 7B, 512 tokens, one at a time"]


def test_text_names_the_fix_under_what_lacks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "torch", "bitsandbytes")
    code, text, _ = run("doctor")
    assert code == 3
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("LACK  torch"))
    assert "pip install torch==" in lines[at + 1]
    assert lines[-1].startswith("not ready")


def test_a_missing_library_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "peft")
    monkeypatch.setattr(doctor, "tried", lambda: pytest.fail("it was loaded"))
    assert checks()["peft"].status == "missing"


def test_another_version_is_told_and_is_no_illness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "pinned", lambda: {"torch": "9.9.9"})
    health = doctor.examine()
    [torch] = [check for check in health.checks if check.name == "torch"]
    assert (torch.status, health.exit_code) == ("limits", 0)
    assert "9.9.9 is asked for" in torch.found


def test_the_pins_are_those_of_the_package() -> None:
    pins = doctor.pinned()
    assert set(pins) >= {"torch", "transformers", "peft", "bitsandbytes", "accelerate", "huggingface_hub"}
    assert all(f"{name}=={pin}" in line for name, pin in pins.items()
               for line in metadata.requires("herdbook") or [] if line.startswith(f"{name}=="))  # fmt: skip


def test_the_pins_are_known_without_an_install(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = doctor.pinned()

    def missing(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    assert doctor.pinned() == installed


@pytest.mark.parametrize(
    ("loads", "name", "says"),
    [
        ({"error": "ImportError: libgomp.so.1"}, "libraries", "libgomp"),
        ({**WORKS, "nf4": {"cpu": "RuntimeError: no kernel"}}, "NF4 on cpu", "no kernel"),
        ({**WORKS, "nf4": {"cpu": 0.7}}, "NF4 on cpu", "0.700"),
    ],
)
def test_libraries_that_do_not_work(monkeypatch: pytest.MonkeyPatch, loads: Any, name: str, says: str) -> None:
    monkeypatch.setattr(doctor, "tried", lambda: loads)
    health = doctor.examine()
    [found] = [check for check in health.checks if check.name == name]
    assert (found.status, health.exit_code) == ("missing", 3)
    assert says in found.found
    assert found.fix


def test_a_card_says_up_to_which_size_it_can_tune(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "nvidia_cards", lambda: (CARD,))
    monkeypatch.setattr(doctor, "tried", lambda: WORKS)
    health = doctor.examine()
    able = [one.can for one in health.abilities if one.what.startswith("QLoRA")]
    assert able == sorted(able, reverse=True)
    assert able[:2] == [True, True]
    assert not able[3]


def test_a_card_that_torch_cannot_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "nvidia_cards", lambda: (CARD,))
    card = checks()["card"]
    assert card.status == "limits"
    assert "the CUDA build" in card.fix


def test_the_token_is_told_to_be_there_and_never_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_very_secret")
    for arguments in (("doctor",), ("doctor", "--json")):
        _, found, err = run(*arguments)
        assert "hf_very_secret" not in json.dumps(found) + err
    assert checks()["token"].status == "fine"


@pytest.mark.parametrize(("status", "name"), [(503, "limits"), (404, "fine")])
def test_a_hub_that_fails_limits_and_one_that_answers_is_fine(hub: Hub, status: int, name: str) -> None:
    hub.fault("error", status=status)
    assert checks()["hub"].status == name


def test_a_hub_out_of_reach_is_found_out_and_limits(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.hub, "DEADLINE", 0.5)
    hub.fault("hang")
    found = checks()["hub"]
    assert found.status == "limits"
    assert "--base PATH" in found.fix
    monkeypatch.setenv("HF_ENDPOINT", "https://nowhere.invalid")
    assert checks()["hub"].status == "limits"


def test_too_little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DISK", 1e18)
    monkeypatch.setattr(doctor, "MEMORY", 1e18)
    found = checks()
    assert (found["disk"].status, found["memory"].status) == ("missing", "missing")


def test_quick_checks_are_told_before_the_slow_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def loads() -> Any:
        assert {"Python", "torch", "hub"} <= set(told)
        return {**WORKS, "cards": []}

    monkeypatch.setattr(doctor, "tried", loads)
    doctor.examine(lambda check: told.append(check.name))
    assert "NF4 on cpu" in told


def test_the_libraries_really_work_here() -> None:
    found = learning_check.check()
    low, high = doctor.NF4_ERROR
    assert low < found["nf4"]["cpu"] < high


def test_a_process_that_dies_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    def run(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], -11, "", "Segmentation fault\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert doctor.tried() == {"error": "Segmentation fault"}


def test_a_line_of_the_driver_s_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    machine.nvidia_cards.cache_clear()
    done = subprocess.CompletedProcess([], 0, "NVIDIA H200, 143771, 580.95.05\nbroken\n", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    [card] = machine.nvidia_cards()
    machine.nvidia_cards.cache_clear()
    assert (card.slug, card.bytes, card.driver) == ("h200", 143771 * 2**20, "580.95.05")


def test_nothing_heavy_is_loaded_into_the_command_itself() -> None:
    code = "import sys; from runner import doctor; doctor.tried = lambda: {'error': 'x'}; doctor.examine(); "
    code += "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'bitsandbytes')))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
