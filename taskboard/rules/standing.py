"""Everything a rule may look at: one commitment on one date."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

KINDS = ("amount", "growth", "rank", "task", "milestone", "item")

KIND_WORDS = {
    "amount": "总量或数量指标",
    "growth": "增速指标",
    "rank": "位次指标",
    "task": "任务",
    "milestone": "节点",
    "item": "督查事项",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one commitment stands on one date. The caller reads it from the database; rules only judge it.

    Lateness is counted by `schedule.days_late` and `schedule.months_late`: of the milestone itself, of the
    item, or for a task of what has been overdue longest, an open milestone or the task.
    """

    kind: str
    on: date
    starts_on: date
    ends_on: date
    scheduled: Decimal = Decimal(0)  # s, 0..1
    completion: Decimal | None = None  # c, not capped; None means that there is no usable value
    value: Decimal | None = None  # of a growth rate in percent, of a rank the place
    target: Decimal | None = None
    unit: str = ""
    higher_is_better: bool = True
    reference: Decimal | None = None  # for example the average of the city
    second_reference: Decimal | None = None  # for example the average of the province

    done: bool = False
    done_on: date | None = None
    days_late: int = 0  # calendar days; of an item working days, like all its clocks
    months_late: int = 0
    late_milestone: str = ""  # the name of what is late, for the words
    workdays_left: int | None = None  # working days until due, 0 on the day itself

    missed_workdays: int = 0  # working days since an unreported report was due
    report_due_on: date | None = None  # when that report was due, for the words
    missed_reports: int = 0  # reports missed in a row

    yellow_weeks: int = 0  # finished reporting weeks right before this one that were yellow
    red_weeks: int = 0  # likewise red
    missed_periods: int = 0  # finished periods (months) right before this one that were missed
    narrowing: bool = False  # the gap is smaller than a week before
    was_red: bool = False  # the light before this one was red
    made_good: bool = False  # the plan of the day on which it turned red has since been reached

    increments: tuple[Decimal, ...] = ()  # weekly, oldest first, reported weeks only
    weeks_left: int = 0  # working weeks until the end
    low_confidence: bool = False  # the owner says that it will hardly be reached

    suspended: bool = False
    returned: int = 0  # times an item was sent back
    poor_quality: bool = False
    red_by_hand: bool = False
    hand_reason: str = ""
    slips: int = 0  # slips issued so far
