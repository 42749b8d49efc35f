"""Facts: their keys, which are primary, how two sets relate, and what counts as a change."""

import pytest

from tocsin.agents.stories.facts import Fact, Known, changes, facts, merged, place_of, relate


def primary(annotated):
    return [fact.key for fact in facts(annotated) if fact.primary]


def test_the_title_decides(build):
    """The facts of the title are primary, the body's are not; background is no fact at all."""
    article = build(
        "a",
        "Norland expels envoys of Sudria",
        "Estmark expelled three others. Westria did long ago.",
        events=[
            ("expel", "NOR", "SUD", "Norland expels"),
            ("expel", "EST", "SUD", "Estmark expelled"),
            ("expel", "WES", "SUD", "Westria did", {"background": True}),
        ],
    )
    assert [fact.key for fact in facts(article)] == ["expel:NOR>SUD", "expel:EST>SUD"]
    assert primary(article) == ["expel:NOR>SUD"]


def test_without_a_title_the_first_evidence_decides(build):
    """All deciding facts of the first sentence that has one are primary; what never decides is not."""
    article = build(
        "a",
        "A hard day",
        "Estmark accused Sudria. Norland and Westria expel envoys of Sudria. Estmark may expel more.",
        events=[
            ("accuse", "EST", "SUD", "Estmark accused"),
            ("expel", "NOR", "SUD", "Norland and Westria expel"),
            ("expel", "WES", "SUD", "Westria expel"),
            ("expel", "EST", "SUD", "Estmark may expel"),
        ],
    )
    assert primary(article) == ["expel:NOR>SUD", "expel:WES>SUD"]


def test_a_topic_gives_the_pair_beside_it(build):
    """Without an event the states in the topic's sentence are the parties; with one that begins by then they are not."""
    title = "Envoys of Norland told to leave Sudria"
    assert primary(build("a", title, topics=[("expulsion", "told to leave")])) == ["expulsion:NOR+SUD"]
    said = [("expel", "SUD", "NOR", "told to leave")]
    assert primary(build("a", title, topics=[("expulsion", "told")], events=said)) == ["expel:SUD>NOR"]


def test_an_older_event_in_the_body_does_not_stand_for_the_title(build):
    """An event found only below the title's topic leaves the title's pair primary."""
    article = build(
        "a",
        "Envoys of Norland told to leave Sudria",
        "Estmark expelled some too.",
        topics=[("expulsion", "told to leave")],
        events=[("expel", "EST", "NOR", "Estmark expelled")],
    )
    assert primary(article) == ["expulsion:NOR+SUD"]


def test_a_meeting_has_no_direction(build):
    """host_or_meet has one key for both orders, and a body's own meeting names the body."""
    one = build("a", "Norland meets Sudria", events=[("host_or_meet", "NOR", "SUD", "meets")])
    two = build("b", "Sudria meets Norland", events=[("host_or_meet", "SUD", "NOR", "meets")])
    own = build("c", "NATO meets", events=[("host_or_meet", "NATO", None, "meets")])
    assert primary(one) == primary(two) == ["host_or_meet:NOR+SUD"]
    assert primary(own) == ["host_or_meet:NATO"]


@pytest.mark.parametrize(
    ("fact", "known", "relation"),
    [
        ("expel:NOR>SUD", "expel:NOR>SUD", "same"),
        ("expel:NOR>SUD", "expel:EST>SUD", "other"),
        ("expel:NOR>SUD", "expel:SUD>NOR", "other"),
        ("expel:NOR>?", "expel:NOR>SUD", "unknown"),
        ("expel:NOR>?", "expel:EST>SUD", "other"),
        ("expel:NOR>SUD", "sanction:NOR>SUD", "unknown"),
        ("expel:NOR>SUD", "expulsion:NOR+SUD", "same"),
        ("expulsion:NOR+SUD", "expel:SUD>NOR", "same"),
        ("expulsion:EST+SUD", "expel:NOR>SUD", "other"),
        ("expulsion:SUD", "expel:NOR>SUD", "unknown"),
        ("expulsion:EST+NOR+SUD", "expel:NOR>SUD", "unknown"),
        ("sanctions:NOR+SUD", "lift_sanction:NOR>SUD", "same"),
        ("lift_sanction:NOR>SUD", "sanction:NOR>SUD", "unknown"),
        ("host_or_meet:NATO", "host_or_meet:NATO", "same"),
        ("host_or_meet:NATO", "summit:NATO", "same"),
        ("host_or_meet:NATO", "host_or_meet:EU", "other"),
        ("host_or_meet:NOR", "host_or_meet:NOR", "unknown"),
    ],
)
def test_relation(fact, known, relation):
    """The same act between the same parties is the same; other parties are other; less said is unknown."""
    assert relate([Fact(key=fact, primary=True)], {known: Known(primary=True)}) == relation


def test_only_primary_facts_relate():
    """What either side has only beside the point says nothing."""
    key = "expel:NOR>SUD"
    assert relate([Fact(key=key)], {key: Known(primary=True)}) == "unknown"
    assert relate([Fact(key=key, primary=True)], {key: Known()}) == "unknown"


def test_contradicting_counts_are_not_the_same():
    """Two counts that differ leave it open; a missing one contradicts nothing."""
    key = "expel:NOR>SUD"
    fact = Fact(key=key, primary=True, count=10)
    assert relate([fact], {key: Known(primary=True, count=12)}) == "unknown"
    assert relate([fact], {key: Known(primary=True)}) == "same"


def test_one_same_fact_is_enough():
    """A joint story is joined by either of its acts."""
    known = {"expel:NOR>SUD": Known(primary=True), "expel:EST>SUD": Known(primary=True)}
    assert relate([Fact(key="expel:EST>SUD", primary=True)], known) == "same"


def test_related_facts_meet_in_one_place():
    """What may be the same is looked up under the same place, whichever way it was found."""
    assert place_of("expel:NOR>SUD") == place_of("expel:SUD>NOR") == place_of("expulsion:NOR+SUD")
    assert place_of("host_or_meet:NATO") == place_of("summit:NATO")


def test_changes_are_named_with_their_place():
    """A new fact, a new count and a further status are changes; what is known, or a step back, is none."""
    known = {"expel:NOR>SUD": Known(count=10, status="threatened"), "sanction:EST>SUD": Known()}
    found = [
        Fact(key="expel:NOR>SUD", count=12, status="happened", spans=((0, 5),)),
        Fact(key="sanction:EST>SUD", status="planned"),
        Fact(key="expel:WES>SUD", spans=((7, 9),)),
        Fact(key="expulsion:EST+SUD", stated=False),
    ]
    assert [(change.name, change.spans) for change in changes(found, known)] == [
        ("count expel:NOR>SUD 10 -> 12", ((0, 5),)),
        ("status expel:NOR>SUD threatened -> happened", ((0, 5),)),
        ("fact expel:WES>SUD", ((7, 9),)),
    ]
    after = merged(found, known)
    assert after["expel:NOR>SUD"] == Known(count=12, status="happened")
    assert after["sanction:EST>SUD"] == Known(status="happened")
    assert changes(found, after) == ()


def test_a_reversal_is_a_change():
    """An act that is denied or reversed after it happened is news."""
    known = {"expel:NOR>SUD": Known()}
    found = [Fact(key="expel:NOR>SUD", status="reversed")]
    assert [change.name for change in changes(found, known)] == ["status expel:NOR>SUD happened -> reversed"]


def test_an_answer_in_kind_further_down_is_primary_with_what_it_answers(build):
    """The same two parties the other way round belong to the lead; an older act between others does not."""
    article = build(
        "a",
        "Norland expels envoys of Sudria",
        "In response Sudria expelled ten. Estmark expelled three last year.",
        events=[
            ("expel", "NOR", "SUD", "Norland expels"),
            ("expel", "SUD", "NOR", "Sudria expelled ten"),
            ("expel", "EST", "SUD", "Estmark expelled"),
        ],
    )
    assert primary(article) == ["expel:NOR>SUD", "expel:SUD>NOR"]


def test_a_report_on_something_else_meets_one_on_what_it_tells_besides(build):
    """A page led by a planned meeting that also tells the expulsions is the same story to a report led by them."""
    page = build(
        "a",
        "Norland and Sudria plan a meeting",
        "Norland expelled ten envoys of Sudria.",
        events=[
            ("host_or_meet", "NOR", "SUD", "plan a meeting"),
            ("expel", "NOR", "SUD", "Norland expelled ten"),
        ],
    )
    rewording = build("b", "Envoys of Sudria thrown out by Norland", events=[("expel", "NOR", "SUD", "thrown out")])
    another = build(
        "c",
        "Estmark throws out envoys of Sudria",
        "Norland expelled ten earlier.",
        events=[("expel", "EST", "SUD", "throws out"), ("expel", "NOR", "SUD", "Norland expelled")],
    )
    known = merged(facts(page), {})
    assert relate(facts(rewording), known) == "same"
    assert relate(facts(another), known) == "other"
