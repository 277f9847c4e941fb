"""The inspection of pages finds what it is there to find."""

import pytest

from tests.web.pages import inspected

GOOD = """<!doctype html><html lang="en" dir="ltr"><head><title>Basket · Site</title></head><body><main>
<h1>Basket</h1>{}</main></body></html>"""


def test_a_good_page_has_no_problems():
    form = '<form method="post" action="/en/basket"><input type="hidden" name="csrf_token" value="x"></form>'
    assert (
        inspected(GOOD.format(form + '<a href="/en/">Home</a><label>Tonnes <input name="t"></label>')) == []
    )


@pytest.mark.parametrize(
    "markup,problem",
    [
        ("<h1>Again</h1>", "one h1"),
        ("<h3>Deep</h3>", "headings jump"),
        ('<input name="quantity">', "no label"),
        ('<label for="a"></label><input id="a" name="quantity">', "no label"),
        ("<button></button>", "a button has no words"),
        ('<form method="post" action="/x"><button>Go</button></form>', "no CSRF token"),
        ('<form action=""><button>Go</button></form>', "empty action"),
        ("<script>go()</script>", "inline script"),
        ('<p style="color:red">x</p>', "inline style"),
        ("<style>p{}</style>", "inline style"),
        ('<a href="/x" onclick="go()">x</a>', "event handler"),
        ('<p id="a">x</p><p id="a">y</p>', "2 elements have the id a"),
        ('<a href="">x</a>', "leads nowhere"),
        ('<a href="#nothing">x</a>', "not there"),
        ('<a href="/x"></a>', "has no words"),
        ('<div hx-get="/x">x</div>', "does nothing without a script"),
        ('<img alt="x" src="https://elsewhere.example/x.png">', "comes from elsewhere"),
        ("<p>None</p>", "the text holds 'None'"),
        ("<p>%(tonnes)s t</p>", "the text holds"),
        ('<a href="/en/orders/None">x</a>', "href of <a>"),
        ('<p aria-describedby="hint">x</p>', "points at #hint"),
        ("<p><div>x</div></p>", "unexpected-end-tag"),
    ],
)
def test_each_problem_is_found(markup: str, problem: str):
    found = inspected(GOOD.format(markup))
    assert any(problem in text for text in found), found


def test_the_frame_of_a_page_is_needed():
    found = inspected("<!doctype html><html><head><title>Site</title></head><body></body></html>")
    assert {"html has no language", "html has no direction", "one main is needed"} <= set(found)
    assert "one h1 with words is needed: []" in found
    assert "the title says no more than 'Site'" in found


def test_a_polling_element_needs_no_address_for_readers():
    assert inspected(GOOD.format('<div hx-get="/x" hx-trigger="every 2s">x</div>')) == []
