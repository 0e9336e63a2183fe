"""The three kinds of draft, in the order of keys that `catalog fmt` gives."""

from __future__ import annotations

from catalog.new.draft import Draft
from catalog.new.hints import JUDGED
from catalog.new.text import comment, flow, indented, scalar
from catalog.new.told import Value
from catalog.new.weights import WHOLE


def text_of(draft: Draft, kind: str) -> str:
    """The whole record."""
    lines = {"model": _model, "framework": _framework, "dataset": _dataset}[kind](draft)
    return "\n".join(lines) + "\n"


def _model(draft: Draft) -> list[str]:
    gathered = draft.gathered
    names = [*draft.names(gathered.name or draft.slug), draft.released(), draft.languages()]
    weights_link = []
    if gathered.hub_id and draft._page("files"):
        weights_link = [draft.fact("weights", scalar(f"https://huggingface.co/{gathered.hub_id}"), "files")]
    links = [*draft.code_links(), *weights_link, *draft.mentioned()]
    openness = [_cell(draft, name) for name in JUDGED]
    licences = [draft.code_licence(), draft.unknown("data"), draft.licence("weights")]
    variant = _variant(draft)
    sources = draft.sources()
    return [
        *draft.head("model", "../../"), *names, *_block(sources), *_section("links", links),
        *_section("openness", openness), *_section("licences", licences),
        "", "variants:", *indented([f"{draft.slug}:", *indented(variant)]),
    ]  # fmt: skip


def _framework(draft: Draft) -> list[str]:
    gathered = draft.gathered
    code = gathered.code
    default = code.id.rpartition("/")[2] if code else gathered.name
    names = [*draft.names(default or draft.slug), draft.released()]
    links = draft.code_links()
    openness = [_cell(draft, name) for name in JUDGED]
    licences = [draft.code_licence()]
    sources = draft.sources()
    return [
        *draft.head("framework", "../"), *names, *_block(sources), *_section("links", links),
        *_section("openness", openness), *_section("licences", licences),
    ]  # fmt: skip


def _dataset(draft: Draft) -> list[str]:
    gathered, card = draft.gathered, draft.card
    kind = draft.answers.kind or '""'
    hint = (
        ""
        if draft.answers.kind
        else f"  {comment('one of: instructions, dialogues, preferences, pre-training, evaluation, mixed')}"
    )
    lines = [*draft.names(gathered.name or draft.slug), f"kind: {kind}{hint}", draft.released(), draft.languages()]
    lines += _examples(draft) or [draft.unknown("examples")]
    lines += _bytes(draft)
    level, why = draft.openness_of_files()
    if level and draft._page("files"):
        lines.append(draft.level("access", level, "files"))
    else:
        lines.append(draft.unknown("access", why, what="level"))
    lines.append(draft.licence("licence"))
    derived, comments = draft.references(v for v in card.many("source_datasets") if "/" in v.text)
    if derived:
        items = [flow({"value": name, "from": scalar(value.evidence)}) for name, value in derived]
        for _, value in derived:
            draft._cite(value.source)
        lines.append(f"derived_from: [{', '.join(items)}]")
    lines += comments
    links = []
    if gathered.hub_id and draft._page("files"):
        address = f"https://huggingface.co/datasets/{gathered.hub_id}"
        links = [draft.fact("data", scalar(address), "files")]
    links += [*draft.code_links(), *draft.mentioned()]
    sources = draft.sources()
    return [*draft.head("dataset", "../"), *lines, *_block(sources), *_section("links", links)]


def _block(lines: list[str]) -> list[str]:
    return ["", *lines] if lines else []


def _section(name: str, lines: list[str]) -> list[str]:
    """A mapping with a blank line above; nothing where it would hold comments alone."""
    if any(not line.startswith("#") for line in lines):
        return ["", f"{name}:", *indented(lines)]
    return ["", *lines] if lines else []


# ---- the parts of a model


def _is_adapter(draft: Draft) -> bool:
    return draft.adapter.has("peft_type") or "adapter_config.json" in draft.gathered.files


def _cell(draft: Draft, name: str) -> str:
    """A cell of openness, where the files decide it."""
    page = draft.gathered.pages.get("card")
    if name == "model_card" and page and len(page.text.partition("\n---")[2].split()) >= 20:
        return draft.level(name, "open", "card")
    files = draft.gathered.files
    held = any(path.endswith((".safetensors", ".bin", ".gguf", ".pt")) for path in files)
    level, why = draft.openness_of_files()
    if name == ("adapters" if _is_adapter(draft) else "tuned_weights") and held and draft._page("files"):
        if level:
            return draft.level(name, level, "files")
        return draft.unknown(name, why, what="level")
    return draft.unknown(name, what="level")


def _variant(draft: Draft) -> list[str]:
    gathered, config = draft.gathered, draft.config
    lines = [f"name: {scalar(draft.answers.name or gathered.name or draft.slug)}"]
    lines += _parameters(draft)
    bases = draft.card.many("base_model") or draft.adapter.many("base_model_name_or_path")
    known, comments = draft.references(bases[:1])
    lines += [draft.fact("base", scalar(name), value.evidence) for name, value in known]
    lines += comments
    if not known and not comments:
        lines.append(comment("base: {value: ID, from: card}  (left out, it means trained from scratch)"))
    lines.append(_form(draft))
    architecture = config.one("architectures", 0)
    if architecture and not any(mark in architecture.text for mark in "<&"):
        lines.append(draft.fact("architecture", scalar(architecture.text), architecture.evidence))
    context = config.one("max_position_embeddings")
    found = draft.quantity("context", "tokens", f"{context.text} tokens" if context else "", context)
    lines += found or ([] if _is_adapter(draft) else [draft.unknown("context")])
    vocabulary = config.one("vocab_size")
    lines += draft.quantity("vocabulary", "count", vocabulary.text if vocabulary else "", vocabulary)
    lines += ["training:", *indented(["tuning:", *indented(_run(draft))])]
    return lines


def _parameters(draft: Draft) -> list[str]:
    weights = draft.gathered.weights
    if weights is None or _is_adapter(draft):
        return [draft.unknown("parameters")]
    odd = sorted(set(weights.elements) - WHOLE)
    if odd:
        counted = ", ".join(f"{count:,} {dtype}" for dtype, count in sorted(weights.elements.items()))
        return [draft.unknown("parameters", f"packed weights ({counted}): their elements are not its parameters")]
    total = sum(weights.elements.values())
    note = flow({"en": scalar("Counted from the heads of the weights' files."), "zh": "据权重文件头逐个张量相加。"})
    value = Value(str(total), "weights-file" if weights.page else "files")
    found = draft.quantity("parameters", "parameters", f"{total:,} parameters", value, note)
    return found or [draft.unknown("parameters")]


def _form(draft: Draft) -> str:
    relation = draft.card.one("base_model_relation")
    said = {"adapter": "adapter", "merge": "merged", "quantized": "quantised", "finetune": "full"}
    if relation and relation.text in said:
        return draft.fact("form", said[relation.text], relation.evidence)
    if draft.adapter.has("peft_type"):
        return draft.fact("form", "adapter", f"adapter-config#L{draft.adapter.line('peft_type')}")
    if draft.config.has("quantization_config"):
        return draft.fact("form", "quantised", f"config#L{draft.config.line('quantization_config')}")
    if draft.gathered.weights and draft._page("files"):
        return draft.fact("form", "full", "files")
    return draft.unknown("form")


def _run(draft: Draft) -> list[str]:
    adapter = draft.adapter
    lines = []
    kind = adapter.one("peft_type")
    if kind and kind.text.upper() == "LORA":
        note = flow({"en": scalar("The settings of the adapter; whether the base was quantised, they do not say."),
                     "zh": scalar("据适配器设置；其中未写明基座是否量化。")})  # fmt: skip
        lines.append(draft.fact("method", "lora", kind.evidence, note))
    else:
        lines.append(draft.unknown("method"))
    known, comments = draft.references(draft.card.many("datasets"))
    if known:
        items = [flow({"dataset": name, "from": scalar(value.evidence)}) for name, value in known]
        for _, value in known:
            draft._cite(value.source)
        draft.facts += len(known)
        lines.append(f"data: [{', '.join(items)}]")
    lines += comments
    rank, alpha, dropout = adapter.one("r"), adapter.one("lora_alpha"), adapter.one("lora_dropout")
    lines += draft.quantity("lora_rank", "count", rank.text if rank else "", rank)
    lines += draft.quantity("lora_alpha", "number", alpha.text if alpha else "", alpha)
    lines += draft.quantity("lora_dropout", "number", dropout.text if dropout else "", dropout)
    targets = [value for value in adapter.many("target_modules") if not set("<&") & set(value.text)]
    if targets:
        joined = ", ".join(value.text for value in targets)
        if len(joined) <= 400:
            line = adapter.line("target_modules")
            lines.append(draft.fact("lora_targets", scalar(joined), f"adapter-config#L{line}"))
    return [*lines, draft.unknown("hardware"), draft.unknown("duration")]


# ---- the parts of a data set


def _examples(draft: Draft) -> list[str]:
    """The sum over the splits that the card counts."""
    card = draft.card
    many = card.rows("dataset_info")
    prefixes = [("dataset_info", n) for n in range(many)] if many else [("dataset_info",)]
    if len(prefixes) > 1:
        return [draft.unknown("examples", "the card counts several configurations: which of them is the data set?")]
    total, first = 0, None
    for number in range(card.rows(*prefixes[0], "splits")):
        value = card.one(*prefixes[0], "splits", number, "num_examples")
        if value is None or not value.text.isdecimal():
            return []
        total, first = total + int(value.text), first or value
    return draft.quantity("examples", "examples", f"{total:,} examples", first) if total else []


def _bytes(draft: Draft) -> list[str]:
    """What the card says, else the size of files that are plain text."""
    card = draft.card
    size = card.one("dataset_info", "dataset_size")
    if size and size.text.isdecimal():
        return draft.quantity("bytes", "bytes", f"{int(size.text):,} bytes", size)
    plain = (".json", ".jsonl", ".csv", ".tsv", ".txt")
    held = [count for name, count in draft.gathered.files.items() if name.endswith(plain)]
    if not held or not draft._page("files"):
        return []
    return draft.quantity("bytes", "bytes", f"{sum(held):,} bytes", Value("", "files"))
