"""Units as the district's tables write them: several in a cell, by alias, or all of a kind at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

SEPARATORS = re.compile(r"[、,;/|\n\r。]+")
JOINTS = re.compile(r"以及|及|和|与")
DISTRICT = re.compile(r"^[一-鿿]{2,3}区(?=[一-鿿])")


class UnknownUnit(Exception):
    """A name the directory does not hold; `nearest` is the likeliest meant, or empty."""

    def __init__(self, text: str, nearest: str = "") -> None:
        super().__init__(f"找不到‘{text}’" + (f"，是否为‘{nearest}’？" if nearest else "。"))
        self.text, self.nearest = text, nearest


def normal(text: str) -> str:
    """Full-width to half-width, no-break and zero-width spaces gone, ends trimmed."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\u200b-\u200d\u2060\ufeff]", "", plain).strip()


def compact(text: str) -> str:
    """As `normal`, and without any space or line break: how names and headers are compared."""
    return re.sub(r"\s+", "", normal(text))


def standard_collectives(subdistricts: Iterable[str], parks: Iterable[str]) -> dict[str, list[str]]:
    """The collective names of territories that need no list of their own."""
    streets, gardens = list(subdistricts), list(parks)
    every = [*streets, *gardens]
    both = (
        "各街道、园区",
        "各街道(园区)",
        "各街道园区",
        "各街道和园区",
        "各街道及园区",
        "各街道、科技园区",
        "街道园区",
    )
    return {"各街道": streets, "各街道办事处": streets, "各园区": gardens, **dict.fromkeys(both, every)}


class Directory:
    """The units by name, alias and collective name. Built from values alone."""

    def __init__(
        self,
        units: Mapping[str, int],
        aliases: Mapping[str, str] | None = None,
        collectives: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.units = dict(units)
        self._names = {compact(alias): name for alias, name in (aliases or {}).items() if name in self.units}
        self._names |= {compact(name): name for name in units}
        self._collectives = {compact(key): list(names) for key, names in (collectives or {}).items()}

    def resolve(self, text: str) -> list[str]:
        """The unit names meant by a cell, each once, in the order written. Raises UnknownUnit for the first unknown."""
        found: list[str] = []
        for part in self._split(text):
            found += [name for name in self._one(part) if name not in found]
        return found

    def _split(self, text: str) -> list[str]:
        """Collective names go first, since some hold a separator themselves (各街道、园区)."""
        plain = normal(text)
        for number, key in enumerate(sorted(self._collectives, key=len, reverse=True)):
            plain = plain.replace(key, f"、\x00{number}\x00、") if "、" in key else plain
        keys = sorted(self._collectives, key=len, reverse=True)
        parts = [part.strip() for part in SEPARATORS.split(plain)]
        return [re.sub("\x00(\\d+)\x00", lambda m: keys[int(m[1])], part) for part in parts if part]

    def _one(self, part: str) -> list[str]:
        whole = self._known(compact(part))
        if whole:
            return whole
        for pieces in (part.split(), JOINTS.split(compact(part))):
            known = [self._known(compact(piece)) for piece in pieces if piece]
            if len(known) > 1 and all(known):
                return [name for names in known for name in names]
        for piece in part.split():
            if not self._known(compact(piece)):
                raise UnknownUnit(piece, self._nearest(compact(piece)))
        raise UnknownUnit(part, self._nearest(compact(part)))

    def _known(self, name: str) -> list[str]:
        if name in self._collectives:
            return self._collectives[name]
        without = DISTRICT.sub("", name)
        for form in (name, "区" + name, name.removeprefix("区"), "区" + without, without, name + "街道"):
            if form in self._names:
                return [self._names[form]]
        return []

    def _nearest(self, name: str) -> str:
        near = get_close_matches(name, [*self._names, *self._collectives], n=1, cutoff=0.4)
        return self._names.get(near[0], near[0]) if near else ""
