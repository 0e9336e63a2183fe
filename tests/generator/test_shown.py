"""How values of a record read on a page."""

from __future__ import annotations

import pytest

from catalog.register import Catalog
from catalog.store import load
from generator.language import LANGUAGES, Language
from generator.views.citing import Citations
from generator.views.shown import Shower, language_name


@pytest.fixture(scope="module")
def register() -> Catalog:
    return load()


def test_every_language_of_the_register_has_a_name(register: Catalog) -> None:
    codes = {
        code
        for record in (*register.models.values(), *register.datasets.values())
        for claim in (record.languages.claims if record.languages else ())
        for code in claim.value or ()
    }
    assert len(codes) > 10
    for code in codes - {"code"}:
        assert language_name(code, "en") != code
        assert language_name(code, "zh") not in (code, language_name(code, "en"))
    assert language_name("tlh", "en") == "tlh"


@pytest.mark.parametrize("language", LANGUAGES)
def test_model_without_a_base_was_made_from_scratch_and_one_with_an_unknown_base_was_not(
    register: Catalog, language: Language
) -> None:
    def said(slug: str) -> list[str]:
        show = Shower(register, Citations(register, register.by_key["models", slug], language, "/"))
        return [shown.text for shown in show.from_scratch(register.models[slug])]

    assert said("llama") == [{"en": "from scratch", "zh": "从头训练"}[language]]
    assert said("yi") == said("llama")
    assert said("alpaca") == []
    assert said("huatuogpt") == []
