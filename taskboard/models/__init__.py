"""WHAT HAPPENED: tables, named selects, and the verbs that change them. Nothing here commits."""

from taskboard.models.announcement import Announcement
from taskboard.models.appeal import Appeal
from taskboard.models.attachment import Attachment
from taskboard.models.calendar_override import CalendarOverride
from taskboard.models.campaign import Campaign
from taskboard.models.chain import ChainHead
from taskboard.models.channel import Channel, Subscription, TellingRule
from taskboard.models.commitment import Commitment, Party, Section
from taskboard.models.delivery import Attempt, Delivery, DeliveryState, FanOut, Notice, Occasion
from taskboard.models.evaluation import Evaluation, EvaluationResult, EvaluationScore
from taskboard.models.event import Event, Kind, record
from taskboard.models.extension import Extension
from taskboard.models.figure import Figure
from taskboard.models.flag import Flag
from taskboard.models.group import Group, Responsibility, Role
from taskboard.models.import_file import ImportFile
from taskboard.models.indicator import Indicator
from taskboard.models.installation import Installation
from taskboard.models.item import Band, Closure, Evidence, Hold, Item, Node, Part
from taskboard.models.item_tally import ItemTally
from taskboard.models.job_run import Heartbeat, JobRun
from taskboard.models.person import Person
from taskboard.models.plan import Plan
from taskboard.models.report import Report
from taskboard.models.rule_set import Enactment, RuleSetRow
from taskboard.models.saved_view import SavedView
from taskboard.models.schedule_version import ScheduleVersion
from taskboard.models.seat import Seat
from taskboard.models.slip import Register, Slip
from taskboard.models.support import Support
from taskboard.models.tally import Tally
from taskboard.models.target import Target, WeeklyTarget
from taskboard.models.task import Milestone, Task
from taskboard.models.unit import Unit, UnitAlias, UnitKind
from taskboard.models.web_session import FormKey, WebSession

__all__ = [
    "Announcement",
    "Appeal",
    "Attachment",
    "Attempt",
    "Band",
    "CalendarOverride",
    "Campaign",
    "ChainHead",
    "Channel",
    "Closure",
    "Commitment",
    "Delivery",
    "DeliveryState",
    "Enactment",
    "Evaluation",
    "EvaluationResult",
    "EvaluationScore",
    "Event",
    "Evidence",
    "Extension",
    "FanOut",
    "Figure",
    "Flag",
    "FormKey",
    "Group",
    "Heartbeat",
    "Hold",
    "ImportFile",
    "Indicator",
    "Installation",
    "Item",
    "ItemTally",
    "JobRun",
    "Kind",
    "Milestone",
    "Node",
    "Notice",
    "Occasion",
    "Part",
    "Party",
    "Person",
    "Plan",
    "Register",
    "Report",
    "Responsibility",
    "Role",
    "RuleSetRow",
    "SavedView",
    "ScheduleVersion",
    "Seat",
    "Section",
    "Slip",
    "Subscription",
    "Support",
    "Tally",
    "Target",
    "Task",
    "TellingRule",
    "Unit",
    "UnitAlias",
    "UnitKind",
    "WebSession",
    "WeeklyTarget",
    "record",
]
