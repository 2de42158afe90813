"""When timers fire: texts and values of dates, durations, cycles and cron -> due times. Pure."""

from runner.schedules.dues import first_due, is_dropped, next_due
from runner.schedules.reading import read_schedule
from runner.schedules.schedule import CatchUp, Due, Schedule

__all__ = ["CatchUp", "Due", "Schedule", "first_due", "is_dropped", "next_due", "read_schedule"]
