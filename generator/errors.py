"""An error that a person can act on: what happened, where, why, and what to do next."""


class UserError(Exception):
    def __init__(self, what: str, *, where: str = "", why: str = "", hint: str = "", exit_code: int = 1) -> None:
        super().__init__(what)
        self.what, self.where, self.why, self.hint, self.exit_code = what, where, why, hint, exit_code

    def __str__(self) -> str:
        lines = [f"error: {self.what}"]
        lines += [f"  where: {self.where}"] if self.where else []
        lines += [f"  why: {self.why}"] if self.why else []
        lines += ["", f"hint: {self.hint}"] if self.hint else []
        return "\n".join(lines)
