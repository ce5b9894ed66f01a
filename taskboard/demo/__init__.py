"""The demonstration: the published mechanism of one district, surrounded by marked illustrative figures."""

from __future__ import annotations

from taskboard.models.demonstration import DEMO_PASSWORD

SEATS = (
    ("bangongshi", "专班办公室"),
    ("ducha", "督查"),
    ("lingdao", "区领导"),
    ("zuzhang1", "工业企业组组长"),
    ("zuzhang5", "稳投资组组长"),
    ("shangtang", "上塘街道联络员"),
    ("shangwuju", "区商务局联络员"),
    ("xitong", "系统管理员"),
    ("anquan", "安全管理员"),
    ("shenji", "审计管理员"),
)


def logins() -> list[tuple[str, str, str]]:
    """One login for each seat: (login, password, seat)."""
    return [(login, DEMO_PASSWORD, seat) for login, seat in SEATS]
