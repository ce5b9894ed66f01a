"""Official documents as .docx in the form of GB/T 9704-2012: A4, 22 lines of 28 characters, 仿宋 of size 3.

Fonts are named, not embedded: a government office has 方正小标宋简体 and 仿宋_GB2312, others show their nearest.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

TITLE_FONT, BODY_FONT, HEAD_FONT, NUMBER_FONT = "方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"
SIZE_2, SIZE_3, SIZE_4 = Pt(22), Pt(16), Pt(14)
HEADING_SIZE = Pt(36)
LINE = Pt(28.95)  # 225 mm of text in 22 lines
RED = RGBColor(0xC0, 0x00, 0x00)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
STAMP = (2020, 1, 1, 0, 0, 0)  # of every part inside the file: the same letter is the same bytes
FIRST_LEVEL = re.compile("^([一二三四五六七八九十]{1,3}、[^。]{1,30}。?)(.*)$", re.S)


@dataclass(frozen=True)
class Letter:
    """The parts of an official document; `facts` stand as a table after the first paragraph."""

    heading: str
    number: str
    title: str
    addressee: str
    paragraphs: tuple[str, ...]
    signatory: str
    on: date
    facts: tuple[tuple[str, str], ...] = ()
    copies: tuple[str, ...] = ()
    issued_by: str = ""
    signer: str = ""
    illustrative: bool = False


def write(letter: Letter) -> bytes:
    """The document as a file; the same letter always gives the same bytes."""
    made = Document()
    _page(made)
    _head(made, letter)
    _say(made, letter.title, TITLE_FONT, SIZE_2, align=WD_ALIGN_PARAGRAPH.CENTER, before=LINE, after=LINE)
    _say(made, f"{letter.addressee}：")
    for place, text in enumerate(letter.paragraphs):
        _paragraph(made, text)
        if place == 0 and letter.facts:
            _table(made, letter.facts)
    _signature(made, letter)
    _imprint(made, letter)
    _properties(made, letter)
    out = io.BytesIO()
    made.save(out)
    return _settled(out.getvalue())


def _page(made: Any) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), "579")
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(grid)
    _style(made.styles["Normal"])
    made.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _style(style: Any) -> None:
    style.font.name, style.font.size = BODY_FONT, SIZE_3
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for slot in ("w:eastAsia", "w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(slot), BODY_FONT)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)


def _page_number(footer: Any, align: Any) -> None:
    """— 1 —: odd pages right, even pages left, one character in from the edge."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    indent = paragraph.paragraph_format
    indent.right_indent, indent.left_indent = (SIZE_4, Pt(0)) if align == WD_ALIGN_PARAGRAPH.RIGHT else (Pt(0), SIZE_4)
    _run(paragraph, "— ", NUMBER_FONT, SIZE_4)
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        run = _run(paragraph, "", NUMBER_FONT, SIZE_4)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
        run._r.append(mark)
    _run(paragraph, " —", NUMBER_FONT, SIZE_4)


def _head(made: Any, letter: Letter) -> None:
    """份号 place, 发文机关标志, 发文字号 (and 签发人), and the red line under them."""
    if letter.illustrative:
        _say(made, "示例", HEAD_FONT)
    heading = _say(made, letter.heading, TITLE_FONT, HEADING_SIZE, align=WD_ALIGN_PARAGRAPH.CENTER, exact=False)
    for run in heading.runs:
        run.font.color.rgb = RED
    number = _say(made, letter.number, align=WD_ALIGN_PARAGRAPH.CENTER, before=LINE)
    if letter.signer:
        number.alignment = WD_ALIGN_PARAGRAPH.LEFT
        number.paragraph_format.left_indent = SIZE_3
        number.paragraph_format.tab_stops.add_tab_stop(Mm(110))
        _run(number, f"\t签发人：{letter.signer}")
    _border(number, "bottom", "C00000", 12)


def _paragraph(made: Any, text: str) -> None:
    """Body text, two characters in; the heading of a first-level part (一、…) in 黑体."""
    found = FIRST_LEVEL.match(text)
    paragraph = _say(made, "", indent=True)
    if found:
        _run(paragraph, found[1], HEAD_FONT)
        _run(paragraph, found[2])
    else:
        _run(paragraph, text)


def _table(made: Any, facts: tuple[tuple[str, str], ...]) -> None:
    table = made.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    table.autofit = False
    for label, value in facts:
        cells = table.add_row().cells
        for cell, text, width in zip(cells, (label, value), (Mm(38), Mm(118)), strict=True):
            cell.width = width
            _run(cell.paragraphs[0], text, size=SIZE_4)


def _signature(made: Any, letter: Letter) -> None:
    """The signatory over the date, the date four characters in from the right."""
    name = _say(made, letter.signatory, align=WD_ALIGN_PARAGRAPH.RIGHT, before=LINE * 2)
    day = f"{letter.on.year}年{letter.on.month}月{letter.on.day}日"
    wide = max(0, len(day) - 4 - len(letter.signatory))  # Arabic figures are half as wide
    name.paragraph_format.right_indent = SIZE_3 * (4 + wide // 2)
    name.paragraph_format.keep_with_next = True
    dated = _say(made, day, align=WD_ALIGN_PARAGRAPH.RIGHT)
    dated.paragraph_format.right_indent = SIZE_3 * 4


def _imprint(made: Any, letter: Letter) -> None:
    """版记: 抄送, and who printed it when, between lines."""
    lines = [f"抄送：{'，'.join(letter.copies)}。"] if letter.copies else []
    day = f"{letter.on.year}年{letter.on.month}月{letter.on.day}日印发"
    lines += [f"{letter.issued_by}\t{day}"] if letter.issued_by else []
    for place, text in enumerate(lines):
        paragraph = _say(made, text, size=SIZE_4, before=LINE * 2 if place == 0 else Pt(0))
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = SIZE_4
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(100))
        _border(paragraph, "top", "000000", 8 if place == 0 else 4)
        if place == len(lines) - 1:
            _border(paragraph, "bottom", "000000", 8)


def _say(
    made: Any, text: str, font: str = BODY_FONT, size: Any = SIZE_3, align: Any = None, before: Any = None,
    after: Any = None, indent: bool = False, exact: bool = True,
) -> Any:  # fmt: skip
    paragraph = made.add_paragraph()
    form = paragraph.paragraph_format
    paragraph.alignment = align
    form.space_before, form.space_after = before or Pt(0), after or Pt(0)
    if exact:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    if indent:
        form.first_line_indent = SIZE_3 * 2
    if text:
        _run(paragraph, text, font, size)
    return paragraph


def _run(paragraph: Any, text: str, font: str = BODY_FONT, size: Any = SIZE_3) -> Any:
    run = paragraph.add_run(FORBIDDEN.sub("", text))
    run.font.name, run.font.size = font, size
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _border(paragraph: Any, edge: str, colour: str, eighths: int) -> None:
    properties = paragraph._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc"
        )
    line = OxmlElement(f"w:{edge}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "6"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    borders.insert(0, line) if edge == "top" else borders.append(line)


def _properties(made: Any, letter: Letter) -> None:
    about, stamp = made.core_properties, datetime(letter.on.year, letter.on.month, letter.on.day)
    about.author = about.last_modified_by = letter.signatory
    about.title, about.comments, about.revision = letter.title[:250], "", 1
    about.created = about.modified = stamp


def _settled(data: bytes) -> bytes:
    """The same package with one date on all its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as settled:
        for name in package.namelist():
            settled.writestr(zipfile.ZipInfo(name, STAMP), package.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
