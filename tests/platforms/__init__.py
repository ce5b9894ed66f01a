"""Platforms and a mail server to test against: real servers on this machine that answer as the published ones do.

They check signatures, keep to the published limits, remember what they took and when, and can be told to answer with
any code, to answer rubbish, to hang up, or to say nothing after the request was read. What they know of a platform is
written here a second time on purpose: they share no code with the channels that they judge.

    with Platform("dingtalk") as platform:
        platform.answer_with(errcode=130101)
        channel = open_channel(platform.setup(), config)
        ...
        assert platform.accepted == []
"""

from tests.platforms.mail import MailServer
from tests.platforms.server import Accepted, Platform, Seen

__all__ = ["Accepted", "MailServer", "Platform", "Seen"]
