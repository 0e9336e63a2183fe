"""Every check of the register, by name. A new one is a file here, a line here, and a test."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from catalog.checks.attachments import missing_judgments
from catalog.checks.base import Check, Context
from catalog.checks.claims import claim_beyond_arithmetic
from catalog.checks.corrections import correction_of_nothing
from catalog.checks.dates import dates_out_of_order
from catalog.checks.demonstrations import demonstration_read_as_a_model
from catalog.checks.evidence import line_outside_document, undeclared_source, unused_source
from catalog.checks.figures import languages_disagree, ten_thousand_slip
from catalog.checks.identity import alias_of_two, duplicate_id
from catalog.checks.lineage import circular_lineage
from catalog.checks.links import dead_link
from catalog.checks.openness import open_but_limited
from catalog.checks.recipes import recipe_of_nothing, recorded_file_differs
from catalog.checks.references import dangling_reference, unknown_licence, unknown_publisher
from catalog.checks.results import (
    figures_not_of_the_tables,
    probe_of_an_unknown_claim,
    result_of_an_older_recipe,
    result_out_of_place,
    table_of_a_result_differs,
)
from catalog.checks.trainings import (
    assumed_of_nothing,
    claim_of_no_training,
    implausible_training,
    unknown_template,
    unnamed_difference,
    unresolved_training,
)
from catalog.checks.translation import stale_translation, untranslated
from catalog.findings import Finding
from catalog.register import Catalog, File

CHECKS: tuple[Check, ...] = (
    undeclared_source,
    line_outside_document,
    unused_source,
    dangling_reference,
    unknown_licence,
    unknown_publisher,
    circular_lineage,
    duplicate_id,
    alias_of_two,
    demonstration_read_as_a_model,
    dates_out_of_order,
    ten_thousand_slip,
    languages_disagree,
    correction_of_nothing,
    open_but_limited,
    stale_translation,
    untranslated,
    missing_judgments,
    recipe_of_nothing,
    recorded_file_differs,
    unresolved_training,
    claim_of_no_training,
    assumed_of_nothing,
    unnamed_difference,
    unknown_template,
    implausible_training,
    result_out_of_place,
    result_of_an_older_recipe,
    table_of_a_result_differs,
    figures_not_of_the_tables,
    probe_of_an_unknown_claim,
    claim_beyond_arithmetic,
    dead_link,
)


def run(catalog: Catalog, today: datetime.date, files: Iterable[File] | None = None) -> list[Finding]:
    """Every finding of every check over `files`, by default all."""
    context = Context(catalog, today)
    return [
        found
        for file in ((*catalog.files, *catalog.side_files, *catalog.attached) if files is None else files)
        for one in CHECKS
        for found in one(file, context)
    ]
