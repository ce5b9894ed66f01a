"""督查 items of the demonstration: a matter for each plot, registered and played.

Every item is illustrative; what stays red is opened by the sweep itself on the demonstration's last day.
"""

from __future__ import annotations

import random

from taskboard.demo.plots import plots
from taskboard.demo.stage import Stage, Tell, Told
from taskboard.demo.structure import District
from taskboard.models.item_opening import Draft, register
from taskboard.rules.terms import Source


def make(district: District, dice: random.Random, tell: Tell) -> int:
    """Play every plot with a matter of its own, and tell people after each deed; returns how many items were made."""
    stage, count = Stage(district, dice, tell), 0
    territories = [unit for unit in district.territories]
    dice.shuffle(territories)
    matters = district.data["matters"]
    for n, (ago, plot, more) in enumerate(plots()):
        matter = matters[n % len(matters)]
        unit = district.units[matter["unit"]] if matter["unit"] else territories[n % len(territories)]
        others = [u for u in territories if u is not unit]
        parts = ((others[n % len(others)].id, "提供本辖区清单并核实", None),) if more.get("parts") else ()
        draft = Draft(
            title=f"{matter['title']}（{unit.short_name}）",
            requirement=matter["requirement"],
            kind=more.get("kind", matter["kind"]),
            source=matter["source"],
            source_words=matter["source_words"],
            unit_id=None if more.get("unassigned") else unit.id,
            group_id=district.groups[matter["group"]].id,
            parts=parts,
            start_level=more.get("start_level", 1),
            illustrative=True,
        )
        who = "lingdao" if more.get("unassigned") and matter["source"] == Source.INSTRUCTION else "ducha"
        at = stage.at(ago, 9)
        item = register(district.campaign, draft, stage.actor(who), at)
        tell(at)
        plot(Told(stage, item))
        count += 1
    return count
