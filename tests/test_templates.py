"""What the register knows of the runner's templates, which it may not import, against the templates themselves."""

from catalog.training import TEMPLATES
from runner.inputs.templates import names, own


def test_register_names_the_templates_that_come_with_the_runner() -> None:
    assert sorted(TEMPLATES) == names()


def test_register_names_the_columns_that_each_template_needs() -> None:
    assert {name: own(name).needs() for name in names()} == TEMPLATES
