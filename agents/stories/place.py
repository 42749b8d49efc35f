"""Put an article into its story: the decision carried out on a draft of the state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from tocsin.agents.stories.assign import assign
from tocsin.agents.stories.facts import Fact, Known, changes, facts, merged
from tocsin.agents.stories.fingerprint import Fingerprint, fingerprint
from tocsin.agents.stories.state import Draft, Kept, Seen, Story, StoryIndex, article_key, story_key
from tocsin.streams.records import Annotated, StoryUpdate, content_id

MOST_TERMS = 60
MOST_FACTS = 24
MOST_SOURCES = 40
_SETTLED = 200
"""Articles after which a story's terms move no slower: it follows what is said now."""


def place(annotated: Annotated, draft: Draft, time: datetime) -> StoryUpdate | None:
    """Give an article its story and note that in the draft; None where this revision has its story already."""
    article = annotated.article
    known = draft.get(article_key(article.id))
    seen = known.seen if known else None
    if seen is not None and article.revision <= seen.revision:
        return None
    found, said = fingerprint(annotated), facts(annotated)
    if seen is not None and draft.get(story_key(seen.story)) is not None:
        story_id, reason = seen.story, "revision"
    else:
        decision = assign(found, said, draft, time)
        story_id, reason = decision.story or content_id(article.id), decision.reason
    kept = draft.get(story_key(story_id))
    before = kept.story if kept else None
    after = (
        _begun(annotated, story_id, found, said) if before is None else _joined(annotated, before, found, said, reason)
    )
    last = max(time, kept.last) if kept else time
    draft.put(story_key(story_id), Kept(story=after, last=last))
    entry = Seen(story=story_id, revision=article.revision, sketch=found.sketch, short=found.short)
    draft.put(article_key(article.id), Kept(seen=entry, last=last))
    return StoryUpdate(
        annotated=annotated,
        story=story_id,
        relation="first" if before is None else "copy" if reason == "copy" else "joins",
        headline=after.headline,
        sources=after.sources,
        changes=() if before is None else changes(said, before.facts),
    )


def stories_of(articles: Iterable[Annotated]) -> Iterator[tuple[str, str]]:
    """Yield (article id, story id) for articles in order.

    An article counts as of its `published`; one without is as old as the one before it, so that nothing ages in a
    file without dates.
    """
    memory = StoryIndex()
    time = datetime(1970, 1, 1, tzinfo=UTC)
    for annotated in articles:
        time = annotated.article.published or time
        draft = Draft(memory)
        place(annotated, draft, time)
        memory.apply(draft.changes)
        kept = memory.get(article_key(annotated.article.id))
        assert kept is not None
        assert kept.seen is not None
        yield annotated.article.id, kept.seen.story


def _begun(annotated: Annotated, id_: str, found: Fingerprint, said: Sequence[Fact]) -> Story:
    return Story(
        id=id_,
        headline=_headline(annotated),
        terms=_heaviest(found.terms),
        facts=_bounded(merged(said, {})),
        sources=(annotated.article.source,),
    )


def _joined(annotated: Annotated, story: Story, found: Fingerprint, said: Sequence[Fact], reason: str) -> Story:
    article = annotated.article
    own = story.id == content_id(article.id)
    # A copy has nothing to add to the wording, and a revision has added its own already.
    shapes = reason not in ("copy", "revision")
    return msgspec.structs.replace(
        story,
        headline=_headline(annotated) if own else story.headline,
        terms=_averaged(story, found) if shapes else story.terms,
        size=story.size + shapes,
        facts=_bounded(merged(said, story.facts)),
        sources=tuple(dict.fromkeys((*story.sources, article.source)))[:MOST_SOURCES],
    )


def _headline(annotated: Annotated) -> str:
    article = annotated.article
    if article.title:
        return article.title
    start, end = annotated.sentences[0] if annotated.sentences else (0, len(article.text))
    return " ".join(article.reading_text[start:end].split())[:200]


def _averaged(story: Story, found: Fingerprint) -> dict[str, float]:
    share = 1 / (min(story.size, _SETTLED) + 1)
    terms = {term: weight * (1 - share) for term, weight in story.terms.items()}
    for term, weight in found.terms.items():
        terms[term] = terms.get(term, 0.0) + weight * share
    return _heaviest(terms)


def _heaviest(terms: dict[str, float]) -> dict[str, float]:
    kept = sorted(terms, key=lambda term: (-terms[term], term))[:MOST_TERMS]
    return {term: round(terms[term], 3) for term in kept}


def _bounded(known: dict[str, Known]) -> dict[str, Known]:
    """Keep the deciding facts first, and of the others the newest."""
    deciding = [key for key, value in known.items() if value.primary]
    others = [key for key, value in known.items() if not value.primary]
    keep = {*deciding[:MOST_FACTS], *others[::-1][: max(MOST_FACTS - len(deciding), 0)]}
    return {key: value for key, value in known.items() if key in keep}
