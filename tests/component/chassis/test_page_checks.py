"""The page checker finds what it promises to find."""

import pytest

from tests.pages import check_page

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FORM = (
    '<form action="/needs" method="post"><input type="hidden" name="key" value="1">'
    '<label for="title">Title</label><input id="title" name="title"></form>'
)


def a_page(
    main: str = "<h1>Today</h1>", *, html: str = 'lang="en" dir="ltr"', title: str = "Today"
) -> str:
    head = f"<head><title>{title}</title></head>"
    return f"<!doctype html><html {html}>{head}<body><main>{main}</main></body></html>"


def with_headline(markup: str) -> str:
    return a_page(f"<h1>Today</h1>{markup}")


def test_a_good_page_has_no_findings() -> None:
    links = '<a href="#title">Up</a> <a href="tel:+15550100142">Call</a> <a href="/next">Next</a>'

    assert check_page(with_headline(FORM + links), HEADERS) == []


@pytest.mark.parametrize(
    ("html", "finding"),
    [
        (a_page(html='dir="ltr"'), "lang"),
        (a_page(html='lang="en"'), "dir"),
        (a_page(title=" "), "title"),
        (a_page("<p>Today</p>"), "h1"),
        (a_page("<h1>Today</h1><h1>Again</h1>"), "h1"),
        ('<html lang="en" dir="rtl"><title>x</title><h1>x</h1></html>', "main"),
        (with_headline('<p id="a">1</p><p id="a">2</p>'), "id"),
        (with_headline('<p aria-describedby="nowhere">1</p>'), "reference"),
        (with_headline('<label for="nowhere">Name</label>'), "reference"),
        (with_headline('<a href="#nowhere">Down</a>'), "anchor"),
        (
            with_headline(
                FORM.replace('for="title"', 'for="key"').replace('type="h', 'id="key" type="h')
            ),
            "label",
        ),
        (with_headline(FORM.replace(">Title<", "> <")), "label"),
        (with_headline("<select name=kind></select>"), "label"),
        (with_headline(FORM.replace('action="/needs" ', "")), "form"),
        (with_headline(FORM.replace('method="post"', "")), "form"),
        (with_headline(FORM.replace('name="key" value="1"', 'name="key" value=""')), "form"),
        (with_headline(FORM.replace('type="hidden"', 'type="text" aria-label="Key"')), "form"),
        (with_headline(FORM.replace('id="title"', 'id="title" aria-invalid="true"')), "errors"),
        (with_headline("<style>p {}</style>"), "inline"),
        (with_headline('<p style="color: red">1</p>'), "inline"),
        (with_headline("<script>1</script>"), "inline"),
        (with_headline('<p onclick="go()">1</p>'), "inline"),
        (with_headline('<p hx-on:click="go()">1</p>'), "inline"),
        (with_headline('<a href="javascript:go()">1</a>'), "inline"),
        (with_headline('<p hx-vals="js:{a: 1}">1</p>'), "inline"),
        (with_headline('<img alt="" src="https://elsewhere.example/a.png">'), "origin"),
        (with_headline('<script src="//elsewhere.example/a.js"></script>'), "origin"),
        (with_headline('<a href="https://elsewhere.example/">Out</a>'), "origin"),
        (with_headline('<p hx-get="http://elsewhere.example/">1</p>'), "origin"),
        (with_headline("<p>⟦offer_closed⟧</p>"), "words"),
        (with_headline("<p>{{ name }}</p>"), "words"),
        (with_headline('<p title="until %(day)s">1</p>'), "words"),
        (a_page(title="⟦today⟧"), "words"),
    ],
)
def test_one_fault_is_the_one_finding(html: str, finding: str) -> None:
    assert {found.split(":")[0] for found in check_page(html, HEADERS)} == {finding}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Security-Policy", None),
        ("Content-Security-Policy", HEADERS["Content-Security-Policy"] + "; img-src *"),
        ("Content-Security-Policy", HEADERS["Content-Security-Policy"].replace("'none'", "'self'")),
        ("Content-Security-Policy", HEADERS["Content-Security-Policy"] + " 'unsafe-inline'"),
        ("X-Content-Type-Options", None),
        ("Referrer-Policy", "unsafe-url"),
        ("Cache-Control", "private"),
    ],
)
def test_a_weak_header_is_found(name: str, value: str | None) -> None:
    headers = {**HEADERS, name: value or ""}

    findings = check_page(a_page(), headers)

    assert [found.split()[1] for found in findings] == [name.lower()]


def test_an_error_summary_that_leads_to_the_field_is_enough() -> None:
    summary = '<section class="errors"><a href="#title">Say it</a></section>'
    wrong = FORM.replace('id="title"', 'id="title" aria-invalid="true"')

    assert check_page(with_headline(summary + wrong), HEADERS) == []


def test_our_own_origin_and_a_marked_link_outside_are_fine() -> None:
    ours = '<a href="https://school.example/plans">Plans</a>'
    outside = '<a href="https://club.example/" rel="external noopener noreferrer">The club</a>'

    assert check_page(with_headline(ours + outside), HEADERS, origin="https://school.example") == []
