"""Every no becomes a page with a status and a sentence; a refusal is never a 500."""

from __future__ import annotations

import errno
import logging
from contextlib import suppress

from flask import Flask, current_app, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from taskboard import trace
from taskboard.db import db
from taskboard.errors import Conflict, Refused

SENTENCES = {
    400: ("请求有误", "提交的内容不完整或格式不对，请返回上一页核对后重新提交。"),
    403: ("没有权限", "当前岗位没有这项权限。如工作需要，请联系专班办公室调整岗位。"),
    404: ("没有找到", "该内容不存在，或不在当前岗位的范围内。"),
    405: ("无法办理", "请从页面上的按钮进入。"),
    413: ("文件过大", "上传的文件超过大小限制，请压缩或分开上传。"),
    429: ("操作过于频繁", "请稍候再试。"),
    500: ("系统出错", "本次操作没有保存。请稍后再试；仍不成功时请把下方编号告诉系统管理员。"),
    503: ("系统繁忙", "数据库暂时无法使用，请稍后再试。"),
}

FULL = ("磁盘已满", "本次操作没有保存，已有内容不受影响。请联系系统管理员清理磁盘空间后重试。")
RETRY_AFTER = "5"

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Handle what views and the framework raise."""
    app.before_request_funcs.setdefault(None, []).insert(0, _check_session)  # before the token of the form is looked at
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(IntegrityError, _collision)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(InterfaceError, _no_database)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crash)


def _check_session() -> None:
    """What went wrong while the session was read, where it can be answered. Raises it."""
    unreadable = getattr(session, "unreadable", None)
    if unreadable is not None:
        raise unreadable


def page(status: int, title: str, message: str, pairs: object = ()) -> ResponseReturnValue:
    """The error page."""
    db.session.rollback()
    body = render_template(
        "error.html", status=status, title=title, message=message, pairs=pairs, request_id=trace.current()
    )
    return body, status


def _refused(error: Refused) -> ResponseReturnValue:
    pairs = error.pairs if isinstance(error, Conflict) else ()
    return page(error.status, error.title, str(error), pairs)


def _collision(error: IntegrityError) -> ResponseReturnValue:
    """Two people did what can be done once, at the same moment; the database kept one."""
    why = type(error.orig).__name__  # the driver's text holds what was typed
    log.warning("refused by the database: %s", why, extra={"method": request.method, "endpoint": request.endpoint})
    return page(409, "状态已变化", "他人同时提交了相同或冲突的内容，本次没有保存。请返回上一页刷新后重新提交。")


def _no_database(error: OperationalError | InterfaceError) -> ResponseReturnValue:
    """The database restarts, is locked for too long, or its disk is full: nothing was saved, and trying again helps.

    The page stands alone, because everything around a page is read from the database.
    """
    said = {"method": request.method, "endpoint": request.endpoint, "why": str(error.orig).partition("\n")[0]}
    log.error("no database: %s", type(error.orig).__name__, extra=said)
    with suppress(SQLAlchemyError):
        db.session.rollback()
    return _unavailable(*(FULL if "disk is full" in str(error.orig) else SENTENCES[503]))


def _unavailable(title: str, message: str) -> ResponseReturnValue:
    alone = current_app.jinja_env.get_template("unavailable.html")  # without what surrounds every page
    body = alone.render(title=title, message=message)
    return body, 503, {"Retry-After": RETRY_AFTER}


def _csrf(error: CSRFError) -> ResponseReturnValue:
    return page(400, "页面已过期", "页面打开时间过长或已退出登录，请返回上一页刷新后重新提交。")


def _http(error: HTTPException) -> ResponseReturnValue:
    original = getattr(error, "original_exception", None)
    if isinstance(original, OperationalError | InterfaceError):  # before the session could even be read
        return _no_database(original)
    if isinstance(original, OSError):
        return _crash(original)
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error
    title, message = SENTENCES.get(code, SENTENCES[400])
    return page(code, title, message)


def _crash(error: Exception) -> ResponseReturnValue:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        log.error("no space: %s", error.strerror, extra={"method": request.method, "endpoint": request.endpoint})
        with suppress(SQLAlchemyError):
            db.session.rollback()
        return _unavailable(*FULL)
    log.exception("unhandled error", extra={"method": request.method, "endpoint": request.endpoint})
    return page(500, *SENTENCES[500])
