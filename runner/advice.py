"""What `runner plan` and `runner doctor` found, in words for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
GIB = 2**30
_WIDTH = 110
_FITS = {
    "fits": "fits", "narrowly": "fits narrowly", "paging": "fits where states are paged out",
    "unlikely": "unlikely to fit", "no": "does not fit",
}  # fmt: skip
_WANTED = {
    "within": "{published}, give or take {tolerance}", "at-least": "at least {published}, less {tolerance}",
    "at-most": "at most {published}, plus {tolerance}",
}  # fmt: skip
_ACCESS = {"open": "", "gated": "gated", "gone": "gone", "never-released": "never released"}


def plan_text(found: Json) -> str:
    """Downloads, licences, disk, then memory and hours by mode, stages and claims."""
    lines = [f"{found['slug']}/{found['training']}" if found["training"] else found["slug"]]
    lines[0] += f": {found['title']}" if found["title"] else ""
    if found["planning_only"]:
        lines += _folded("can only be planned: " + found["planning_only"])
    if found["training"]:
        lines += ["", *_downloads(found), "", *_licences(found)]
    for mode in found["modes"]:
        lines += ["", *_mode(mode, found["method"])]
    lines += ["", *_stages(found), "", *_claims(found)]
    if found["others"]:
        lines += ["", f"other trainings of this recipe: {', '.join(found['others'])}"]
    return "".join(f"{line}".rstrip() + "\n" for line in lines)


def _downloads(found: Json) -> Iterator[str]:
    disk = found["disk"]
    if not found["downloads"]:
        yield "downloads: none, the run makes everything itself"
    else:
        yield "downloads"
    for one in found["downloads"]:
        size = "size not on record" if one["bytes"] is None else _bytes(one["bytes"], about=one["estimated"])
        notes = [_ACCESS[one["access"]], "" if one["pinned"] else "revision not pinned" if one["from"] == "hub" else ""]
        yield f"  {one['role']:<10} {one['name']}  {', '.join([size, *filter(None, notes)])}"
        if one["note"]:
            yield from _folded(one["note"], "             ")
    run = "not known" if disk["run"] is None else _bytes(disk["run"], about=True)
    more = f" and {disk['unknown']} of unknown size" if disk["unknown"] else ""
    yield f"disk: {_bytes(disk['download'])}{more} to come, {run} for the run; {_bytes(disk['free'])} free here"
    if disk["download"] + (disk["run"] or 0) > disk["free"]:
        yield "  too little: make room, or run it where there is more"


def _licences(found: Json) -> Iterator[str]:
    if not found["licences"]:
        yield "licences: none on record for what is downloaded"
        return
    yield "whoever downloads accepts"
    for one in found["licences"]:
        use = {"forbidden": "no commercial use", "conditions": "commercial use under conditions"}.get(one["commercial"])
        yield f"  {one['name']}{f' ({use})' if use else ''}: {', '.join(one['covers'])}"
        if one["url"]:
            yield f"    {one['url']}"


def _mode(mode: Json, method: str) -> Iterator[str]:
    yield f"{mode['mode']} ({method})"
    for one in mode["differences"]:
        yield from _folded(f"differs: {one}", "  ")
    if mode["memory"]:
        memory = mode["memory"]
        for part, size in memory["parts"].items():
            yield f"  {part:<12} {_gib(size)}"
        least = "" if memory["least"] == memory["total"] else f"; {_gib(memory['least'])} with the states paged out"
        yield f"  {'in all':<12} {_gib(memory['total'])}{least}"
        total = mode["flop"]["total"]
        in_all = "" if total is None else f", {_span(total, 1, '.2g')} FLOP in all"
        yield f"  {mode['flop']['per_token']:.3g} FLOP a token{in_all}"
        if mode["cards"]:
            yield ""
        for card in mode["cards"]:
            hours = "" if card["hours"] is None or card["fit"] == "no" else f", {_hours(card['hours'])}"
            here = " (here)" if card["here"] else ""
            yield f"  {card['card'] + here:<20} {_FITS[card['fit']]}{hours}"
    yield ""
    for one in mode["assumptions"]:
        yield from _folded(f"assumed: {one}", "  ")


def _stages(found: Json) -> Iterator[str]:
    yield "stages here"
    for of in dict.fromkeys(stage["of"] for stage in found["stages"]):
        some = [stage for stage in found["stages"] if stage["of"] == of]
        able = [stage["name"] for stage in some if stage["can_run"]]
        if able:
            yield f"  {of}: {', '.join(able)} can run"
        elif found["planning_only"] and of == "training":
            yield f"  {of}: none, it can only be planned"
            continue
        for stage in some:
            if not stage["can_run"]:
                yield from _folded(f"{of}: {stage['name']} needs {'; '.join(stage['needs'])}", "  ")


def _claims(found: Json) -> Iterator[str]:
    if not found["claims"]:
        yield "claims: the recipe checks none"
        return
    yield "claims it would check"
    for one in found["claims"]:
        if one["published"] is None:
            yield f"  {one['id']}: {one['checks']} of the published table, within {one['tolerance']:g}"
            continue
        on = f", on {one['count']} x {one['card']}" if one["card"] else ""
        wanted = _WANTED[one["direction"]].format(published=f"{one['published']:g}", tolerance=f"{one['tolerance']:g}")
        yield f"  {one['id']}: {one['checks']} {wanted}{on}"


def check_text(check: Json) -> str:
    """One thing that was looked at, with the fix where something lacks."""
    mark = {"fine": "    ", "missing": "LACK", "limits": "note"}[check["status"]]
    fix = f"      {'':<16} fix: {check['fix']}\n" if check["fix"] else ""
    return f"{mark}  {check['name']:<16} {check['found']}\n{fix}"


def health_text(found: Json) -> str:
    """What can be done here."""
    lines = ["", "this machine can"]
    for one in found["abilities"]:
        why = f" ({one['why']})" if one["why"] else ""
        lines.append(f"  {'yes' if one['can'] else 'no '}  {one['what']}{why}")
    ready = "ready to train" if found["status"] == "ready" else "not ready to train: see LACK above"
    return "".join(f"{line}\n" for line in [*lines, "", ready])


def _folded(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _bytes(size: float, about: bool = False) -> str:
    said = f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"
    return f"about {said}" if about else said


def _gib(size: Json) -> str:
    unit, name = (GIB, "GiB") if size["high"] >= 0.05 * GIB else (2**20, "MiB")
    return f"{_span(size, unit, ',.2f')} {name}"


def _hours(hours: Json) -> str:
    if hours["high"] < 1:
        return f"{_span(hours, 1 / 60, ',.1f')} minutes"
    return f"{_span(hours, 1, ',.1f')} hours"


def _span(ends: Json, unit: float, form: str) -> str:
    low, high = format(ends["low"] / unit, form), format(ends["high"] / unit, form)
    return low if low == high else f"{low} to {high}"
