"""Passwords: how they are kept, what makes a good one, what too many wrong ones do.

Argon2id with 19 MiB, two passes and one lane, about 35 ms on a small server. Length, classes, age and
history follow the classified-protection profile; all are named here.
"""

from __future__ import annotations

import json
import secrets
import string
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from taskboard.errors import Refused
from taskboard.models.person import Person

SHORTEST, LONGEST = 8, 128
CLASSES_NEEDED = 3
HISTORY = 5
MAX_AGE = timedelta(days=90)
FAILURES_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)
TOO_COMMON = ("password", "12345678", "qwerty", "admin123", "gongshu123", "11111111", "abc123", "iloveyou", "passw0rd")

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody's password: hashed so that an unknown login takes as long as a known one")


def hash_password(text: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(text)


def matches(kept: str, text: str) -> bool:
    """Whether the password fits the hash; takes as long where there is no hash."""
    try:
        return _hasher.verify(kept or _NOBODY, text[:LONGEST]) and bool(kept)
    except (VerifyMismatchError, InvalidHashError):
        return False


def check_policy(person: Person, text: str) -> None:
    """Raise Refused with what is wrong and what to do."""
    classes = sum(
        any(c in group for c in text) for group in (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    ) + any(not c.isalnum() or ord(c) > 127 for c in text)
    lower = text.casefold()
    if not SHORTEST <= len(text) <= LONGEST:
        raise Refused(f"新密码应为 {SHORTEST} 至 {LONGEST} 个字符")
    if classes < CLASSES_NEEDED:
        raise Refused("新密码应包含大写字母、小写字母、数字、符号中的至少三类")
    if person.login in lower or any(word in lower for word in TOO_COMMON):
        raise Refused("新密码不能包含账号或常见密码，请换一个")
    if any(matches(old, text) for old in [person.password_hash, *_history(person)] if old):
        raise Refused(f"新密码不能与最近 {HISTORY} 次用过的密码相同")


def set_password(person: Person, text: str, at: datetime, must_change: bool = False) -> None:
    """Give a person a new password; the policy has been checked by the caller."""
    history = [old for old in [person.password_hash, *_history(person)] if old][: HISTORY - 1]
    person.password_hash = hash_password(text)
    person.password_history = json.dumps(history)
    person.password_set_at = at
    person.must_change_password = must_change
    person.failures, person.locked_until = 0, None


def one_time_password() -> str:
    """A random password of all classes, to be handed over and changed at the first login."""
    alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
    return "".join(secrets.choice(alphabet) for _ in range(14)) + secrets.choice("@#%+=") + secrets.choice("23456789")


def is_locked(person: Person, now: datetime) -> bool:
    """Whether too many wrong passwords have locked the account."""
    return person.locked_until is not None and now < person.locked_until


def count_failure(person: Person, now: datetime) -> bool:
    """Count a wrong password; returns whether it locked the account."""
    person.failures += 1
    if person.failures < FAILURES_ALLOWED:
        return False
    person.failures, person.locked_until = 0, now + LOCKED_FOR
    return True


def is_too_old(person: Person, now: datetime) -> bool:
    """Whether the password must be changed for its age."""
    return person.password_set_at is not None and now - person.password_set_at > MAX_AGE


def _history(person: Person) -> list[str]:
    return list(json.loads(person.password_history or "[]"))
