"""What labelled texts teach the rules of topics: how often each is right, and what a score means as a probability.

A pack says how sure a rule is; labelled texts correct that, the more the more of them it fires in. What several rules
say together is turned into a probability by a curve with two parameters for each topic, fitted on the same texts
(Platt, Probabilistic outputs for support vector machines, 1999). Words never become features: what was learnt can be
read, rule by rule.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

PRIOR = 10.0
"""Labelled texts that the score of a pack counts as."""
WIDEST = 0.2
"""Score from which the wide operating point gives a label, where a pack says nothing else."""
PRECISE = 0.5
"""Score from which a label is given by default: more likely right than wrong."""
_SUREST = 0.999
_ROUNDS = 60


class Curve(msgspec.Struct, frozen=True):
    """From what the rules say together to a probability: logit(p) = slope * logit(score) + offset."""

    slope: float = 1.0
    offset: float = 0.0

    def probability(self, score: float) -> float:
        """Return the probability that a label with this score is right, 0 to 1."""
        if (self.slope, self.offset) == (1.0, 0.0):
            return score
        return 1 / (1 + math.exp(-(self.slope * _logit(score) + self.offset)))


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as articles are labelled with it."""

    name: str
    about: str = ""
    own: bool = False
    """A user's, not one of those that come with Tocsin."""
    precise: float = PRECISE
    wide: float = WIDEST
    curve: Curve = Curve()


class Learnt(msgspec.Struct, frozen=True, kw_only=True):
    """What labelled texts taught, as it is kept in a file."""

    rules: dict[str, float] = {}
    """Rule to its score."""
    curves: dict[str, Curve] = {}
    """Topic to its curve."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled text as the rules see it."""

    fired: Mapping[str, Mapping[str, float]]
    """Topic to the rules that fire for it, each with the part of its score that counts there."""
    topics: frozenset[str]
    """Topics that it has."""
    about: frozenset[str]
    """Topics that the labels speak of: of others nothing is known."""


def together(scores: Iterable[float]) -> float:
    """Return how sure several rules are together, taking each for an independent witness (noisy-or)."""
    doubt = 1.0
    for score in scores:
        doubt *= 1 - score
    return 1 - doubt


def learn(seen: Sequence[Seen], scores: Mapping[str, float], known: Mapping[str, Curve]) -> Learnt:
    """Return scores of rules and curves of topics that fit labelled texts best; both stay near what is known.

    `scores` are those of the rules now, `known` the curves; neither is changed.
    """
    fired: dict[str, int] = {}
    right: dict[str, int] = {}
    for text in seen:
        for topic in text.about:
            for rule in text.fired.get(topic, ()):
                if not rule.startswith(f"{topic}."):
                    continue  # it speaks for another topic, which implies this one
                fired[rule] = fired.get(rule, 0) + 1
                right[rule] = right.get(rule, 0) + (topic in text.topics)
    rules = {
        rule: round((PRIOR * scores[rule] + right[rule]) / (PRIOR + count), 3) for rule, count in sorted(fired.items())
    }
    now = {**scores, **rules}
    curves = {}
    for topic in sorted({topic for text in seen for topic in text.about}):
        points = [
            (_said(text, topic, now), topic in text.topics)
            for text in seen
            if topic in text.about and text.fired.get(topic)
        ]
        curves[topic] = fit(points, known.get(topic, Curve()))
    return Learnt(rules=rules, curves=curves)


def predicted(text: Seen, topic: str, scores: Mapping[str, float], curve: Curve) -> float:
    """Return the probability that a text has a topic, 0 where no rule of it fires."""
    return curve.probability(_said(text, topic, scores)) if text.fired.get(topic) else 0.0


def _said(text: Seen, topic: str, scores: Mapping[str, float]) -> float:
    return together(scores[rule] * part for rule, part in sorted(text.fired[topic].items()))


def held_out(
    seen: Sequence[Seen], scores: Mapping[str, float], known: Mapping[str, Curve], folds: int = 5
) -> list[dict[str, float]]:
    """Return for each text the probabilities of its topics as learnt from the other folds alone."""
    found: list[dict[str, float]] = [{} for _ in seen]
    for fold in range(folds):
        taught = learn([text for place, text in enumerate(seen) if place % folds != fold], scores, known)
        now = {**scores, **taught.rules}
        for place in range(fold, len(seen), folds):
            text = seen[place]
            curves = {topic: taught.curves.get(topic, known.get(topic, Curve())) for topic in text.about}
            found[place] = {topic: predicted(text, topic, now, curves[topic]) for topic in text.about}
    return found


def fit(points: Sequence[tuple[float, bool]], near: Curve) -> Curve:
    """Return the curve under which labelled scores are most likely, held near another as by PRIOR more points.

    Newton's method on the logistic likelihood with a Gaussian penalty; a dozen rounds suffice.
    """
    slope, offset = near.slope, near.offset
    logits = [(_logit(score), right) for score, right in points]
    for _ in range(_ROUNDS):
        gradient = [PRIOR * (slope - near.slope), PRIOR * (offset - near.offset)]
        a, b, d = PRIOR, 0.0, PRIOR
        for logit, right in logits:
            p = 1 / (1 + math.exp(-(slope * logit + offset)))
            gradient[0] += (p - right) * logit
            gradient[1] += p - right
            weight = p * (1 - p)
            a, b, d = a + weight * logit * logit, b + weight * logit, d + weight
        size = a * d - b * b
        steps = ((d * gradient[0] - b * gradient[1]) / size, (a * gradient[1] - b * gradient[0]) / size)
        slope, offset = max(0.05, slope - steps[0]), offset - steps[1]
        if max(abs(steps[0]), abs(steps[1])) < 1e-6:
            break
    return Curve(round(slope, 3), round(offset, 3))


def steepness(points: Sequence[tuple[float, bool]]) -> float:
    """Return the slope, with no offset, under which labelled scores are most likely: what is even stays even."""
    slope = 1.0
    for _ in range(_ROUNDS):
        gradient, weight = PRIOR * (slope - 1), PRIOR
        for score, right in points:
            logit = _logit(score)
            p = 1 / (1 + math.exp(-slope * logit))
            gradient += (p - right) * logit
            weight += p * (1 - p) * logit * logit
        slope = max(0.05, slope - gradient / weight)
    return round(slope, 2)


def _logit(score: float) -> float:
    kept = min(_SUREST, max(1 - _SUREST, score))
    return math.log(kept / (1 - kept))
