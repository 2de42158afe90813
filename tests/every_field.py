"""A form with every component of Camunda Forms, and the variables of a process that shows it."""

from __future__ import annotations

from typing import Any

from unit.forms.filling_in import field

VALUES = {"values": [{"label": "Fire", "value": "fire"}, {"label": "Water", "value": "water"}]}
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
ROWS = {"type": "dynamiclist", "path": "moves", "label": "Moves", "components": [field("textfield", "name")]}
EVERYTHING: list[dict[str, Any]] = [
    {"type": "text", "text": "# Hello {{who}}\n\n* **one** <script>alert(1)</script>"},
    {"type": "html", "content": "<p onclick='x()'>plain <b>bold</b><script>alert(1)</script></p>"},
    field("textfield", "name", description="As on the badge", validate={"required": True, "minLength": 2}),
    field("textfield", "mail", validate={"validationType": "email"}),
    field("number", "level", appearance={"prefixAdorner": "Lv", "suffixAdorner": "of 100"}, validate={"max": 100}),
    field("datetime", "born"),
    field("datetime", "at", subtype="time"),
    field("datetime", "seen", subtype="datetime"),
    field("textarea", "story"),
    field("checkbox", "tame"),
    field("radio", "kind", **VALUES),
    field("select", "second", **VALUES),
    field("checklist", "likes", **VALUES),
    field("taglist", "tags", **VALUES),
    field("textfield", "fixed", readonly=True),
    field("select", "chosen", disabled=True, **VALUES),
    field("textfield", "why", conditional={"hide": "=tame"}, validate={"required": True}),
    {"type": "group", "label": "Owner", "path": "owner", "components": [field("textfield", "town")]},
    ROWS,
    {"type": "table", "label": "Past", "dataSource": "=past", "columns": [{"key": "n", "label": "Number"}]},
    {"type": "image", "source": PIXEL, "alt": "A pixel"},
    {"type": "image", "source": "https://elsewhere.example/x.png", "alt": "Far"},
    {"type": "iframe", "url": "https://elsewhere.example/", "label": "Frame"},
    {"type": "filepicker", "key": "file", "label": "Papers"},
    {"type": "expression", "key": "twice", "expression": "=level * 2"},
    {"type": "separator"},
    {"type": "spacer"},
    {"type": "button", "label": "Go"},
]
VARIABLES = {
    "who": "<Ash>",
    "fixed": "stays",
    "chosen": "water",
    "past": [{"n": 1}, {"n": 2}],
    "moves": [{"name": "Cut"}],
}
