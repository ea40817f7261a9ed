"""A page as elements, and text that tries to become some."""

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
