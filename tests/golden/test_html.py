"""The HTML report: whole, closed in itself, and about what was found."""

import base64
import hashlib
import os
import re
import unittest
from html.parser import HTMLParser

from harness import GoldenTest

VOID = {"meta", "input", "br", "hr", "wbr"}


class Page(HTMLParser):
    """Refuses what is not well-formed; gathers what a test asks for."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.ids = []
        self.links = []
        self.tags = []
        self.text = ""
        self.raw = {"style": "", "script": ""}
        self.policy = ""
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        assert len(values) == len(attrs), f"an attribute twice: {attrs}"
        assert None not in values.values(), f"an attribute without a value: {attrs}"
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("href", "src", "action", "srcset", "data"):
            if name in values:
                self.links.append(values[name])
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open} at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]] += data
        else:
            self.text += data

    def with_class(self, name):
        return [values for _, values in self.tags if name in values.get("class", "").split()]


class Html(GoldenTest):
    def setUp(self):
        super().setUp()
        self.take_shop()

    def page(self, *args):
        result = self.snarl("check", "-o", "html:r.html", *args)
        self.assertEqual((result.status, result.out, result.err), (1, "", ""))
        return Page(self.project.read("r.html"))

    def test_all_findings_with_their_stories(self):
        page = self.page()
        findings = page.with_class("finding")
        self.assertEqual(sorted(finding["data-rule"] for finding in findings),
                         ["blocking-in-callback", "check-then-act", "lock-order-cycle"])
        self.assertEqual([finding["id"] for finding in findings], ["f1", "f2", "f3"])
        self.assertIn("open", findings[0])
        self.assertNotIn("open", findings[1])
        self.assertGreaterEqual(len(page.with_class("of2")), 2)
        self.assertIn("src/clerk.c:", page.text)
        self.assertNotIn(self.project.dir, page.text)

    def test_links_stay_inside(self):
        page = self.page()
        self.assertEqual(len(page.ids), len(set(page.ids)))
        self.assertTrue(page.links)
        for link in page.links:
            self.assertTrue(link.startswith("#"), link)
            self.assertIn(link[1:], page.ids)
        self.assertNotRegex(page.raw["style"], r"url\(|@import")

    def test_the_policy_knows_the_script(self):
        page = self.page()
        digest = base64.b64encode(hashlib.sha256(page.raw["script"].encode()).digest()).decode()
        self.assertIn(f"script-src 'sha256-{digest}'", page.policy)
        self.assertIn("default-src 'none'", page.policy)

    def test_the_program_is_shown(self):
        page = self.page()
        self.assertEqual(sum(tag == "svg" for tag, _ in page.tags), 1)
        edges = page.with_class("edge")
        self.assertEqual(len(edges), 2)
        for edge in edges: # desk and till, each held while the other is waited for
            self.assertIn("cycle", edge["class"].split())
            self.assertIn(edge["href"][1:], page.ids)
        self.assertEqual(len(page.with_class("node")), 2)
        self.assertEqual(len(page.with_class("map")), 1)
        self.assertIn("seats_left", page.text.split("Shared variables")[-1])
        self.assertIn("on_print", page.text.split("What callbacks wait for")[-1])

    def test_headings_do_not_leave_out_a_level(self):
        levels = [int(tag[1]) for tag, _ in self.page().tags if re.fullmatch(r"h[1-6]", tag)]
        self.assertEqual(levels[0], 1)
        self.assertEqual(levels.count(1), 1)

    def test_a_folder(self):
        for _ in range(2):
            self.assertEqual(self.snarl("check", "-o", "html:report/").status, 1)
            self.assertEqual(os.listdir(self.project.path("report")), ["index.html"])
        self.snarl("check", "-o", "html:r.html")
        self.assertEqual(self.snarl("check", "-o", "html:report").status, 1)
        self.assertEqual(self.project.read("report/index.html"), self.project.read("r.html"))

    def test_the_same_bytes(self):
        self.snarl("check", "-o", "html:a.html", "-j1", "--db", "a.db")
        self.snarl("check", "-o", "html:b.html", "-j4", "--db", "b.db")
        self.assertEqual(self.project.read("a.html"), self.project.read("b.html"))

    def test_odd_names_and_lines(self):
        name = "src/<b>größe 'und' \"so\"&amp;.c"
        source = self.project.read("src/clerk.c").encode()
        self.project.write(name, source.replace(b"usleep(", b"/* </pre>\xff<script> */ usleep("))
        self.project.compdb("src/main.c", name)
        page = self.page()
        self.assertIn(name, {finding["data-file"] for finding in page.with_class("finding")})
        self.assertIn("/* </pre>\ufffd<script> */", page.text)
        self.assertEqual(sum(tag == "script" for tag, _ in page.tags), 1)

    def test_the_worst_ones(self):
        page = self.page("--max=1")
        self.assertEqual(len(page.with_class("finding")), 1)
        self.assertIn("2 more are left out by --max", page.text)


if __name__ == "__main__":
    unittest.main()
