"""Drafts: what the files say comes in with its line, what they do not say is unknown, and nothing is overwritten."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.cli import main
from catalog.formatting import formatted
from catalog.new import web
from catalog.new.gathered import MAX_TEXT, Page
from catalog.new.known import slug_of
from catalog.new.text import comment, scalar
from catalog.new.told import clean, of_card, of_json
from catalog.new.weights import elements
from catalog.reader import read
from catalog.records import Dataset, Framework, Model
from catalog.store import read_catalog
from tests.catalog import small
from tests.github_server import GitHub
from tests.hub_server import Hub, safetensors

CARD = b"""---
license: apache-2.0
language:
- en
- zh
base_model: farm/ram-7b
datasets:
- farm/hay
- wild/oats
---
# Lamb 7B

See https://github.com/farm/lamb and https://arxiv.org/abs/2305.14314.

A lamb that was tuned on hay, on one card, in a day, by the farm, for the farm, and that likes grass very much indeed.
"""
CONFIG = b'{\n\t"architectures": ["LlamaForCausalLM"],\n\t"max_position_embeddings": 2048,\n\t"vocab_size": 32000\n}\n'
ADAPTER = b"""{
  "peft_type": "LORA",
  "base_model_name_or_path": "farm/ram-7b",
  "r": 64,
  "lora_alpha": 16,
  "lora_dropout": 0.05,
  "target_modules": ["q_proj", "v_proj"]
}
"""
WEIGHTS = safetensors({"wool": ("F16", [50, 60]), "horn": ("F32", [7000])})
LINKED = small.FILES[small.RAM].replace(
    "licences:", 'links:\n  weights: {value: "https://huggingface.co/farm/ram-7b", from: readme}\nlicences:'
)
HAY = small.FILES[small.HAY].replace("name: Hay\n", "name: Hay\naliases: [farm/hay]\n")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small catalog, which knows ram-7b and hay by their names on the hub."""
    root = small.plant(tmp_path, {small.RAM: LINKED, small.HAY: HAY})
    monkeypatch.chdir(root.parent)
    for name in ("HF_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795132800")  # 2026-11-20
    return root


@pytest.fixture
def farm(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub with the model farm/lamb."""
    files = {"README.md": CARD, "config.json": CONFIG, "model.safetensors": WEIGHTS}
    hub.add("farm/lamb", files, date="2023-05-01")
    hub.repos["models", "farm/lamb"].commit({"notes.txt": b"x"}, date="2023-06-01")
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    return hub


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with GitHub() as github:
        monkeypatch.setenv("GITHUB_API_URL", github.url)
        yield github


def new(*words: str, code: int = 0) -> None:
    assert main(["new", *words]) == code


def told(root: Path, place: str = "models/lamb/model.yaml") -> str:
    """The draft, which must be in its form."""
    text = (root / place).read_text(encoding="utf-8")
    model = {"models": Model, "datasets": Dataset, "frameworks": Framework}[place.split("/")[0]]
    assert formatted(text, model) == text
    return text


def only_texts_are_missing(root: Path, place: str = "models/lamb/model.yaml", texts: int = 2) -> None:
    """Lint asks for the texts that only a person can write, each in its line, and for nothing else once they stand."""
    text = told(root, place)
    blank = [number for number, line in enumerate(text.split("\n"), 1) if ': ""  #' in line]
    assert len(blank) == texts
    assert [(found.code, found.at.line) for found in small.lint(root)] == [("HB113", number) for number in blank]
    filled = text.replace('en: ""', "en: A.").replace('zh: ""', "zh: 文。").replace('kind: ""', "kind: mixed")
    (root / place).write_text(filled, encoding="utf-8")
    assert small.lint(root) == []
    (root / place).write_text(text, encoding="utf-8")


def test_every_fact_of_the_hub_has_its_line(root: Path, farm: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    new("model", "lamb", "--from-hf", "farm/lamb")
    text = told(root)
    for line in (
        "aliases: [farm/lamb]",
        "publisher: {value: farm, from: card}",
        "released: {value: 2023-05-01, from: first-commit, note: {en: The first commit., zh: 指首次提交。}}",
        "languages: {value: [en, zh], from: card#L4}",
        "  weights: {value: Apache-2.0, from: card#L2}",
        "    base: {value: ram, from: card#L6}",
        "        data: [{dataset: hay, from: card#L8}]",
        "        # wild/oats (card#L9) is not in the register: add it to outside.yaml, or as an entry",
        "    architecture: {value: LlamaForCausalLM, from: config#L2}",
        "    context: {value: 2048 tokens, from: config#L3}",
        "    vocabulary: {value: 32000, from: config#L4}",
        '    parameters: {value: "10,000 parameters", from: weights-file, note: {en: '
        "Counted from the heads of the weights' files., zh: 据权重文件头逐个张量相加。}}",
        "    form: {value: full, from: files}",
        "  tuned_weights: {level: open, as_of: 2026-11-20, from: files}",
        "  model_card: {level: open, as_of: 2026-11-20, from: card}",
        '  # code: {value: "https://github.com/farm/lamb", from: card#L13} (named there: is it this project\'s own?)',
        "  training_code: {level: unknown}  # the project's repository: a training script, not only inference",
    ):
        assert line in text.split("\n"), line
    only_texts_are_missing(root)
    assert capsys.readouterr().out == "catalog/models/lamb/model.yaml\n"


def test_sources_are_pinned_to_the_commit_that_was_read(root: Path, farm: Hub) -> None:
    new("model", "lamb", "--from-hf", "farm/lamb")
    head = farm.repos["models", "farm/lamb"].commits[-1].sha
    [card] = [line for line in told(root).split("\n") if line.startswith("  card: ")]
    address = f'url: "https://huggingface.co/farm/lamb/blob/{head}/README.md"'
    assert address in card
    assert "as_of: 2023-06-01, accessed: 2026-11-20" in card


def test_an_older_revision_tells_what_stood_there(root: Path, farm: Hub) -> None:
    repo = farm.repos["models", "farm/lamb"]
    repo.tags["v1"] = repo.commits[0].sha
    repo.commit({"README.md": CARD.replace(b"apache-2.0", b"mit")}, date="2023-07-01")
    new("model", "lamb", "--from-hf", "farm/lamb", "--revision", "v1")
    assert "weights: {value: Apache-2.0" in told(root)
    new("model", "ewe-lamb", "--from-hf", "farm/lamb")
    assert "weights: {value: MIT" in told(root, "models/ewe-lamb/model.yaml")


def test_an_adapter_tells_its_settings_and_no_size(root: Path, farm: Hub) -> None:
    files = {"README.md": CARD, "adapter_config.json": ADAPTER, "adapter_model.safetensors": WEIGHTS}
    farm.add("farm/fleece", files)
    new("model", "fleece", "--from-hf", "farm/fleece")
    text = told(root, "models/fleece/model.yaml")
    for line in (
        "    form: {value: adapter, from: adapter-config#L2}",
        "        lora_rank: {value: 64, from: adapter-config#L4}",
        "        lora_alpha: {value: 16, from: adapter-config#L5}",
        "        lora_dropout: {value: 0.05, from: adapter-config#L6}",
        '        lora_targets: {value: "q_proj, v_proj", from: adapter-config#L7}',
        "  adapters: {level: open, as_of: 2026-11-20, from: files}",
    ):
        assert line in text.split("\n"), line
    assert "parameters: {status: unknown}" in text
    only_texts_are_missing(root, "models/fleece/model.yaml")


def test_packed_weights_are_not_counted_as_parameters(root: Path, farm: Hub) -> None:
    farm.add("farm/bale", {"README.md": CARD, "model.safetensors": safetensors({"a": ("I32", [100, 100])})})
    new("model", "bale", "--from-hf", "farm/bale")
    assert "parameters: {status: unknown}  # packed weights (10,000 I32)" in told(root, "models/bale/model.yaml")


def test_many_files_of_weights_are_counted_together(root: Path, farm: Hub) -> None:
    shards = {
        f"model-{n}-of-3.safetensors": safetensors({f"{n}": ("BF16", [65536, 16384])}, zeros=False) for n in "123"
    }
    farm.add("farm/flock", {"README.md": CARD, **shards})
    new("model", "flock", "--from-hf", "farm/flock")
    assert '"3,221,225,472 parameters", from: files' in told(root, "models/flock/model.yaml")
    assert all(len(request.headers.get("range", "")) > 6 for request in farm.asked if "/cdn/" in request.path)


def test_a_data_set_tells_its_size(root: Path, farm: Hub) -> None:
    card = b"---\nlicense: mit\nlanguage: en\nsource_datasets: [farm/hay, original]\ndataset_info:\n  splits:\n"
    card += b"  - name: train\n    num_examples: 9000\n  - name: test\n    num_examples: 100\n---\n# Oats\n"
    farm.add("farm/oats", {"README.md": card, "oats.jsonl": b"{}\n" * 500}, kind="dataset")
    new("dataset", "oats", "--from-hf", "farm/oats")
    text = told(root, "datasets/oats.yaml")
    for line in (
        'examples: {value: "9,100 examples", from: card#L8}',
        'bytes: {value: "1,500 bytes", from: files}',
        "access: {level: open, as_of: 2026-11-20, from: files}",
        "licence: {value: MIT, from: card#L2}",
        "derived_from: [{value: hay, from: card#L4}]",
        '  data: {value: "https://huggingface.co/datasets/farm/oats", from: files}',
    ):
        assert line in text.split("\n"), line
    only_texts_are_missing(root, "datasets/oats.yaml", 3)


def test_a_framework_is_drafted_from_its_repository(root: Path, github: GitHub) -> None:
    files = {"README.md": b"# Shed\n", "LICENSE": b"MIT License\n"}
    code = github.add("farm/shed", files, spdx="MIT", homepage="https://shed.example.org/")
    new("framework", "shed", "--from-github", "farm/shed")
    text = told(root, "frameworks/shed.yaml")
    for line in (
        "name: shed",
        "publisher: {value: farm, from: readme}",
        "released: {value: 2023-05-01, from: first-commit, note: {en: The first commit., zh: 指首次提交。}}",
        '  code: {value: "https://github.com/farm/shed", from: readme}',
        '  homepage: {value: "https://shed.example.org/", from: readme}',
        "  code: {value: MIT, from: licence}",
    ):
        assert line in text.split("\n"), line
    assert f"https://github.com/farm/shed/blob/{code.sha(0)}/LICENSE" in text
    assert f"https://github.com/farm/shed/commit/{code.sha(2)}" in text
    assert "told in their words" not in text
    only_texts_are_missing(root, "frameworks/shed.yaml")


def test_weights_and_code_come_together(root: Path, farm: Hub, github: GitHub) -> None:
    github.add("farm/lamb", {"README.md": b"# Lamb", "LICENSE": b"x"}, spdx="Beerware")
    new("model", "lamb", "--from-hf", "farm/lamb", "--from-github", "farm/lamb")
    text = told(root)
    assert "  code: {status: unknown}  # GitHub reads `Beerware` is not in licences.yaml: add it there" in text
    assert 'code: {value: "https://github.com/farm/lamb", from: readme}' in text
    only_texts_are_missing(root)


def test_without_sources_everything_is_unknown_and_hinted(root: Path) -> None:
    for kind, place in (("model", "models/blank/model.yaml"), ("framework", "frameworks/plain.yaml")):
        new(kind, Path(place).parts[1].removesuffix(".yaml"))
        text = told(root, place)
        assert all("  # " in line for line in text.split("\n") if "unknown}" in line)
    assert [found.code for found in small.lint(root)] == ["HB113"] * 4


def test_a_folder_is_cited_by_its_hashes(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "My Lamb"
    folder.mkdir()
    for name, content in {"README.md": CARD, "config.json": CONFIG, "model.safetensors": WEIGHTS}.items():
        (folder / name).write_bytes(content)  # type: ignore[arg-type]
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))
    new("model", "lamb", "--from-folder", str(folder))
    text = told(root)
    assert "name: My Lamb" in text
    assert 'parameters: {value: "10,000 parameters", from: weights-file' in text
    assert "kind: document, title: README.md of the folder My Lamb, as_of: 2023-11-14" in text
    assert str(tmp_path) not in text
    only_texts_are_missing(root)


def test_a_cache_of_the_hub_is_cited_as_the_hub(root: Path, farm: Hub, tmp_path: Path) -> None:
    from huggingface_hub import snapshot_download

    sha = farm.repos["models", "farm/lamb"].commits[-1].sha
    folder = snapshot_download("farm/lamb", endpoint=farm.url, cache_dir=tmp_path / "hub", token=False, revision=sha)
    new("model", "lamb", "--from-folder", folder)
    text = told(root)
    assert f"https://huggingface.co/farm/lamb/blob/{sha}/README.md" in text
    assert "aliases: [farm/lamb]" in text
    only_texts_are_missing(root)


def test_a_link_out_of_the_folder_is_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(CARD)
    (tmp_path / "lamb").mkdir()
    (tmp_path / "lamb/README.md").symlink_to(tmp_path / "secret")
    (tmp_path / "lamb/config.json").symlink_to("config.json")
    new("model", "lamb", "--from-folder", str(tmp_path / "lamb"))
    assert "languages: {status: unknown}" in told(root)
    assert "sources:" not in told(root)


# ---- what goes wrong


def test_nothing_is_ever_overwritten(root: Path, farm: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    new("model", "lamb", "--from-hf", "farm/lamb")
    text = told(root)
    asked = len(farm.asked)
    new("model", "lamb", "--from-hf", "farm/lamb", code=1)
    assert "a draft never overwrites" in capsys.readouterr().err
    assert told(root) == text
    assert len(farm.asked) == asked


def test_a_record_that_appears_meanwhile_is_left_alone(tmp_path: Path) -> None:
    from catalog.errors import UserError
    from catalog.new.writing import write_new

    write_new(tmp_path / "a.yaml", "first\n")
    with pytest.raises(UserError, match="there is a record"):
        write_new(tmp_path / "a.yaml", "second\n")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.yaml", "first\n")]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("model", "Ewe 9"), 2, "write `ewe-9`"),
        (("model", "../x"), 2, "is not a slug"),
        (("model", "🐑"), 2, "is not a slug"),
        (("model", "ram-7b"), 1, "it means the variant `ram`"),
        (("model", "grass"), 1, "it means outside.yaml"),
        (("model", "ewe"), 1, "never overwrites"),
        (("model", "x", "--revision", "v1"), 2, "--revision belongs to --from-hf"),
        (("framework", "x", "--from-hf", "a/b"), 2, "--from-github"),
        (("model", "x", "--from-folder", "nowhere"), 2, "there is no folder"),
        (("model", "x", "--from-github", "not a name"), 2, "write owner/name"),
        (("model", "x", "--from-hf", "a/b/c"), 2, "write owner/name"),
        (("model", "x", "--from-hf", "farm/none"), 1, "the hub has no model `farm/none`"),
        (("dataset", "x", "--from-hf", "farm/lamb"), 1, "the hub has no dataset `farm/lamb`"),
        (("model", "x", "--from-hf", "farm/lamb", "--revision", "v9"), 1, "no revision `v9`"),
        (("model", "x", "--from-github", "farm/none"), 1, "GitHub has no repository"),
    ],
)
def test_wrong_arguments(
    words: tuple[str, ...], code: int, said: str, root: Path, farm: Hub, github: GitHub,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    before = sorted(root.rglob("*"))
    new(*words, code=code)
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""
    assert "Traceback" not in err
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("words", [("--from-hf", "farm/lamb"), ("--from-github", "farm/lamb")])
@pytest.mark.parametrize(
    ("fault", "options", "said"),
    [
        ("hang", {}, "did not answer within"),
        ("error", {"status": 500}, "answered with an error (500)"),
        ("error", {"status": 429}, ""),
        ("cut", {"after": 10}, "in the middle of an answer"),
        ("wrong", {}, "is not what"),
    ],
)
def test_a_failing_service_is_told_in_plain_words(
    words: tuple[str, str], fault: str, options: dict[str, int], said: str, root: Path, farm: Hub, github: GitHub,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(web, "WAIT", 0.3)
    monkeypatch.setattr("catalog.new.hub.WAIT", 0.3)
    github.add("farm/lamb", {"README.md": b"# Lamb"})
    for server in (farm, github):
        server.fault(fault, **options)  # type: ignore[arg-type]
    new("model", "lamb", *words, code=1)
    err = capsys.readouterr().err
    assert said in err
    assert "hint: " in err or "why: " in err
    assert "Traceback" not in err
    assert not (root / "models/lamb").exists()


@pytest.mark.parametrize("path", ["*/tree/*", "*/commits/*", "*/README.md", "/cdn/*"])
@pytest.mark.parametrize("fault", ["hang", "error", "cut", "wrong"])
def test_a_fault_at_any_step_leaves_no_half_draft(
    path: str, fault: str, root: Path, farm: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(web, "WAIT", 0.3)
    farm.fault(fault, path, after=3)  # type: ignore[arg-type]
    if (path, fault) == ("/cdn/*", "wrong"):
        new("model", "lamb", "--from-hf", "farm/lamb")
        assert "# Not read: the head of model.safetensors could not be read" in told(root)
        return
    new("model", "lamb", "--from-hf", "farm/lamb", code=1)
    assert "Traceback" not in capsys.readouterr().err
    assert not (root / "models/lamb").exists()


def test_unreachable_services(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1")
    new("model", "lamb", "--from-hf", "farm/lamb", code=1)
    assert "error: the hub cannot be reached" in capsys.readouterr().err
    new("model", "lamb", "--from-github", "farm/lamb", code=1)
    assert "error: GitHub cannot be reached" in capsys.readouterr().err
    monkeypatch.setenv("HF_ENDPOINT", "nonsense")
    new("model", "lamb", "--from-hf", "farm/lamb", code=1)
    assert "Traceback" not in capsys.readouterr().err


def test_a_slow_drip_comes_to_an_end(root: Path, farm: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PATIENCE", 0.5)
    farm.fault("drip", "*/README.md", after=1, pause=0.05)
    new("model", "lamb", "--from-hf", "farm/lamb", code=1)


def test_gate_shut_and_open(root: Path, farm: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    farm.repos["models", "farm/lamb"].gated = "manual"
    new("model", "lamb", "--from-hf", "farm/lamb")
    text = told(root)
    assert "# Not read: the files are gated and were not read: set HF_TOKEN if you were let in" in text
    assert "tuned_weights: {level: gated, as_of: 2026-11-20, from: files}" in text
    assert "languages: {value: [en, zh], from: card}" in text
    only_texts_are_missing(root)
    farm.tokens = {"hf_member": {"farm/lamb"}}
    monkeypatch.setenv("HF_TOKEN", "hf_member")
    new("model", "lamb-2", "--from-hf", "farm/lamb")
    assert "languages: {value: [en, zh], from: card#L4}" in told(root, "models/lamb-2/model.yaml")
    assert {request.token for request in farm.asked if request.path.startswith("/cdn/")} == {None}


def test_token_stays_in_the_environment(root: Path, farm: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_member")
    new("model", "lamb", "--from-hf", "farm/lamb")
    assert "hf_member" not in told(root)


# ---- hostile content

HOSTILE = {
    "yaml in a value": b'---\nlicense: "mit}\\nname: Stolen"\nlanguage: ["en}, x: {y: z", en]\n---\n',
    "markup": b"---\nlicense: <script>alert(1)</script>\nlanguage: [<b>, en]\nbase_model: '<img src=x>/y'\n---\n",
    "aliases": b"---\na: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\nlanguage: en\n---\n",
    "a tag": b"---\nlicense: !!python/object/apply:os.system ['true']\n---\n",
    "deep": b"---\nlanguage: " + b"[" * 3000 + b"]" * 3000 + b"\n---\n",
    "long": b"---\nlicense: " + b"x" * 100_000 + b"\nlanguage: [" + b"en, " * 5_000 + b"zh]\n---\n",
    "turned": "---\nlicense: \u202etim\nbase_model: a/\u200bb\ndatasets: ['a/\x07b\u2028c']\n---\n".encode(),
    "wrong types": b"---\nlicense: {a: b}\nlanguage: 7\nbase_model: [[x]]\ndatasets: {a: b}\n---\n",
    "not UTF-8": b"---\nlicense: \xff\xfe\nlanguage: en\n---\n",
    "never ends": b"---\nlicense: mit\nlanguage: en\n",
    "empty": b"",
    "norwegian": b"---\nlicense: mit\nlanguage: no\n---\n",
    "a comment": b'---\nlicense: \'x"} # y\'\nbase_model: "a/b # c\\n# d: e"\n---\n',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_card_is_only_data(name: str, root: Path, farm: Hub) -> None:
    farm.add("farm/wolf", {"README.md": HOSTILE[name], "config.json": b'{"architectures": ["<b>x</b>"]}'})
    new("model", "wolf", "--from-hf", "farm/wolf")
    only_texts_are_missing(root, "models/wolf/model.yaml")
    text = told(root, "models/wolf/model.yaml")
    assert "Stolen" not in [line.partition(":")[2].strip() for line in text.split("\n")]
    assert all(len(line) < 500 for line in text.split("\n"))
    tree, problems = read(text.encode())
    assert problems == []
    assert set(tree) <= set(Model.model_fields)


@pytest.mark.parametrize(
    "config",
    [b"{", b"[]", b"null", b"{" * 5000, b'{"vocab_size": 1e999}', b'{"vocab_size": -3, "max_position_embeddings": "x"}',
     b'{"vocab_size": true, "architectures": "x"}', b'{"architectures": [{"a": 1}]}', b"\x00\xff", b""],
)  # fmt: skip
def test_hostile_settings_are_only_data(config: bytes, root: Path, farm: Hub) -> None:
    farm.add("farm/wolf", {"README.md": CARD, "config.json": config, "adapter_config.json": config})
    new("model", "wolf", "--from-hf", "farm/wolf")
    only_texts_are_missing(root, "models/wolf/model.yaml")


@pytest.mark.parametrize(
    "head",
    [b"", b"short", b"\xff" * 64, (10).to_bytes(8, "little") + b"{" * 10, (2).to_bytes(8, "little") + b"[]",
     (99).to_bytes(8, "little") + b"{}", (4).to_bytes(8, "little") + b'{"a"'],
)  # fmt: skip
def test_hostile_weights_are_not_counted(head: bytes, root: Path, farm: Hub) -> None:
    farm.add("farm/wolf", {"README.md": CARD, "model.safetensors": head})
    new("model", "wolf", "--from-hf", "farm/wolf")
    text = told(root, "models/wolf/model.yaml")
    assert "# Not read: the head of model.safetensors could not be read" in text
    assert "parameters: {status: unknown}" in text


@pytest.mark.parametrize("shape", [[-1], [2**60], ["x"], [True], None, [1.5], [2**39, 2**39]])
def test_impossible_shapes_are_no_counts(shape: object) -> None:
    head = json.dumps({"a": {"dtype": "F16", "shape": shape}}).encode()
    data = len(head).to_bytes(8, "little") + head
    with pytest.raises(ValueError, match=r"shape|JSON|model"):
        elements(lambda first, end: data[first:end])


def test_a_huge_card_is_not_read(root: Path, farm: Hub) -> None:
    farm.add("farm/wolf", {"README.md": CARD + b" " * MAX_TEXT})
    new("model", "wolf", "--from-hf", "farm/wolf")
    assert "# Not read: README.md has 1,000," in told(root, "models/wolf/model.yaml")
    assert not any(path.endswith("README.md") for path in farm.paths())


def test_a_hub_that_ignores_ranges_is_cut_short(
    root: Path, farm: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    big = safetensors({"a": ("F16", [2**20, 2**20])}, zeros=False)
    farm.add("farm/wolf", {"README.md": CARD, "model.safetensors": big})
    monkeypatch.setattr("tests.http_server.ranged", lambda request, answer: (answer, 0, answer.body.size))
    new("model", "wolf", "--from-hf", "farm/wolf", code=1)
    assert "the hub sent more than 100,000 bytes" in capsys.readouterr().err


def test_ten_thousand_files_are_listed_in_part(root: Path, farm: Hub) -> None:
    farm.add("farm/wolf", {"README.md": CARD, **{f"{n:05}.txt": b"x" for n in range(4_000)}})
    new("model", "wolf", "--from-hf", "farm/wolf")
    assert "# Not read: more than 3,000 files: the rest was not listed" in told(root, "models/wolf/model.yaml")


def test_a_thousand_commits_are_enough(root: Path, farm: Hub) -> None:
    repo = farm.add("farm/wolf", {"README.md": CARD})
    for number in range(1_050):
        repo.commit({"n": str(number).encode()})
    new("model", "wolf", "--from-hf", "farm/wolf")
    assert "released: {status: unknown}" in told(root, "models/wolf/model.yaml")


# ---- asked and answered


def answer(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_answers_fill_what_no_file_can_say(root: Path, farm: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "Lamb 7B", "", "A lamb tuned on hay.", "用干草微调的羊羔。", "", "", "")
    new("model", "lamb", "--from-hf", "farm/lamb", "--interactive")
    text = told(root)
    assert "name: Lamb 7B\n" in text
    assert "data: [{dataset: hay, from: card#L8}, {dataset: oats, from: card#L9}]" in text
    expected = 'oats: {name: oats, kind: dataset, by: wild, url: "https://huggingface.co/datasets/wild/oats"}\n'
    assert expected in (root / "outside.yaml").read_text()
    assert small.lint(root) == []


def test_a_new_publisher_goes_to_its_place(root: Path, farm: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    farm.repos["models", "Alp/lamb"] = farm.repos["models", "farm/lamb"]
    farm.repos["models", "Alp/lamb"].id = "Alp/lamb"
    answer(monkeypatch, "", "", "Alp Association", "", "A lamb.", "羊羔。", "", "", "")
    new("model", "lamb", "--from-hf", "Alp/lamb", "--interactive")
    publishers = (root / "publishers.yaml").read_text()
    assert publishers == 'alp: {name: Alp Association, url: "https://huggingface.co/Alp"}\nfarm: {name: Farm}\n'
    assert small.lint(root) == []


def test_unusable_answers_are_asked_again(
    root: Path, farm: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "<b>", "Lamb", "No Slug", "farm", "x" * 500, "A lamb.", "羊羔。", "", "", "")
    new("model", "lamb", "--from-hf", "farm/lamb", "--interactive")
    err = capsys.readouterr().err
    assert "markup" in err
    assert "lower-case letters" in err
    assert "at most 400 characters" in err
    assert small.lint(root) == []


@pytest.mark.parametrize("lines", [(), ("Lamb",), ("<b>", "<i>", "<u>")])
def test_answers_that_end_early_leave_nothing_behind(
    lines: tuple[str, ...], root: Path, farm: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, *lines)
    before = {path: path.read_bytes() for path in root.rglob("*.yaml")}
    new("model", "lamb", "--from-hf", "farm/lamb", "--interactive", code=1)
    assert {path: path.read_bytes() for path in root.rglob("*.yaml")} == before
    assert "run it without --interactive" in capsys.readouterr().err


# ---- small parts


@pytest.mark.parametrize(
    "text",
    ["a", "7B", "1.10", "no", "null", "true", "~", "", "a: b", "a #b", "#a", "{x", "x}", "[", ",", "- a", "'", '"', "%",
     "@x", "`x`", "羊驼", "it's", "a\\b", "!x", "&x", "*x", "|", ">", "?", "https://x.org/", "2023-01-01", "1e5", "🦙"],
)  # fmt: skip
def test_scalar_reads_back_as_itself(text: str) -> None:
    tree, problems = read(f"x: {{v: {scalar(text)}, w: 1}}\ny: [{scalar(text)}]\n".encode())
    assert problems == []
    assert str(getattr(tree["x"]["v"], "text", tree["x"]["v"])) == text
    assert isinstance(tree["x"]["v"], str | int | float)
    assert not isinstance(tree["x"]["v"], bool)


def test_comment_and_clean_are_one_short_line() -> None:
    assert comment("a\nb\u2028c\u202e") == "# a b c"
    assert len(clean("x" * 1000)) == 160


def test_front_matter_and_json_tell_lines() -> None:
    card = of_card(Page("README.md", "---\na: 1\nb:\n- x\n- y\n---\n", {}), None)
    assert [value.evidence for value in card.many("b")] == ["card#L4", "card#L5"]
    assert of_card(None, {"b": ["x"]}).many("b")[0].evidence == "card"
    assert of_json(Page("c", '{\n\t"a": {\n\t\t"b": 3}}', {}), "config").one("a", "b").line == 3  # type: ignore[union-attr]
    assert of_card(Page("README.md", "# no front matter\n---\n", {}), None).many("a") == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Ewe 7B", "ewe-7b"), ("a__b", "a-b"), ("..", None), ("羊", None), ("v1.0", "v1.0"), ("-a.", "a")],
)
def test_slug_of_a_name(name: str, slug: str | None) -> None:
    assert slug_of(name) == slug


def test_real_register_knows_its_things_by_their_names_on_the_hub() -> None:
    from catalog.new.known import Known
    from catalog.store import find_root

    known = Known(read_catalog(find_root(Path(__file__))).catalog)
    assert known.thing("tatsu-lab/alpaca") == "alpaca-52k"
    assert known.thing("lmsys/fastchat-t5-3b-v1.0") == "fastchat-t5"
    assert known.near("huggyllama/llama-7b") == "llama-7b"
    assert known.publisher("huggingface") == "huggingface"
    assert known.licence("cc-by-nc-4.0") == "CC-BY-NC-4.0"
    assert known.licence("gpl-3.0-only") == "GPL-3.0"
    assert known.licence("llama2") is None
