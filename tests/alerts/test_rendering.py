"""Words as each platform shows them: within its bytes, with a link left, and no markup in what people typed."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskboard.alerts import rendering
from taskboard.alerts.channels.feishu import rich_text
from taskboard.alerts.channels.outbound import as_json
from taskboard.alerts.rendering import DINGTALK, TEXT, WECOM, Block, Dialect, Entry, as_html, clip, links, parse, render

LINK = "https://db.example.gov.cn/tasks/{}"
DIALECTS = {"dingtalk": DINGTALK, "wecom": WECOM, "text": TEXT}


def item(number: int, title: str = "厂房开工") -> str:
    return f"· 某局｜项目组｜{title}{number}\n  差 30.5 个百分点，故为红灯\n  {LINK.format(number)}"


def many(count: int, title: str = "厂房开工") -> str:
    return f"转为红灯（{count} 项）\n" + "\n".join(item(n, title) for n in range(count))


def test_a_body_is_read_into_blocks_entries_and_links() -> None:
    more = "另有 3 项，请登录查看工作清单。"
    body = f"转为红灯（2 项）\n{item(1)}\n· 无链接的事项\n{more}\n\n通知\n第二行\n{LINK.format(9)}"

    red, note = parse(body)

    assert red.heading == "转为红灯（2 项）"
    assert red.entries == (
        Entry(("某局｜项目组｜厂房开工1", "差 30.5 个百分点，故为红灯"), LINK.format(1), True),
        Entry(("无链接的事项",), "", True),
        Entry(("另有 3 项，请登录查看工作清单。",)),
    )
    assert note == Block("", (Entry(("通知",)), Entry(("第二行",), LINK.format(9))))
    assert links(body) == [LINK.format(1), LINK.format(9)]


def test_what_the_program_writes_is_read_whole() -> None:
    body = many(3) + "\n\n" + many(2, "道路完工")

    shown = render(TEXT, "", body, 100_000)

    assert [line.strip() for line in shown.splitlines()] == [line.strip() for line in body.splitlines() if line.strip()]


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("limit", [400, 1_000, 2_048, 4_096])
@pytest.mark.parametrize("title", ["厂房开工", "𠮷野家𡈽地平整", "a"])
def test_a_long_list_ends_at_an_entry_and_says_how_much_is_missing(name: str, limit: int, title: str) -> None:
    shown = render(DIALECTS[name], "90 项转为红灯", many(90, title), limit)

    assert len(shown.encode()) <= limit
    assert "�" not in shown
    found = re.findall(r"tasks/(\d+)", shown)
    assert found == [str(n) for n in range(len(found))]
    assert found
    left = re.search(r"……另有 (\d+) 行，请登录查看", shown)
    assert left
    assert int(left.group(1)) == (90 - len(found)) * 3
    more = render(DIALECTS[name], "90 项转为红灯", many(len(found) + 1, title), 100_000)
    assert len(more.encode()) + len("\n\n……另有 999 行，请登录查看".encode()) > limit  # one more would not have fitted


@pytest.mark.parametrize("name", DIALECTS)
def test_what_fits_is_not_cut(name: str) -> None:
    dialect, body = DIALECTS[name], many(5)
    exact = len(render(dialect, "标题", body, 100_000).encode())

    assert "另有" not in render(dialect, "标题", body, exact)
    assert "另有" in render(dialect, "标题", body, exact - 1)


@pytest.mark.parametrize("name", DIALECTS)
def test_one_entry_longer_than_the_limit_keeps_its_link(name: str) -> None:
    body = f"· {'长' * 5000}\n  {LINK.format(7)}\n· 第二项\n  {LINK.format(8)}"

    shown = render(DIALECTS[name], "标题", body, 600)

    assert 500 < len(shown.encode()) <= 600
    assert LINK.format(7) in shown
    assert "……另有 2 行，请登录查看" in shown


@pytest.mark.parametrize("name", DIALECTS)
def test_an_announcement_that_is_cut_still_says_where_to_go(name: str) -> None:
    body = "\n".join("各单位应于本周五前完成填报。" for _ in range(200)) + f"\n\n{LINK.format(1)}"

    shown = render(DIALECTS[name], "关于填报的通知", body, 1_000)

    assert len(shown.encode()) <= 1_000
    assert LINK.format(1) in shown


def test_the_last_line_is_never_cut_away() -> None:
    assert render(TEXT, "标题", many(40), 500, "消息编号 7").endswith("消息编号 7")


@given(
    st.text(min_size=0, max_size=60),
    st.text(min_size=0, max_size=1_500),
    st.sampled_from(sorted(DIALECTS)),
    st.integers(200, 3_000),
)
def test_any_text_stays_within_its_bytes(title: str, body: str, name: str, limit: int) -> None:
    body = body.encode(errors="replace").decode()
    title = title.encode(errors="replace").decode()

    shown = render(DIALECTS[name], title, body, limit)

    assert len(shown.encode()) <= limit


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=80), max_size=60))
def test_feishus_json_stays_within_its_bytes_whatever_needs_escaping(lines: list[str]) -> None:
    body = "\n".join(f"· {line}\n  {LINK.format(n)}" for n, line in enumerate(lines))

    assert len(as_json(rich_text("标题", body, 2_000))) <= 2_000


def test_feishus_links_are_links_and_its_text_is_text() -> None:
    post = rich_text("1 项", f'· [点我](http://evil.example) <at user_id="all">\n  {LINK.format(1)}', 20_000)

    lines = post["content"]["post"]["zh_cn"]["content"]
    assert lines == [
        [{"tag": "text", "text": '· [点我](http://evil.example) <at user_id="all">'}],
        [{"tag": "a", "text": "点此查看", "href": LINK.format(1)}],
    ]
    assert json.loads(as_json(post)) == post


@pytest.mark.parametrize("dialect", [DINGTALK, WECOM])
@pytest.mark.parametrize(
    "typed",
    [
        "[点我](http://evil.example)",
        "![图](http://evil.example/a.png)",
        "<@all>",
        "**加粗**",
        "# 标题",
        "`代码`",
        "\\[点我](x)",
    ],
)
def test_what_people_typed_is_no_markup(dialect: Dialect, typed: str) -> None:
    shown = render(dialect, typed, f"{typed}\n· {typed}\n  {typed}\n  {LINK.format(1)}", 10_000)

    ours = shown.replace(f"[点此查看]({LINK.format(1)})", "").removeprefix("### ")
    ours = re.sub(r"^\*\*(.*)\*\*$", r"\1", ours, flags=re.M)
    assert not set("[]<>`\\") & set(ours)
    assert "**" not in ours
    assert "#" not in ours


def test_clip_never_cuts_inside_a_character() -> None:
    for limit in range(30):
        clipped = clip("一𠮷a二三四五", limit)
        assert len(clipped.encode()) <= limit
        clipped.encode().decode()
    assert clip("一二", 6) == "一二"
    assert clip("一二三", 8) == "一…"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str | None] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_holds_the_words_escaped_and_the_links_as_buttons() -> None:
    typed = '<script>alert(1)</script> "引号" & {花括号}'
    page = as_html(
        typed, f"{typed}\n· {typed}\n  {LINK.format(1)}", "为何收到", "https://db.example.gov.cn/settings/messages"
    )

    read = _Tags()
    read.feed(page)
    assert not read.open
    assert read.tags <= {"html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "a", "br", "strong"}
    assert read.links == [LINK.format(1), "https://db.example.gov.cn/settings/messages"]
    assert "&lt;script&gt;" in page
    assert "width=device-width" in page
    assert "http" not in rendering._PAGE
