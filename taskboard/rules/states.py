"""Where 督查 items and what hangs on them can be, and what can be done to them: the words of the table of moves."""

from __future__ import annotations

import enum


class State(enum.StrEnum):
    """Where an item is."""

    REGISTERED = "registered"
    ASSIGNED = "assigned"
    OBJECTED = "objected"
    HANDLING = "handling"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CLOSING = "closing"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    MERGED = "merged"

    @property
    def word(self) -> str:
        return STATE_WORDS[self.value]


STATE_WORDS = {
    "registered": "待交办",
    "assigned": "待签收",
    "objected": "异议待定",
    "handling": "办理中",
    "submitted": "待审核",
    "returned": "退回补办",
    "closing": "待销号",
    "suspended": "已中止",
    "closed": "已销号",
    "merged": "已并案",
}
ENDED = frozenset({State.CLOSED, State.MERGED})
WITH_UNIT = frozenset({State.ASSIGNED, State.HANDLING, State.RETURNED})
ANSWERED = frozenset({State.SUBMITTED, State.CLOSING})


class Holder(enum.StrEnum):
    """In whose hands an item is."""

    UNIT = "unit"
    OFFICE = "office"
    SUPERVISOR = "supervisor"
    NOBODY = "nobody"

    @property
    def word(self) -> str:
        return {"unit": "承办单位", "office": "专班办公室", "supervisor": "督查", "nobody": ""}[self.value]


def holder_of(state: State) -> Holder:
    """Who has to move next."""
    if state in WITH_UNIT:
        return Holder.UNIT
    if state == State.SUBMITTED:
        return Holder.SUPERVISOR
    return Holder.NOBODY if state in ENDED or state == State.SUSPENDED else Holder.OFFICE


class PartState(enum.StrEnum):
    """Where the part of a supporting unit is."""

    ASSIGNED = "part_assigned"
    HANDLING = "part_handling"
    SUBMITTED = "part_submitted"
    RETURNED = "part_returned"
    ACCEPTED = "part_accepted"

    @property
    def word(self) -> str:
        words = ("待签收", "办理中", "待认定", "退回补办", "已认定")
        return dict(zip(PartState, words, strict=True))[self]


class ExtensionState(enum.StrEnum):
    ASKED = "extension_asked"
    GRANTED = "extension_granted"
    REFUSED = "extension_refused"
    LAPSED = "extension_lapsed"

    @property
    def word(self) -> str:
        return dict(zip(ExtensionState, ("待审批", "已同意", "未同意", "已失效"), strict=True))[self]


class SlipState(enum.StrEnum):
    PROPOSED = "slip_proposed"
    DECLINED = "slip_declined"
    SIGNED = "slip_signed"
    ANSWERED = "slip_answered"
    LAPSED = "slip_lapsed"  # signed, and the item left the unit's hands before an answer
    WITHDRAWN = "slip_withdrawn"  # proposed by the system, and its ground is gone

    @property
    def word(self) -> str:
        words = ("待签发", "不予签发", "已签发", "已回复", "不再要求回复", "已撤回")
        return dict(zip(SlipState, words, strict=True))[self]


class Verb(enum.StrEnum):
    """What can be done to an item or to something that belongs to it."""

    ASSIGN = "assign"
    SIGN = "sign"
    OBJECT = "object"
    UPHOLD = "uphold"
    TRANSFER = "transfer"
    HANDLE = "handle"
    SUBMIT = "submit"
    RETURN = "return"
    REQUEST_CLOSURE = "request_closure"
    CLOSE = "close"
    REFUSE_CLOSURE = "refuse_closure"
    SUSPEND = "suspend"
    RESUME = "resume"
    MERGE = "merge"
    REOPEN = "reopen"
    LOOK_BACK = "look_back"
    URGE = "urge"
    COMMENT = "comment"
    REDDEN = "redden"
    WAIVE = "waive"
    EXTEND = "extend"
    PROPOSE_SLIP = "propose_slip"
    SIGN_PART = "sign_part"
    SUBMIT_PART = "submit_part"
    ACCEPT_PART = "accept_part"
    RETURN_PART = "return_part"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    SIGN_SLIP = "sign_slip"
    DECLINE_SLIP = "decline_slip"
    ANSWER_SLIP = "answer_slip"

    @property
    def word(self) -> str:
        """The label of its button."""
        return VERB_WORDS[self.value]


VERB_WORDS = {
    "assign": "交办", "sign": "签收", "object": "提出异议", "uphold": "维持交办", "transfer": "改派",
    "handle": "办理情况", "submit": "反馈结果", "return": "退回", "request_closure": "申请销号", "close": "销号",
    "refuse_closure": "不予销号", "suspend": "中止", "resume": "恢复办理", "merge": "并案", "reopen": "重新办理",
    "look_back": "回头看通过", "urge": "催办", "comment": "批注", "redden": "亮红灯", "waive": "同意红灯销号",
    "extend": "申请延期", "propose_slip": "拟发督办单", "sign_part": "签收", "submit_part": "反馈",
    "accept_part": "认定", "return_part": "退回", "grant_extension": "同意延期", "refuse_extension": "不同意延期",
    "sign_slip": "签发", "decline_slip": "不予签发", "answer_slip": "回复督办单",
}  # fmt: skip
