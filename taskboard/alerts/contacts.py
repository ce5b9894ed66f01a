"""How each person can be reached. The rule is in models/reach.py, where the page of settings reads it too."""

from __future__ import annotations

from taskboard.models.reach import Contact, Reach, address_of, is_heard, reach

__all__ = ["Contact", "Reach", "address_of", "is_heard", "reach"]
