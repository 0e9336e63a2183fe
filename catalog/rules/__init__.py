"""Every rule by its code: its name, what it asks, why, an example that fails and one that passes, how to mend it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import ValidationError

from catalog.facts import Strict
from catalog.reader import read

_FILE = Path(__file__).with_name("explanations.yaml")


class Explanation(Strict):
    """As it stands in explanations.yaml; `name` and `what` of a check stand with the check."""

    name: str = ""
    what: str = ""
    why: str
    fails: str
    passes: str
    mend: str


class Rule(Strict):
    """A rule as it is told."""

    code: str
    name: str
    """Words with hyphens between, as `dangling-reference`."""
    severity: str
    explanation: Explanation

    def __str__(self) -> str:
        """The whole of it for a terminal."""
        told = self.explanation
        examples = "".join(
            f"{label}:\n{''.join(f'    {line}{chr(10)}' for line in example.splitlines() or [''])}\n"
            for label, example in (("fails", told.fails), ("passes", told.passes))
        )
        return f"{self.code} {self.name} ({self.severity})\n\n{told.what}\n{told.why}\n\n{examples}mend: {told.mend}\n"


@cache
def rules() -> dict[str, Rule]:
    """Every rule, in order of its code."""
    from catalog.checks import CHECKS

    tree, problems = read(_FILE.read_bytes())
    if problems or not isinstance(tree, dict):
        raise ValueError(f"{_FILE.name} cannot be read")
    checks = {check.code: check for check in CHECKS}
    found = {}
    for code, told in sorted(tree.items()):
        try:
            explanation = Explanation.model_validate(told)
        except ValidationError as error:
            raise ValueError(f"{_FILE.name}: {code}: {error.errors()[0]['msg']}") from None
        if check := checks.get(code):
            what = " ".join(check.description.split())
            explanation = explanation.model_copy(update={"name": check.name.replace("_", "-"), "what": what})
        severity = check.severity if check else "error"
        found[code] = Rule(code=code, name=explanation.name, severity=severity, explanation=explanation)
    return found


def name_of(code: str) -> str:
    """The name of a rule; empty for a code that has none."""
    rule = rules().get(code)
    return rule.name if rule else ""
