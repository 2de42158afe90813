"""What a person without scripts does: open a page, fill in its form, send it."""

from __future__ import annotations

from dataclasses import dataclass

from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse


@dataclass
class Visitor:
    """Opens pages and sends their forms as they are, with a few fields changed."""

    client: FlaskClient

    def open(self, address: str) -> html.HtmlElement:
        """Give a page that answers 200."""
        response = self.client.get(address, follow_redirects=True)
        assert response.status_code == 200, response.text
        return html.fromstring(response.text)

    def send(self, address: str, action: str, **changed: str) -> TestResponse:
        """Send the form on `address` whose action contains `action`."""
        form = next(form for form in self.open(address).forms if action in (form.action or ""))
        fields = {name: value for name, value in form.form_values()}
        return self.client.post(form.action, data={**fields, **changed})


def text_of(page: html.HtmlElement, path: str) -> str:
    """Give the words at an XPath, spaces joined."""
    words = [text for node in page.xpath(path) for text in node.itertext()]
    return " ".join(" ".join(words).split())
