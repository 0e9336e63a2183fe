"""What a file of battles may say, and that every fault of it is told with its row."""

import json
from pathlib import Path

import numpy as np
import pytest

from catalog.errors import UserError
from runner import cells, columns
from runner.battles import read
from tests.runner.samples import ANIMA, GOOD, QLORA, battles_of, written


def test_verdicts_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    battles = battles_of(tmp_path, GOOD)
    assert battles.models == ("x", "y", "z")
    assert battles.a.tolist() == [0, 1, 0, 2]
    assert battles.b.tolist() == [1, 0, 2, 1]
    assert battles.score.tolist()[:3] == [1.0, 0.0, 0.5]
    assert np.isnan(battles.score[3])
    assert battles.weight.tolist() == [1.0] * 4
    assert battles.question is not None
    assert (battles.question.names, battles.question.codes.tolist()) == (("1", "2"), [0, 0, 1, 1])
    assert battles.judge is None
    assert battles.notices == ()


def test_published_tournaments_are_read_whole() -> None:
    anima, qlora = read(ANIMA), read(QLORA)
    assert (len(anima), anima.models) == (215, ("chatgpt", "anima", "belle", "cn_vicuna"))
    assert anima.round is not None
    assert (anima.round[0], anima.round[-1]) == (86, 300)
    assert (len(qlora), int(np.isnan(qlora.score).sum()), int((qlora.score == 0.5).sum())) == (4480, 13, 600)


def test_scores_decide_where_there_is_no_winner(tmp_path: Path) -> None:
    text = "model_a,model_b,score_a,score_b\nx,y,8,7\nx,y,6.5,6.5\nx,y,1,9\nx,y,-1,-1\nx,y,,3\n"
    battles = battles_of(tmp_path, text)
    assert battles.score.tolist()[:3] == [1.0, 0.5, 0.0]
    assert np.isnan(battles.score[3:]).all()
    assert battles.score_a is not None
    assert battles.score_a.tolist()[:3] == [8.0, 6.5, 1.0]


def test_a_winner_outranks_the_scores(tmp_path: Path) -> None:
    assert battles_of(tmp_path, "model_a,model_b,winner,score_a,score_b\nx,y,model_b,9,1\n").score.tolist() == [0.0]


def test_strong_verdicts_are_plain_wins_and_told(tmp_path: Path) -> None:
    battles = battles_of(tmp_path, "model_a,model_b,winner\nx,y,model_a_strong\nx,y,model_b_strong\nx,y,tie\n")
    assert battles.score.tolist() == [1.0, 0.0, 0.5]
    assert [notice.code for notice in battles.notices] == ["strong"]


def test_unknown_columns_are_told(tmp_path: Path) -> None:
    [notice] = battles_of(tmp_path, "model_a,model_b,winner,mood\nx,y,tie,good\n").notices
    assert notice == ("unknown-columns", "columns that were not read: `mood`")


def test_spaces_around_names_do_not_make_another_model(tmp_path: Path) -> None:
    battles = battles_of(tmp_path, "model_a,model_b,winner\nx, y,tie\ny,x ,model_a\n")
    assert battles.models == ("x", "y")
    assert [notice.code for notice in battles.notices] == ["spaces"]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        GOOD + "\n\n",
        GOOD.replace("x,y", '"x",y'),
        GOOD.replace("question_id", '"question_id"'),
    ],
    ids=["crlf", "bom", "no-last-line-end", "blank-lines", "quoted", "quoted-header"],
)
def test_forms_of_csv_say_the_same(tmp_path: Path, text: str) -> None:
    plain, other = battles_of(tmp_path, GOOD), battles_of(tmp_path, text)
    assert plain.models == other.models
    assert plain.a.tolist() == other.a.tolist()
    assert np.array_equal(plain.score, other.score, equal_nan=True)


def test_names_may_be_chinese_and_hold_commas_and_quotes(tmp_path: Path) -> None:
    assert battles_of(tmp_path, 'model_a,model_b,winner\n骆驼,"a ""b"", c",tie\n').models == ("骆驼", 'a "b", c')


@pytest.mark.parametrize("block", [30, 64, 4096])
@pytest.mark.parametrize("compiled", [True, False])
def test_size_of_blocks_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, compiled: bool
) -> None:
    rows = "".join(f"{n % 7},m{n % 5},m{(n + 1 + n % 3) % 5},{('model_a', 'tie')[n % 2]}\n" for n in range(100))
    path = written(tmp_path, "question_id,model_a,model_b,winner\n" + rows)
    whole = read(path)
    monkeypatch.setattr(columns, "_BLOCK", block)
    if not compiled:
        monkeypatch.setattr(cells, "LIBRARY", None)
    parts = read(path)
    assert whole.models == parts.models
    assert whole.a.tolist() == parts.a.tolist()
    assert whole.b.tolist() == parts.b.tolist()
    assert whole.score.tolist() == parts.score.tolist()
    assert whole.question is not None
    assert parts.question is not None
    assert whole.question.names == parts.question.names
    assert whole.question.codes.tolist() == parts.question.codes.tolist()


def test_compiled_cells_are_those_of_python() -> None:
    raw = "".join(f"{n % 3000},模型{n % 11},{n * n % 97}\n" for n in range(5000)).encode()
    ours, theirs = (function(raw, 3, {"a": 0, "c": 2, "b": 1}) for function in (cells.plain, cells._plain))
    assert ours is not None
    assert theirs is not None
    for name in "abc":
        assert list(ours[name].texts) == list(theirs[name].texts)
        assert ours[name].codes.tolist() == theirs[name].codes.tolist()
    for odd in (b'"a",b,c\n', b"a,b\n", b"a,b,c,d\n", b"a,b,c\r\n", b"a,b\nc,d,e,f\n"):
        assert cells.plain(odd, 3, {"a": 0}) is None
        assert cells._plain(odd, 3, {"a": 0}) is None


FAULTS = [
    ("model_a,winner\nx,tie\n", 1, "columns are missing: `model_b`"),
    ("model_a,model_b\nx,y\n", 1, "columns are missing: `winner`"),
    ("model_a,model_b,score_a\nx,y,1\n", 1, "columns are missing: `score_b`"),
    ("model_a,model_b,winner,winner\nx,y,tie,tie\n", 1, "the column `winner` stands twice"),
    ("model_a,model_b,winner\nx,y,tie\nx,y,draw\n", 3, "winner `draw`"),
    ("model_a,model_b,winner\nx,y,tie\nx,y,\n", 3, "winner ``"),
    ("model_a,model_b,winner,weight\nx,y,tie,1\nx,y,tie,nan\n", 3, "weight `nan`"),
    ("model_a,model_b,winner,weight\nx,y,tie,-2\n", 2, "weight `-2`"),
    ("model_a,model_b,winner,weight\nx,y,tie,inf\n", 2, "weight `inf`"),
    ("model_a,model_b,winner,weight\nx,y,tie,1e999\n", 2, "weight `1e999`"),
    ("model_a,model_b,winner,weight\nx,y,tie,\n", 2, "weight ``"),
    ("model_a,model_b,score_a,score_b\nx,y,7,high\n", 2, "score_b `high`"),
    ("model_a,model_b,score_a,score_b\nx,y,7,-3\n", 2, "score_b `-3`"),
    ("model_a,model_b,winner,round\nx,y,tie,two\n", 2, "round `two`"),
    ("model_a,model_b,winner\nx,y,tie\ny,y,tie\n", 3, "`y` meets itself"),
    ("model_a,model_b,winner\nx,y,tie\ny,y ,tie\n", 3, "`y` meets itself"),
    ("model_a,model_b,winner\n,y,tie\n", 2, "model_a ``"),
    ('model_a,model_b,winner\nx,"=HYPERLINK(""http://e"")",tie\n', 2, 'model_b `=HYPERLINK("http://e")`'),
    ("model_a,model_b,winner\nx,+1,tie\n", 2, "model_b `+1`"),
    ("model_a,model_b,winner\nx,-1,tie\n", 2, "model_b `-1`"),
    ("model_a,model_b,winner\nx, @SUM(A1),tie\n", 2, "model_b ` @SUM(A1)`"),
    ("model_a,model_b,winner\nx,\t=1,tie\n", 2, "model_b `\ufffd=1`"),
    ("model_a,model_b,winner,judge\nx,y,tie,=cmd\n", 2, "judge `=cmd`"),
    ("model_a,model_b,winner\nx,y\u202e,tie\n", 2, "model_b `y\ufffd`"),
    ("model_a,model_b,winner\nx,y,tie\nx,y\n", 3, "this row has too few cells"),
    ("model_a,model_b,winner\nx,y,tie\nx,y,tie,more\n", 3, "this row has too many cells"),
    ('model_a,model_b,winner\nx,y,tie\nx,"y,tie\n', 3, "this row is not CSV"),
]


@pytest.mark.parametrize(("text", "row", "what"), FAULTS, ids=[what for _, _, what in FAULTS])
def test_fault_is_told_with_its_row(tmp_path: Path, text: str, row: int, what: str) -> None:
    with pytest.raises(UserError) as caught:
        battles_of(tmp_path, text)
    assert caught.value.what == what
    assert caught.value.where.endswith(f"battles.csv, row {row}")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["", "\n", " \n", "\ufeff"])
def test_empty_file_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="the file is empty"):
        battles_of(tmp_path, text)


def test_header_alone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no battle in the file"):
        battles_of(tmp_path, "model_a,model_b,winner\n")


@pytest.mark.parametrize("quoted", [b"x", b'"x"'])
def test_broken_utf_8_is_told_with_its_row(tmp_path: Path, quoted: bytes) -> None:
    path = written(tmp_path, b"model_a,model_b,winner\n" + quoted + b",y,tie\nx,y\xff,tie\n")
    with pytest.raises(UserError, match="the file is not UTF-8") as caught:
        read(path)
    assert caught.value.where.endswith("row 3")


def test_file_of_5_gb_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with open(path, "wb") as file:
        file.truncate(5 * 10**9)  # takes no room
    with pytest.raises(UserError, match="is too large") as caught:
        read(path)
    assert "4.7 GiB; at most 2 GiB are read" in caught.value.why


def test_line_without_end_is_not_taken_in_whole(tmp_path: Path) -> None:
    path = written(tmp_path, "model_a,model_b,winner\n" + "x" * (6 * 2**20))
    with pytest.raises(UserError, match="a line is too long"):
        read(path)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: None], ids=["folder", "missing"])
def test_what_is_no_file_is_told(tmp_path: Path, make: object) -> None:
    path = tmp_path / "battles.csv"
    make(path)  # type: ignore[operator]
    with pytest.raises(UserError) as caught:
        read(path)
    assert caught.value.exit_code == 2


def test_json_lines_say_the_same_as_csv(tmp_path: Path) -> None:
    objects = [
        {"question_id": 1, "model_a": "x", "model_b": "y", "winner": "model_a", "weight": 1},
        {"question_id": 2, "model_a": "y", "model_b": "骆驼", "winner": "tie", "weight": 0.5},
    ]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in objects)
    battles = read(written(tmp_path, text + "\n\n", "battles.jsonl"))
    assert battles.models == ("x", "y", "骆驼")
    assert battles.score.tolist() == [1.0, 0.5]
    assert battles.weight.tolist() == [1.0, 0.5]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"model_a": "x"', "this line is not JSON"),
        ("[1]", "this line is not a JSON object"),
        ('{"model_a": "x", "model_b": "y"}', "this line has other names than the first"),
        ('{"model_a": "x", "model_b": "y", "winner": true}', "winner `true`"),
        ('{"model_a": "x", "model_b": "y", "winner": null}', "winner ``"),
    ],
)
def test_faults_of_json_lines_are_told_with_their_row(tmp_path: Path, line: str, what: str) -> None:
    good = '{"model_a": "x", "model_b": "y", "winner": "tie"}\n'
    with pytest.raises(UserError) as caught:
        read(written(tmp_path, good + line + "\n", "battles.jsonl"))
    assert caught.value.what == what
    assert caught.value.where.endswith("row 2")


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table(
        {"model_a": ["x", "y"], "model_b": ["y", "z"], "winner": ["tie", "model_b"], "weight": [1, 2.5]}
    )
    path = tmp_path / "battles.parquet"
    pyarrow.parquet.write_table(table, path)
    battles = read(path)
    assert battles.models == ("x", "y", "z")
    assert battles.score.tolist() == [0.5, 0.0]
    assert battles.weight.tolist() == [1.0, 2.5]


def test_what_is_not_parquet_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the file is not Parquet"):
        read(written(tmp_path, GOOD, "battles.parquet"))


def test_without_pyarrow_the_way_to_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(UserError) as caught:
        read(written(tmp_path, b"PAR1", "battles.parquet"))
    assert "pip install pyarrow" in caught.value.hint
