"""The page about the register as a Python library: three questions, the code that answers them, and its answers."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from catalog.register import Catalog
from generator import questions
from generator.language import Language
from generator.views.shown import Part
from generator.words import known, word

START = "from catalog import load\n\nregister = load()\n"


@dataclass(frozen=True)
class Answer:
    """One question: the code as it runs, and its rows as the table shows them."""

    id: str
    title: str
    intro: str
    code: str
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[Part, ...], ...], ...]


@dataclass(frozen=True)
class PythonPage:
    """Everything `python.html` shows."""

    start: str
    """Imports and loading: with the code of the answers below it, one program."""
    names: tuple[tuple[str, str], ...]
    """Attribute and what it holds."""
    answers: tuple[Answer, ...]
    bars: tuple[tuple[str, float, str], ...]
    """Month, median score, and what the bar says."""


def python_page(catalog: Catalog, language: Language, home: str) -> PythonPage:
    """Runs the code that it shows."""
    zh = language == "zh"
    over_time = questions.openness_over_time(catalog)
    hours = questions.gpu_hours_by_method(catalog)
    allowed = questions.commercial_use(catalog)

    def method(name: str) -> str:
        return word(name, language) if known(name) else name

    answers = (
        _answer(
            questions.openness_over_time,
            *_QUESTIONS["openness_over_time"][zh],
            tuple((_text(month), _text(n), _text(f"{score:g}"), _text(open_)) for month, n, score, open_ in over_time),
        ),
        _answer(
            questions.gpu_hours_by_method,
            *_QUESTIONS["gpu_hours_by_method"][zh],
            tuple(
                (_text(method(name)), _text(n), _text(known_), _text(_NONE[zh] if mid is None else f"{mid:,g}"))
                for name, n, known_, mid in hours
            ),
        ),
        _answer(
            questions.commercial_use,
            *_QUESTIONS["commercial_use"][zh],
            tuple(
                (
                    (Part(str(getattr(catalog.models[slug].name, language)), f"{home}models/{slug}/#commercial"),),
                    _text(word(answer, language)),
                    tuple(Part(link) for link in chain),
                )
                for slug, answer, chain in allowed
            ),
        ),
    )
    bars = tuple((month, score, f"{score:g} ({n})") for month, n, score, _ in over_time)
    names = tuple((name, pair[zh]) for name, pair in _NAMES.items())
    return PythonPage(_head() + START, names, answers, bars)


def _text(value: object) -> tuple[Part, ...]:
    return (Part(str(value)),)


def _head() -> str:
    """The imports of the questions, without the line that only old Pythons need."""
    source = inspect.getsource(questions).partition("\n\n\ndef ")[0]
    return source.replace("from __future__ import annotations\n\n", "") + "\n"


def _answer(
    function: object,
    title: str,
    intro: str,
    columns: tuple[str, ...],
    rows: tuple[tuple[tuple[Part, ...], ...], ...],
) -> Answer:
    name = str(getattr(function, "__name__", ""))
    code = f"{inspect.getsource(function)}\n\n{name}(register)\n"  # type: ignore[arg-type]
    return Answer(name.replace("_", "-"), title, intro, code, columns, rows)


_NONE = ("none disclosed", "均未披露")
_QUESTIONS = {
    "openness_over_time": (
        (
            "Have releases become more open?",
            "Months with a dated release; the score counts open components, 14 at most.",
            ("Month", "Models", "Median score", "With open weights"),
        ),
        (
            "新模型越来越开放了吗？",
            "按有确切月份的发布统计；得分为开放的组成部分之数，满分 14。",
            ("月份", "模型数", "得分中位数", "权重开放"),
        ),
    ),
    "gpu_hours_by_method": (
        (
            "What does training take, by method?",
            "GPU-hours as stated, or cards times hours where both are. Most runs disclose neither, so a median of few "
            "says little; cards of different kinds are added as they are.",
            ("Method", "Runs", "That disclose", "Median GPU-hours"),
        ),
        (
            "各种方法要用多少 GPU 小时？",
            "取公布的 GPU 小时；未公布而卡数与时长俱全的，取其乘积。"
            "多数训练两者皆无，样本少时中位数参考意义有限；不同型号的卡直接相加。",
            ("方法", "训练数", "有披露", "GPU 小时中位数"),
        ),
    ),
    "commercial_use": (
        (
            "Which models may be used commercially, and through which chain?",
            "The strictest licence on the way from the weights to bases and data decides; a missing one counts as "
            "unknown.",
            ("Model", "Answer", "Chain"),
        ),
        (
            "哪些模型可以商用？许可链如何？",
            "从权重到基座与数据，以最严格的一环为准；缺少许可视为未知。",
            ("模型", "结论", "许可链"),
        ),
    ),
}
_NAMES = {
    "register.models": (
        "slug → Model; likewise datasets, frameworks, hardware, terms",
        "条目名 → Model；datasets、frameworks、hardware、terms 同此",
    ),
    "model.variants": (
        "id → Variant: one set of weights, with its own training runs",
        "标识 → Variant：一组权重及其训练",
    ),
    "fact.accepted": (
        "the claim that is believed: value, status, evidence, as_of, note",
        "采信的说法：value、status、evidence、as_of、note",
    ),
    "fact.claims": (
        "every claim on record, the accepted one among them",
        "全部说法，采信的也在其中",
    ),
    "claim.value": (
        "a Quantity, Day, HardwareCount, id or word; None where none was stated",
        "数量、日期、卡数、标识或文字；未说明时为 None",
    ),
    "quantity.number": (
        "int or float in quantity.unit; None for a range (low, high)",
        "以 quantity.unit 表示的数；范围则为 None（见 low、high）",
    ),
    "register.resolve(id)": (
        "what an id means: a variant, an entry, a data set, something outside",
        "标识的含义：版本、条目、数据集或外部事物",
    ),
}
