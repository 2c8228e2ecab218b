"""Moments and days in the platform's time zone. No clock is read here."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def local_day(moment: datetime) -> date:
    """The calendar day of an aware moment."""
    return moment.astimezone(ZONE).date()
