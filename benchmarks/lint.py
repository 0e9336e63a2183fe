"""How long `catalog lint` takes, beside bare parsing of the same bytes in the same run.

python benchmarks/lint.py                   # 1,000 and 10,000 models, three times each
python benchmarks/lint.py --models 1000 --repeat 5

The reference, `yaml.compose` with PyYAML's C parser, makes nodes of every record and drops them: no validation, no
checks. Both run as processes of their own, in turn; seconds are medians, start of Python included.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from measure import Runs, interleaved, table
from synthetic import HERE, write

REFERENCE = """
import sys, yaml
from pathlib import Path
for path in Path(sys.argv[1]).rglob("*.yaml"):
    yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    rows = []
    for models in options.models:
        with tempfile.TemporaryDirectory(prefix="herdbook-lint-") as folder:
            catalog = write(Path(folder), models)
            lint, reference = measure(catalog, options.repeat)
            size = sum(path.stat().st_size for path in catalog.rglob("*.yaml"))
        rows.append((f"{models:,}", f"{size / 1e6:.1f}", *lint.cells(), *reference.cells(), lint.ratio(reference)))
    heads = ("models", "MB", "lint s", "CPU s", "MB RSS", "compose s", "CPU s", "MB RSS", "CPU ratio")
    print(table(heads, rows))


def measure(catalog: Path, repeat: int) -> tuple[Runs, Runs]:
    lint = [sys.executable, "-P", "-m", "catalog.cli", "lint", str(catalog)]
    reference = [sys.executable, "-c", REFERENCE, str(catalog)]
    first, second = interleaved([lint, reference], repeat, catalog.parent, HERE.parent)
    return first, second


if __name__ == "__main__":
    main()
