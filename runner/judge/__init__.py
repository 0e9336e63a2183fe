"""Judges: `recorded`, `reference`, `openai` and `human`, one file each behind the interface in `base`."""
