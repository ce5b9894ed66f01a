"""What happened to the items of the demonstration: each plot is a course of deeds by the real verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select

from taskboard.db import db
from taskboard.demo.stage import TODAY, Told
from taskboard.models import Item
from taskboard.rules.lifecycle import Verb
from taskboard.rules.terms import ItemKind
from taskboard.rules.workdays import add_workdays, workdays_between

Plot = Callable[[Told], object]


def plots() -> Iterator[tuple[int, Plot, dict[str, Any]]]:
    """Working days ago on which each began, what happened, and what is special about it."""
    ordinary, urgent = {"kind": ItemKind.ORDINARY}, {"kind": ItemKind.URGENT}
    yield 0, _nothing, {"unassigned": True}
    yield 0, _nothing, {}
    yield 0, _nothing, urgent
    yield 1, _nothing, ordinary
    yield 3, _nothing, ordinary
    yield 1, _objected, {}
    yield 4, _upheld, ordinary
    yield 6, _transferred, ordinary
    for ago in (2, 5, 8, 12):
        yield ago, _handling, ordinary
    yield 4, _handling, urgent
    yield 13, _handling, ordinary
    yield 18, _silent, ordinary
    yield 24, _silent, ordinary
    yield 9, _silent, urgent
    yield 7, _submitted, ordinary
    yield 9, _submitted, {"parts": True, **ordinary}
    yield 14, _waiting_long, ordinary
    yield 10, _returned_once, ordinary
    yield 17, _returned_twice, ordinary
    yield 12, _closing, ordinary
    yield 15, _closing, {"parts": True, **ordinary}
    yield 16, _refused_closure, ordinary
    yield 11, _suspended, ordinary
    yield 8, _extension_asked, urgent | {"kind": ItemKind.ORDINARY}
    yield 13, _extension_granted, ordinary
    yield 14, _extension_refused, ordinary
    yield 22, _slip_two, ordinary
    yield 26, _slip_three, ordinary
    yield 27, _slip_answered, ordinary
    yield 13, _slip_one, ordinary
    yield 30, _talk, ordinary
    yield 5, _slip_proposed, urgent | {"start_level": 2}
    yield 9, _parts, {"parts": True, **ordinary}
    yield 7, _reddened, ordinary
    yield 6, _commented, ordinary
    for ago in (28, 27, 26, 24, 20):
        yield ago, _closed, ordinary
    yield 29, _reopened, ordinary
    yield 5, _merged, ordinary


def _nothing(told: Told) -> None:
    """Assigned, and nobody has signed yet."""


def _objected(told: Told) -> None:
    told(Verb.OBJECT, 0, "该项目属区级统筹，街道无权限协调管线迁改")


def _upheld(told: Told) -> None:
    told(Verb.OBJECT, 3, "名单中部分企业注册地不在本辖区")(Verb.UPHOLD, 2, "按实际经营地办理，名单已核对")
    told(Verb.SIGN, 1)


def _transferred(told: Told) -> None:
    other = told.stage.district.units["区商务局"]
    told(Verb.OBJECT, 5, "职责不在本单位")(Verb.TRANSFER, 4, "改由区商务局承办", who="bangongshi", unit_id=other.id)
    told(Verb.SIGN, 3)


def _handling(told: Told) -> None:
    ago = _days(told)
    told(Verb.SIGN, max(0, ago - 1))
    if ago > 3:
        told(Verb.HANDLE, ago // 2, "已召开现场会，明确责任清单，逐项推进")


def _silent(told: Told) -> None:
    told(Verb.SIGN, _days(told) - 1)(Verb.URGE, 2, "请尽快反馈办理情况")


def _submitted(told: Told) -> None:
    ago = _days(told)
    told(Verb.SIGN, ago - 1)
    if told.item.parts:
        told(Verb.SIGN_PART, ago - 1)(Verb.SUBMIT_PART, 3, "辖区名单已核实报送")(Verb.ACCEPT_PART, 2, "内容完整")
    told(Verb.SUBMIT, 1, "问题已逐项销号，附核查清单", figure="涉及 12 家，已解决 11 家，1 家列入长期跟踪")


def _waiting_long(told: Told) -> None:
    told(Verb.SIGN, 13)(Verb.SUBMIT, 5, "已完成，附统计口径说明", figure="新增入库 4 家")


def _returned_once(told: Told) -> None:
    told(Verb.SIGN, 9)(Verb.SUBMIT, 4, "已完成", figure="完成 60%")
    told(Verb.RETURN, 1, "只有进度没有措施，请补充未完成部分的时间表")


def _returned_twice(told: Told) -> None:
    told(Verb.SIGN, 16)(Verb.SUBMIT, 9, "已完成", figure="见台账")(Verb.RETURN, 8, "数据与台账不一致")
    told(Verb.SUBMIT, 6, "已更正数据", figure="更正后 8 家")(Verb.RETURN, 3, "仍缺 2 家的佐证")


def _to_closing(told: Told, submit: int, request: int) -> Told:
    ago = _days(told)
    told(Verb.SIGN, ago - 1)
    if told.item.parts:
        told(Verb.SIGN_PART, ago - 1)(Verb.SUBMIT_PART, submit + 2, "已配合完成")(Verb.ACCEPT_PART, submit + 1)
    told(Verb.HANDLE, (ago + submit) // 2, "专人跟进，已完成过半")
    told(Verb.SUBMIT, submit, "已全部完成，附清单", figure="清单 15 项全部完成")
    return told(Verb.REQUEST_CLOSURE, request, "问题已解决，佐证充分")


def _closing(told: Told) -> None:
    _to_closing(told, 3, 1)


def _refused_closure(told: Told) -> None:
    _to_closing(told, 5, 3)(Verb.REFUSE_CLOSURE, 2, "佐证与要求不对应，请补充验收材料")


def _suspended(told: Told) -> None:
    told(Verb.SIGN, 10)(Verb.HANDLE, 7, "涉及区级规划调整，需等待批复")(Verb.SUSPEND, 4, "等待规划调整批复")


def _asked(told: Told, ago: int, days: int) -> Told:
    ago_day = add_workdays(TODAY, -ago)
    new = add_workdays(told.item.due_on or ago_day, days)
    return told(
        Verb.EXTEND, ago, "管线迁改受汛期影响", due_on=new, progress="已完成七成", figure="迁改完成 1.4 公里，共 2 公里"
    )


def _extension_asked(told: Told) -> None:
    told(Verb.SIGN, 7)
    _asked(told, 1, 5)


def _extension_granted(told: Told) -> None:
    told(Verb.SIGN, 12)
    _asked(told, 3, 4)(Verb.GRANT_EXTENSION, 2, "情况属实，同意")


def _extension_refused(told: Told) -> None:
    told(Verb.SIGN, 13)
    _asked(told, 4, 4)(Verb.REFUSE_EXTENSION, 3, "理由不充分，请按期完成")


def _slip(told: Told, level: int, ago: int, why: str) -> Told:
    return told(Verb.PROPOSE_SLIP, ago, why, level=level)(Verb.SIGN_SLIP, ago)


def _slip_two(told: Told) -> None:
    told(Verb.SIGN, 21)
    _slip(told, 2, 4, "逾期 3 个工作日，未见反馈")


def _slip_three(told: Told) -> None:
    told(Verb.SIGN, 25)
    _slip(told, 2, 10, "逾期 1 个工作日")
    _slip(told, 3, 4, "督办后 5 个工作日没有进展")


def _slip_one(told: Told) -> None:
    told(Verb.SIGN, 12)(Verb.HANDLE, 7, "已制定方案")
    _slip(told, 1, 1, "临近办理期限")


def _talk(told: Told) -> None:
    told(Verb.SIGN, 29)
    _slip(told, 2, 14, "办理逾期 1 个工作日")
    _slip(told, 3, 9, "督办后 5 个工作日没有进展")
    told(Verb.PROPOSE_SLIP, 3, "督办单逾期未回复，应为第三次督办", level=4)(
        Verb.SIGN_SLIP, 2, "同意约谈", who="lingdao"
    )


def _slip_answered(told: Told) -> None:
    told(Verb.SIGN, 26)
    _slip(told, 2, 11, "逾期 1 个工作日")(Verb.ANSWER_SLIP, 9, "已制定整改计划，分三步推进")(
        Verb.HANDLE, 1, "第一步已完成"
    )


def _slip_proposed(told: Told) -> None:
    told(Verb.SIGN, 4)


def _parts(told: Told) -> None:
    told(Verb.SIGN, 8)(Verb.SIGN_PART, 8)(Verb.SUBMIT_PART, 3, "名单已报送")(
        Verb.RETURN_PART, 2, "缺联系人和电话", who="ducha"
    )


def _reddened(told: Told) -> None:
    told(Verb.SIGN, 6)(Verb.REDDEN, 1, "群众集中反映，须立即整改")


def _commented(told: Told) -> None:
    told(Verb.SIGN, 5)(Verb.HANDLE, 3, "已对接三家企业")(Verb.COMMENT, 1, "请一周内拿出结果，注意工作方法")


def _closed(told: Told) -> None:
    ago = _days(told)
    _to_closing(told, ago - 12, ago - 13)(Verb.CLOSE, ago - 14, "同意")


def _reopened(told: Told) -> None:
    _to_closing(told, 18, 17)(Verb.CLOSE, 16, "同意")(Verb.REOPEN, 3, "回头看发现问题反弹")(
        Verb.HANDLE, 1, "已再次整改"
    )


def _merged(told: Told) -> None:
    query = select(Item.id).where(Item.id < told.item.id, Item.closed_on.is_(None)).order_by(Item.id.desc())
    told(Verb.MERGE, 4, "与另一事项内容重复", into=db.session.scalars(query).first())


def _days(told: Told) -> int:
    """Working days since the item was assigned."""
    return workdays_between(told.item.assigned_on or TODAY, TODAY)
