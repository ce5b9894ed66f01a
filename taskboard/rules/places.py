"""Where things stand in a TOML text: the line of every key, entry and word. tomllib reads values but forgets lines."""

import re

Place = tuple[str | int, ...]
"""A way into a rule set: ("amount", 2, "when") is the condition of the second band for amounts."""

_KEY = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]+")


def place_words(place: Place) -> str:
    """A place for people: amount 第 2 条 when."""
    said = ""
    for part in place:
        if isinstance(part, int):
            said += f" 第 {part} {'项' if '第' in said else '条'}"
        else:
            said += (" " if said.endswith(("条", "项")) else "." if said else "") + part
    return said.strip()


def line_of(text: str, place: Place, word: str = "") -> int:
    """The line on which the entry, or the word within it, stands; of a missing entry the line of its parent."""
    text = text.replace("\r\n", "\n")
    try:
        spans = _Scanner(text).run()
    except RecursionError:  # nested beyond all sense: there is no line to tell
        return 1
    while place and place not in spans:
        place = place[:-1]
    start, end = spans.get(place, (0, 0))
    if word and (found := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text[start:end])):
        start += found.start()
    return text.count("\n", 0, start) + 1


class _Scanner:
    """Walks a text that tomllib has accepted, and so need not doubt it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spans: dict[Place, tuple[int, int]] = {}
        self.counts: dict[Place, int] = {}

    def run(self) -> dict[Place, tuple[int, int]]:
        """From where to where each entry reaches; entries of lists are counted from 1."""
        table: Place = ()
        while self.skip() < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
        return self.spans

    def skip(self) -> int:
        """Over blanks and comments."""
        self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches nothing too
        return self.at

    def keys(self) -> list[str]:
        """A key, which dots may divide."""
        found = []
        while match := _KEY.match(self.text, self.at):
            found.append(match[1].strip("\"'"))
            self.at = match.end()
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
        return found

    def header(self) -> Place:
        """[table] or [[entry of a list]]."""
        start, many = self.at, self.text.startswith("[[", self.at)
        self.at += 1 + many
        keys = self.keys()
        self.at += 1 + many
        place = (*self.resolved(keys[:-1]), keys[-1])
        self.note(place, start)
        if many:
            self.counts[place] = self.counts.get(place, 0) + 1
        place = self.resolved(keys)
        self.note(place, start)
        return place

    def resolved(self, keys: list[str]) -> Place:
        """Under a list, its last entry is meant."""
        place: Place = ()
        for key in keys:
            place = (*place, key)
            if place in self.counts:
                place = (*place, self.counts[place])
        return place

    def pair(self, table: Place) -> None:
        """key = value"""
        start = self.at
        keys = self.keys()
        self.at += 1
        self.value((*table, *keys), start)
        for n in range(1, len(keys)):
            self.note((*table, *keys[:n]), start)

    def value(self, place: Place, start: int) -> None:
        self.skip()
        opening = self.text[self.at]
        if opening == "[":
            self.many(place, "]")
        elif opening == "{":
            self.many(place, "}")
        elif match := (_STRING if opening in "\"'" else _SCALAR).match(self.text, self.at):
            self.at = match.end()
        self.note(place, start)

    def many(self, place: Place, closing: str) -> None:
        """The entries of a list or an inline table."""
        self.at += 1
        n = 0
        while self.text[self.skip()] != closing:
            if self.text[self.at] == ",":
                self.at += 1
            elif closing == "}":
                self.pair(place)
            else:
                n += 1
                self.value((*place, n), self.at)
        self.at += 1

    def note(self, place: Place, start: int) -> None:
        self.spans.setdefault(place, (start, self.at))
