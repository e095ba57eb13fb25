"""Dates as mail headers write them, to aware UTC values; what cannot be is None."""

from datetime import UTC, datetime, timedelta, timezone

from tdxreview.regex import regex

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RFC_DATE = regex(
    r"(\d{1,2})[\s-]+([A-Za-z]{3})[a-z]{0,9}[\s,-]+(\d{2,4})[\s,]+(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"\s*([+-]\d{4}|[A-Za-z]{1,5})?"
)
_CTIME = regex(
    r"([A-Za-z]{3}) +(\d{1,2}) +(\d{1,2}):(\d{2}):(\d{2}) +(?:([+-]\d{4}|[A-Za-z]{1,5}) +)?(\d{4})"
    r"(?: +([+-]\d{4}))?"
)
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_ZONES |= {"CET": 1, "CEST": 2, "BST": 1, "JST": 9}
_LAST_HOUR = 14
_CENTURY = 100
_OLD_YEARS = 70
_LONGEST = 200


def parse_date(value: str) -> datetime | None:
    """Read the date of a header (RFC 5322, or the form of ctime) and give it in UTC.

    A zone that cannot be (`-9900`) or is missing counts as UTC; a date that cannot be gives None.
    """
    text = value[:_LONGEST]
    if found := _RFC_DATE.search(text):
        day, month, year, hour, minute, second, zone = found.groups()
        return utc(year, month, day, (hour, minute, second or "0"), zone or "")
    if found := _CTIME.search(text):
        month, day, hour, minute, second, zone, year, after = found.groups()
        return utc(year, month, day, (hour, minute, second), zone or after or "")
    return None


def utc(year: str, month: str, day: str, clock: tuple[str, str, str], zone: str) -> datetime | None:
    """Give the moment in UTC that these words name, None if there is no such moment."""
    if month[:3].lower() not in MONTHS:
        return None
    hour, minute, second = (int(part) for part in clock)
    try:
        local = datetime(
            _full_year(int(year)),
            MONTHS.index(month[:3].lower()) + 1,
            int(day),
            hour,
            minute,
            min(second, 59),  # a leap second is written 60
            tzinfo=timezone(_offset(zone)),
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _full_year(year: int) -> int:
    if year >= _CENTURY:
        return year
    return year + (1900 if year >= _OLD_YEARS else 2000)


def _offset(zone: str) -> timedelta:
    if zone[:1] in {"+", "-"} and zone[1:]:
        hours, minutes = int(zone[1:3]), int(zone[3:5])
        if hours > _LAST_HOUR or minutes >= 60:  # noqa: PLR2004 - minutes of an hour
            return timedelta(0)
        span = timedelta(hours=hours, minutes=minutes)
        return -span if zone[0] == "-" else span
    return timedelta(hours=_ZONES.get(zone.upper(), 0))
