"""What may be entered as a channel's base address: where a server of ours will connect to, secrets in hand."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def wrong_with(address: str, hosts: Collection[str]) -> str:
    """What is wrong with a base address, in a sentence that says what to do; empty when nothing is.

    Only https, except to this machine itself; only a host that the configuration names, with its port where it is
    not the usual one; nothing but scheme, host and path, so that no secret hides in it.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "服务地址格式不对，应为 https://主机 这样的地址"
    host = (parts.hostname or "").casefold()
    if not host or parts.scheme not in ("https", "http") or any(c.isspace() for c in address):
        return "服务地址格式不对，应为 https://主机 这样的地址"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "服务地址中不能带账号、参数或密钥，只填 https://主机，密钥填在下面的栏目"
    if parts.scheme == "http" and host not in LOOPBACK:
        return f"服务地址须以 https:// 开头；“{host}”使用明文传输，密钥会泄露"
    named = f"{host}:{port}" if port else host
    usual = port is None or port == {"https": 443, "http": 80}[parts.scheme]
    if named in hosts or (host in hosts and (usual or host in LOOPBACK)):
        return ""
    return f"“{named}”不在允许连接的主机之列；请系统管理员在 TASKBOARD_CHANNEL_HOSTS 中加入“{named}”后重启程序"
