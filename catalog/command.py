"""How every command of the project ends: an exit code, and where it failed one clear message, not a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from catalog.errors import UserError


def finish(act: Callable[[], int]) -> int:
    """Does the work of a command and gives its exit code; HERDBOOK_DEBUG in the environment lets tracebacks through."""
    try:
        code = act()
        sys.stdout.flush()
        return code
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except BrokenPipeError:
        # The reader (`head`) has seen enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if "HERDBOOK_DEBUG" in os.environ:
            raise
        what = UserError(
            "the command failed in a way nobody foresaw",
            why=f"{type(error).__name__}: {error}",
            hint="run it again with HERDBOOK_DEBUG=1 and report what it prints",
        )
        sys.stderr.write(f"{what}\n")
        return 1
