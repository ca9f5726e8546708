"""The moments of a schedule, in its time zone.

Moments that a clock change leaves out are left out; of those that it repeats the first counts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from galileo_emulation.kubernetes.checks.cron_schedule import Schedule

# A schedule such as "30 February" has no moment at all.
_LONGEST_SEARCH = timedelta(days=5 * 366)
# More missed moments than this are told, and only the last of them is looked for.
MANY = 100


def next_after(schedule: Schedule, after: datetime, zone: tzinfo) -> datetime | None:
    """The first moment later than `after` (aware), in UTC; None when there is none within five years."""
    if schedule.every_s is not None:
        return after.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=max(1, int(schedule.every_s)))
    wall = after.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) + timedelta(minutes=1)
    end = wall + _LONGEST_SEARCH
    while wall < end:
        later = _first_mismatch(schedule, wall)
        if later is not None:
            wall = later
            continue
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment > after and moment.astimezone(zone).replace(tzinfo=None) == wall:
            return moment
        wall += timedelta(minutes=1)
    return None


def last_due(schedule: Schedule, since: datetime, now: datetime, zone: tzinfo) -> tuple[datetime | None, int]:
    """The last moment after `since` and not after `now`, and how many such there are (at most `MANY` + 1)."""
    last, count = None, 0
    moment = next_after(schedule, since, zone)
    while moment is not None and moment <= now:
        last, count = moment, count + 1
        if count > MANY:
            return _last_before(schedule, last, now, zone), count
        moment = next_after(schedule, moment, zone)
    return last, count


def _last_before(schedule: Schedule, known: datetime, now: datetime, zone: tzinfo) -> datetime:
    """The last moment up to `now`, looked for backwards from there, `known` being one."""
    if schedule.every_s is not None:
        steps = (now - known).total_seconds() // max(1, int(schedule.every_s))
        return known + timedelta(seconds=steps * max(1, int(schedule.every_s)))
    for span in (timedelta(hours=1), timedelta(days=1), timedelta(days=31), timedelta(days=366)):
        moment, last = next_after(schedule, max(known, now - span), zone), None
        while moment is not None and moment <= now:
            moment, last = next_after(schedule, moment, zone), moment
        if last is not None:
            return last
    return known


def _first_mismatch(schedule: Schedule, wall: datetime) -> datetime | None:
    """The next time worth looking at when this one does not fit; None when it does."""
    if wall.month not in schedule.months:
        return (wall.replace(day=1, hour=0, minute=0) + timedelta(days=32)).replace(day=1)
    if not _day_fits(schedule, wall):
        return wall.replace(hour=0, minute=0) + timedelta(days=1)
    if wall.hour not in schedule.hours:
        return wall.replace(minute=0) + timedelta(hours=1)
    if wall.minute not in schedule.minutes:
        return wall + timedelta(minutes=1)
    return None


def _day_fits(schedule: Schedule, wall: datetime) -> bool:
    day = wall.day in schedule.days
    weekday = wall.isoweekday() % 7 in schedule.weekdays
    if schedule.any_day or schedule.any_weekday:
        return day and weekday
    return day or weekday
