"""Labelled texts correct how sure a rule is, the more the more of them there are."""

import random

import pytest

from tocsin.agents.lexicon.learning import PRIOR, Curve, Seen, fit, held_out, learn, predicted, steepness, together

SCORES = {"t.good": 0.5, "t.bad": 0.9, "t.unseen": 0.4, "other.rule": 0.8}


def seen(rules, *, right):
    return Seen(
        fired={"t": dict.fromkeys(rules, 1.0)}, topics=frozenset({"t"} if right else ()), about=frozenset({"t"})
    )


def test_a_rule_that_is_always_right_becomes_surer_and_one_that_errs_less_sure():
    taught = learn([seen(["t.good"], right=True)] * 20 + [seen(["t.bad"], right=False)] * 20, SCORES, {})
    assert taught.rules["t.good"] == pytest.approx((PRIOR * 0.5 + 20) / (PRIOR + 20), abs=0.001)
    assert taught.rules["t.bad"] == pytest.approx(PRIOR * 0.9 / (PRIOR + 20), abs=0.001)
    assert "t.unseen" not in taught.rules


def test_one_text_moves_a_rule_little():
    assert 0.5 < learn([seen(["t.good"], right=True)], SCORES, {}).rules["t.good"] < 0.56


def test_a_rule_is_not_judged_by_a_topic_that_its_own_only_implies():
    text = Seen(fired={"t": {"other.rule": 1.0}}, topics=frozenset(), about=frozenset({"t"}))
    assert learn([text] * 9, SCORES, {}).rules == {}


def test_labels_say_nothing_of_topics_that_they_are_not_about():
    text = Seen(fired={"t": {"t.good": 1.0}}, topics=frozenset(), about=frozenset({"other"}))
    assert learn([text] * 9, SCORES, {}).rules == {}


def test_witnesses_together_are_surer_than_each():
    assert together([0.5, 0.5]) == 0.75
    assert together([]) == 0.0


def test_the_curve_turns_scores_into_the_shares_that_are_right():
    chance = random.Random(3)
    points = [(0.9, chance.random() < 0.7) for _ in range(4000)] + [(0.4, chance.random() < 0.2) for _ in range(4000)]
    curve = fit(points, Curve())
    assert curve.probability(0.9) == pytest.approx(0.7, abs=0.03)
    assert curve.probability(0.4) == pytest.approx(0.2, abs=0.03)


def test_without_texts_the_curve_stays_and_leaves_scores_as_they_are():
    assert fit([], Curve()) == Curve()
    assert Curve().probability(0.37) == 0.37


def test_a_curve_never_turns_round_and_never_breaks():
    curve = fit([(0.99, False)] * 50 + [(0.01, True)] * 50, Curve())
    assert curve.slope > 0
    assert 0 < curve.probability(0.0) < curve.probability(1.0) < 1


def test_steepness_sharpens_scores_that_are_too_shy_and_leaves_the_middle_where_it_is():
    points = [(0.7, True)] * 95 + [(0.7, False)] * 5 + [(0.3, True)] * 5 + [(0.3, False)] * 95
    slope = steepness(points)
    assert slope > 1.5
    assert Curve(slope).probability(0.5) == 0.5
    assert Curve(slope).probability(0.7) > 0.85


def test_what_is_set_aside_teaches_nothing_about_itself():
    texts = [seen(["t.good"], right=number == 0) for number in range(5)]
    found = held_out(texts, SCORES, {}, folds=5)
    taught = learn(texts[1:], SCORES, {})
    assert found[0]["t"] == predicted(texts[0], "t", {**SCORES, **taught.rules}, taught.curves["t"])


def test_where_no_rule_fires_the_probability_is_nought():
    assert predicted(Seen(fired={}, topics=frozenset(), about=frozenset({"t"})), "t", SCORES, Curve()) == 0.0
