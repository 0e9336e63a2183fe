"""The grammar of quantities in tables; that dimensions never mix; that nothing but ValueError comes out."""

from __future__ import annotations

import contextlib
import itertools
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.hardware_counts import hardware_count
from catalog.units import Dimension, base_unit, plain, quantity

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


@pytest.mark.parametrize(
    ("said", "dimension", "number"),
    [
        ("7B", "parameters", 7_000_000_000), ("6.7B", "parameters", 6_700_000_000),
        ("130亿", "parameters", 13_000_000_000),
        ("1750 亿", "parameters", 175_000_000_000), ("1.3 billion parameters", "parameters", 1_300_000_000),
        ("350M", "parameters", 350_000_000), ("770百万", "parameters", 770_000_000),
        ("1千亿", "parameters", 100_000_000_000),
        ("7,000,000,000", "parameters", 7_000_000_000), ("4.194304e6", "parameters", 4_194_304),
        ("52K instructions", "examples", 52_000), ("5.2万条", "examples", 52_000), ("5.2w条", "examples", 52_000),
        ("70w 条", "examples", 700_000), ("52,002 examples", "examples", 52_002), ("2千条", "examples", 2_000),
        ("3千万条", "examples", 30_000_000), ("110 thousand dialogues", "examples", 110_000),
        ("690K rows", "examples", 690_000),
        ("1.4T tokens", "tokens", 1_400_000_000_000), ("1.4万亿 tokens", "tokens", 1_400_000_000_000),
        ("700B tokens", "tokens", 700_000_000_000), ("7000亿 tokens", "tokens", 700_000_000_000),
        ("512 tokens", "tokens", 512), ("1 trillion tokens", "tokens", 1_000_000_000_000),
        ("4M tokens", "tokens", 4_000_000),
        ("700B words", "words", 700_000_000_000), ("7000亿单词", "words", 700_000_000_000),
        ("20 GB", "bytes", 20_000_000_000), ("20G", "bytes", 20_000_000_000), ("1.5 TB", "bytes", 1_500_000_000_000),
        ("4 KiB", "bytes", 4096), ("9 GiB", "memory", 9 * 2**30), ("80 GB", "memory", 80_000_000_000),
        ("3 h", "duration", 3), ("3小时", "duration", 3), ("21 days", "duration", 504), ("21 天", "duration", 504),
        ("90 minutes", "duration", 1.5), ("90 分钟", "duration", 1.5), ("2 weeks", "duration", 336),
        ("36 s", "duration", 0.01),
        ("82,432 GPU-h", "gpu-hours", 82_432), ("1.2M GPU-hours", "gpu-hours", 1_200_000),
        ("100 USD", "money", 100), ("$100", "money", 100), ("$ 1.5K", "money", 1500), ("1,020 USD", "money", 1020),
        ("85.2%", "percent", 85.2), ("-3 %", "percent", -3),
        ("10,000 steps", "count", 10_000), ("10K steps", "count", 10_000), ("16", "count", 16), ("0", "count", 0),
        ("1e-4", "number", 0.0001), ("-0.5", "number", -0.5), ("1341.98", "number", 1341.98),
        ("6.67e22 FLOP", "compute", 66_700_000_000_000_000_000_000),
        ("312 TFLOP/s", "compute-rate", 312_000_000_000_000),
        ("380 tokens/s/GPU", "token-rate", 380), ("2,039 GB/s", "bandwidth", 2_039_000_000_000),
        ("400 W", "power", 400),
    ],
)  # fmt: skip
def test_quantity_is_read_into_its_base_unit(said: str, dimension: Dimension, number: float) -> None:
    read = quantity(said, dimension)
    assert (read.number, read.unit, read.said, read.qualifier) == (number, base_unit(dimension), said, "exactly")
    assert type(read.number) is type(number)


@pytest.mark.parametrize(
    ("said", "dimension", "qualifier", "number"),
    [
        ("about 9G", "memory", "about", 9_000_000_000), ("约 9G", "memory", "about", 9_000_000_000),
        ("approximately 20 GB", "bytes", "about", 20_000_000_000), ("~7B", "parameters", "about", 7_000_000_000),
        ("大约5.2万条", "examples", "about", 52_000), ("近 1000亿", "parameters", "about", 100_000_000_000),
        ("almost 2 days", "duration", "about", 48), ("at most 100 USD", "money", "at most", 100),
        ("up to 24 GB", "memory", "at most", 24_000_000_000), ("less than $500", "money", "less than", 500),
        ("<$500", "money", "less than", 500), ("不到 500 USD", "money", "less than", 500),
        ("at least 16 GB", "memory", "at least", 16_000_000_000), ("≥ 2", "count", "at least", 2),
        ("more than 100万条", "examples", "more than", 1_000_000),
        ("超过100万条", "examples", "more than", 1_000_000),
        ("over 40B tokens", "tokens", "more than", 40_000_000_000),
    ],
)  # fmt: skip
def test_qualifier_is_kept_beside_the_number(said: str, dimension: Dimension, qualifier: str, number: int) -> None:
    read = quantity(said, dimension)
    assert (read.qualifier, read.number) == (qualifier, number)


@pytest.mark.parametrize("said", ["several hours", "a few hours", "几个小时", "几小时", "几 个小时", "several h"])
def test_several_hours_have_a_unit_and_no_number(said: str) -> None:
    read = quantity(said, "duration")
    assert (read.qualifier, read.number, read.low, read.high, read.unit) == ("several", None, None, None, "hours")


@pytest.mark.parametrize(
    ("said", "dimension", "low", "high"),
    [
        ("10 to 20 GB", "memory", 10e9, 20e9), ("10 GB to 20 GB", "memory", 10e9, 20e9),
        ("10–20 GB", "memory", 10e9, 20e9),
        ("10至20 GB", "memory", 10e9, 20e9), ("about 1 to 2 days", "duration", 24, 48),
        ("1 day to 36 h", "duration", 24, 36),
        ("6K to 10K steps", "count", 6000, 10_000), ("100万 to 1亿条", "examples", 1e6, 1e8),
        ("$1 to $2", "money", 1, 2),
        ("512 to 1K tokens", "tokens", 512_000, 1000), ("0.9B to 1T tokens", "tokens", 9e8, 1e12),
    ],
)  # fmt: skip
def test_range_keeps_both_ends_and_has_no_single_number(
    said: str, dimension: Dimension, low: float, high: float
) -> None:
    if low > high:  # an end without a scale takes the other's: better a refusal than a guess
        with pytest.raises(ValueError, match=r"backwards"):
            quantity(said, dimension)
        return
    read = quantity(said, dimension)
    assert (plain(read.low), plain(read.high), read.number) == (low, high, None)


def test_range_of_one_number_is_that_number() -> None:
    assert quantity("8 to 8 GB", "memory").number == 8_000_000_000


@pytest.mark.parametrize(
    ("said", "dimension"),
    [
        ("", "count"), ("seven B", "parameters"), ("7 billion tokens", "parameters"), ("52K", "examples"),
        ("1.4T", "tokens"),
        ("1.4T", "words"), ("20", "bytes"), ("9", "memory"), ("3", "duration"), ("3K hours", "duration"),
        ("100", "money"),
        ("100 EUR", "money"), ("100 元", "money"), ("85.2", "percent"), ("10-20 GB", "memory"), ("5~10 GB", "memory"),
        ("1,00 USD", "money"), ("1.2.3", "number"), ("10,0000 steps", "count"), ("1 to 2 to 3 h", "duration"),
        ("3h 20min", "duration"), ("7B7", "parameters"), ("B", "parameters"), ("7 亿万", "parameters"),
        ("nan", "number"),
        ("inf", "number"), ("Infinity tokens", "tokens"), ("about", "count"), ("about about 3", "count"),
        ("３ x", "money"),
        ("1e400", "number"), ("1e-400", "number"), ("1e99999999999999999999", "number"), ("0e99", "number"),
        ("<b>3</b>", "count"),
    ],
)  # fmt: skip
def test_what_is_no_quantity_of_this_kind_is_refused(said: str, dimension: Dimension) -> None:
    with pytest.raises(ValueError, match=r"quantity|world"):
        quantity(said, dimension)


@pytest.mark.parametrize(
    ("said", "dimension"),
    [("7K", "parameters"), ("700万亿", "parameters"), ("0.5 examples", "examples"), ("0 tokens", "tokens"),
     ("2,000T tokens", "tokens"), ("13B", "memory"), ("100 KB", "memory"), ("20,000 weeks", "duration"),
     ("0 h", "duration"),
     ("20 trillion USD", "money"), ("-5 steps", "count"), ("20,000%", "percent"),
     ("1 GB/s to 900 TB/s", "bandwidth")],
)  # fmt: skip
def test_number_out_of_bounds_is_called_a_slip_of_a_scale_word(said: str, dimension: Dimension) -> None:
    with pytest.raises(ValueError, match=r"slip of K, M or 万"):
        quantity(said, dimension)


def test_text_longer_than_eighty_characters_is_refused() -> None:
    assert quantity("7B" + " " * 90, "parameters").number == 7_000_000_000
    with pytest.raises(ValueError, match=r"80 characters"):
        quantity("7" * 81, "parameters")


SCALES = {"": 0, "K": 3, "k": 3, " thousand ": 3, "千": 3, "w": 4, "万": 4, "M": 6, "百万": 6, " million ": 6,
"千万": 7,
          "亿": 8, "B": 9, " billion ": 9, "千亿": 11, "T": 12, "万亿": 12, " trillion ": 12}  # fmt: skip
DIGITS = st.integers(1, 99_999).map(lambda n: Decimal(n) / 100)


@given(DIGITS, st.sampled_from(sorted(SCALES)), st.sampled_from(["{}", "{:,}"]), st.booleans())
def test_number_written_with_a_scale_is_read_as_that_number(
    number: Decimal, scale: str, form: str, space: bool
) -> None:
    said = f"{form.format(number)}{' ' if space else ''}{scale} tokens"
    meant = number * 10 ** SCALES[scale]
    if 1 <= meant <= 10**15:
        assert quantity(said, "tokens").low == meant
    else:
        with pytest.raises(ValueError, match=r"outside"):
            quantity(said, "tokens")


@given(st.integers(0, 10**13))
def test_whole_number_is_read_exactly_and_stays_whole(number: int) -> None:
    read = quantity(f"{number:,}", "count")
    assert (read.number, type(read.number)) == (number, int)


@given(st.floats(1e-4, 1e5, allow_nan=False).map(lambda x: float(f"{x:.6g}")))
def test_hours_written_as_minutes_come_back_as_hours(hours: float) -> None:
    minutes = Decimal(repr(hours)) * 60
    assert quantity(f"{minutes:f} minutes", "duration").number == pytest.approx(hours, rel=1e-14)


@given(DIGITS, DIGITS, st.sampled_from([" to ", "–", "至"]))
def test_range_is_read_whichever_way_it_is_joined(one: Decimal, other: Decimal, between: str) -> None:
    low, high = sorted((one, other))
    read = quantity(f"{low} GB{between}{high} GB", "memory")
    assert (read.low, read.high) == (low * 10**9, high * 10**9)


NEAR = st.lists(
    st.sampled_from(["about", "<", "several", "几", "个", "12", "1.5", "1e9", "1,000", "-", " ", "$", "K", "万", "亿",
    "B",
                     "GB", "tokens", "条", "h", "USD", "%", " to ", "–", "x", "٣", "e", ".", ",", "\n"]), max_size=8
).map("".join)  # fmt: skip


@settings(max_examples=500)
@given(st.text(max_size=90) | NEAR, st.sampled_from(DIMENSIONS))
def test_no_text_raises_anything_but_value_error(said: str, dimension: Dimension) -> None:
    try:
        read = quantity(said, dimension)
    except ValueError:
        return
    assert (read.low is None) == (read.qualifier == "several")
    assert read.low is None or read.high is None or read.low <= read.high


UNITS = {
    "examples": ["52K instructions", "5.2万条", "100 dialogues", "several conversations"],
    "tokens": ["1.4T tokens", "512 tokens", "several tokens"],
    "words": ["700B words", "7000亿单词"],
    "bytes": ["20 GB", "4.5 TiB"],
    "duration": ["3 h", "21 days", "several hours", "90 minutes"],
    "gpu-hours": ["82,432 GPU-h"],
    "money": ["100 USD", "$500"],
    "percent": ["85%"],
    "compute": ["6.67e22 FLOP"],
    "compute-rate": ["312 TFLOP/s"],
    "token-rate": ["380 tokens/s"],
    "bandwidth": ["2,039 GB/s"],
    "power": ["400 W"],
}
SAME_WORDS = {("bytes", "memory"), ("examples", "count")}  # memory is bytes too; steps and rounds are counts of things


@pytest.mark.parametrize(
    ("said", "home", "other"),
    [(said, home, other) for (home, texts), other in itertools.product(UNITS.items(), DIMENSIONS) for said in texts
     if other != home and (home, other) not in SAME_WORDS],
)  # fmt: skip
def test_no_dimension_reads_the_units_of_another(said: str, home: Dimension, other: Dimension) -> None:
    assert quantity(said, home).dimension == home
    with pytest.raises(ValueError, match=r"is not a quantity of"):
        quantity(said, other)


def test_data_and_gpu_memory_are_told_apart_though_both_are_bytes() -> None:
    data, memory = quantity("20 GB", "bytes"), quantity("20 GB", "memory")
    assert data != memory
    assert (data.dimension, memory.dimension) == ("bytes", "memory")


@pytest.mark.parametrize(
    ("number", "printed"),
    [(Decimal("7E+11"), 700_000_000_000), (Decimal("0.50"), 0.5), (Decimal("-0"), 0), (None, None)],
)
def test_plain_number_is_whole_where_it_can_be(number: Decimal | None, printed: float | None) -> None:
    assert plain(number) == printed
    assert type(plain(number)) is type(printed)


@pytest.mark.parametrize(
    ("said", "count", "card"),
    [("8 x a100-80gb", 8, "a100-80gb"), ("a100", None, "a100"), ("2 x 8 x a100", 16, "a100"),
    ("2048 × a100", 2048, "a100"),
     ("at least 8 x v100-32gb", 8, "v100-32gb"), ("1x rtx-2080ti", 1, "rtx-2080ti")],
)  # fmt: skip
def test_hardware_is_a_count_and_a_card(said: str, count: int | None, card: str) -> None:
    read = hardware_count(said)
    assert (read.count, read.card, read.said) == (count, card, said)


@pytest.mark.parametrize(
    "said", ["", "8 x", "8 A100", "0 x a100", "-8 x a100", "8 x ../a100", "8 x a100 80gb", "x a100"]
)
def test_what_is_no_hardware_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"hardware|0 cards"):
        hardware_count(said)


@given(st.text(max_size=90))
def test_no_text_makes_hardware_raise_anything_but_value_error(said: str) -> None:
    with contextlib.suppress(ValueError):
        hardware_count(said)
