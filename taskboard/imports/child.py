"""Reads one workbook in a process of its own, so that a hostile file can only kill this one.

Run by path, not as part of the package: it must start fast and hold little. Workbook on stdin, JSON on stdout.
"""

from __future__ import annotations

import io
import json
import posixpath
import re
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

MEMORY = 768 * 1024 * 1024
MAX_ROWS, MAX_COLUMNS = 20_000, 100
MAX_MERGED = 1_048_576 * 4  # cells under merged ranges; a whole merged column or four is still honest
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
VALUE = re.compile(rb"<v[^>/]*>([^<]+)</v>")


class TooLarge(Exception):
    """The sheet named has more rows or columns than a task book can have."""


def main() -> None:
    """Read stdin, answer on stdout: {"sheets": […]} or {"refused": why}."""
    _limit()
    data = sys.stdin.buffer.read()
    try:
        answer: dict[str, Any] = {"sheets": sheets(data)}
    except TooLarge as large:
        answer = {"refused": "large", "sheet": str(large)}
    except MemoryError:
        answer = {"refused": "memory"}
    except Exception as error:  # whatever the library dislikes is one thing to the user: unreadable
        answer = {"refused": "password" if type(error).__name__ == "PasswordError" else "unreadable"}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))


def sheets(data: bytes) -> list[dict[str, Any]]:
    """All worksheets with values; merged ranges filled, errors and unreckoned formulas named."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    bad = _bad_cells(data) if data[:2] == b"PK" else {}
    found = []
    for meta in book.sheets_metadata:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.end is not None and (sheet.end[0] >= MAX_ROWS or sheet.end[1] >= MAX_COLUMNS):
            raise TooLarge(meta.name)
        rows = [[_plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        for (row, column), problem in bad.get(meta.name, {}).items():
            _put(rows, row, column, {"bad": problem})
        merged = sheet.merged_cell_ranges or ()
        if sum((bottom - top + 1) * (right - left + 1) for (top, left), (bottom, right) in merged) > MAX_MERGED:
            raise TooLarge(meta.name)
        for (top, left), (bottom, right) in merged:
            _fill(rows, top, left, bottom, right)
        found.append({"name": meta.name, "rows": rows})
    return found


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit and the size checks still hold there
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ValueError, OSError):
        return


def _plain(cell: Any) -> Any:
    if isinstance(cell, (datetime, date)):
        return {"date": cell.isoformat()[:10]}
    if isinstance(cell, time | timedelta):
        return str(cell)
    return None if cell == "" else cell


def _put(rows: list[list[Any]], row: int, column: int, value: Any) -> None:
    if row >= MAX_ROWS or column >= MAX_COLUMNS:
        return
    while len(rows) <= row:
        rows.append([])
    rows[row].extend([None] * (column + 1 - len(rows[row])))
    rows[row][column] = value


def _fill(rows: list[list[Any]], top: int, left: int, bottom: int, right: int) -> None:
    if top >= len(rows) or left >= len(rows[top]) or rows[top][left] is None:
        return
    value = rows[top][left]
    for row in range(top, min(bottom, len(rows) - 1) + 1):
        for column in range(left, min(right, MAX_COLUMNS - 1) + 1):
            _put(rows, row, column, value)


def _bad_cells(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """The library reads error cells and formulas without a saved result as empty; here they get their names."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name, part in _parts(archive):
            found[name] = cells = {}
            for cell in archive.read(part).split(b"<c ")[1:]:  # linear, whatever the file looks like
                attributes, _, inner = cell.partition(b">")
                place = PLACE.search(b" " + attributes)
                problem = _problem(attributes, inner.partition(b"</c>")[0])
                if place and problem:
                    cells[int(place[2]) - 1, _column(place[1])] = problem
    return found


def _problem(attributes: bytes, inner: bytes) -> str | None:
    value = VALUE.search(inner)
    if attributes.endswith(b"/"):
        return None
    if b't="e"' in attributes:
        return value[1].decode("utf-8", "replace")[:20] if value else "#N/A"
    if b"<f" in inner and not value and b't="str"' not in attributes:  # an empty text is a result too
        return "formula"
    return None


def _parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return []
    texts = [archive.read(name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
    if any(b"<!DOCTYPE" in text or b"<!ENTITY" in text for text in texts):
        raise ValueError("document type declarations are not read")
    book, relations = (ElementTree.fromstring(text) for text in texts)  # noqa: S314 - no DTD, checked above
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    parts = []
    for sheet in book.iter(f"{MAIN}sheet"):
        target = targets.get(sheet.get(RELATION), "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath("xl/" + target)
        if part in names:
            parts.append((sheet.get("name", ""), part))
    return parts


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


if __name__ == "__main__":
    main()
