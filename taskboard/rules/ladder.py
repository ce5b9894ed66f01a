"""The ladder of slips 督办单: which step the system proposes. A person signs; each step is a document."""

from __future__ import annotations

from dataclasses import dataclass

NO_PROGRESS = 5  # working days after a slip without progress until the next step
TALK = 4


@dataclass(frozen=True)
class Level:
    """A step: its colour and name, the working days in which it is to be answered, and who signs."""

    no: int
    light: str
    word: str
    answer_within: int
    signed_by: str  # office | leader
    addressee: str
    assumption: bool = False


LEVELS = {
    1: Level(1, "blue", "蓝色督办单", 3, "office", "承办人", assumption=True),
    2: Level(2, "yellow", "黄色督办单", 2, "office", "单位主要负责人", assumption=True),
    3: Level(3, "red", "红色督办单", 3, "office", "单位主要负责人，抄送分管区领导"),
    4: Level(4, "red", "约谈建议", 5, "leader", "区主要领导", assumption=True),
}


@dataclass(frozen=True)
class Rung:
    """What the ladder looks at: one item on one day."""

    level: int  # the highest step that was signed
    declined: int = 0  # the highest step that was declined; it is not proposed again
    near_due: bool = False
    workdays_overdue: int = 0
    late_words: str = "逾期"  # 签收逾期, 办理逾期, 补办逾期
    reds: int = 0  # reporting weeks that the related light has been red since the item was assigned
    is_yellow: bool = False
    slips: int = 0  # signed from level 2 on
    quiet_workdays: int = 0  # since the last slip, without progress
    slip_overdue: bool = False
    slip_answered: bool = False
    start_level: int = 1  # urgent and recurring matters start higher: 2 or 3


@dataclass(frozen=True)
class Proposal:
    level: int
    reason: str


def propose(rung: Rung) -> Proposal | None:
    """The step to propose now, or None: the highest that is due and was not taken yet."""
    stuck = rung.slip_overdue or rung.quiet_workdays >= NO_PROGRESS
    why_stuck = "督办单逾期未回复" if rung.slip_overdue else f"督办后 {rung.quiet_workdays} 个工作日没有进展"
    due: dict[int, str] = {}
    if rung.near_due:
        due[1] = "临近办理期限"
    if rung.is_yellow:
        due[1] = "关联事项首次黄灯"
    if rung.reds == 1:
        due[2] = "关联事项首次红灯"
    if rung.workdays_overdue >= 1:
        due[2] = f"{rung.late_words} {rung.workdays_overdue} 个工作日"
    if rung.level >= 2 and stuck:
        due[3] = why_stuck
    if rung.reds >= 2:
        due[3] = f"关联事项连续 {rung.reds} 期红灯"
    if rung.reds >= 3 and rung.level >= 3 and (rung.slip_overdue or rung.slip_answered):
        due[TALK] = f"关联事项连续 {rung.reds} 期红灯，前次督办未见效"
    if rung.level >= 3 and rung.slips >= 2 and stuck:
        due[TALK] = f"{why_stuck}，应为第三次督办"
    start = min(rung.start_level, 3)
    if due and max(due) < start and (max(due) > 1 or start == 2):  # nothing that is only near is red
        due[start] = f"{due[max(due)]}（本事项从{LEVELS[start].word}起）"
    level = max(due, default=0)
    return Proposal(level, due[level]) if level > max(rung.level, rung.declined) else None
