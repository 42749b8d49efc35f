"""Page furniture is marked where it can be told from the report, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.streams.feeds.clean import clean, furniture

TITLE = "Envoys leave the capital"
BODY = (
    "Two envoys left the capital on Monday after a quarrel over fishing rights, the foreign ministry said. "
    "Their government called the step regrettable and promised an answer within the week. "
    "Talks on the matter had been going on since the spring without any result. "
    "The opposition asked for a debate in parliament before the summer recess begins."
)


def marked(text: str, title: str = TITLE) -> list[str]:
    reading = f"{title}\n\n{text}" if title else text
    return [reading[start:end] for start, end in furniture(title, text)]


FLAT = [
    ("READ MORE: Harbour Town Votes for a New Mayor After Long Count The ministry gave no names.",
     "READ MORE: Harbour Town Votes for a New Mayor After Long Count"),
    ("READ Minister Quits Over Leaked Letter Officials would not comment on it.",
     "READ Minister Quits Over Leaked Letter"),
    ("ALSO READ: minister quits over leaked letter about the harbour The ministry gave no names.",
     "ALSO READ: minister quits over leaked letter about the harbour"),
    ("Read also: Who will follow the minister? Nobody has said so yet.", "Read also: Who will follow the minister?"),
    ("Lesen Sie auch: Wer folgt auf den Minister? Niemand weiß es.", "Lesen Sie auch: Wer folgt auf den Minister?"),
    ("Читайте также: Кто сменит министра? Пока никто не знает.", "Читайте также: Кто сменит министра?"),
    ("Photo credit: Ann Lee. The envoys were seen at the airport.", "Photo credit: Ann Lee."),
    ("The pair at the airport. - Photo by Ann B. Lee. It was raining.", "- Photo by Ann B. Lee."),
    ("They waved to the crowd (Photo: Ann Lee/Hill News) and left.", "(Photo: Ann Lee/Hill News)"),
    ("They waved to the crowd. [Image: hill.example] It was raining.", "[Image: hill.example]"),
    ("Follow us on Twitter and Facebook. It was raining.", "Follow us on Twitter and Facebook."),
    ("Sign up for our free daily newsletter here. It was raining.", "Sign up for our free daily newsletter here."),
    ("© 2021 Hill News Ltd. All rights reserved. It was raining.", "© 2021 Hill News Ltd. All rights reserved."),
    ("The post Envoys leave! appeared first on Hill News.", "The post Envoys leave! appeared first on Hill News."),
    ("Click here to see all pictures. It was raining.", "Click here to see all pictures."),
]  # fmt: skip


@pytest.mark.parametrize(("inset", "found"), FLAT, ids=[found[:24] for _, found in FLAT])
def test_furniture_inside_a_text_that_lost_its_lines(inset: str, found: str) -> None:
    """The pointer goes with its headline, and the sentence after it stays."""
    assert marked(f"{BODY} {inset} {BODY}") == [found]


@pytest.mark.parametrize(
    "line",
    [
        "READ MORE: Harbour town votes for a new mayor", "Also read: Harbour town votes", "Related stories", "Written By",
        "Advertisement", "Share on Facebook", "Facebook Twitter WhatsApp Email", "1,204 views", "12 shares", "3 Comments",
        "Tags: harbour, envoys", "© Hill News", "Copyright 2021 Hill News", "Read more", "Continue reading",
        "Leggi anche: Il sindaco", "Leave a comment", "Story continues below", "View all posts by Ann Lee",
    ],
)  # fmt: skip
def test_a_line_that_is_furniture_from_end_to_end(line: str) -> None:
    assert marked(f"{BODY}\n{line}\n{BODY}") == [line]


def test_a_list_of_other_articles_goes_with_its_heading_until_the_report_goes_on() -> None:
    listed = "Related stories\nHarbour town votes\nFishing fleet returns to port..."
    assert marked(f"{BODY}\n{BODY}\n{listed}\n{BODY}") == [listed]


@pytest.mark.parametrize("gap", [" ", "\n"])
def test_the_end_of_a_page_from_the_authors_box_to_the_comment_form(gap: str) -> None:
    """With lines or without, the teaser of another article between box and form is furniture too."""
    tail = gap.join(
        [
            "Written By",
            "More from Ann Lee",
            "Islands news on Friday: Harald Fisher calls it “a disgrace”",
            "9.15 am: former mayor Harald Fisher says the coast guard has...",
            "Read More",
            "Leave a comment",
            "Your email address will not be published. Required fields are marked *",
        ]
    )
    assert marked(f"{BODY} {BODY}{gap}{tail}") == [tail]


PROSE = [
    "He told the crowd to read more about the treaty. Related parties met.",
    "Readers could leave a comment on the page. Watch officials went home.",
    "More from the government is needed. More by chance than by plan, they met.",
    "Copyright law was changed in 2019 after a long debate.",
    "Follow the money, the minister said. Subscribe to peace, he added.",
    "Photo: the two envoys walk to their aircraft in the rain.",
    "The pair shared 12 views. Share prices fell. Tweets were deleted.",
    "You can read the minister's lips: no new taxes. Written by hand, the note was short.",
    "(Source: the ministry's yearly report)",
    "Latest news of the envoys came by radio.",
]


@pytest.mark.parametrize("prose", PROSE)
def test_the_same_words_in_prose_are_text(prose: str) -> None:
    assert marked(f"{BODY} {prose} {BODY}") == []
    assert marked(f"{BODY}\n{prose}\n{BODY}") == []


def test_a_text_that_shouts_throughout_has_no_pointers_by_capitals() -> None:
    assert marked("THE MINISTER SPOKE. READ MY LIPS, HE SAID. THE CROWD WENT HOME.", "") == []


def test_a_headline_whose_end_cannot_be_told_is_left_in_the_text() -> None:
    """Only the pointer itself is marked: to guess would cost the report a sentence."""
    inset = "harbour town votes for mayor with large turnout in spite of rain and wind people queued for hours to vote there."
    assert marked(f"{BODY} READ MORE: {inset[0].upper()}{inset[1:]} {BODY}") == ["READ MORE:"]


def test_spans_count_in_title_blank_line_and_text() -> None:
    assert furniture("Abc", "Advertisement") == ((5, 18),)
    assert furniture("", "Advertisement") == ((0, 13),)
    assert furniture("Advertisement", "") == ()


def test_given_text_is_not_changed_by_a_character() -> None:
    text = "  A  line \u00a0\r\n\tREAD MORE\n\n\n"
    cleaned = clean(" T ", text)
    assert (cleaned.title, cleaned.text) == (" T ", text)


def test_html_gives_title_paragraphs_and_marks() -> None:
    page = (
        "<html><head><title>Envoys leave | Hill News</title></head><body><nav>Home</nav><article><p>"
        + BODY
        + "</p><ul class='related'><li>Harbour town votes</li></ul><p>READ MORE: Fleet returns</p><p>It rained.</p>"
        "</article></body></html>"
    )
    cleaned = clean("", page, html=True, url="https://www.hillnews.example/1")
    reading = f"{cleaned.title}\n\n{cleaned.text}"
    assert cleaned.title == "Envoys leave"
    assert [reading[start:end] for start, end in cleaned.furniture] == [
        "Harbour town votes\n\nREAD MORE: Fleet returns"
    ]
    assert cleaned.text.endswith("It rained.")


WORDS = st.sampled_from(
    [
        "READ MORE: ",
        "Leave a comment",
        "More from Ann ",
        "Written By ",
        "The end. ",
        "\n",
        "... ",
        "© 2020 ",
        "word ",
        "Read More",
    ]
)


@given(st.lists(WORDS, max_size=30).map("".join), st.sampled_from(["", "Title"]))
def test_spans_are_in_order_apart_and_inside_the_text(text: str, title: str) -> None:
    size = len(f"{title}\n\n{text}") if title else len(text)
    at = len(title) + 1 if title else -1
    for start, end in furniture(title, text):
        assert at < start < end <= size
        at = end


@pytest.mark.parametrize(
    "piece",
    [
        "READ MORE: ",
        "Photo by A ",
        "More from A ",
        "Copyright A ",
        "Share ",
        "a. ",
        "Sign up to ",
        "\n",
        " ",
        ". ",
        "\xa0",
        "- ",
        "A.A ",
        "Facebook ",
        "1 ",
        "Leave a comment ",
        "“",
    ],
)
def test_hostile_repetition_is_marked_in_bounded_time(piece: str) -> None:
    """The test's time limit stops a reader that needs quadratic time."""
    furniture("", piece * (200_000 // len(piece)))
