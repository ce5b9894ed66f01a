"""Reporting in place and on a page: the reason at once, nothing typed is lost, nothing is sent twice."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import select

from taskboard.db import db
from taskboard.models import Attachment, Commitment, Report
from tests.world import MONDAY, Web

PDF = b"%PDF-1.4\n%%EOF\n"


def typed(**more: Any) -> dict[str, Any]:
    return {"week": MONDAY.isoformat(), "value": "42", "done": "完成签约", "form_key": "k1", **more}


def reports(web: Web) -> list[Report]:
    with web.app.app_context():
        return list(db.session.scalars(select(Report).order_by(Report.id)))


def test_a_report_in_the_row_answers_with_the_row_its_light_and_its_reason(web: Web) -> None:
    client, path = web.as_("reporter"), f"/targets/{web.ids.target}/report?part=1"
    assert 'name="form_key"' in client.get(path).text

    answer = client.post(path, data=typed())

    assert answer.status_code == 200
    assert answer.text.strip().startswith(f'<tr id="row-{web.ids.target}" data-said="已填报：■ 红灯，进度 42.0 %')


def test_a_report_on_the_page_leads_to_the_detail_with_the_reason(web: Web) -> None:
    answer = web.as_("lead").post(f"/targets/{web.ids.target}/report", data=typed(), follow_redirects=True)

    assert answer.request.path == f"/targets/{web.ids.target}"
    assert "超过黄线 10 个百分点，故为红灯" in answer.text
    assert "完成签约" in answer.text


def test_the_same_form_twice_is_one_report(web: Web) -> None:
    client, path = web.as_("reporter"), f"/targets/{web.ids.target}/report"

    first, second = (client.post(path, data=typed()) for _ in range(2))

    assert first.status_code == second.status_code == 302
    assert first.location == second.location
    assert len(reports(web)) == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "请填写数值"),
        ("很多", "不是数字"),
        ("nan", "不是数字"),
        ("1.23456", "最多保留 4 位小数"),
        ("1" + "0" * 16, "数字过大"),
    ],
)
def test_a_wrong_value_is_named_and_the_text_is_kept(web: Web, value: str, words: str) -> None:
    answer = web.as_("reporter").post(f"/targets/{web.ids.target}/report?part=1", data=typed(value=value))

    assert answer.status_code == 422
    assert words in answer.text and "完成签约" in answer.text
    assert not reports(web)


def test_a_task_takes_a_progress_of_0_to_100(web: Web) -> None:
    client, path = web.as_("reporter"), f"/tasks/{web.ids.task}/report"

    assert "0 至 100" in client.post(path, data=typed(value="101")).text
    assert client.post(path, data=typed(value="１００", form_key="k2")).status_code == 302
    with web.app.app_context():
        assert db.session.get_one(Commitment, web.ids.task).done_on is not None


def test_separators_are_understood(web: Web) -> None:
    web.as_("reporter").post(f"/targets/{web.ids.target}/report", data=typed(value="1,200.50"))

    assert reports(web)[0].value == 1200.5


def test_a_conflict_shows_both_texts_and_the_next_click_corrects(web: Web) -> None:
    path = f"/targets/{web.ids.target}/report"
    web.as_("lead").post(path, data=typed(done="先填的内容"))

    answer = web.as_("reporter").post(path + "?part=1", data=typed(value="50", done="后填的内容"))

    assert answer.status_code == 409
    for text in ("42", "50", "的内容"):
        assert text in answer.text
    assert len(reports(web)) == 1
    seen = str(reports(web)[0].id)
    again = typed(value="50", done="后填的内容", replaces=seen, form_key="k3")
    assert web.as_("reporter").post(path, data=again).status_code == 302
    assert [report.is_live for report in reports(web)] == [False, True]


def test_an_attachment_is_kept_and_only_for_those_who_see_the_commitment(web: Web) -> None:
    upload = (io.BytesIO(PDF), "佐证（一）.pdf")
    data = typed(attachment=upload)
    client = web.as_("reporter")
    assert client.post(f"/targets/{web.ids.target}/report", data=data).status_code == 302
    with web.app.app_context():
        attachment = db.session.scalars(select(Attachment)).one()

    answer = client.get(f"/attachments/{attachment.id}")

    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert web.as_("other_reporter").get(f"/attachments/{attachment.id}").status_code == 404
    assert client.get("/attachments/99999999999").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ", "类型不接受"),
        ("a.pdf", b"MZ not a pdf", "内容与扩展名不符"),
        ("a.xlsx", b"PK\x03\x04 not a package", "内容与扩展名不符"),
        ("a.txt", b"", "空文件"),
    ],
)
def test_a_wrong_attachment_is_refused_and_leaves_nothing(web: Web, name: str, content: bytes, words: str) -> None:
    upload = (io.BytesIO(content), name)
    answer = web.as_("reporter").post(f"/targets/{web.ids.target}/report", data=typed(attachment=upload))

    assert answer.status_code == 422
    assert words in answer.text and "完成签约" in answer.text
    assert not reports(web)
    folder = web.app.config["TASKBOARD"].var / "attachments"
    assert not folder.exists() or not list(folder.iterdir())


def test_who_may_not_report_does_not_find_the_form(web: Web) -> None:
    path = f"/targets/{web.ids.target}/report"
    assert web.as_("other_reporter").get(path).status_code == 404
    assert web.as_("other_lead").post(path, data=typed()).status_code == 404
    assert web.as_("supervisor").get(path).status_code == 403


def test_a_report_is_returned_with_a_reason_and_reported_again(web: Web) -> None:
    web.as_("reporter").post(f"/targets/{web.ids.target}/report", data=typed())
    report = reports(web)[0]

    page = web.as_("supervisor").post(
        f"/reports/{report.id}/return", data={"reason": "口径不符"}, follow_redirects=True
    )

    assert "口径不符" in page.text and "已退回" in page.text
    assert "退回" in web.as_("reporter").get("/worklist").text
    assert web.as_("reporter").post(f"/reports/{report.id}/return", data={"reason": "x"}).status_code == 403
    assert web.as_("other_lead").post(f"/reports/{report.id}/return", data={"reason": "x"}).status_code == 404


def test_the_form_of_a_returned_report_says_why_and_its_next_sending_corrects_it(web: Web) -> None:
    path = f"/targets/{web.ids.target}/report"
    client = web.as_("reporter")
    client.post(path, data=typed())
    web.as_("lead").post(f"/reports/{reports(web)[0].id}/return", data={"reason": "口径不符"})

    page = client.get(path + "?part=1").text

    assert "上次填报已退回：口径不符" in page and "完成签约" in page
    assert f'name="replaces" type="hidden" value="{reports(web)[0].id}"' in page
    again = typed(value="45", replaces=str(reports(web)[0].id), form_key="k9")
    assert client.post(path, data=again).status_code == 302
    assert [report.revision for report in reports(web)] == [1, 2]


def test_a_returned_report_is_not_returned_without_a_reason(web: Web) -> None:
    web.as_("reporter").post(f"/targets/{web.ids.target}/report", data=typed())
    web.as_("lead").post(f"/reports/{reports(web)[0].id}/return", data={"reason": " "})

    assert not reports(web)[0].is_returned
