"""What day it is, where a command must know."""

from __future__ import annotations

import datetime
import os


def today() -> datetime.date:
    """Today, or the day of SOURCE_DATE_EPOCH where a build must not depend on the clock."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC) if epoch.isdigit() else datetime.datetime.now()
    return now.date()
