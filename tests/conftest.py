"""On the machine that guards the main branch a skipped test is a failure: it looks green and has checked nothing.

Only tests that need a GPU may be skipped there (CI=true). On other machines skips are only listed.
"""

import os

import pytest

skipped: list[str] = []


def guarded() -> bool:
    return os.environ.get("CI", "").lower() in ("true", "1")


def note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and "gpu" not in getattr(report, "keywords", {}):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        skipped.append(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    note(report)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if skipped and guarded() and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if skipped and guarded():
        terminalreporter.section("skipped, which counts as failed here (CI=true)", red=True)
        for line in skipped:
            terminalreporter.line(line)
        terminalreporter.line("Install what these tests need, or mark them `gpu` if that is a GPU.")
