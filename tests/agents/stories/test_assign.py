"""Which story an article joins, and by what named reason."""

from datetime import timedelta

import pytest

from tocsin.agents.stories.assign import assign
from tocsin.agents.stories.facts import facts
from tocsin.agents.stories.fingerprint import fingerprint
from tocsin.agents.stories.place import place
from tocsin.agents.stories.state import Draft, StoryIndex

BODY = (
    "The foreign ministry in the capital of Norland named ten members of the embassy on Thursday and gave them until "
    "Sunday to go. It spoke of work that no diplomat should do, and showed photographs of a meeting in a park near "
    "the naval base. The embassy of Sudria called the step baseless and said that an answer would follow within days."
)
NORLAND = ("expel", "NOR", "SUD", "Norland expels")


@pytest.fixture
def draft(build, noon):
    """Return a state in which Norland has expelled ten diplomats of Sudria."""
    draft = Draft(StoryIndex())
    title = "Norland expels ten diplomats of Sudria"
    place(build("first", title, BODY, [(*NORLAND, {"count": 10})]), draft, noon)
    return draft


def decided(annotated, draft, time):
    return assign(fingerprint(annotated), facts(annotated), draft, time).reason


def test_a_copy_joins(build, draft, noon):
    """The same text under another publisher's title and with a line added is a copy."""
    assert decided(build("b", "Ten must go", f"{BODY} Reporting by our staff."), draft, noon) == "copy"


def test_a_rewording_joins(build, draft, noon):
    """A report that shares much of the wording joins, also where no fact was found in it."""
    text = (
        "Ten members of the embassy of Sudria were given until Sunday to leave the capital, the foreign ministry of "
        "Norland announced. Photographs from a park near the naval base were shown. The embassy called it baseless."
    )
    assert decided(build("b", "Diplomats of Sudria told to leave Norland", text), draft, noon) == "rewording"


def test_the_same_facts_join_in_other_words(build, draft, noon):
    """The same act between the same parties joins, though the wording differs much."""
    article = build(
        "b",
        "Norland expels envoys",
        "Relations reached a low as staff from Sudria packed suitcases before dawn while crowds watched quietly. "
        "Analysts expect trade to suffer, ports to slow and students to return home early this spring.",
        [NORLAND],
    )
    assert decided(article, draft, noon) == "same-facts"


def test_another_pair_begins_its_own_story(build, draft, noon):
    """Another state's expulsion is another story, even in like words and with the first one as its background."""
    article = build(
        "b",
        "Estmark expels ten diplomats of Sudria",
        f"The foreign ministry of Estmark named ten members of the embassy. Norland expels as many. {BODY[112:]}",
        [("expel", "EST", "SUD", "Estmark expels"), NORLAND],
    )
    assert decided(article, draft, noon) == "new"


def test_the_answer_is_its_own_story(build, draft, noon):
    """A counter-expulsion goes the other way, and so is news of its own."""
    article = build(
        "b",
        "Sudria expels ten diplomats of Norland",
        "The foreign ministry in the capital of Sudria named ten members of the embassy and gave them until Sunday.",
        [("expel", "SUD", "NOR", "Sudria expels")],
    )
    assert decided(article, draft, noon) == "new"


def test_another_pair_known_by_its_topic_only(build, draft, noon):
    """Where no event was found, the parties beside the topic keep the look-alike apart."""
    article = build(
        "b",
        "Ten diplomats of Sudria told to leave Estmark",
        "The foreign ministry named ten members of the embassy on Thursday and gave them until Sunday to go.",
        topics=[("expulsion", "told to leave")],
    )
    assert decided(article, draft, noon) == "new"


def test_other_news_begins_a_story(build, draft, noon):
    """What shares neither words nor facts begins a story."""
    assert decided(build("b", "Orchard wins a prize", "Apples of an old kind won."), draft, noon) == "new"


def test_a_contradicting_count_does_not_join_by_facts(build, draft, noon):
    """Another count leaves it to the wording; the same count joins by the facts."""
    words = (
        "Norland expels",
        "Journalists packed suitcases before dawn while crowds watched outside the studio quietly.",
    )
    assert decided(build("b", *words, [(*NORLAND, {"count": 40})]), draft, noon) != "same-facts"
    assert decided(build("b", *words, [(*NORLAND, {"count": 10})]), draft, noon) == "same-facts"


def test_a_copy_joins_even_with_other_facts(build, draft, noon):
    """The very same text is a copy, whatever facts were read from it."""
    title = "Norland expels ten diplomats of Sudria"
    article = build("b", title, BODY, [("expel", "EST", "SUD", "Norland expels")])
    assert decided(article, draft, noon) == "copy"


def test_a_filled_in_template_is_no_copy(build, draft, noon):
    """Short texts that differ in a name only are no copies of each other."""
    line = "Norland expels two diplomats of Sudria over the affair of the naval base"
    place(build("t", line, events=[NORLAND]), draft, noon)
    other = build("u", line.replace("Norland", "Westria"), events=[("expel", "WES", "SUD", "Westria expels")])
    assert decided(other, draft, noon) == "new"
    assert decided(build("v", line, events=[NORLAND]), draft, noon) == "copy"


@pytest.mark.parametrize(("hours", "reason"), [(71, "copy"), (72, "new")])
def test_a_quiet_story_ends(build, draft, noon, hours, reason):
    """A story that was quiet for 72 hours is joined no more, not even by a copy."""
    article = build("b", "Norland expels ten diplomats of Sudria", BODY, [NORLAND])
    assert decided(article, draft, noon + timedelta(hours=hours)) == reason


def test_an_empty_article_begins_a_story(build, draft, noon):
    """An article without words joins nothing, and is no error."""
    assert decided(build("b", ""), draft, noon) == "new"
    place(build("b", ""), draft, noon)
    assert decided(build("c", ""), draft, noon) == "new"
