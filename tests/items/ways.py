"""How an item comes to where a verb is possible: (steps before, who does it, what they type)."""

from __future__ import annotations

from datetime import date
from typing import Any

from taskboard.models import Item
from taskboard.rules.lifecycle import Verb
from taskboard.rules.terms import Source
from tests.items.cast import do, new_item
from tests.world import World

SIGNED = [(Verb.SIGN, "reporter", {})]
SUBMITTED = [*SIGNED, (Verb.SUBMIT, "reporter", {"figure": "复工 3 个标段"})]
CLOSING = [*SUBMITTED, (Verb.REQUEST_CLOSURE, "supervisor", {})]
CLOSED = [*CLOSING, (Verb.CLOSE, "office", {})]
OBJECTED = [(Verb.OBJECT, "reporter", {})]
EXTENSION: dict[str, Any] = {"due_on": date(2020, 7, 2), "progress": "七成", "figure": "1.4 公里"}
ASKED = [*SIGNED, (Verb.EXTEND, "reporter", EXTENSION)]
PROPOSED = [*SIGNED, (Verb.PROPOSE_SLIP, "supervisor", {"level": 2})]
PART_SIGNED = [*SIGNED, (Verb.SIGN_PART, "other_reporter", {})]
PART_SUBMITTED = [*PART_SIGNED, (Verb.SUBMIT_PART, "other_reporter", {})]

Step = tuple[Verb, str, dict[str, Any]]
WAYS: dict[Verb, tuple[list[Step], str, dict[str, Any]]] = {
    Verb.SIGN: ([], "reporter", {}),
    Verb.OBJECT: ([], "reporter", {}),
    Verb.UPHOLD: (OBJECTED, "office", {}),
    Verb.TRANSFER: (SIGNED, "supervisor", {"unit_id": "lead_unit"}),
    Verb.HANDLE: (SIGNED, "reporter", {}),
    Verb.SUBMIT: (SIGNED, "reporter", {"figure": "1"}),
    Verb.RETURN: (SUBMITTED, "supervisor", {}),
    Verb.REQUEST_CLOSURE: (SUBMITTED, "supervisor", {}),
    Verb.CLOSE: (CLOSING, "office", {}),
    Verb.REFUSE_CLOSURE: (CLOSING, "office", {}),
    Verb.SUSPEND: (SIGNED, "office", {}),
    Verb.RESUME: ([*SIGNED, (Verb.SUSPEND, "office", {})], "office", {}),
    Verb.MERGE: (SIGNED, "supervisor", {"into": "another"}),
    Verb.REOPEN: (CLOSED, "supervisor", {}),
    Verb.LOOK_BACK: (CLOSED, "supervisor", {}),
    Verb.URGE: ([], "supervisor", {}),
    Verb.COMMENT: ([], "leader", {}),
    Verb.REDDEN: (SIGNED, "office", {}),
    Verb.WAIVE: (SIGNED, "leader", {}),
    Verb.EXTEND: (SIGNED, "reporter", EXTENSION),
    Verb.PROPOSE_SLIP: (SIGNED, "supervisor", {"level": 2}),
    Verb.SIGN_PART: (SIGNED, "other_reporter", {}),
    Verb.SUBMIT_PART: (PART_SIGNED, "other_reporter", {}),
    Verb.ACCEPT_PART: (PART_SUBMITTED, "reporter", {}),
    Verb.RETURN_PART: (PART_SUBMITTED, "reporter", {}),
    Verb.GRANT_EXTENSION: (ASKED, "office", {}),
    Verb.REFUSE_EXTENSION: (ASKED, "office", {}),
    Verb.SIGN_SLIP: (PROPOSED, "office", {}),
    Verb.DECLINE_SLIP: (PROPOSED, "office", {}),
    Verb.ANSWER_SLIP: ([*PROPOSED, (Verb.SIGN_SLIP, "office", {})], "reporter", {}),
}


def ready_for(world: World, verb: Verb) -> tuple[Item, str, dict[str, Any]]:
    """An item at which the verb is possible, who may do it, and what they type."""
    if verb is Verb.ASSIGN:
        return new_item(world, unit_id=None), "office", {"unit_id": world.unit.id}
    steps, who, typed = WAYS[verb]
    item = _item(world, verb)
    for before, actor, more in steps:
        do(world, item, before, actor, **more)
    replaced = {"lead_unit": world.lead_unit.id, "another": new_item(world).id}
    return (
        item,
        who,
        {name: replaced.get(value, value) if isinstance(value, str) else value for name, value in typed.items()},
    )


def _item(world: World, verb: Verb) -> Item:
    more: dict[str, Any] = {}
    if verb.value.endswith("_part"):
        more["parts"] = ((world.other_unit.id, "提供名单", None),)
    if verb is Verb.WAIVE:
        more.update(source=Source.RED, commitment_id=world.target.id)
    return new_item(world, **more)
