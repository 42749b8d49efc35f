"""HTML of any quality becomes paragraphs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.streams.feeds.markup import html_to_text, one_line, read_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("<p>One.<p>Two.", "One.\n\nTwo."),
        ("One.<br><br>Two.<br/>Three.", "One.\n\nTwo.\nThree."),
        ("<h2>Head</h2>Text <b>bold</b>\n and more", "Head\n\nText bold and more"),
        ("<ul><li>a<li>b</ul>", "a\n\nb"),
        ("a&nbsp;b &amp; c &lt; d", "a b & c < d"),
        ("<script>no()</script><style>x{}</style><p>Yes.</p>", "Yes."),
        ("<nav>Home</nav><p>Yes.</p><footer>Foot</footer><form>Mail</form><aside>More</aside>", "Yes."),
        ("before <!-- not > this --> after", "before  after".replace("  ", " ")),
        ("cut off <!-- and gone", "cut off"),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
        ("<![CDATA[<p>In.</p>]]>", "In."),
        ("<a title='x > y'>link</a> text", "link text"),
        ("", ""),
    ],
)
def test_markup_becomes_paragraphs(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_the_article_of_a_page_is_taken_and_its_title_found() -> None:
    page = read_html(
        "<html><head><title>Envoy recalled | Hill</title></head><body><div>Weather: rain</div><article><h1>Envoy recalled"
        "</h1><p>The envoy left the capital on Monday, the ministry said.</p></article><div>Old news</div></body></html>"
    )
    assert page.title == "Envoy recalled"
    assert [block.text for block in page.blocks] == [
        "Envoy recalled",
        "The envoy left the capital on Monday, the ministry said.",
    ]


def test_boxes_and_mere_links_are_marked_and_kept() -> None:
    page = read_html(
        "<p>The envoy left the capital on Monday, the ministry said in a long statement.</p>"
        "<div class='post-related'><p>Other story</p></div><p><a href='/x'>Another headline</a></p><p>It <a>ended</a>.</p>"
    )
    assert [(block.text, block.furniture) for block in page.blocks[1:]] == [
        ("Other story", True), ("Another headline", True), ("It ended.", False),
    ]  # fmt: skip


def test_a_page_that_is_all_in_a_box_is_not_furniture() -> None:
    page = read_html("<div class='comments'><p>The report itself stands in here, oddly.</p></div>")
    assert not page.blocks[0].furniture


@pytest.mark.parametrize(
    ("title", "plain"),
    [("A &amp; B", "A & B"), ("<i>A</i> b", "A b"), ("AT&T", "AT&T"), (" a\n b ", "a b"), ("3 < 4", "3 < 4")],
)
def test_a_title_is_plain_text_on_one_line(title: str, plain: str) -> None:
    assert one_line(title) == plain


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<a ", "&", "<!x", "<?", "<div>", "</p>", "<a b='", "<script>", "<article>", "</", '<a b=">']
)
def test_hostile_repetition_is_read_in_linear_time(piece: str) -> None:
    """A quadratic reader would be stopped by the test's time limit: it needs minutes for these."""
    html_to_text(piece * (400_000 // len(piece)))


@given(st.text(alphabet="<>/!-&;pabr='\" \n", max_size=60))
def test_no_text_makes_the_reader_fail(html: str) -> None:
    assert "\n\n\n" not in html_to_text(html)
