"""Small files and sets of battles for the tests of the ratings."""

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from runner.battles import Battles, read

MODELS = Path(__file__).parents[2] / "catalog" / "models"
ANIMA = MODELS / "anima33b" / "judgments" / "elo-vicuna80-zh.csv"
ANIMA_STATES = MODELS / "anima33b" / "judgments" / "elo-vicuna80-zh.states.csv"
QLORA = MODELS / "guanaco" / "judgments" / "elo-vicuna80-gpt4.csv"

GOOD = "question_id,model_a,model_b,winner\n1,x,y,model_a\n1,y,x,model_b\n2,x,z,tie\n2,z,y,invalid\n"


def written(folder: Path, text: str | bytes, name: str = "battles.csv") -> Path:
    """A file in the folder."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def battles_of(folder: Path, text: str) -> Battles:
    """What `read` makes of this CSV."""
    return read(written(folder, text))


def random_battles(
    seed: int, battles: int = 400, models: int = 5, questions: int = 20, weighted: bool = False
) -> Battles:
    """Battles among models of different strength, a fifth of them ties, on some questions."""
    from runner.battles import Labels

    rng = np.random.default_rng(seed)
    a = rng.integers(0, models, battles)
    b = (a + rng.integers(1, models, battles)) % models
    won = rng.random(battles) < 1 / (1 + np.exp(0.5 * (a - b)))
    score = np.where(rng.random(battles) < 0.2, 0.5, won.astype(float))
    weight = rng.integers(1, 4, battles) / 2 if weighted else np.ones(battles)
    asked = Labels(tuple(f"q{n}" for n in range(questions)), rng.integers(0, questions, battles).astype(np.int32))
    names = tuple(f"m{n}" for n in range(models))
    return Battles(names, a.astype(np.int32), b.astype(np.int32), score, weight, question=asked)


WORDS = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5, "invalid": float("nan")}

rows = st.lists(
    st.tuples(
        st.sampled_from("vwxyz"),
        st.sampled_from("vwxyz"),
        st.sampled_from(sorted(WORDS)),
        st.sampled_from([0.25, 1.0, 1.5, 3.0]),
    ).filter(lambda row: row[0] != row[1]),
    min_size=1,
    max_size=120,
)
"""Rows (model_a, model_b, winner, weight) with ties, invalid ones and duplicates."""
