"""How the plain text of a letter looks elsewhere: in a mail reader, and in each platform's dialect of markdown.

The plain body is blocks apart by an empty line; a block is a heading and entries that begin with “· ”, whose further
lines are indented; a link stands alone on its line. A block without “· ” is plain lines, as in an announcement.
Whatever people typed is text: nothing in it can become a link, a heading or a call of somebody's name.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

BULLET = "· "
ELLIPSIS = "…"
RESENT = "【重发】"
_WIDE = str.maketrans("[]<>*`#_~|!\\", "［］＜＞＊｀＃＿～｜！＼")


@dataclass(frozen=True)
class Entry:
    """Lines that belong together, with the link that opens what they speak of."""

    lines: tuple[str, ...]
    link: str = ""
    is_item: bool = False

    @property
    def height(self) -> int:
        """Its lines in the plain body."""
        return len(self.lines) + bool(self.link)


@dataclass(frozen=True)
class Block:
    """A heading, which may be missing, and what stands under it."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Dialect:
    """How a platform wants a title, a heading, an entry, and the line that says how much was left out."""

    title: Callable[[str], str]
    heading: Callable[[str], str]
    entry: Callable[[Entry], str]
    link: Callable[[str], str]
    gap: str = "\n"


def parse(body: str) -> list[Block]:
    """The blocks of a plain body."""
    return [_block(text.splitlines()) for text in body.replace("\r\n", "\n").split("\n\n") if text.strip()]


def _block(lines: list[str]) -> Block:
    lines = [line for line in lines if line.strip()]
    has_items = any(line.startswith(BULLET) for line in lines)
    heading = lines.pop(0).strip() if has_items and not lines[0].startswith(BULLET) else ""
    entries: list[Entry] = []
    for line in lines:
        text = line.strip()
        last = entries[-1] if entries else None
        if is_link(text):
            if last is not None and not last.link:
                entries[-1] = replace(last, link=text)
            else:
                entries.append(Entry((), text))
        elif line.startswith(BULLET):
            entries.append(Entry((text.removeprefix(BULLET.strip()).strip(),), is_item=True))
        elif line.startswith("  ") and last is not None and not last.link:
            entries[-1] = replace(last, lines=(*last.lines, text))
        else:
            entries.append(Entry((text,)))
    return Block(heading, tuple(entries))


def is_link(text: str) -> bool:
    """Whether a line is a link and nothing else."""
    return text.startswith(("http://", "https://")) and not any(c.isspace() or c in "()<>\"'[]`\\" for c in text)


def links(body: str) -> list[str]:
    """The links of a body, in their order."""
    return [entry.link for block in parse(body) for entry in block.entries if entry.link]


def plain(text: str) -> str:
    """What somebody typed, without what a dialect would read as its own: wide forms look the same to people."""
    return text.translate(_WIDE)


def number_line(number: int) -> str:
    """The line that keeps two messages of the same words apart on such a platform."""
    return f"消息编号 {number}"


def clip(text: str, limit: int) -> str:
    """The longest beginning of a text within so many UTF-8 bytes, never half a character."""
    if len(text.encode()) <= limit:
        return text
    room = limit - len(ELLIPSIS.encode())
    return text.encode()[: max(room, 0)].decode(errors="ignore") + (ELLIPSIS if room >= 0 else "")


def _markdown_entry(entry: Entry, lead: str, gap: str) -> str:
    lines = [plain(line) for line in entry.lines]
    if entry.link:
        lines.append(f"[点此查看]({entry.link})")
    return (lead if entry.is_item else "") + gap.join(lines)


DINGTALK = Dialect(
    title=lambda text: f"### {plain(text)}",
    heading=lambda text: f"**{plain(text)}**",
    entry=lambda entry: _markdown_entry(entry, "- ", "  \n  "),
    link=lambda link: f"[点此登录]({link})",
    gap="\n\n",
)
WECOM = Dialect(
    title=lambda text: f"### {plain(text)}",
    heading=lambda text: f"**{plain(text)}**",
    entry=lambda entry: _markdown_entry(entry, BULLET, "\n"),
    link=lambda link: f"[点此登录]({link})",
)
TEXT = Dialect(
    title=lambda text: text,
    heading=lambda text: text,
    entry=lambda entry: (BULLET if entry.is_item else "") + "\n".join((*entry.lines, *filter(None, (entry.link,)))),
    link=lambda link: link,
)


def render(dialect: Dialect, title: str, body: str, limit: int, tail: str = "") -> str:
    """Title and body in a dialect, within so many bytes; what does not fit is counted, and a link stays.

    `tail` is the last line, which is never cut away.
    """
    made = [dialect.title(clip(title, limit // 4))] if title else []
    blocks = parse(body)
    kept, left = fit(
        blocks, lambda some, more: len(dialect.gap.join(_pieces(dialect, made, some, more, tail)).encode()) <= limit
    )
    more = left_out(blocks, kept, left)
    return clip(dialect.gap.join(_pieces(dialect, made, kept, more, tail)), limit)


def fit(blocks: list[Block], fits: Callable[[list[Block], tuple[str, str]], bool]) -> tuple[list[Block], int]:
    """As much of the beginning as fits, and how many lines do not. One entry always stays, shortened if it must."""
    if fits(blocks, ("", "")):
        return blocks, 0
    total = sum(len(block.entries) for block in blocks)

    def holds(count: int) -> bool:
        some = _first(blocks, count)
        return fits(some, left_out(blocks, some, height(blocks) - height(some)))

    low, high = 0, total
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    kept = _first(blocks, low)
    if low:
        return kept, height(blocks) - height(kept)
    return _shortened(blocks, fits)


def height(blocks: list[Block]) -> int:
    """The lines of a body, headings left out."""
    return sum(entry.height for block in blocks for entry in block.entries)


def _shortened(blocks: list[Block], fits: Callable[[list[Block], tuple[str, str]], bool]) -> tuple[list[Block], int]:
    """The first entry alone, its text cut to what fits; its link is kept whole."""
    one = _first(blocks, 1)
    entry = one[0].entries[0]
    left = height(blocks) - entry.height
    text = " ".join(entry.lines)
    low, high = 0, len(text.encode())
    while low < high:
        middle = (low + high + 1) // 2
        tried = [Block("", (replace(entry, lines=(clip(text, middle),)),))]
        low, high = (middle, high) if fits(tried, left_out(blocks, tried, left)) else (low, middle - 1)
    lines = (clip(text, low),) if low else ()
    return [Block("", (replace(entry, lines=lines),))], left


def _first(blocks: list[Block], count: int) -> list[Block]:
    some = []
    for block in blocks:
        if count <= 0:
            break
        some.append(replace(block, entries=block.entries[:count]))
        count -= len(block.entries)
    return some


def left_out(blocks: list[Block], kept: list[Block], left: int) -> tuple[str, str]:
    """How much is not told here, and a link to where it is if none was kept."""
    if not left:
        return "", ""
    has_link = any(entry.link for block in kept for entry in block.entries)
    first = next((entry.link for block in blocks for entry in block.entries if entry.link), "")
    return f"……另有 {left} 行，请登录查看", "" if has_link else first


def _pieces(dialect: Dialect, made: list[str], blocks: list[Block], more: tuple[str, str], tail: str) -> Iterator[str]:
    yield from made
    for block in blocks:
        if block.heading:
            yield dialect.heading(block.heading)
        for entry in block.entries:
            yield dialect.entry(entry)
    if more[0]:
        yield more[0]
    if more[1]:
        yield dialect.link(more[1])
    if tail:
        yield tail


_PAGE = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title></head>'
    '<body style="margin:0;padding:16px;background:#f5f6f8;color:#1f2933;'
    "font:16px/1.6 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif\">"
    '<div style="max-width:640px;margin:0 auto;padding:20px;background:#fff;border:1px solid #d9dde3">'
    '<h1 style="margin:0 0 12px;font-size:20px;line-height:1.4">{title}</h1>{blocks}</div>{footer}</body></html>'
)
_BUTTON = (
    '<p style="margin:6px 0 0"><a href="{0}" style="display:inline-block;padding:8px 16px;background:#1f5fa8;'
    'color:#fff;text-decoration:none;border-radius:4px">点此查看</a></p>'
)


def as_html(title: str, body: str, footer: str = "", link: str = "") -> str:
    """The letter as a page that a mail reader shows, on a phone too; links as buttons, no picture, no script."""
    blocks = "".join(_html_block(block) for block in parse(body))
    last = ""
    if footer:
        to = f'<br><a href="{html.escape(link)}" style="color:#1f5fa8">调整接收方式</a>' if link else ""
        last = (
            f'<p style="max-width:640px;margin:12px auto 0;font-size:13px;color:#52606d">{html.escape(footer)}{to}</p>'
        )
    return _PAGE.format(title=html.escape(title), blocks=blocks, footer=last)


def _html_block(block: Block) -> str:
    head = f'<h2 style="margin:16px 0 4px;font-size:17px">{html.escape(block.heading)}</h2>' if block.heading else ""
    return head + "".join(_html_entry(entry) for entry in block.entries)


def _html_entry(entry: Entry) -> str:
    first, *rest = [html.escape(line) for line in entry.lines] or [""]
    words = "<br>".join(([f"<strong>{first}</strong>"] if entry.is_item else [first]) + rest)
    edge = "border-left:4px solid #1f5fa8;padding-left:12px;" if entry.is_item else ""
    button = _BUTTON.format(html.escape(entry.link)) if entry.link else ""
    return f'<div style="margin:10px 0;{edge}word-break:break-word">{words}{button}</div>'
