"""Official documents: GB/T 9704-2012, read back from the file."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from taskboard.exports.document import Letter, write

ROOT = Path(__file__).resolve().parents[2]
FACTS = (("事项编号", "督查2020-013"), ("办结时限", "2020年5月29日"))
LETTER = Letter(
    heading="经济工作专班办公室文件",
    number="拱经专办督〔2020〕3号",
    title="关于督办湖州街地块出让的通知",
    addressee="上塘街道办事处",
    paragraphs=("现将有关事项通知如下。", "一、督办事由。逾期5个工作日。", "（一）原因。未反馈。", "二、办理要求"),
    signatory="区经济工作专班办公室",
    on=date(2020, 6, 5),
)


def opened(letter: Letter) -> Document:
    return docx.Document(io.BytesIO(write(letter)))


def part(letter: Letter, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(write(letter))).read(name).decode()


def line(document: Document, words: str) -> Paragraph:
    return next(paragraph for paragraph in document.paragraphs if words in paragraph.text)


def looks(paragraph: Paragraph) -> list[tuple[str, str, float]]:
    """(words, East Asian font, size in points) of each run; the Latin font is the same."""
    fonts = [run._r.rPr.rFonts for run in paragraph.runs]
    assert all(font.get(qn("w:eastAsia")) == font.ascii == font.hAnsi for font in fonts)
    return [
        (run.text, font.get(qn("w:eastAsia")), run.font.size.pt)
        for run, font in zip(paragraph.runs, fonts, strict=True)
    ]


def indent(paragraph: Paragraph, side: str) -> str | None:
    found: Any = paragraph._p.pPr.ind
    return None if found is None else found.get(qn(f"w:{side}Chars"))


def test_the_page_is_a4_with_the_margins_and_the_grid_of_the_standard() -> None:
    section = opened(LETTER).sections[0]
    grid = section._sectPr.find(qn("w:docGrid"))

    assert [round(n.mm) for n in (section.page_width, section.page_height)] == [210, 297]
    sides = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round(n.mm, 1) for n in sides] == [37, 28, 26, 35]
    assert {key.split("}")[1]: value for key, value in grid.items()} == {
        "type": "lines",
        "linePitch": "579",
    }


def test_twenty_two_lines_of_twenty_eight_characters_fit_and_no_more() -> None:
    section = opened(LETTER).sections[0]
    height = section.page_height.pt - section.top_margin.pt - section.bottom_margin.pt
    width = section.page_width.pt - section.left_margin.pt - section.right_margin.pt
    character = 16 - 5 / 20

    assert height // 28.95 == 22
    assert width // character == 28


def test_the_heading_is_red_and_centred_and_one_line_wide() -> None:
    heading = line(opened(LETTER), LETTER.heading)

    assert heading.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert looks(heading) == [(LETTER.heading, "方正小标宋简体", 40)]
    assert str(heading.runs[0].font.color.rgb) == "FF0000"


def test_the_number_stands_centred_over_a_red_line() -> None:
    number = line(opened(LETTER), LETTER.number)
    rule = number._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom"))

    assert number.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert looks(number) == [(LETTER.number, "仿宋_GB2312", 16)]
    assert rule.get(qn("w:color")) == "FF0000"


def test_with_a_signer_the_number_goes_left_and_the_signer_right() -> None:
    number = line(opened(replace(LETTER, signer="王　某")), LETTER.number)

    assert number.alignment == WD_ALIGN_PARAGRAPH.LEFT
    assert [stop.alignment.name for stop in number.paragraph_format.tab_stops] == ["LEFT", "RIGHT"]
    assert looks(number) == [(f"\t{LETTER.number}\t签发人：", "仿宋_GB2312", 16), ("王　某", "楷体_GB2312", 16)]


@pytest.mark.parametrize(("colour", "tint"), [("yellow", "B97A00"), ("blue", "1F5FBF")])
def test_a_slip_of_another_colour_has_its_heading_and_line_in_it(colour: str, tint: str) -> None:
    letter = replace(LETTER, colour=colour)

    assert str(line(opened(letter), LETTER.heading).runs[0].font.color.rgb) == tint
    assert "FF0000" not in part(letter, "word/document.xml")


def test_title_and_addressee() -> None:
    document = opened(LETTER)
    title, addressee = line(document, LETTER.title), line(document, LETTER.addressee)

    assert (title.alignment, looks(title)) == (WD_ALIGN_PARAGRAPH.CENTER, [(LETTER.title, "方正小标宋简体", 22)])
    assert looks(addressee) == [("上塘街道办事处：", "仿宋_GB2312", 16)]
    assert (addressee.alignment, indent(addressee, "firstLine")) == (WD_ALIGN_PARAGRAPH.LEFT, None)


def test_a_colon_that_was_typed_is_not_doubled() -> None:
    assert line(opened(replace(LETTER, addressee="各街道：")), "各街道").text == "各街道："


def test_a_long_title_breaks_into_lines_of_nearly_one_length() -> None:
    title = line(opened(replace(LETTER, title="关于督办" + "长" * 20 + "的通知")), "长长").paragraph_format

    assert title.left_indent == title.right_indent
    assert 27 / 2 <= (442.2 - 2 * title.left_indent.pt) / 22 < 27 / 2 + 3


def test_the_body_is_fangsong_with_its_headings_in_their_own_fonts() -> None:
    document = opened(LETTER)

    assert looks(line(document, "现将")) == [("现将有关事项通知如下。", "仿宋_GB2312", 16)]
    assert looks(line(document, "一、")) == [
        ("一、督办事由。", "黑体", 16),
        ("逾期5个工作日。", "仿宋_GB2312", 16),
    ]
    assert looks(line(document, "（一）"))[0] == ("（一）原因。", "楷体_GB2312", 16)
    assert looks(line(document, "二、")) == [("二、办理要求", "黑体", 16)]
    assert indent(line(document, "现将"), "firstLine") == "200"


def test_lines_are_as_high_as_the_grid_and_nothing_latin_is_left_in_the_styles() -> None:
    styles = part(LETTER, "word/styles.xml")

    assert '<w:spacing w:line="579" w:lineRule="exact"/>' in styles
    assert 'w:eastAsia="仿宋_GB2312"' in styles
    assert "Theme=" not in styles.split("<w:latentStyles")[0]
    assert len(opened(LETTER).styles) < 10


def test_lines_typed_into_one_paragraph_become_paragraphs() -> None:
    document = opened(replace(LETTER, paragraphs=("　　第一行\r\n\r\n  第二行",)))

    assert [indent(line(document, words), "firstLine") for words in ("第一行", "第二行")] == ["200", "200"]
    assert line(document, "第一行").text == "第一行"


def test_the_facts_are_a_table_after_the_first_paragraph() -> None:
    document = opened(replace(LETTER, facts=FACTS))
    table = document.tables[0]
    before = table._tbl.getprevious()

    assert [tuple(cell.text for cell in row.cells) for row in table.rows] == list(FACTS)
    assert before.text == "现将有关事项通知如下。"
    assert not opened(LETTER).tables


def test_the_date_stands_four_characters_in_and_the_signatory_over_its_middle() -> None:
    document = opened(LETTER)
    dated, signatory = line(document, "2020年6月5日"), line(document, LETTER.signatory)

    assert (dated.text, dated.alignment, indent(dated, "right")) == ("2020年6月5日", WD_ALIGN_PARAGRAPH.RIGHT, "400")
    assert looks(dated)[0][1:] == looks(signatory)[0][1:] == ("仿宋_GB2312", 16)
    assert indent(signatory, "right") == "200"  # ten characters over six: two more on either side
    assert signatory.paragraph_format.keep_with_next
    assert line(document, "二、").paragraph_format.keep_with_next


def test_a_long_signatory_stays_on_the_page() -> None:
    letter = replace(LETTER, signatory="杭州市拱墅区打赢经济翻身仗攻坚行动专班办公室")

    assert indent(line(opened(letter), letter.signatory), "right") == "0"


def test_the_colophon_names_copies_and_issuer_between_lines_at_the_foot() -> None:
    table = opened(replace(LETTER, copies=("分管区领导", "区府办"), issued_by="区专班办公室")).tables[0]
    properties = table._tbl.tblPr
    borders = {border.tag.split("}")[1]: border.get(qn("w:sz")) for border in properties.find(qn("w:tblBorders"))}

    assert [row.cells[0].text for row in table.rows] == [
        "抄送：分管区领导，区府办。",
        "区专班办公室\t2020年6月5日印发",
    ]
    assert looks(table.rows[0].cells[0].paragraphs[0])[0][1:] == ("仿宋_GB2312", 14)
    assert borders == {"top": "8", "bottom": "8", "insideH": "6"}
    assert properties.find(qn("w:tblpPr")).get(qn("w:tblpYSpec")) == "bottom"


def test_the_page_number_stands_right_on_odd_and_left_on_even_pages() -> None:
    document = opened(LETTER)
    section = document.sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]

    assert document.settings.odd_and_even_pages_header_footer
    assert (odd.alignment, even.alignment) == (WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT)
    for footer in (odd, even):
        field = footer._p.find(qn("w:fldSimple"))
        assert field.get(qn("w:instr")).strip() == "PAGE"
        assert [sign.text for sign in footer._p.iter(qn("w:t"))] == ["— ", "1", " —"]
        assert looks(footer)[0] == ("— ", "宋体", 14)
        assert footer.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY


def test_what_is_invented_says_so_where_the_number_of_the_copy_stands() -> None:
    marked = opened(replace(LETTER, illustrative=True)).paragraphs[0]

    assert (marked.alignment, looks(marked)) == (WD_ALIGN_PARAGRAPH.LEFT, [("示例", "黑体", 16)])
    assert opened(LETTER).paragraphs[0].text == ""
    assert "示例" not in part(LETTER, "word/document.xml")


def test_the_same_letter_gives_the_same_bytes_in_another_process_too() -> None:
    letter = replace(LETTER, facts=FACTS, copies=("区府办",), issued_by="区专班办公室", signer="王某")
    code = (
        "import sys; from tests.exports.test_document import *;"
        f"sys.stdout.buffer.write(write({letter!r}))"  # a date's repr names its module
    ).replace("datetime.date(", "date(")
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    ).stdout

    assert write(letter) == write(replace(letter)) == other
    assert write(letter) != write(replace(letter, number="拱经专办督〔2020〕4号"))


def test_the_file_keeps_no_moment_but_the_letters_own() -> None:
    about = opened(LETTER).core_properties

    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(write(LETTER))).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }
    assert about.created == about.modified
    assert about.created is not None and about.created.date() == LETTER.on
    assert (about.title, about.author, about.comments) == (LETTER.title, LETTER.signatory, "")


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1f", "\ud800", "\uffff"])
def test_signs_that_xml_forbids_are_left_out(sign: str) -> None:
    letter = replace(
        LETTER, title=f"关于{sign}督办", paragraphs=(f"甲{sign}乙<&>",), facts=((f"编{sign}号", f"{sign}"),)
    )
    document = opened(letter)

    assert line(document, "关于").text == "关于督办"
    assert line(document, "甲").text == "甲乙<&>"
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["编号", ""]


def test_the_barest_letter_can_be_written() -> None:
    bare = Letter("", "", "", "", (), "", date(2020, 12, 31), facts=FACTS)

    assert opened(bare).tables[0].rows[0].cells[0].text == "事项编号"


def test_a_title_longer_than_properties_may_be_is_written_whole() -> None:
    letter = replace(LETTER, title="长" * 300)

    assert line(opened(letter), "长").text == letter.title


def test_the_file_carries_no_macro_no_picture_and_no_template() -> None:
    names = zipfile.ZipFile(io.BytesIO(write(LETTER))).namelist()

    assert names[0] == "[Content_Types].xml"
    assert not [n for n in names if "vba" in n or n.endswith((".jpeg", ".bin")) or "customXml" in n]
    assert '<w:altName w:val="仿宋"' in part(LETTER, "word/fontTable.xml")
