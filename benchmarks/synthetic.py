"""Synthetic registers: the real catalog and N invented models, each of the size and shape of `alpaca`.

python benchmarks/synthetic.py 1000 /tmp/register      # /tmp/register/catalog has 1,000 models more than the real one

The same N and seed give the same bytes. Names and figures are invented; ids of bases, data sets, cards and licences
are real or those of an earlier invented model, so that lineage and licence chains have the depth of real ones.
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from string import Template

HERE = Path(__file__).resolve().parent
REAL = HERE.parent / "catalog"
RECORDS = ("*.yaml", "*/*.yaml", "*/*/model.yaml", "*/*/judgments/*.csv")

_HEADS = ("amber", "birch", "cedar", "delta", "ember", "flint", "grove", "heron", "iris", "juniper", "kestrel", "lark")
_TAILS = ("paca", "cuna", "llama", "chat", "write", "coder", "tutor", "medic", "poet", "scribe")
_SIZES = ("3B", "7B", "13B", "33B", "65B")
_BASES = ("llama-7b", "llama-13b", "llama-33b", "llama-65b")
_LICENCES = ("Apache-2.0", "MIT", "GPL-3.0", "CC-BY-4.0", "CC-BY-NC-4.0", "ODC-By-1.0")
_PUBLISHERS = ("stanford-crfm", "databricks", "hfl", "huggingface", "eleutherai", "fudan")
_METHODS = ("full", "lora", "qlora", "lora-8bit")
_FORMS = ("full", "delta", "adapter", "merged")
_LEVELS = ("open", "partial", "gated", "closed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(write(options.folder, options.models, options.seed))


def write(folder: Path, models: int, seed: int = 1) -> Path:
    """Writes `folder`/catalog and returns it."""
    catalog = folder / "catalog"
    copy_real(catalog)
    template = Template((HERE / "model.template.yaml").read_text("utf-8"))
    chance = random.Random(seed)
    names: list[str] = []
    for number in range(models):
        slug = f"{chance.choice(_HEADS)}-{chance.choice(_TAILS)}-{number:05d}"
        record = catalog / "models" / slug / "model.yaml"
        record.parent.mkdir(parents=True)
        record.write_text(template.substitute(values(slug, names, chance)), "utf-8")
        names.append(slug)
    return catalog


def copy_real(catalog: Path) -> None:
    """The records and shared tables, without code and schemas."""
    for pattern in RECORDS:
        for path in sorted(REAL.glob(pattern)):
            copy = catalog / path.relative_to(REAL)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def values(slug: str, earlier: Sequence[str], chance: random.Random) -> dict[str, object]:
    """What differs from model to model; three in ten are tuned from one of the last two hundred models."""
    small, large = sorted(chance.sample(_SIZES, 2), key=lambda size: float(size[:-1]))
    tuned_again = bool(earlier) and chance.random() < 0.3
    base = f"{chance.choice(earlier[-200:])}-small" if tuned_again else chance.choice(_BASES)
    thousands, month, day = chance.randrange(10, 900), chance.randrange(3, 13), chance.randrange(1, 29)
    return {
        "slug": slug,
        "title": slug.replace("-", " ").title(),
        "commit": f"{chance.getrandbits(160):040x}",
        "released": f"2023-{month:02d}-{day:02d}",
        "publisher": chance.choice(_PUBLISHERS),
        "small": small,
        "large": large,
        "base_small": base,
        "base_large": chance.choice(_BASES),
        "thousands": thousands,
        "wan": f"{thousands / 10:g}",
        "cards": chance.choice((1, 2, 4, 8)),
        "hours": chance.randrange(1, 99),
        "cost": chance.randrange(20, 900),
        "batch": chance.choice((16, 32, 64, 128)),
        "rate": chance.choice(("1e-5", "2e-5", "3e-4")),
        "context": chance.choice((512, 1024, 2048)),
        "method": chance.choice(_METHODS),
        "form": chance.choice(_FORMS),
        **terms(chance),
        "first": chance.randrange(1, 150),
        "second": chance.randrange(150, 300),
    }


def terms(chance: random.Random) -> dict[str, str]:
    """Licence and level of code, data and weights; nothing is open under a licence that limits its use."""
    found: dict[str, str] = {}
    for part in ("code", "data", "weights"):
        licence = chance.choice(_LICENCES)
        limited = "-NC-" in licence
        found |= {f"licence_{part}": licence, f"level_{part}": chance.choice(_LEVELS[1:] if limited else _LEVELS)}
    return found


if __name__ == "__main__":
    main()
