"""A page as elements, text that tries to become some, and what the page of a run has to draw."""

import json
import re
from html.parser import HTMLParser

HOSTILE = "\"'><script>alert(1)</script></title></svg><img src=x onerror=y>\u202e\x1b{{ 7 * 7 }}"
VOID = {"meta", "br", "rect", "line", "img", "link"}


class Shape(HTMLParser):
    """Elements that open and close, and their attributes."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def named(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def assert_pictures(out):
    """Make sure that the page draws each vote and each auction of the run."""
    page = (out / "report.html").read_text("utf-8")
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report["elections"]
    assert report["awards"]
    assert page.count('<figure class="election">') == len(report["elections"])
    assert page.count('<figure class="lot">') == len(report["awards"])
    assert page.count('<th scope="row">') == len(report["awards"])
    for election in report["elections"]:
        silent = sum(ballot["choice"] is None for ballot in election["ballots"])
        voted = len(election["ballots"]) - silent
        assert f"{voted} voted, {silent} abstained, {len(election['missing'])} gave no" in page
    assert page.count('class="winner"') >= sum(bool(award["winner"]) for award in report["awards"])
    assert "67% needed" in page
    assert "quorum: " in page
    assert not re.search(r"<[^>]*\s(src|href)\s*=|url\(|@import|<script", page)
