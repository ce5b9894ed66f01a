"""Keeping attachments: checked by name and by content, written durably before the row that names them."""

from __future__ import annotations

import hashlib
import os
import secrets
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from taskboard.db import db
from taskboard.errors import Refused
from taskboard.models.attachment import Attachment

CHUNK = 256 * 1024
NAME = 120
OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Type:
    """A kind of file that is accepted: how it begins, and what it must hold when it is a package."""

    content_type: str
    magic: tuple[bytes, ...] = ()
    holds: str = ""


TYPES = {
    "pdf": Type("application/pdf", (b"%PDF-",)),
    "jpg": Type("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": Type("image/jpeg", (b"\xff\xd8\xff",)),
    "png": Type("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "docx": Type(f"{OFFICE}wordprocessingml.document", ZIP, "word/"),
    "xlsx": Type(f"{OFFICE}spreadsheetml.sheet", ZIP, "xl/"),
    "doc": Type("application/msword", OLE),
    "xls": Type("application/vnd.ms-excel", OLE),
    "wps": Type("application/vnd.ms-works", OLE + ZIP),
    "et": Type("application/vnd.ms-excel", OLE + ZIP),
    "zip": Type("application/zip", ZIP),
    "txt": Type("text/plain"),
}
WORDS = "PDF、图片（jpg、png）、Word、Excel、WPS、txt、zip"


def keep(stream: IO[bytes], filename: str, folder: Path, limit_mb: int, by: int, at: datetime) -> Attachment:
    """Check a file and store it under a random name. Raises Refused. The caller commits or calls `discard`."""
    name = _plain_name(filename)
    kind = TYPES.get(name.rpartition(".")[2].lower())
    if kind is None or "." not in name:
        raise Refused(f"附件“{name}”的类型不接受，请上传 {WORDS}")
    folder.mkdir(parents=True, exist_ok=True)
    stored = secrets.token_hex(24)
    temporary = folder / f".{stored}.part"
    try:
        size, digest = _write(stream, temporary, limit_mb)
        if not _is(temporary, kind):
            raise Refused(f"附件“{name}”的内容与扩展名不符，请核对后重新上传")
        os.replace(temporary, folder / stored)
        _sync(folder)
    finally:
        temporary.unlink(missing_ok=True)
    made = Attachment(
        stored_name=stored,
        name=name,
        content_type=kind.content_type,
        size=size,
        sha256=digest,
        uploaded_by_id=by,
        uploaded_at=at,
    )
    db.session.add(made)
    return made


def discard(attachment: Attachment, folder: Path) -> None:
    """Remove the file of an attachment whose row was not saved."""
    (folder / attachment.stored_name).unlink(missing_ok=True)


def path_of(attachment: Attachment, folder: Path) -> Path | None:
    """Where the file is, or None when it is gone."""
    path = folder / attachment.stored_name
    return path if path.is_file() else None


def _plain_name(filename: str) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c.isprintable() and c not in '<>:"|?*').strip(" .")
    if len(name) > NAME:
        stem, dot, extension = name.rpartition(".")
        name = stem[: NAME - len(extension) - 1] + dot + extension[:10] if dot else name[:NAME]
    return name or "附件"


def _write(stream: IO[bytes], path: Path, limit_mb: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as out:
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > limit_mb * 1024 * 1024:
                raise Refused(f"附件超过 {limit_mb} MB，请压缩或分开上传")
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    if not size:
        raise Refused("附件是空文件，请重新选择")
    return size, digest.hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is(path: Path, kind: Type) -> bool:
    with path.open("rb") as file:
        start = file.read(4096)
    if not kind.magic:
        return _is_text(start)
    begins: Callable[[bytes], bool] = start.startswith
    if not any(begins(magic) for magic in kind.magic):
        return False
    return _holds(path, kind.holds) if kind.holds else True


def _is_text(start: bytes) -> bool:
    return b"\0" not in start or start.startswith((b"\xff\xfe", b"\xfe\xff"))


def _holds(path: Path, folder: str) -> bool:
    try:
        with zipfile.ZipFile(path) as package:
            return any(name.startswith(folder) for name in package.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False
