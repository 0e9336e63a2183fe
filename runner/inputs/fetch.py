"""Base, tokenizer and data of a training on this machine: at the recipe's revisions, each file checked by its hash.

What is there and unchanged is not asked for again, so that a run that has its inputs needs no network. Nothing is
downloaded but safetensors, JSON, tokenizer files and data; nothing of it is executed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UserError
from catalog.training import HubFiles, Training, WebFile
from runner.inputs import hub, local, notes, published, templates, weights
from runner.inputs.data_files import chosen
from runner.inputs.lock import Lock
from runner.inputs.taking import Progress, Source, take_all

Json = dict[str, Any]


@dataclass(frozen=True)
class Fetched:
    """What is there now."""

    base: Path | None
    """Folder with config.json and *.safetensors; None where the run makes its base."""
    tokenizer: Path | None
    data: tuple[Path | None, ...]
    """A file or folder per item of `training.data`; `rows.read_rows` reads it. None where the run makes it."""
    inputs: tuple[Json, ...]
    """As `TrainingInput`."""
    deviations: tuple[Json, ...]
    """As `Text`."""
    templates: tuple[templates.Template, ...] = ()
    """One per item of `training.data`: the published text where the user brought it, else our own."""


def fetch(
    training: Training,
    cache: Path,
    *,
    base: Path | None = None,
    data: Path | None = None,
    progress: Progress | None = None,
    lock: Path | None = None,
    agree: Callable[[int], None] | None = None,
) -> Fetched:
    """Everything the training starts from.

    `cache`: where downloads are kept, by several runs if they like; published templates may lie in `cache/templates/`.
    `lock`: file of this run that keeps what it settled on (default: in `cache`). `progress` hears the share of the
    bytes that are here. `agree` hears, before the first byte is taken, how many are to come, and may raise.
    UserError: what is wrong, with its exit code (see `hub`, `download`, `local`); what came stays for the next call.
    """
    _refuse_misplaced(training, base, data)
    settled = Lock.read(lock or cache / "inputs.lock.json")
    found = _Inputs(training, cache, settled)
    try:
        if data is not None:
            found.local_data(data)
        if base is not None:
            found.local_base(base)
        found.remote()
        take_all(list(found.sources.values()), found.index, settled, cache, progress, agree)
    finally:
        found.index.write()
        settled.write()
    return found.result(data)


def _refuse_misplaced(training: Training, base: Path | None, data: Path | None) -> None:
    """Options that do not fit, and inputs that are known not to be had: all of it at once."""
    if base is not None and training.base.made:
        raise UserError("the run makes its base itself", where="--base", hint="leave `--base` out", exit_code=2)
    absent: list[str] = []
    for option, given, hub_or_web in (
        ("--base", base, training.base.hub),
        ("--base", base, training.tokenizer.hub),
        *(("--data", data, item.hub or item.web) for item in training.data),
    ):
        if given is None and hub_or_web is not None and hub_or_web.access in ("gone", "never-released"):
            name = hub_or_web.repo if isinstance(hub_or_web, HubFiles) else hub_or_web.url
            what = "was once published and is gone" if hub_or_web.access == "gone" else "was never released"
            absent.append(f"`{name}` {what}; a copy: {option} PATH")
    if absent:
        what = "an input cannot be had" if len(absent) == 1 else f"{len(absent)} inputs cannot be had"
        raise UserError(what, why="; ".join(dict.fromkeys(absent)), exit_code=3)


class _Inputs:
    """Puts together where everything comes from."""

    def __init__(self, training: Training, cache: Path, lock: Lock) -> None:
        self.training, self.cache, self.lock = training, cache, lock
        self.index = Lock.read(cache / "index.json")
        """What lies in the cache, of all runs."""
        self.sources: dict[str, Source] = {}
        self.listings: dict[tuple[str, str, str | None], hub.Listing] = {}
        self.base: Path | None = None
        self.tokenizer: Path | None = None
        self.data: list[Path | None] = [None] * len(training.data)
        self.roles: list[tuple[str, str, str, str]] = []
        """(role, key of the source, file, name in the record), in the order of the record."""
        self.local_inputs: dict[tuple[str, str], Json] = {}
        self.deviations: list[Json] = []
        self.base_is_local = False

    # What the user has -----------------------------------------------------------------------------------------------

    def local_base(self, path: Path) -> None:
        """Weights of the user's, and the tokenizer where it lies with them."""
        pins = self.training.base.hub
        folder, pinned = local.base_folder(path), dict(pins.files) if pins else {}
        names = local.names_in(folder)
        wanted = weights.base_files(names, [name for name in pinned if name in names], folder.name)
        if lacking := sorted(name for name in pinned if name.endswith(".safetensors") and name not in names):
            raise UserError(f"`{lacking[0]}` is missing", where="--base", why="the recipe names it", exit_code=2)
        weights.check_whole(folder, wanted)
        weights.check_shape(folder, self.training.base.shape)
        self.base, self.base_is_local = folder, True
        self._local_files("base", folder, wanted, pinned)
        if any(name.endswith(".safetensors") and name not in pinned for name in wanted):
            self.deviations.append(notes.local_copy("base", pins.repo if pins else ""))
        self._local_tokenizer(folder, names)

    def _local_tokenizer(self, folder: Path, names: list[str]) -> None:
        """In `tokenizer/` below the weights; or with them, where the recipe takes both from one repository."""
        pins = self.training.tokenizer.hub
        if pins is None:
            return
        own = folder / "tokenizer"
        same = self.training.base.hub is not None and pins.repo == self.training.base.hub.repo
        if own.is_dir():
            folder, names = own, local.names_in(own)
        elif not same or not any(weights.is_tokenizer_file(name) for name in names):
            return
        wanted = [name for name in weights.tokenizer_files(names, folder.name) if weights.is_tokenizer_file(name)]
        self.tokenizer = folder
        self._local_files("tokenizer", folder, wanted, dict(pins.files))
        if any(name not in pins.files for name in wanted):
            self.deviations.append(notes.local_copy("tokenizer", pins.repo))

    def _local_files(self, role: str, folder: Path, names: list[str], pinned: dict[str, str]) -> None:
        for name in names:
            sha256 = local.sha256_of(folder / name, f"local {role}", name, pinned.get(name), self.lock)
            self._local_input(role, f"local {role}", name, folder / name, sha256, name in pinned)

    def _local_input(self, role: str, key: str, name: str, path: Path, sha256: str, pinned: bool) -> None:
        told = {"role": role, "name": f"local copy: {name}"[:300], "revision": None, "sha256": sha256}
        self.local_inputs[key, name] = {**told, "bytes": path.stat().st_size, "pinned": pinned}
        self.roles.append((role, key, name, ""))

    def local_data(self, path: Path) -> None:
        """Data of the user's."""
        for index, (item, place) in enumerate(
            zip(self.training.data, local.data_paths(path, self.training.data), strict=True)
        ):  # fmt: skip
            if place is None:
                continue
            self.data[index] = place
            unpinned = False
            for file in local.data_names(place, item):
                known = local.pinned_name(item, file, place)
                pinned = local.pinned_hash(item, known)
                name = file.relative_to(place).as_posix() if place.is_dir() else file.name
                sha256 = local.sha256_of(file, f"local data {index}", name, pinned, self.lock)
                self._local_input("data", f"local data {index}", name, file, sha256, pinned is not None)
                unpinned |= pinned is None
            if unpinned:
                self.deviations.append(notes.local_copy("data", _said(item.hub or item.web)))

    # What has to be taken --------------------------------------------------------------------------------------------

    def remote(self) -> None:
        """Everything that is neither made nor the user's own."""
        base, tokenizer = self.training.base.hub, self.training.tokenizer.hub
        if base is not None and self.base is None:
            self.base = self._model("base", base)
        if tokenizer is not None and self.tokenizer is None:
            self.tokenizer = self._model("tokenizer", tokenizer)
        for index, item in enumerate(self.training.data):
            if self.data[index] is None and item.hub is not None:
                listing = self._listing("dataset", item.hub)
                names = chosen(listing.files, item)
                if not names:
                    raise UserError(f"`{item.hub.repo}` has no data files", where=hub.page("dataset", item.hub.repo))
                self.data[index] = self._from_hub("data", item.hub, listing, names)
            elif self.data[index] is None and item.web is not None:
                self.data[index] = self._from_web(item.web)

    def _model(self, role: str, pins: HubFiles) -> Path:
        listing = self._listing("model", pins)
        if role == "base":
            names = weights.base_files(listing.files, pins.files, pins.repo)
        else:
            names = weights.tokenizer_files(listing.files, pins.repo)
        return self._from_hub(role, pins, listing, names)

    def _listing(self, kind: hub.Kind, pins: HubFiles) -> hub.Listing:
        """What a commit holds never changes: where it is known the hub is not asked again."""
        asked = (kind, pins.repo, pins.revision)
        if asked not in self.listings:
            revision = pins.revision or self.lock.revision(_settled_key(kind, pins))
            known = self.index.listing(f"{kind} {pins.repo} {revision}")
            if revision and known is not None:
                found = hub.Listing(kind, pins.repo, revision, known)
            else:
                found = hub.listing(kind, pins.repo, revision)
                self.index.keep_listing(f"{kind} {pins.repo} {found.revision}", found.revision, found.files)
            # At once, so that a run that is killed now still goes on with this commit.
            self.lock.settle_revision(_settled_key(kind, pins), found.revision)
            self.lock.write()
            if pins.revision is None:
                self.deviations.append(notes.not_pinned(pins.repo, found.revision))
            self.listings[asked] = found
        return self.listings[asked]

    def _from_hub(self, role: str, pins: HubFiles, listing: hub.Listing, names: list[str]) -> Path:
        weights.refuse_forbidden(names, pins.repo)
        if lacking := [name for name in names if name not in listing.files]:
            raise UserError(
                f"`{pins.repo}` has no `{lacking[0]}`",
                where=f"{hub.page(listing.kind, pins.repo)}, revision {listing.revision[:12]}",
                hint=f"the recipe names it: it may be gone; {hub.LOCAL_HINT}",
                exit_code=3,
            )
        key = f"{listing.kind} {pins.repo} {listing.revision}"
        folder = self.cache / f"{listing.kind}s" / pins.repo.replace("/", "--") / listing.revision
        new = Source(key, _settled_key(listing.kind, pins), folder, listing=listing)
        source = self.sources.setdefault(key, new)
        for name in names:
            if name not in source.files or pins.files.get(name):
                source.files[name] = pins.files.get(name)
            if not any(one[1:3] == (key, name) for one in self.roles):
                self.roles.append((role, key, name, f"{pins.repo}/{name}"))
        return folder

    def _from_web(self, web: WebFile) -> Path:
        key = f"web {web.url}"
        name = local.web_name(web.url)
        folder = self.cache / "web" / hashlib.sha256(web.url.encode()).hexdigest()[:16]
        self.sources[key] = Source(key, key, folder, web=web, files={name: web.sha256})
        self.roles.append(("data", key, name, web.url))
        if web.sha256 is None:
            self.deviations.append(notes.hash_not_known(web.url))
        return folder / name

    # What came of it -------------------------------------------------------------------------------------------------

    def result(self, data: Path | None) -> Fetched:
        """Once every file is here."""
        if self.base is not None and not self.base_is_local:
            weights.check_whole(self.base, [name for role, _, name, _ in self.roles if role == "base"])
            weights.check_shape(self.base, self.training.base.shape)
        inputs = [self._input(*one) for one in self.roles]
        used: list[templates.Template] = []
        for item in self.training.data:
            template = templates.own(item.template)
            texts = published.find(item.template_sha256, data, self.cache / "templates")
            if len(texts) == len(item.template_sha256):
                template = published.template(item.template, texts) or template
            if item.template_sha256 and not template.published:
                self.deviations.append(notes.own_template(item.template, set(item.template_sha256) - set(texts)))
            used.append(template)
            inputs.append(_template_input(template))
        return Fetched(
            self.base, self.tokenizer, tuple(self.data), tuple(_distinct(inputs)), tuple(_distinct(self.deviations)),
            tuple(used),
        )  # fmt: skip

    def _input(self, role: str, key: str, name: str, called: str) -> Json:
        if (key, name) in self.local_inputs:
            return self.local_inputs[key, name]
        source, known = self.sources[key], self.index.files(key)[name]
        return {
            "role": role,
            "name": called[:300],
            "revision": source.listing.revision if source.listing else None,
            "sha256": known["sha256"],
            "bytes": known["bytes"],
            "pinned": source.files[name] is not None,
        }


def _template_input(template: templates.Template) -> Json:
    name, pinned = f"template: {template.name}", template.published
    told = {"role": "prompts", "name": name, "revision": None}
    return {**told, "sha256": template.sha256, "bytes": template.bytes, "pinned": pinned}


def _settled_key(kind: str, pins: HubFiles) -> str:
    return f"{kind} {pins.repo} {pins.revision or 'main'}"


def _said(source: HubFiles | WebFile | None) -> str:
    return source.repo if isinstance(source, HubFiles) else source.url if source else ""


def _distinct(told: list[Json]) -> list[Json]:
    return [one for number, one in enumerate(told) if one not in told[:number]]
