"""Result records beside claims, and the estimates' error against them; the records are made up, the writer is real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.claims.errors import Error, errors, halves, shape_of_probe, training_of_probe
from catalog.claims.export import claims
from catalog.claims.ledger import ledger
from catalog.claims.measured import measurements
from catalog.estimate import Range, shapes, training_memory
from catalog.probe_results import ProbeResult
from catalog.sealing import write
from catalog.store import read_catalog
from tests.catalog.small import EWE, changed, plant
from tests.runner import recorded

FACT = "variants.ewe-7b.training.sft.memory.nf4"
MEMORY = changed(EWE, "        duration: {value: 3 h", "        memory: {nf4: {value: 7 GB, from: readme#L12}}\n"
                      "        duration: {value: 3 h")  # fmt: skip


def claim(**changes: Any) -> dict[str, Any]:
    return {"id": FACT, "metric": "peak-memory", "published": 7.0, "reproduced": 6.5, "difference": -0.5,
            "tolerance": 0.7, "unit": "GB", "verdict": "reproduced", **changes}  # fmt: skip


def with_probe(folder: Path, *found: dict[str, Any], **changes: Any) -> Any:
    content = recorded.probe(**{"entry": "ewe", "claims": list(found), **changes})
    name = f"models/ewe/results/{recorded.name_of(content)}"
    loading = read_catalog(plant(folder, {EWE: MEMORY, name: write(content)}))
    assert not loading.findings, loading.findings
    return loading.catalog


def test_a_probe_stands_beside_the_fact_it_names(tmp_path: Path) -> None:
    catalog = with_probe(tmp_path, claim())
    [row] = [row for row in ledger(catalog) if row.measured]
    assert (row.fact, row.verdict) == (FACT, "reproduced")
    assert row.measured
    assert row.measured.value == pytest.approx(6.5e9)
    [out] = [one for one in claims(catalog) if one["measured"]]
    assert out["measured"]["unit"] == "bytes"
    assert out["measured"]["source"].startswith("catalog/models/ewe/results/probe-")


def test_hours_scaled_up_from_a_step_are_no_measurement(tmp_path: Path) -> None:
    hours = claim(id="variants.ewe-7b.training.sft.duration", metric="hours", published=3.0, reproduced=2.9,
                  difference=-0.1, unit="h", tolerance=0.5)  # fmt: skip
    assert len(measurements(with_probe(tmp_path / "a", hours))) == 1
    assert measurements(with_probe(tmp_path / "b", {**hours, "scaled": 1000})) == ()


def test_what_was_not_compared_is_no_measurement(tmp_path: Path) -> None:
    assert measurements(with_probe(tmp_path, claim(reproduced=None, difference=None, verdict=None))) == ()


def test_hours_of_a_whole_training_alone_are_measured(tmp_path: Path) -> None:
    hours = {"id": "hours", "metric": "hours", "published": 3.0, "reproduced": 2.9, "difference": -0.1, "unit": "h",
             "tolerance": 0.5, "verdict": "reproduced", "why": None}  # fmt: skip
    for place, partial in (("a", None), ("b", {"steps": 10, "of": 40})):
        content = recorded.training("ewe", partial=partial)
        content["measured"] = {**content["measured"], "claims": [hours]}
        root = plant(tmp_path / place, {EWE: MEMORY})
        recorded.put(root / "models/ewe/results", content)
        loading = read_catalog(root)
        assert not loading.findings, loading.findings
        found = [row for row in ledger(loading.catalog) if row.measured]
        assert [row.fact for row in found] == ([] if partial else ["variants.ewe-7b.training.sft.duration"])


def test_error_of_the_estimate_against_a_probe(tmp_path: Path) -> None:
    catalog = with_probe(tmp_path)
    [file] = catalog.results["ewe"]
    probe = file.record
    assert isinstance(probe, ProbeResult)
    training = training_of_probe(probe)
    assert training is not None
    assert training.method == "qlora"
    assert training.adapter == "fp32"
    shape = shape_of_probe(probe.architecture)
    memory = next(error for error in errors(catalog) if error.what == "memory")
    whole = training_memory(shape, training)
    assert memory.estimated.low == pytest.approx(whole.total.low - whole.parts["context"].low)
    assert probe.peak.allocated
    assert memory.measured == probe.peak.allocated + (probe.peak.managed or 0)
    assert memory.relative == pytest.approx((memory.estimated.middle - memory.measured) / memory.measured)


def test_every_error_is_of_a_probe_on_record(register: Any) -> None:
    probes = {f.relative for files in register.results.values() for f in files if isinstance(f.record, ProbeResult)}
    assert {error.source for error in errors(register)} <= probes


def test_halves_are_taken_by_turns() -> None:
    found = [Error("r", name, "qlora", "memory", 1.0, Range(0.5, 2.0)) for name in "dacb"]
    tune, check = halves(found)
    assert [e.shape for e in tune] == ["a", "c"]
    assert [e.shape for e in check] == ["b", "d"]
    assert all(e.inside for e in found)
    assert found[0].relative == pytest.approx(0.25)


def test_the_shape_of_a_probe_is_the_named_one() -> None:
    built = recorded.probe()["architecture"]
    named = shapes()["llama-7b"]
    assert (built["layers"], built["hidden"], built["intermediate"]) == (32, named.hidden, named.intermediate)
