"""接收设置: by which channels a person hears, when, and what their calendars' addresses are."""

from __future__ import annotations

from dataclasses import dataclass

from taskboard.models import Channel, Person, TellingRule
from taskboard.models.reach import address_of, has_own_address, hour_of, is_heard, personal
from taskboard.models.subscribing import subscriptions_of

AT_ONCE = (
    "新交办或改派的督查事项",
    "填报或办理结果被退回",
    "转为红灯",
    "领导批示、催办和督办单",
    "紧急通知",
)
IN_DIGEST = ("到期提醒", "恢复绿灯", "办理进展和审批结果", "一般通知")


@dataclass(frozen=True)
class Way:
    """One channel, as it stands for the person."""

    channel: Channel
    is_heard: bool
    address: str
    may_choose: bool
    words: str

    @property
    def arrives(self) -> bool:
        return self.is_heard and bool(self.address)


@dataclass(frozen=True)
class Settings:
    """The page. `editable` are the channels about which something can be typed here."""

    ways: tuple[Way, ...]
    hour: int
    hours: tuple[int, ...]
    quiet: str
    rule: TellingRule

    @property
    def editable(self) -> list[Channel]:
        return [way.channel for way in self.ways if way.may_choose]

    @property
    def sentence(self) -> str:
        """How the person hears now, in one line."""
        names = "、".join(["站内消息", *(way.channel.name for way in self.ways if way.arrives)])
        return f"现通过{names}接收，每日汇总 {self.hour} 点发送"


def settings(person: Person, by_office: bool = False) -> Settings:
    """How a person hears: three statements. The office may set what persons may not choose."""
    rule, chosen = TellingRule.get(), subscriptions_of(person.id)
    channels = [channel for channel in personal(Channel.listed()) if channel.is_on]
    ways = []
    for channel in channels:
        row = chosen.get(channel.id)
        may = (channel.is_offered or by_office) and (not channel.is_required or has_own_address(channel))
        address, heard = address_of(person, channel, row), is_heard(channel, row)
        ways.append(Way(channel, heard, address, may, _words(channel, heard, address, may)))
    return Settings(
        ways=tuple(ways),
        hour=hour_of(person, rule),
        hours=tuple(range(rule.digest_first, rule.digest_last + 1)),
        quiet=f"{rule.quiet_from:%H:%M} 至次日 {rule.quiet_until:%H:%M}"
        if rule.quiet_from > rule.quiet_until
        else f"{rule.quiet_from:%H:%M} 至 {rule.quiet_until:%H:%M}",
        rule=rule,
    )


def _words(channel: Channel, heard: bool, address: str, may_choose: bool) -> str:
    missing = "" if address else f"尚无{channel.form.address_word}，现收不到"
    if channel.is_required:
        return "专班办公室规定必须接收" + (f"；{missing}" if missing else "")
    if not may_choose:
        state = "接收" if heard else "不接收"
        return f"由专班办公室统一设置，现为{state}" + (f"；{missing}" if heard and missing else "")
    return missing if heard else ""
