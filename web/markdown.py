"""A part of Markdown as HTML: headings, paragraphs, emphasis, code, links, lists, quotes, lines. All else is text.

The text is escaped before anything is made of it, so nothing in it can become a tag of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

MAX_LENGTH = 100_000
# A page has its own headings of the first two levels.
_FIRST_LEVEL = 2

_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_ITEM = re.compile(r"\s{0,8}(?:([-*+])|(\d{1,3})[.)])\s+(\S.*)")
_RULE = re.compile(r"\s{0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})")
_CODE = re.compile(r"`([^`\n]{1,1000})`")
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\]\(((?:https?://|mailto:)[^\s()<>]{1,1000})\)")
_STRONG = re.compile(r"(?:\*\*(?=\S)([^*\n]{1,1000}?)\*\*|__(?=\S)([^_\n]{1,1000}?)__)")
_EMPHASIS = re.compile(r"(?<![\w*])(?:\*(?=\S)([^*\n]{1,1000}?)\*|_(?=\S)([^_\n]{1,1000}?)_)(?![\w*])")


def as_html(text: object) -> Markup:
    """Give a text in Markdown as HTML."""
    lines = str(text or "")[:MAX_LENGTH].replace("\r\n", "\n").split("\n")
    return Markup("\n".join(_blocks(lines)))


def _blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif line.startswith("```"):
            end = _until(lines, at + 1, lambda each: each.startswith("```"))
            yield f"<pre class='code'>{escape(chr(10).join(lines[at + 1 : end]))}</pre>"
            at = end + 1
        elif heading := _HEADING.fullmatch(line.strip()):
            level = min(len(heading[1]) + _FIRST_LEVEL, 6)
            yield f"<h{level}>{_words(heading[2])}</h{level}>"
            at += 1
        elif _RULE.fullmatch(line):
            yield "<hr>"
            at += 1
        elif _ITEM.fullmatch(line):
            end = _until(lines, at, lambda each: not _ITEM.fullmatch(each))
            yield _list(lines[at:end])
            at = end
        elif line.startswith(">"):
            end = _until(lines, at, lambda each: not each.startswith(">"))
            yield f"<blockquote>{'<br>'.join(_words(each[1:].strip()) for each in lines[at:end])}</blockquote>"
            at = end
        else:
            end = _until(lines, at + 1, _begins_something)
            yield f"<p>{'<br>'.join(map(_words, lines[at:end]))}</p>"
            at = end


def _until(lines: list[str], at: int, stops: object) -> int:
    assert callable(stops)
    while at < len(lines) and not stops(lines[at]):
        at += 1
    return at


def _begins_something(line: str) -> bool:
    begins = (_HEADING.fullmatch(line.strip()), _RULE.fullmatch(line), _ITEM.fullmatch(line))
    return not line.strip() or line.startswith((">", "```")) or any(begins)


def _list(lines: list[str]) -> str:
    items = [found for line in lines if (found := _ITEM.fullmatch(line))]
    tag = "ol" if items[0][2] else "ul"
    return f"<{tag}>{''.join(f'<li>{_words(item[3])}</li>' for item in items)}</{tag}>"


def _words(text: str) -> str:
    """Give one line as HTML; what stands in code is left as it is."""
    parts = _CODE.split(text.strip())
    return "".join(
        f"<code>{escape(part)}</code>" if at % 2 else _marked(str(escape(part))) for at, part in enumerate(parts)
    )


def _marked(escaped: str) -> str:
    linked = _LINK.sub(r'<a class="link" href="\2" rel="noopener noreferrer">\1</a>', escaped)
    # A link's address may hold underscores and stars: only what is between tags is looked at.
    pieces = re.split(r"(<[^>]*>)", linked)
    return "".join(piece if at % 2 else _emphasised(piece) for at, piece in enumerate(pieces))


def _emphasised(text: str) -> str:
    strong = _STRONG.sub(lambda found: f"<strong>{found[1] or found[2]}</strong>", text)
    return _EMPHASIS.sub(lambda found: f"<em>{found[1] or found[2]}</em>", strong)
