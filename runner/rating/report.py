"""A rating as text for people, as CSV for a spreadsheet and as JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Sequence

from runner.rating.result import Rating, Row


def as_json(rating: Rating) -> str:
    """One JSON object; numbers as they are, null for what was not computed."""
    return json.dumps(rating.to_json(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_csv(rating: Rating) -> str:
    """One row a model; empty cells for what was not computed. Names cannot start a formula: `read` refused those."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "rank",
            "model",
            "rating",
            "sd",
            "ci_low",
            "ci_high",
            "rank_low",
            "rank_high",
            "battles",
            "wins",
            "ties",
            "losses",
        ]
    )
    for row in rating.rows:
        ci, ranks = row.ci or ("", ""), row.rank_ci or ("", "")
        cells = [row.rank, row.model, row.rating, row.sd, *ci, *ranks, row.battles, row.wins, row.ties, row.losses]
        writer.writerow(["" if cell is None else cell for cell in cells])
    return out.getvalue()


def as_table(rating: Rating) -> str:
    """A table, the counts, every setting that was used, and the warnings."""
    digits = 1 if rating.method in ("elo", "bt") else 4
    head = ["rank", "model", "rating", "sd", f"{rating.settings['ci']:g}% interval", "ranks", *_COUNTS]
    lines = [head, *(_cells(row, digits) for row in rating.rows)]
    empty = {at for at in range(len(head)) if all(not line[at] for line in lines[1:])}
    shown = [[cell for at, cell in enumerate(line) if at not in empty] for line in lines]
    widths = [max(_width(line[at]) for line in shown) for at in range(len(shown[0]))]
    text = [
        "  ".join(_pad(cell, width, at == 1) for at, (cell, width) in enumerate(zip(line, widths, strict=True)))
        for line in shown
    ]
    battles = rating.battles
    text += [
        "",
        f"{battles.total:,} rows: {battles.valid:,} rated ({battles.ties:,} ties), "
        f"{battles.invalid:,} invalid, {battles.dropped:,} dropped",
        "settings: " + ", ".join(f"{name} {_setting(value)}" for name, value in rating.settings.items()),
    ]
    text += [f"warning: {notice.message}" for notice in rating.warnings]
    return "\n".join(line.rstrip() for line in text) + "\n"


_COUNTS = ("battles", "wins", "ties", "losses")


def _cells(row: Row, digits: int) -> list[str]:
    def number(value: float | None) -> str:
        return "" if value is None else f"{value:.{digits}f}"

    ci = "" if row.ci is None else f"{number(row.ci[0])} to {number(row.ci[1])}"
    ranks = "" if row.rank_ci is None else f"{row.rank_ci[0]} to {row.rank_ci[1]}"
    counts = [f"{count:,}" for count in (row.battles, row.wins, row.ties, row.losses)]
    return [
        "" if row.rank is None else str(row.rank),
        row.model,
        number(row.rating),
        number(row.sd),
        ci,
        ranks,
        *counts,
    ]


def _setting(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict):
        return " ".join(f"{name}={part}" for name, part in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int, left: bool) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text


FORMATS: dict[str, Sequence[str]] = {}
