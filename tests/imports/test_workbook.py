"""Files made to hurt, or broken: each refused with a Chinese sentence, nothing else raised."""

from __future__ import annotations

import io
import random
import re
import zipfile

import pytest

from taskboard.imports import workbook
from taskboard.imports.workbook import Bad, Sheet, WorkbookRefused, letter, read
from tests.imports.books import HEAD, book, line

GOOD = book([HEAD, line()])


def remade(data: bytes, part: str, change: bytes | None = None, **added: bytes) -> bytes:
    """The same workbook with one part replaced, and parts added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change if change is not None and name == part else old.read(name))
        for name, content in added.items():
            new.writestr(name.replace("__", "/"), content)
    return out.getvalue()


SHEET1 = "xl/worksheets/sheet1.xml"
NS = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
FAR = NS + b'<dimension ref="A1:H1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
FAR += b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
TALL = NS + b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="30000"><c r="A30000"><v>1</v></c></row>'
TALL += b"</sheetData></worksheet>"
MERGED = NS + b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells>'
MERGED += b'<mergeCell ref="A1:CV19999"/>' * 4000 + b"</mergeCells></worksheet>"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.xlsx", "空"),
        (b"a,b,c\n1,2,3\n", "a.xlsx", "CSV"),
        (b"<html><table></table></html>", "a.xls", "CSV"),
        (GOOD, "a.xlsm", "宏"),
        (GOOD, "a.csv", "只接受"),
        (GOOD, "", "只接受"),
        (GOOD[: len(GOOD) // 2], "a.xlsx", "损坏"),
        (GOOD[:4] + bytes(50), "a.xlsx", "损坏"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "加密"),
        (OLE + bytes(600) + "_VBA_PROJECT".encode("utf-16-le"), "a.xls", "宏"),
        (OLE + bytes(2000), "a.xls", "损坏"),
        (remade(GOOD, "", xl__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin"), "a.xlsx", "宏"),
        (remade(GOOD, "", xl__media__bomb=bytes(30 * 1024 * 1024)), "a.xlsx", "压缩比"),
        (remade(GOOD, "", **{f"x{n}": b"" for n in range(2100)}), "a.xlsx", "过大"),
        (remade(GOOD, SHEET1, b"<worksheet"), "a.xlsx", "损坏"),
        (remade(GOOD, "xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><workbook/>'), "a.xlsx", "损坏"),
        (remade(GOOD, SHEET1, FAR), "a.xlsx", "内存|20000"),
        (remade(GOOD, SHEET1, TALL), "a.xlsx", "20000"),
        (book([["x"] * 101]), "a.xlsx", "100 列"),
        (remade(GOOD, SHEET1, MERGED), "a.xlsx", "20000"),
        (remade(GOOD, SHEET1, NS + b"<sheetData>" + b'<c r="A1">' * 400_000), "a.xlsx", "损坏|内存"),
        (bytes(workbook.MAX_FILE + 1), "a.xlsx", "10 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refuses(data: bytes, name: str, says: str) -> None:
    with pytest.raises(WorkbookRefused) as refusal:
        read(data, name)

    assert re.search(says, str(refusal.value))


def test_a_broken_byte_raises_nothing_but_refusal() -> None:
    chance = random.Random(5)
    for _ in range(12):
        broken = bytearray(GOOD)
        for _ in range(20):
            broken[chance.randrange(4, len(broken))] = chance.randrange(256)
        try:
            read(bytes(broken), "a.xlsx")
        except WorkbookRefused as refusal:
            assert str(refusal)


def test_merged_ranges_carry_their_value_and_rows_keep_their_numbers() -> None:
    (sheet,) = read(book([[], [], ["甲", None], [None, "乙"]], ["A3:A4"]), "a.xlsx")

    assert sheet == Sheet("任务书", ((None, None), (None, None), ("甲", None), ("甲", "乙")))


def test_error_cells_and_formulas_without_result_get_names() -> None:
    (sheet,) = read(book([["#REF!", "=1+1", 3]]), "a.xlsx")

    assert sheet.rows == ((Bad("#REF!"), Bad("formula"), 3.0),)
    assert [cell.words for cell in sheet.rows[0][:2] if isinstance(cell, Bad)] == [
        "单元格为错误值 #REF!", "公式没有计算结果"]  # fmt: skip


def test_a_child_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SECONDS", 0.001)

    with pytest.raises(WorkbookRefused, match="30 秒"):
        read(GOOD, "a.xlsx")


def test_column_letters() -> None:
    assert [letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
