"""Official documents as .docx in the form of GB/T 9704-2012: the caller says the words, this file where they stand."""

from __future__ import annotations

import io
import math
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

from taskboard.boards.words import day

FANGSONG, HEI, KAI, SONG, XIAOBIAOSONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "方正小标宋简体"
# A run names one font. Which stands in where it is not installed, the table of fonts says; Word reads one name there.
STAND_INS = {FANGSONG: "仿宋", HEI: "SimHei", KAI: "楷体", SONG: "SimSun", XIAOBIAOSONG: "华文中宋"}
SIZE_2, SIZE_3, SIZE_4 = 22, 16, 14  # 2号, 3号, 4号 in points
LINE = 28.95  # points: 225 mm in 22 lines
WIDTH = 442.2  # points: 156 mm
CHARACTER = WIDTH / 28
SQUEEZE = -5  # twentieths of a point: 28 characters of 16 points take 448 points, the line has 442.2
TINTS = {"red": RGBColor(0xFF, 0, 0), "yellow": RGBColor(0xB9, 0x7A, 0), "blue": RGBColor(0x1F, 0x5F, 0xBF)}
FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML 1.0, and \r
FIRST_LEVEL = re.compile("[一二三四五六七八九十百]+、")
SECOND_LEVEL = re.compile("[（(][一二三四五六七八九十百]+[）)]")
KEPT_STYLES = {"Normal", "DefaultParagraphFont", "TableNormal", "NoList", "Footer", "FooterChar"}
DROPPED = {"customXml", "numbering", "stylesWithEffects", "thumbnail", "extended-properties"}
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
# Lone lines may stand at a page's end, which has 22; Word puts no space of its own between figures and characters.
DEFAULTS = f"""<w:docDefaults {nsdecls("w")}><w:rPrDefault><w:rPr>
<w:rFonts w:ascii="{FANGSONG}" w:eastAsia="{FANGSONG}" w:hAnsi="{FANGSONG}" w:cs="{FANGSONG}"/>
<w:spacing w:val="{SQUEEZE}"/><w:sz w:val="{2 * SIZE_3}"/><w:szCs w:val="{2 * SIZE_3}"/>
<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>
</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:widowControl w:val="0"/><w:autoSpaceDE w:val="0"/>
<w:autoSpaceDN w:val="0"/><w:spacing w:line="{round(20 * LINE)}" w:lineRule="exact"/></w:pPr></w:pPrDefault>
</w:docDefaults>"""
FONT = '<w:font w:name="{}"><w:altName w:val="{}"/><w:charset w:val="86"/></w:font>'
FONTS = "".join(FONT.format(name, others) for name, others in STAND_INS.items())


@dataclass(frozen=True)
class Letter:
    """An official document's parts.

    `addressee` comes without its colon. A paragraph may hold several lines: each becomes a paragraph. `facts` are a
    table of two columns after the first paragraph. `colour` (red, yellow, blue) tints the heading and its line;
    `illustrative` puts 示例 where the copy's number stands.
    """

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
    colour: str = "red"
    illustrative: bool = False


def write(letter: Letter) -> bytes:
    """The letter as a .docx: the same letter gives the same bytes, on any day."""
    letter = replace(letter, **{field.name: _plain(getattr(letter, field.name)) for field in fields(letter)})
    document = docx.Document()
    _strip(document)
    _page(document)
    _head(document, letter)
    _body(document, letter)
    _signature(document, letter)
    _colophon(document, letter)
    _properties(document, letter)
    return _packed(document)


def _plain(value: Any) -> Any:
    """Without what XML forbids and without tabs, however deep the texts lie."""
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    return FORBIDDEN.sub("", value).replace("\t", " ").strip() if isinstance(value, str) else value


def _strip(document: Document) -> None:
    """Take out of python-docx's own document what a Chinese page would show or carry along: Latin styles and parts."""
    for rels in (document.part.rels, document.part.package.rels):
        for key, rel in list(rels.items()):
            if rel.reltype.rsplit("/", 1)[-1] in DROPPED:
                del rels[key]
            elif rel.reltype.endswith("/fontTable"):
                rel.target_part._blob = f"<w:fonts {nsdecls('w')}>{FONTS}</w:fonts>".encode()
    styles = document.styles.element
    styles.replace(styles.find(qn("w:docDefaults")), parse_xml(DEFAULTS))
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:styleId")) not in KEPT_STYLES:
            styles.remove(style)
    settings = document.settings.element
    settings.find(qn("w:zoom")).set(qn("w:percent"), "100")
    settings.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")
    settings.find(".//" + qn("w:compatSetting") + f"[@{qn('w:name')}='compatibilityMode']").set(qn("w:val"), "15")


def _page(document: Document) -> None:
    """A4, the type area of 156 × 225 mm, 22 lines of 28 characters, and the page's number below it."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)  # the dashes are then 7 mm below the type area
    grid = section._sectPr.find(qn("w:docGrid"))
    for name, value in (("type", "lines"), ("linePitch", round(20 * LINE))):
        grid.set(qn(f"w:{name}"), str(value))
    document.settings.odd_and_even_pages_header_footer = True
    for footer, alignment in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        footer.is_linked_to_previous = False
        _page_number(footer.paragraphs[0], alignment)


def _page_number(paragraph: Paragraph, alignment: WD_ALIGN_PARAGRAPH) -> None:
    """“— 1 —”, one character in from the outer edge."""
    paragraph.alignment = alignment
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(SIZE_4)
    paragraph.paragraph_format.line_spacing = Pt(SIZE_3)
    _run(paragraph, "— ", SONG, SIZE_4)
    field = parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "/>')
    field.append(_run(paragraph, "1", SONG, SIZE_4)._r)
    paragraph._p.append(field)
    _run(paragraph, " —", SONG, SIZE_4)


def _head(document: Document, letter: Letter) -> None:
    """版头: the heading's upper edge 35 mm below the type area's, the number two lines lower, the line 4 mm lower."""
    tint = TINTS[letter.colour]
    _run(_paragraph(document, LEFT), "示例" if letter.illustrative else "", HEI)
    size = max(SIZE_2, math.floor(2 * min(48, WIDTH / max(_length(letter.heading), 1))) / 2)
    heading = _paragraph(document, CENTRE, before=62)
    heading.paragraph_format.line_spacing = Pt(1.3 * size)
    _run(heading, letter.heading, XIAOBIAOSONG, size).font.color.rgb = tint
    number = _paragraph(document, LEFT if letter.signer else CENTRE, before=2 * LINE)
    if letter.signer:  # tabs, for an indent would shorten the line below
        number.paragraph_format.tab_stops.add_tab_stop(Pt(CHARACTER))
        number.paragraph_format.tab_stops.add_tab_stop(Pt(WIDTH - CHARACTER), WD_TAB_ALIGNMENT.RIGHT)
        _run(number, f"\t{letter.number}\t签发人：")
        _run(number, letter.signer, KAI)
    else:
        _run(number, letter.number)
    rule = f'<w:bottom w:val="single" w:sz="12" w:space="9" w:color="{tint}"/>'
    border = parse_xml(f"<w:pBdr {nsdecls('w')}>{rule}</w:pBdr>")
    number._p.get_or_add_pPr().insert_element_before(border, "w:tabs", "w:spacing", "w:ind", "w:jc")


def _body(document: Document, letter: Letter) -> None:
    title = _paragraph(document, CENTRE, before=2 * LINE)
    title.paragraph_format.left_indent = title.paragraph_format.right_indent = Pt(_spare(letter.title))
    _run(title, letter.title, XIAOBIAOSONG, SIZE_2)
    if letter.addressee:
        _run(_paragraph(document, LEFT, before=LINE), letter.addressee.rstrip("：:") + "：")
    for place, text in enumerate(letter.paragraphs or ("",)):
        for line in filter(None, map(str.strip, text.split("\n"))):
            _say(document, line)
        if not place and letter.facts:
            _facts(document, letter.facts)
    document.paragraphs[-1].paragraph_format.keep_with_next = True  # nobody signs an empty page


def _spare(title: str) -> float:
    """Points to leave on each side, so that a long title breaks into lines of nearly one length."""
    fitting, length = int(WIDTH / SIZE_2), _length(title)
    if "\n" in title or length <= fitting:
        return 0
    per_line = math.ceil(length / math.ceil(length / fitting)) + 1
    return max(0, (fitting - per_line) * SIZE_2 / 2)


def _say(document: Document, text: str) -> None:
    """A paragraph of the body; the heading that it begins with, if any, up to its full stop, in the heading's font."""
    paragraph = _paragraph(document, WD_ALIGN_PARAGRAPH.JUSTIFY, firstLine=2)
    font = HEI if FIRST_LEVEL.match(text) else KAI if SECOND_LEVEL.match(text) else FANGSONG
    head, stop, rest = text.partition("。") if font != FANGSONG else ("", "", text)
    for words, look in ((head + stop, font), (rest, FANGSONG)):
        if words:
            _run(paragraph, words, look)


def _facts(document: Document, facts: Sequence[tuple[str, str]]) -> None:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in sides)
    table = _table(document, len(facts), (7 * CHARACTER, 21 * CHARACTER), "", borders, margin=108)
    for row, pair in zip(table.rows, facts, strict=True):
        for cell, text, alignment in zip(row.cells, pair, (CENTRE, LEFT), strict=True):
            cell.paragraphs[0].alignment = alignment
            _run(cell.paragraphs[0], text, size=SIZE_4)


def _signature(document: Document, letter: Letter) -> None:
    """The date four characters in from the right, who signs centred over it, as documents with a seal have it."""
    on = day(letter.on)
    centred = 4 + (_length(on) - _length(letter.signatory)) / 2
    signatory = _paragraph(document, RIGHT, before=LINE, right=max(0, centred))
    signatory.paragraph_format.keep_with_next = True
    _run(signatory, letter.signatory)
    _run(_paragraph(document, RIGHT, right=4), on)


def _colophon(document: Document, letter: Letter) -> None:
    """版记: who else gets it and who issued it when, between lines, at the foot of the last page."""
    rows = [f"抄送：{'，'.join(letter.copies)}。"] if letter.copies else []
    rows += [f"{letter.issued_by}\t{day(letter.on)}印发"] if letter.issued_by else []
    if not rows:
        return
    place = '<w:tblpPr w:vertAnchor="margin" w:horzAnchor="margin" w:tblpXSpec="left" w:tblpYSpec="bottom"/>'
    thickness = (("top", 8), ("bottom", 8), ("insideH", 6))  # eighths of a point: about 0.35 mm and 0.25 mm
    borders = "".join(f'<w:{side} w:val="single" w:sz="{sz}" w:space="0" w:color="auto"/>' for side, sz in thickness)
    table = _table(document, len(rows), (WIDTH,), place, borders, margin=0)
    for row, text in zip(table.rows, rows, strict=True):
        paragraph = row.cells[0].paragraphs[0]
        hanging = 0 if "\t" in text else 3 * SIZE_4  # further lines begin under the first name
        paragraph.paragraph_format.left_indent = Pt(SIZE_4 + hanging)
        paragraph.paragraph_format.first_line_indent = Pt(-hanging)
        paragraph.paragraph_format.right_indent = Pt(SIZE_4)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Pt(WIDTH - SIZE_4), WD_TAB_ALIGNMENT.RIGHT)
        _run(paragraph, text, size=SIZE_4)
    _paragraph(document, LEFT).paragraph_format.line_spacing = Pt(1)  # the table hangs on the paragraph after it


def _table(document: Document, rows: int, widths: Sequence[float], place: str, borders: str, margin: int) -> Table:
    table = document.add_table(rows, len(widths))
    sides = "".join(f'<w:{side} w:w="{margin}" w:type="dxa"/>' for side in ("left", "right"))
    properties = parse_xml(
        f'<w:tblPr {nsdecls("w")}>{place}<w:tblW w:w="{round(20 * sum(widths))}" w:type="dxa"/>'
        f'<w:tblInd w:w="0" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{sides}</w:tblCellMar></w:tblPr>"
    )
    table._tbl.replace(table._tbl.tblPr, properties)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Pt(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Pt(width)
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
    return table


def _paragraph(document: Document, alignment: WD_ALIGN_PARAGRAPH, before: float = 0, **indent: float) -> Paragraph:
    """An empty paragraph. Indents are in characters, and in twentieths of a point for who cannot count those."""
    paragraph = document.add_paragraph()
    paragraph.alignment = alignment
    paragraph.paragraph_format.space_before = Pt(before)
    for side, count in indent.items():
        inds = paragraph._p.get_or_add_pPr().get_or_add_ind()
        inds.set(qn(f"w:{side}Chars"), str(round(100 * count)))
        inds.set(qn(f"w:{side}"), str(round(20 * CHARACTER * count)))
    return paragraph


def _run(paragraph: Paragraph, text: str, font: str = FANGSONG, size: float = SIZE_3) -> Any:
    """Words in a font, whatever script they are in: figures and quotation marks too stand in the Chinese font."""
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), font
    names = run._r.get_or_add_rPr().get_or_add_rFonts()
    for name, value in (("eastAsia", font), ("cs", font), ("hint", "eastAsia")):
        names.set(qn(f"w:{name}"), value)
    return run


def _length(text: str) -> float:
    """In characters: figures and Latin letters take half of one."""
    return sum(0.5 if unicodedata.east_asian_width(sign) in ("Na", "H", "N") else 1 for sign in text)


def _properties(document: Document, letter: Letter) -> None:
    about = document.core_properties
    about.title, about.subject, about.author = letter.title[:255], letter.number[:255], letter.signatory[:255]
    about.comments, about.language = "", "zh-CN"
    about.created = about.modified = datetime(letter.on.year, letter.on.month, letter.on.day)


def _packed(document: Document) -> bytes:
    """The parts in one order and all of one time, for a zip remembers when it was made."""
    made, packed = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(packed, "w") as target:
        for name in sorted(source.namelist()):  # [Content_Types].xml comes first, as readers like it
            target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
