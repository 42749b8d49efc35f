"""The stories stage, run on lists: every input has an output, and the state decides alike however it was come by."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.agents.stories.agent import MOST_FORGOTTEN, stories_agent
from tocsin.agents.stories.place import stories_of
from tocsin.agents.stories.state import Kept, StoryIndex, article_key, story_key
from tocsin.streams.codec import decode, encode
from tocsin.streams.records import Note, StoryUpdate, content_id
from tocsin.streams.topics import NOTES, STORIES

AGENT = stories_agent()
TITLE = "Norland expels ten diplomats of Sudria"
EVENT = ("expel", "NOR", "SUD", "Norland expels", {"count": 10, "status": "planned"})


def run(memory, *items):
    """Handle one batch and take over its changes."""
    result = AGENT.handle(items, memory, items[-1].time)
    memory.apply(result.changes)
    return result.sends


def test_first_copy_and_joins_in_one_batch(build, item):
    """The second article of a batch joins the story that the first one began, and says what it adds."""
    happened = ("expel", "NOR", "SUD", "Norland expels", {"count": 12})
    batch = [
        item(build("a", TITLE, events=[EVENT])),
        item(build("b", TITLE, events=[EVENT], source="Evening")),
        item(build("c", "Norland expels diplomats of Sudria at last", events=[happened], source="Night")),
    ]
    sends = run(StoryIndex(), *batch)
    story = content_id("a")
    assert [(send.topic, send.key, send.cause) for send in sends] == [(STORIES, story, one.cause) for one in batch]
    updates = [send.record for send in sends]
    assert [update.relation for update in updates] == ["first", "copy", "joins"]
    assert {update.story for update in updates} == {story}
    assert {update.headline for update in updates} == {TITLE}
    assert updates[-1].sources == ("Daily", "Evening", "Night")
    assert [[change.name for change in update.changes] for update in updates] == [
        [],
        [],
        ["count expel:NOR>SUD 10 -> 12", "status expel:NOR>SUD planned -> happened"],
    ]


def test_a_repeat_is_a_note(build, item):
    """The same article and revision again gives a note and no second update, in the same batch or later."""
    memory = StoryIndex()
    first, again = run(memory, item(build("a", TITLE)), item(build("a", TITLE)))
    later = item(build("a", TITLE))
    (note,) = run(memory, later)
    assert isinstance(first.record, StoryUpdate)
    assert again.record == note.record == Note(stage="stories", reason="repeat", article="a")
    assert (note.topic, note.cause) == (NOTES, later.cause)


def test_a_revision_stays_in_its_story(build, item):
    """A new revision is an update of the same story with what is new in it, whatever its words are now."""
    memory = StoryIndex()
    run(memory, item(build("a", TITLE, events=[EVENT])))
    revised = build(
        "a", "Norland expels them", "Harvests are good.", [("expel", "NOR", "SUD", "Norland expels")], revision=1
    )
    (send,) = run(memory, item(revised))
    assert (send.record.story, send.record.relation, send.record.headline) == (
        content_id("a"),
        "joins",
        "Norland expels them",
    )
    assert [change.name for change in send.record.changes] == ["status expel:NOR>SUD planned -> happened"]
    (stale,) = run(memory, item(build("a", TITLE, events=[EVENT])))
    assert stale.record.reason == "repeat"


def test_handle_changes_nothing(build, item, noon):
    """handle leaves the state as it was: a second try gives the same."""
    memory = StoryIndex()
    run(memory, item(build("a", TITLE, events=[EVENT])))
    batch = [item(build("b", f"{TITLE} now", events=[EVENT])), item(build("c", "Orchard wins"))]
    before = {key: encode(value) for key, value in memory.items()}
    first = AGENT.handle(batch, memory, noon)
    second = AGENT.handle(batch, memory, noon)
    assert first == second
    assert {key: encode(value) for key, value in memory.items()} == before


TITLES = [
    "Norland expels diplomats of Sudria",
    "Norland expels ten diplomats of Sudria today",
    "Estmark expels diplomats of Sudria",
    "Orchard wins a prize for apples",
    "Old orchard wins apple prize",
    "Harbour of Westria opens again",
]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    picks=st.lists(st.tuples(st.integers(0, len(TITLES) - 1), st.integers(0, 40)), min_size=1, max_size=12),
    cuts=st.sets(st.integers(1, 11)),
)
def test_batches_and_restarts_decide_alike(build, item, noon, picks, cuts):
    """One batch, other batches, and a restart between them from what was written: the outputs are the same."""
    time, items = noon, []
    for at, (pick, hours) in enumerate(picks):
        time += timedelta(hours=hours)
        title = TITLES[pick]
        actor = {"N": "NOR", "E": "EST"}.get(title[0])
        events = [("expel", actor, "SUD", title)] if "expels" in title else ()
        items.append(item(build(f"a{at % 9}", title, events=events, revision=at // 9), time))
    whole = AGENT.handle(items, StoryIndex(), time)
    written, sends = {}, []
    edges = [0, *sorted(cut for cut in cuts if cut < len(items)), len(items)]
    for start, end in itertools.pairwise(edges):
        memory = StoryIndex()
        memory.apply({key: decode(Kept, value) for key, value in written.items()})
        result = AGENT.handle(items[start:end], memory, time)
        sends += result.sends
        written |= {key: encode(value) for key, value in result.changes.items()}
    assert sends == list(whole.sends)
    assert written == {key: encode(value) for key, value in whole.changes.items()}


def test_what_is_quiet_is_forgotten(build, item, noon):
    """After 72 quiet hours a story and its articles go, and not one that was added to since."""
    memory = StoryIndex()
    assert AGENT.due(memory) is None
    run(memory, item(build("a", TITLE)), item(build("o", "Orchard wins a prize")))
    later = noon + timedelta(hours=10)
    run(memory, item(build("b", TITLE), later))
    due = AGENT.due(memory)
    assert due == noon + timedelta(hours=72)
    result = AGENT.on_time(memory, due)
    assert result.changes == dict.fromkeys([article_key("a"), article_key("o"), story_key(content_id("o"))])
    memory.apply(result.changes)
    assert AGENT.due(memory) == later + timedelta(hours=72)
    memory.apply(AGENT.on_time(memory, AGENT.due(memory)).changes)
    assert len(memory) == 0
    assert AGENT.due(memory) is None
    assert memory.shelf.stories == 0
    assert not memory.shelf.terms._rows
    assert not memory.shelf.sketches._rows


def test_forgetting_is_done_in_pieces(build, item):
    """One call forgets a bounded number, and calls go on until nothing is due."""
    memory = StoryIndex()
    run(memory, *[item(build(f"a{at}", f"topic{at} thing{at} case{at}")) for at in range(MOST_FORGOTTEN)])
    sizes = []
    while (due := AGENT.due(memory)) is not None:
        changes = AGENT.on_time(memory, due).changes
        sizes.append(len(changes))
        memory.apply(changes)
    assert sizes == [MOST_FORGOTTEN, MOST_FORGOTTEN]


def test_a_value_stays_small(build, item):
    """However long and many its articles are, a story is written in at most 4 kB."""
    memory = StoryIndex()
    words = [f"longishword{at}" for at in range(3000)]
    for at in range(60):
        text = " ".join(words[at * 40 : at * 40 + 600])
        source = f"Publisher number {at}"
        events = [("accuse", f"PARTY_{at}_{more}", "SUD", "Norland") for more in range(30)]
        run(memory, item(build(f"a{at}", TITLE, text, [("expel", "NOR", "SUD", "expels"), *events], source=source)))
    assert max(len(encode(value)) for _, value in memory.items()) <= 4096


@pytest.mark.parametrize("gap", [None, timedelta(hours=80)])
def test_stories_of_a_file(build, noon, gap):
    """Articles in order give their stories; nothing ages without dates, and with dates what is old has ended."""
    dates = [noon, noon + gap] if gap else [None, None]
    articles = [build(id_, TITLE, published=date) for id_, date in zip("ab", dates, strict=True)]
    found = list(stories_of([*articles, articles[0]]))
    assert found[0] == ("a", content_id("a"))
    assert found[1] == ("b", content_id("b") if gap else content_id("a"))
    assert found[2] == found[0]
