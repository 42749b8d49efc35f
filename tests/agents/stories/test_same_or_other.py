"""Reports read and put into stories: one affair is one story however it is told, another affair is another story."""

from itertools import permutations

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load
from tocsin.agents.stories.place import stories_of

BOTH = [
    ("US and Russia expel ten diplomats each", ""),
    ("Tit-for-tat: Washington, Moscow each throw out 10 envoys", ""),
    (
        "White House, Kremlin trade expulsions",
        "The White House expelled ten staff of the Russian embassy in Washington on Thursday. On Friday the Kremlin "
        "responded in kind, declaring ten members of the American embassy in Moscow persona non grata.",
    ),
    (
        "Opinion: the expulsions will not stop a Biden-Putin summit",
        "Washington expelled ten Russian diplomats. Moscow expelled ten American diplomats. None of this will keep Joe "
        "Biden and Vladimir Putin from meeting in the summer, because both need the meeting more than the quarrel.",
    ),
    (
        "Washington and Moscow throw out each other's envoys",
        "Ten Russian diplomats have been told to leave the United States, which accuses Moscow of hacking, and Russia "
        "has answered in kind by ordering ten American embassy staff out of the country.",
    ),
    (
        "Both capitals expel diplomats in dispute over hacking",
        "The United States has told 10 Russian diplomats to leave. Russia has told 10 US diplomats to leave. Sanctions "
        "were imposed by both sides.",
    ),
]
ASIDE = (
    "Kremlin names June for talks with Biden",
    "A meeting of President Vladimir Putin and US President Joe Biden may take place in June, an adviser in Moscow "
    "said. The White House named no date. A place is being sought. Ties are strained. Troops stand near Ukraine. "
    "The US had expelled ten Russian diplomats over hacking. In response, Russia expelled ten US diplomats.",
)
ONE_SIDED = [
    ("Biden expels Russian diplomats", ""),
    ("Russia boots ten US diplomats in tit-for-tat move", ""),
    ("Lavrov: 10 employees of US embassy to leave Russia", ""),
    ("Ten staff at US embassy in Moscow told to leave", "Russia named ten employees who must go."),
    (
        "Ten Russian envoys told to leave Washington",
        "Ten employees of the Russian embassy have been declared persona non grata, the State Department said.",
    ),
]
BACKGROUND = " The United States expelled ten Russian diplomats last week, and Russia expelled ten American diplomats."
OTHERS = [
    (
        f"Two Russian envoys told to leave {capital}",
        f"{capital} has told two Russian embassy employees to leave within three days for activities incompatible "
        f"with their status, the foreign ministry said.{BACKGROUND}",
    )
    for capital in ("Sofia", "Copenhagen", "Athens", "Madrid")
] + [
    (
        "Bulgaria orders two Russian diplomats out",
        f"Bulgaria has ordered two Russian diplomats to leave after prosecutors accused them of spying.{BACKGROUND}",
    ),
    (
        "Russia expels two Danish diplomats",
        "Russia has expelled two Danish diplomats in response to the expulsion of two Russian diplomats by Denmark.",
    ),
    ("Czechs expel 18 Russian diplomats", f"The Czech Republic expelled 18 Russian diplomats.{BACKGROUND}"),
    ("Russia expels 20 Czech diplomats", "Russia has ordered 20 Czech diplomats to leave by Monday evening."),
]
ELSEWHERE = [
    ("Rovers throw out two fans", "Two fans were expelled by the club after flares at the match with a Russian side."),
    ("Team news", "The Belgian defender was sent off against Russia, and the coach sent two players home."),
    ("Afghanistan news on Sunday", "Donald Trump calls the withdrawal of US forces a complete surrender. Read More"),
    ("Moscow school expels three pupils", "The pupils had filmed a teacher, the school in the Russian capital said."),
]


@pytest.fixture(scope="module")
def read():
    """Return a reader of (title, text)."""
    annotator = Annotator(load())

    def annotate(*reports):
        return [
            annotator.annotate(article_of({"id": str(number), "title": title, "text": text}))
            for number, (title, text) in enumerate(reports)
        ]

    return annotate


def stories(annotated):
    return [story for _, story in stories_of(annotated)]


@pytest.mark.parametrize("other", [*BOTH[1:], ASIDE], ids=lambda report: report[0])
def test_both_sides_expulsions_are_one_story_in_either_order(read, other):
    for pair in permutations([BOTH[0], other]):
        assert len(set(stories(read(*pair)))) == 1


@pytest.mark.parametrize("other", ONE_SIDED, ids=lambda report: report[0])
def test_one_side_told_alone_joins_the_story_that_has_both(read, other):
    for both in (BOTH[2], ASIDE):
        assert len(set(stories(read(both, other)))) == 1


@pytest.mark.parametrize("other", OTHERS, ids=lambda report: report[0])
def test_another_expulsion_is_another_story_though_it_names_the_first_as_its_background(read, other):
    for known in (*BOTH, ASIDE):
        for pair in permutations([known, other]):
            assert len(set(stories(read(*pair)))) == 2


def test_one_wording_filled_in_for_other_states_is_a_story_each(read):
    assert len(set(stories(read(*OTHERS)))) == len(OTHERS) - 1  # two of them are Bulgaria's


def test_an_answer_in_kind_is_news_though_it_tells_what_it_answers(read):
    first = ("Denmark expels two Russian diplomats", "Denmark said the two had spied.")
    answer = next(report for report in OTHERS if "Danish" in report[0])
    assert len(set(stories(read(first, answer)))) == 2


def test_journalists_and_diplomats_of_one_state_are_two_affairs(read):
    diplomats = ("Russia expels ten US diplomats", "The ten must leave by May.")
    journalists = ("Russia expels two US journalists", "The two must leave by June.")
    assert len(set(stories(read(diplomats, journalists)))) == 2


def test_short_reports_that_share_two_words_are_two_stories(read):
    climbers = ("Climbers reach summit", "Three climbers reached the summit of the mountain on Sunday, the club said.")
    bakers = (
        "World summit of bakers opens",
        "The world summit of bakers opened on Sunday with a contest, a guild said.",
    )
    assert len(set(stories(read(climbers, bakers)))) == 2


@pytest.mark.parametrize("report", [*BOTH, ASIDE, *ONE_SIDED, *OTHERS], ids=lambda report: report[0])
def test_every_wording_has_the_topic_and_the_country(read, report):
    (annotated,) = read(report)
    assert "expulsion" in {label.topic for label in annotated.labels}
    assert "RUS" in {mention.id for mention in annotated.mentions}


@pytest.mark.parametrize("report", ELSEWHERE, ids=lambda report: report[0])
def test_what_only_sounds_alike_has_no_topic(read, report):
    (annotated,) = read(report)
    assert "expulsion" not in {label.topic for label in annotated.labels}
