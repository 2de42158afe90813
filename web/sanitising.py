"""HTML from a form made safe: read, and written anew with the tags and attributes that do no harm.

Nothing of the text is kept as it is: what is not on the lists does not come out, and every text is escaped."""

from __future__ import annotations

from html.parser import HTMLParser

from markupsafe import Markup, escape

MAX_LENGTH = 100_000
MAX_DEPTH = 50
_VOID = frozenset({"br", "hr"})
_HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}
_TEXT = ("p", "div", "span", "br", "hr", "pre", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", *_HEADINGS.values())
_MARKS = ("a", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "code")
_TABLE = ("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td")
_KEPT = frozenset({*_TEXT, *_MARKS, *_TABLE})
# What is in them is no text for people.
_DROPPED = frozenset(
    {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea"}
)
_SCHEMES = ("https://", "http://", "mailto:")


def sanitised(text: object) -> Markup:
    """Give HTML without anything that runs, is loaded or looks like a part of the page."""
    writer = _Writer()
    writer.feed(str(text or "")[:MAX_LENGTH])
    writer.close()
    return Markup(writer.result())


class _Writer(HTMLParser):
    """Writes what it reads, as far as it is allowed; open tags are closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._open: list[str] = []
        self._dropping: str | None = None
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag that is kept."""
        if self._dropping is not None:
            self._depth += tag == self._dropping
        elif tag in _DROPPED:
            self._dropping, self._depth = tag, 1
        else:
            name = _HEADINGS.get(tag, tag)
            if name in _KEPT and len(self._open) < MAX_DEPTH:
                self._pieces.append(f"<{name}{_attributes(name, dict(attrs))}>")
                if name not in _VOID:
                    self._open.append(name)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag, and those that are open in it."""
        if self._dropping is not None:
            self._depth -= tag == self._dropping
            self._dropping = None if self._depth == 0 else self._dropping
            return
        name = _HEADINGS.get(tag, tag)
        while name in self._open:
            closed = self._open.pop()
            self._pieces.append(f"</{closed}>")
            if closed == name:
                return

    def handle_data(self, data: str) -> None:
        """Write a text."""
        if self._dropping is None:
            self._pieces.append(str(escape(data)))

    def result(self) -> str:
        """Give what was written, with every tag closed."""
        return "".join(self._pieces) + "".join(f"</{name}>" for name in reversed(self._open))


def _attributes(name: str, given: dict[str, str | None]) -> str:
    href = (given.get("href") or "").strip()
    if name == "a" and href.lower().startswith(_SCHEMES):
        return f' class="link" href="{escape(href)}" rel="noopener noreferrer"'
    if name in ("td", "th"):
        spans = {span: given.get(span) or "" for span in ("colspan", "rowspan")}
        return "".join(f' {span}="{count}"' for span, count in spans.items() if count.isascii() and count.isdigit())
    return ""
