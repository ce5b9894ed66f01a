"""Pages of 督查 items: what each seat sees and may do, what is kept when it cannot be done."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from sqlalchemy import event as sa_event
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Campaign, Event, Item, Person, Slip
from taskboard.models.item_deeds import Deed, act
from taskboard.models.item_opening import Draft, register
from taskboard.rules.access import SeatKind
from taskboard.rules.lifecycle import Actor, Verb
from tests.world import NOON, Web

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def item_id(web: Web) -> int:
    """An item that the supervisor assigned to the reporter's unit."""
    with web.app.app_context():
        campaign = Campaign.current()
        assert campaign is not None
        draft = Draft(title="核查停工项目", requirement="逐个说明", unit_id=web.ids.unit, group_id=web.ids.group)
        item = register(campaign, draft, _actor(web, "supervisor"), NOON)
        db.session.commit()
        return item.id


def _actor(web: Web, who: str) -> Actor:
    person = db.session.get_one(Person, getattr(web.ids, who))
    seat = person.seats[0]
    units = frozenset(s.unit_id for s in person.seats if s.unit_id)
    return Actor(person.id, SeatKind(seat.kind), seat.unit_id, seat.group_id, units)


def do(web: Web, item_id: int, verb: Verb, who: str, **typed: Any) -> None:
    with web.app.app_context():
        item = db.session.get_one(Item, item_id)
        thing = None
        if verb in (Verb.SIGN_SLIP, Verb.ANSWER_SLIP):
            thing = db.session.scalars(select(Slip).order_by(Slip.id.desc())).first()
        act(item, verb, Deed(**{"text": "已核实", **typed}), _actor(web, who), NOON, thing)
        db.session.commit()


def state(web: Web, item_id: int) -> tuple[str, int]:
    with web.app.app_context():
        item = db.session.get_one(Item, item_id)
        return item.state, item.version


def post(web: Web, who: str, url: str, **form: Any) -> Any:
    return web.as_(who).post(url, data=form, content_type="multipart/form-data")


@pytest.mark.parametrize("who", ["office", "supervisor", "leader", "lead", "reporter"])
def test_each_seat_that_sees_the_item_reads_it_like_a_file(web: Web, item_id: int, who: str) -> None:
    page = web.as_(who).get(f"/items/{item_id}").text

    assert "〔2020〕1号 核查停工项目" in page
    assert "现由 上塘街道 签收 · 第 1 个工作日 · 还剩 1 个工作日" in page
    assert "核查停工项目" in web.as_(who).get("/items").text


@pytest.mark.parametrize("who", ["other_reporter", "other_lead"])
def test_who_may_not_see_an_item_finds_nothing(web: Web, item_id: int, who: str) -> None:
    client = web.as_(who)

    for url in (f"/items/{item_id}", f"/items/{item_id}/sign", "/items/999999", f"/items/{item_id}/nonsense"):
        assert client.get(url).status_code == 404, url
    assert client.post(f"/items/{item_id}/sign", data={"text": ""}).status_code == 404
    assert "核查停工项目" not in client.get("/items").text


def test_the_buttons_are_those_of_the_table(web: Web, item_id: int) -> None:
    def verbs(who: str) -> set[str]:
        page = web.as_(who).get(f"/items/{item_id}").text
        return {verb.value for verb in Verb if f'/items/{item_id}/{verb.value}"' in page}

    assert verbs("reporter") == {"sign", "object"}
    assert verbs("leader") == {"comment"}
    assert verbs("lead") == {"urge"}
    assert verbs("supervisor") == {"transfer", "suspend", "merge", "urge", "propose_slip"}


def test_the_loop_goes_through_its_pages(web: Web, item_id: int) -> None:
    at = f"/items/{item_id}"
    for who, verb, form in (
        ("reporter", "sign", {}),
        ("reporter", "submit", {"text": "已复工", "figure": "3 个标段"}),
        ("supervisor", "request_closure", {"text": "问题已解决"}),
        ("office", "close", {}),
    ):
        answer = post(web, who, f"{at}/{verb}", version=state(web, item_id)[1], **form)
        assert answer.status_code == 302, answer.text

    assert state(web, item_id)[0] == "closed"
    page = web.as_(who).get(at).text
    assert "准予销号" in page
    assert "数据：3 个标段" in page


def test_a_missing_reason_keeps_the_form(web: Web, item_id: int) -> None:
    answer = post(web, "reporter", f"/items/{item_id}/object", version=state(web, item_id)[1], text="   ")

    assert answer.status_code == 422
    assert "请填写异议理由" in answer.text


def test_a_stale_form_gets_both_texts_and_loses_nothing(web: Web, item_id: int) -> None:
    do(web, item_id, Verb.SIGN, "reporter")
    seen = state(web, item_id)[1]
    do(web, item_id, Verb.HANDLE, "reporter", text="甲方已经约谈")

    answer = post(web, "reporter", f"/items/{item_id}/handle", version=seen, text="乙处另行上报")

    assert answer.status_code == 409
    assert "甲方已经约谈" in answer.text
    assert "他人已办理的内容" in answer.text
    assert "乙处另行上报</textarea>" in answer.text
    again = post(web, "reporter", f"/items/{item_id}/handle", version=state(web, item_id)[1], text="乙处另行上报")
    assert again.status_code == 302


def test_an_impossible_move_is_409_and_one_of_another_seat_403(web: Web, item_id: int) -> None:
    do(web, item_id, Verb.SIGN, "reporter")
    version = state(web, item_id)[1]

    late = post(web, "reporter", f"/items/{item_id}/sign", version=version)
    foreign = post(web, "supervisor", f"/items/{item_id}/submit", version=version, text="代为反馈")

    assert (late.status_code, foreign.status_code) == (409, 403)
    assert "现为“办理中”" in late.text
    assert state(web, item_id) == ("handling", version)


def test_a_double_submit_takes_effect_once(web: Web, item_id: int) -> None:
    client, version = web.as_("supervisor"), state(web, item_id)[1]
    form = {"text": "请抓紧", "version": version, "form_key": "one"}

    answers = [client.post(f"/items/{item_id}/urge", data=form).status_code for _ in range(2)]

    with web.app.app_context():
        urged = db.session.scalars(select(Event.id).where(Event.kind == "item_urge")).all()
    assert answers == [302, 302]
    assert len(urged) == 1


def test_an_item_is_registered_and_assigned_on_one_page(web: Web) -> None:
    form = {"title": "商铺复市", "requirement": "逐条街核对", "source": "visit", "kind": "urgent", "unit": web.ids.unit,
            "group": 0, "start_level": 2, "supporting": [web.ids.other_unit], "duty": "提供名单"}  # fmt: skip
    answer = post(web, "supervisor", "/items/new", **form)
    assert answer.status_code == 302

    with web.app.app_context():
        item = db.session.scalars(select(Item)).one()
        assert (item.state, item.kind, item.start_level) == ("assigned", "urgent", 2)
        assert [(p.unit_id, p.duty) for p in item.parts] == [(web.ids.other_unit, "提供名单")]
    assert post(web, "supervisor", "/items/new", **{**form, "title": ""}).status_code == 422
    assert web.as_("reporter").get("/items/new").status_code == 403


def test_a_leaders_instruction_waits_for_the_office(web: Web) -> None:
    form = {"title": "核查停工项目", "requirement": "一周内报告", "source": "instruction", "kind": "urgent", "unit": 0,
            "group": 0, "start_level": 1}  # fmt: skip
    assert post(web, "leader", "/items/new", **form).status_code == 302
    assert post(web, "leader", "/items/new", **{**form, "unit": web.ids.unit}).status_code == 422
    with web.app.app_context():
        assert [i.state for i in db.session.scalars(select(Item))] == ["registered"]
    assert "待交办 1 项" in web.as_("office").get("/items").text


def test_bulk_deeds_are_named_first_and_one_hinders_no_other(web: Web, item_id: int) -> None:
    with web.app.app_context():
        campaign = Campaign.current()
        assert campaign is not None
        second = register(campaign, Draft(title="二", unit_id=web.ids.unit), _actor(web, "supervisor"), NOON)
        db.session.commit()
        second_id = second.id
    do(web, second_id, Verb.SIGN, "reporter")
    do(web, second_id, Verb.SUBMIT, "reporter")
    chosen = {"item": [item_id, second_id], "verb": "urge", "back": "/items"}

    named = post(web, "supervisor", "/items/bulk", **chosen).text
    assert "将对 1 项催办，另有 1 项不能办理" in named
    with web.app.app_context():
        assert not db.session.scalars(select(Event.id).where(Event.kind == "item_urge")).all()
    done = web.as_("supervisor").post("/items/bulk/do", data=chosen, follow_redirects=True).text
    assert "催办已办理 1 项" in done
    with web.app.app_context():
        assert len(db.session.scalars(select(Event.id).where(Event.kind == "item_urge")).all()) == 1
    moved = {**chosen, "item": [item_id], "verb": "transfer", "unit": web.ids.other_unit, "text": "改派"}
    moved["back"] = "//x.example"
    assert web.as_("supervisor").post("/items/bulk/do", data=moved).location == "/items"
    with web.app.app_context():
        assert db.session.get_one(Item, item_id).unit_id == web.ids.other_unit


def test_views_are_saved_and_forgotten_by_their_owner_alone(web: Web, item_id: int) -> None:
    client = web.as_("supervisor")
    client.post("/items/views", data={"name": "红灯", "query": "light=red&view=overdue"})

    assert "红灯</a>" in client.get("/items").text
    assert "红灯</a>" not in web.as_("office").get("/items").text
    assert web.as_("office").post("/items/views/1/delete").status_code == 404
    assert client.post("/items/views/1/delete").status_code == 302


def test_the_ledger_is_a_workbook_of_the_list(web: Web, item_id: int) -> None:
    answer = web.as_("supervisor").get("/items.xlsx?q=停工")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active

    assert [cell.value for cell in sheet[2]][:4] == ["〔2020〕1号", "● 绿", "待签收", "核查停工项目"]
    assert sheet.max_row == 3  # head, the item, the sum


def test_the_desk_takes_as_many_statements_for_one_item_as_for_fifty(web: Web, item_id: int) -> None:
    def count() -> int:
        statements: list[str] = []
        with web.app.app_context():
            engine = db.engine
        listen = lambda *args: statements.append(args[2])  # noqa: E731
        sa_event.listen(engine, "before_cursor_execute", listen)
        assert web.as_("supervisor").get("/items").status_code == 200
        sa_event.remove(engine, "before_cursor_execute", listen)
        return len([s for s in statements if s.lstrip().upper().startswith("SELECT")])

    few = count()
    with web.app.app_context():
        campaign = Campaign.current()
        assert campaign is not None
        for n in range(49):
            unit = (web.ids.unit, web.ids.other_unit)[n % 2]
            register(campaign, Draft(title=f"事项{n}", unit_id=unit), _actor(web, "supervisor"), NOON)
        db.session.commit()
    assert count() == few


def test_an_attachment_is_checked_kept_and_shown_to_who_sees_the_item(web: Web, item_id: int) -> None:
    do(web, item_id, Verb.SIGN, "reporter")
    at, version = f"/items/{item_id}/submit", state(web, item_id)[1]
    fake = post(web, "reporter", at, version=version, text="完成", attachment=(io.BytesIO(b"<html>"), "a.png"))
    assert (fake.status_code, "扩展名不符" in fake.text) == (422, True)

    done = post(web, "reporter", at, version=version, text="完成", attachment=(io.BytesIO(PNG), "a.png"))
    assert done.status_code == 302
    shown = web.as_("reporter").get("/attachments/1/preview")
    assert shown.headers["Content-Type"] == "image/png"
    assert "attachment" not in shown.headers.get("Content-Disposition", "")
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert web.as_("other_reporter").get("/attachments/1/preview").status_code == 404
    assert web.as_("other_reporter").get("/attachments/1").status_code == 404


def test_a_slip_is_not_the_units_to_see_before_it_is_signed(web: Web, item_id: int) -> None:
    do(web, item_id, Verb.SIGN, "reporter")
    do(web, item_id, Verb.PROPOSE_SLIP, "supervisor", text="逾期未办", level=3)
    assert web.as_("reporter").get("/slips/1").status_code == 404
    assert "拟发督办单" not in web.as_("reporter").get(f"/items/{item_id}").text
    assert "拟发督办单" in web.as_("office").get(f"/items/{item_id}").text

    do(web, item_id, Verb.SIGN_SLIP, "office", text="")
    page = web.as_("reporter").get("/slips/1").text
    assert "督办〔2020〕1号" in page
    assert "抄送：分管区领导" in page
    file = web.as_("reporter").get("/slips/1.docx")
    assert file.data[:2] == b"PK"
    assert web.as_("other_reporter").get("/slips/1.docx").status_code == 404


def test_an_appeal_goes_from_the_unit_to_somebody_else(web: Web, item_id: int) -> None:
    do(web, item_id, Verb.SIGN, "reporter")
    do(web, item_id, Verb.SUBMIT, "reporter", figure="1")
    do(web, item_id, Verb.RETURN, "office", text="数据不符")
    assert web.as_("other_reporter").get(f"/appeals/new/return/{item_id}").status_code == 404
    assert post(web, "reporter", f"/appeals/new/return/{item_id}", reason="以统计为准").status_code == 302

    issuer = post(web, "office", "/appeals/1", decision="rejected", answer="维持")
    assert (issuer.status_code, "原作出人" in issuer.text) == (403, True)
    assert post(web, "leader", "/appeals/1", decision="upheld", answer="属实").status_code == 302
    assert state(web, item_id)[0] == "submitted"
    assert "申诉成立" in web.as_("reporter").get("/appeals").text


ADDRESSES = (
    "/items/measures",
    "/items/measures?from=x&to=2020-06-05",
    "/items?page=99&sort=-held&unit=x",
    "/items?q=〔2020〕1号",
    "/items?view=nonsense",
    "/items.xlsx?view=overdue",
)


@pytest.mark.parametrize("url", ADDRESSES)
def test_whatever_an_address_says_there_is_a_page(web: Web, item_id: int, url: str) -> None:
    assert web.as_("office").get(url).status_code == 200


def test_search_finds_an_item_by_its_number(web: Web, item_id: int) -> None:
    assert "核查停工项目" in web.as_("reporter").get("/search?q=〔2020〕1号").text
    assert "核查停工项目" not in web.as_("other_reporter").get("/search?q=停工").text


def test_a_form_that_the_seat_could_never_send_is_not_shown(web: Web, item_id: int) -> None:
    do(web, item_id, Verb.PROPOSE_SLIP, "supervisor", level=3)
    slip = 1
    assert web.as_("reporter").get(f"/items/{item_id}/sign_slip/{slip}").status_code == 404
    assert post(web, "reporter", f"/items/{item_id}/decline_slip/{slip}", text="x").status_code == 404
    for verb in ("close", "waive", "merge", "transfer"):
        answer = web.as_("reporter").get(f"/items/{item_id}/{verb}")
        assert answer.status_code in (403, 409), verb
        assert "<textarea" not in answer.text
    do(web, item_id, Verb.SIGN, "reporter")
    answer = post(web, "reporter", f"/items/{item_id}/handle", text="已约谈", version="1")
    assert answer.status_code == 409 and "督办单" not in answer.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"due_on": "9999-12-31"}, "日期应在"),
        ({"title": "  "}, "请填写事项名称"),
        ({"nodes": "2020-06-10 摸底\n2020-06-12 摸底"}, "重复"),
        ({"unit": "0", "due_on": "2020-06-20"}, "请在交办时填写"),
        ({"supporting": "2", "part_due_on": "2019-01-01"}, "不能早于今天"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_typed_is_lost(web: Web, typed: dict[str, str], said: str) -> None:
    form = {"title": "核查", "requirement": "逐个说明", "source": "hand", "kind": "ordinary", "group": "0"}
    form |= {"unit": str(web.ids.unit), "start_level": "1", **typed}
    answer = post(web, "supervisor", "/items/new", **form)

    assert answer.status_code == 422
    assert said in answer.text and "逐个说明" in answer.text
    with web.app.app_context():
        assert db.session.scalars(select(Item)).first() is None


def test_odd_input_to_lists_is_no_error(web: Web, item_id: int) -> None:
    key = {"item": str(item_id), "verb": "transfer", "text": "调整"}
    assert post(web, "supervisor", "/items/bulk/do", unit="9" * 30, **key).status_code == 302
    assert post(web, "supervisor", "/items/views", name="我的", query="view=near\r\nX: y").status_code == 302
    assert web.as_("supervisor").get("/items").status_code == 200
