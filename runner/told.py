"""What a run, a check or an extraction found, in words for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from catalog.files import show

if TYPE_CHECKING:
    from runner.extract.command import Extracted
    from runner.reproduce import Outcome
    from runner.verify import Verified

Json = dict[str, Any]


def outcome_text(outcome: Outcome) -> str:
    """Stages, then one line a claim, then where the result lies."""
    lines = [f"{outcome.slug}, {outcome.mode}: {outcome.status}"]
    for stage in outcome.stages:
        taken = "" if stage.seconds is None else f" {stage.seconds:.2f} s"
        lines.append(f"  {stage.name:<9} {stage.status}{taken}")
        lines += [f"            needs {one}" for one in stage.needs]
    if any(stage.name in ("prepare", "train") and stage.status == "skipped" for stage in outcome.stages):
        lines += ["", f"what it would take: runner plan {outcome.slug}"]
    if outcome.claims:
        lines += ["", *claim_lines(outcome.claims)]
    lines += ["", *_results(outcome)] if outcome.results else []
    return "".join(f"{line}\n" for line in lines)


def _results(outcome: Outcome) -> Iterator[str]:
    """Where each result lies, and for a training the few figures that tell how it went."""
    for one in outcome.results:
        for name, value in (one.content.get("answered") or {"metrics": {}})["metrics"].items():
            yield f"  {name:<24} {value:.3f}"
        if one.placed is None:
            yield f"result: {show(one.file)}"
        else:
            said = "attached" if one.placed.written else "the same finding was attached before"
            yield f"{said}: {show(one.placed.path)}"


def claim_lines(claims: list[Json]) -> list[str]:
    """A table: figure, published, reproduced, difference, tolerance, verdict; then the count of each verdict."""
    wide = max((len(claim["id"]) for claim in claims), default=8)
    head = f"  {'':<{wide}}  {'published':>12} {'reproduced':>12} {'difference':>12} {'tolerance':>9}  verdict"
    lines = [head]
    for claim in claims:
        cells = (
            f"{_figure(claim['published']):>12} {_figure(claim['reproduced']):>12} {_signed(claim['difference']):>12}"
        )
        verdict = claim["verdict"] or "not computed"
        lines.append(f"  {claim['id']:<{wide}}  {cells} {_figure(claim['tolerance']):>9}  {verdict}")
    counts = Counter(claim["verdict"] or "not computed" for claim in claims)
    return [*lines, f"  {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}"]


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.10g}" if value == int(value) else f"{value:.4f}".rstrip("0")


def _signed(value: float | None) -> str:
    return "-" if value is None else "0" if value == 0 else f"{value:+.4f}"


def verified_text(found: Verified) -> str:
    """One line a check."""
    mark = {True: "holds", False: "FAILS", None: "-"}
    lines = [f"{show(found.path)}: {found.to_json()['status']}"]
    lines += [f"  {mark[check.holds]:<6} {check.name}: {check.detail}" for check in found.checks]
    return "".join(f"{line}\n" for line in lines)


def extracted_text(found: Extracted) -> str:
    """Whether the file is the one on record, and each table row by row."""
    same = found.recorded_sha256 == found.found_sha256
    lines = [
        f"{found.source}: {'the file on record' if same else 'not the file on record'} (SHA-256 {found.found_sha256})"
    ]
    for one in found.compared:
        rows = (
            f"{one.recorded_rows:,} rows"
            if one.recorded_rows == one.derived_rows
            else (f"{one.recorded_rows:,} rows on record, {one.derived_rows:,} published")
        )
        lines.append(f"  {one.file}: {rows}, {'all equal' if one.equal else 'not equal'}")
        for difference in one.differences:
            cell = f"row {difference.row}" + (f", {difference.column}" if difference.column else "")
            lines.append(f"    {cell}: recorded {difference.recorded}, published {difference.derived}")
    return "".join(f"{line}\n" for line in lines)
