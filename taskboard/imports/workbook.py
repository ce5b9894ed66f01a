"""Workbook bytes in, plain cells out. A file that cannot be trusted or read is refused in one Chinese sentence."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from taskboard.errors import Refused

CHILD = Path(__file__).with_name("child.py")
SECONDS = 30
MB = 1024 * 1024
MAX_FILE, MAX_UNPACKED, MAX_ENTRIES, MAX_RATIO = 10 * MB, 100 * MB, 2000, 100
HONEST = 5 * MB  # below this an entry may shrink as well as it likes: long columns of one word do
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED, MACROS = "EncryptedPackage".encode("utf-16-le"), "_VBA_PROJECT".encode("utf-16-le")
SAVE_AGAIN = "请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新上传。"


class WorkbookRefused(Refused):
    """The file as a whole cannot be taken. The message is Chinese and says what to do."""

    title = "文件无法导入"


@dataclass(frozen=True)
class Bad:
    """A cell without a value to take: an error such as #N/A, or a formula saved without its result."""

    code: str

    @property
    def words(self) -> str:
        return "公式没有计算结果" if self.code == "formula" else f"单元格为错误值 {self.code}"


Cell = str | float | int | bool | date | Bad | None


@dataclass(frozen=True)
class Sheet:
    """A worksheet from its first row on; `first_row` is the number Excel shows beside rows[0]."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    first_row: int = 1


def read(data: bytes, filename: str) -> list[Sheet]:
    """The sheets of an .xlsx or .xls file. Hidden rows are read too; merged ranges carry their value everywhere.

    Raises nothing but WorkbookRefused. The library runs in a child with a limit on memory and time, so a file
    made to hurt costs one failed import. In old .xls files error cells are seen as empty.
    """
    _check_name(data, filename)
    if data[:4] == b"PK\x03\x04":
        _check_archive(data)
    elif data[:8] == OLE:
        _check_ole(data)
    else:
        raise WorkbookRefused(f"文件内容不是 Excel 工作簿（可能由 CSV 或网页改名而来）。{SAVE_AGAIN}")
    return [_sheet(found) for found in _ask_child(data)]


def letter(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA: what Excel writes above the column."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _check_name(data: bytes, filename: str) -> None:
    ending = Path(filename.lower().replace("\x00", "")).suffix
    if ending in (".xlsm", ".xlsb", ".xltm", ".xlam"):
        raise WorkbookRefused(f"不接受带宏的工作簿。{SAVE_AGAIN}")
    if ending not in (".xlsx", ".xls"):
        raise WorkbookRefused(f"只接受 .xlsx 或 .xls 文件。{SAVE_AGAIN}")
    if not data:
        raise WorkbookRefused("文件是空的，请重新选择文件。")
    if len(data) > MAX_FILE:
        raise WorkbookRefused("文件超过 10 MB，请删去图片等无关内容或拆分后上传。")


def _check_archive(data: bytes) -> None:
    """Look at the archive's directory alone: nothing is unpacked before its size is known."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except Exception:  # zipfile raises many kinds for broken directories
        raise WorkbookRefused(f"文件不完整或已损坏。{SAVE_AGAIN}") from None
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise WorkbookRefused("文件解压后过大，不予读取。请只保留任务书工作表后上传。")
    if any(e.file_size > HONEST and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries):
        raise WorkbookRefused("文件压缩比异常，不予读取。请只保留任务书工作表后上传。")
    names = [entry.filename.lower() for entry in entries]
    if any(entry.flag_bits & 1 for entry in entries):
        raise WorkbookRefused("文件已加密，请取消密码后上传。")
    if any(name.endswith(("vbaproject.bin", ".xlm")) or "/macrosheets/" in name for name in names):
        raise WorkbookRefused(f"不接受带宏的工作簿。{SAVE_AGAIN}")
    if "xl/workbook.xml" not in names:
        raise WorkbookRefused(f"文件内容不是 Excel 工作簿。{SAVE_AGAIN}")


def _check_ole(data: bytes) -> None:
    if ENCRYPTED in data:
        raise WorkbookRefused("文件已加密，请取消密码后上传。")
    if MACROS in data:
        raise WorkbookRefused(f"不接受带宏的工作簿。{SAVE_AGAIN}")


def _ask_child(data: bytes) -> list[dict[str, Any]]:
    try:
        done = subprocess.run(  # noqa: S603 - our own file, no arguments from outside
            [sys.executable, "-I", str(CHILD)], input=data, capture_output=True, timeout=SECONDS, check=False
        )
        answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"refused": "memory"}
    except subprocess.TimeoutExpired:
        raise WorkbookRefused("读取文件超过 30 秒，已停止。请只保留任务书工作表后上传。") from None
    except (OSError, ValueError):
        raise WorkbookRefused(f"文件无法读取。{SAVE_AGAIN}") from None
    why = answer.get("refused")
    if why == "large":
        raise WorkbookRefused(f"工作表‘{answer['sheet']}’超过 20000 行或 100 列，请删去多余的行列后上传。")
    if why == "memory":
        raise WorkbookRefused("文件占用内存过大，已停止读取。请只保留任务书工作表后上传。")
    if why:
        raise WorkbookRefused("文件已加密，请取消密码后上传。" if why == "password" else f"文件已损坏。{SAVE_AGAIN}")
    found: list[dict[str, Any]] = answer["sheets"]
    return found


def _sheet(found: dict[str, Any]) -> Sheet:
    return Sheet(found["name"], tuple(tuple(_cell(cell) for cell in row) for row in found["rows"]))


def _cell(cell: Any) -> Cell:
    if isinstance(cell, dict):
        return Bad(cell["bad"]) if "bad" in cell else date.fromisoformat(cell["date"])
    plain: Cell = cell
    return plain
