"""The few ways in which taskboard says no. Doors turn each into a page, or one line and exit 1."""

from __future__ import annotations

from collections.abc import Sequence


class Refused(Exception):
    """A deed that cannot be done as asked. The message is Chinese, for people, and says what to do."""

    status = 422
    title = "无法办理"


class WrongState(Refused):
    """The thing is no longer (or not yet) in a state that allows the verb."""

    status = 409
    title = "状态已变化"


class NotAllowed(Refused):
    """The seat may see the thing but not do this to it."""

    status = 403
    title = "没有权限"


class Doubtful(Refused):
    """A value that its own history makes doubtful; it is taken as soon as somebody explains it."""

    title = "请核对数值"

    def __init__(self, findings: Sequence[str]) -> None:
        self.findings = tuple(findings)
        super().__init__("；".join(findings))


class Conflict(Refused):
    """Somebody saved the same thing first. Carries both texts so that nothing typed is lost.

    `pairs` holds (label, saved by the other, typed now).
    """

    status = 409
    title = "内容已被他人修改"

    def __init__(self, message: str, pairs: Sequence[tuple[str, str, str]] = ()) -> None:
        super().__init__(message)
        self.pairs = tuple(pairs)
