"""Battles to ratings: Elo, Bradley-Terry, win rates and score ratios, with their uncertainty and what to beware of."""

from runner.rating.rate import rate
from runner.rating.result import Rating, Row
from runner.rating.settings import Settings

__all__ = ["Rating", "Row", "Settings", "rate"]
