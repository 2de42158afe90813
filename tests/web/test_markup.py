"""Markdown and HTML of forms as HTML of pages: what is meant is kept, and nothing that could run."""

from __future__ import annotations

import pytest

from web.markdown import as_html
from web.sanitising import sanitised


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# A", "<h3>A</h3>"),
        ("###### A", "<h6>A</h6>"),
        ("a\nb\n\nc", "<p>a<br>b</p>\n<p>c</p>"),
        ("**a** and *b* and _c_", "<p><strong>a</strong> and <em>b</em> and <em>c</em></p>"),
        ("snake_case_name 2*3*4", "<p>snake_case_name 2*3*4</p>"),
        ("`<b> *x*`", "<p><code>&lt;b&gt; *x*</code></p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("> a", "<blockquote>a</blockquote>"),
        ("---", "<hr>"),
        ("```\n<x>\n```", "<pre class='code'>&lt;x&gt;</pre>"),
        (
            "[a_b_c](https://x.example/a_b_c?x=1&y=2)",
            '<p><a class="link" href="https://x.example/a_b_c?x=1&amp;y=2" rel="noopener noreferrer">a_b_c</a></p>',
        ),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ('[a](https://x" onclick="y)', "<p>[a](https://x&#34; onclick=&#34;y)</p>"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("", ""),
    ],
)
def test_markdown(text: str, html: str) -> None:
    assert as_html(text) == html


@pytest.mark.parametrize("text", ["*" * 50_000, "[" * 50_000, "_a" * 40_000, "`" * 50_000, "- " * 40_000, "#" * 50_000])
def test_markdown_of_any_kind_ends(text: str) -> None:
    assert len(as_html(text)) < 1_000_000


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<p>a <b>b</b></p>", "<p>a <b>b</b></p>"),
        ("<h1>a</h1>", "<h3>a</h3>"),
        ("a<br>b", "a<br>b"),
        (
            '<a href="https://x.example">a</a>',
            '<a class="link" href="https://x.example" rel="noopener noreferrer">a</a>',
        ),
        ('<a href="javascript:x">a</a>', "<a>a</a>"),
        ('<a href=" jav&#x61;script:x">a</a>', "<a>a</a>"),
        ('<p style="x" class="y" onclick="z">a</p>', "<p>a</p>"),
        ("<script>a</script>b", "b"),
        ("<scr<script>ipt>a</script>b", "ipt&gt;ab"),
        ("<style>p{}</style><iframe src=x>a</iframe>b", "b"),
        ("<svg><script>x</script></svg>b", "b"),
        ("<form><input><button>a</button></form>", "a"),
        ("<p>a", "<p>a</p>"),
        ("a</div></p>", "a"),
        ("<!-- a -->b<?x?>", "b"),
        ('<td colspan="2" rowspan="x">a</td>', '<td colspan="2">a</td>'),
        ("&lt;script&gt;", "&lt;script&gt;"),
    ],
)
def test_html(text: str, html: str) -> None:
    assert sanitised(text) == html


def test_deep_html_ends_and_is_closed() -> None:
    written = str(sanitised("<div>" * 10_000 + "a"))
    assert (written.count("<div>"), written.count("</div>")) == (50, 50)
