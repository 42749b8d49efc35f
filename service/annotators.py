"""Annotators of others (`tocsin.annotators`): found, made, and called with a deadline.

A call that takes too long, fails or adds what can't be leaves Tocsin's own annotation as it is: the article goes on,
and the metric says what happened. While a late call is still under way its annotator is not asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from importlib.metadata import entry_points
from typing import Any

import structlog

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.door import Added, AnnotationError, ExtraAnnotator, joined
from tocsin.service.knowledge import vocabulary
from tocsin.service.settings import Settings, SettingsError, located
from tocsin.streams import metrics
from tocsin.streams.records import Annotated, Article

GROUP = "tocsin.annotators"
DEADLINE = 2.0
"""Seconds that a call may take where `[annotator.NAME]` says nothing else."""
_log = structlog.get_logger("annotators")


class Extra:
    """One annotator of others, with its thread and its deadline in seconds."""

    def __init__(self, name: str, annotator: ExtraAnnotator, deadline: float) -> None:
        self.name = name
        self.topics = tuple(annotator.topics)
        self._annotator = annotator
        self._deadline = deadline
        self._thread = ThreadPoolExecutor(1, f"annotator-{name}")
        self._under_way: Future[Added] | None = None

    def add(self, annotated: Annotated, topics: Sequence[str]) -> Annotated:
        """Return the annotation with what the annotator adds in time, or as it was."""
        outcome, found = self._asked(annotated, topics)
        metrics.ANNOTATORS.labels(self.name, outcome).inc()
        return found

    def _asked(self, annotated: Annotated, topics: Sequence[str]) -> tuple[str, Annotated]:
        if self._under_way is not None and not self._under_way.done():
            return "busy", annotated
        self._under_way = self._thread.submit(self._annotator.annotate, annotated)
        try:
            return "added", joined(annotated, self.name, self._under_way.result(self._deadline), topics)
        except Late:
            return "late", annotated
        except AnnotationError as error:
            _log.warning("annotator-wrong", annotator=self.name, error=str(error))
            return "wrong", annotated
        except Exception as error:
            _log.warning("annotator-failed", annotator=self.name, error=type(error).__name__)
            return "failed", annotated

    def close(self) -> None:
        """Begin nothing more; a call under way ends unseen."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def extras(settings: Settings, registered: Mapping[str, Callable[..., ExtraAnnotator]] | None = None) -> list[Extra]:
    """Make the annotators that `[annotator.NAME]` tables ask for; SettingsError names the one that can't be made."""
    if not settings.annotator:
        return []
    known = registered if registered is not None else _registered()
    made = []
    for name, table in settings.annotator.items():
        key = f"annotator.{name}"
        if name not in known:
            there = ", ".join(sorted(known)) or "none; install a package that registers one"
            raise located(settings, SettingsError(f"{key}: no such annotator; there is {there}", key))
        options: dict[str, Any] = {option: value for option, value in table.items() if option != "deadline"}
        deadline = table.get("deadline", DEADLINE)
        if not isinstance(deadline, int | float) or not 0 < deadline < settings.watchdog:
            told = f"{key}.deadline: {deadline!r} is not between 0 and the watchdog's {settings.watchdog:g} seconds"
            raise located(settings, SettingsError(told, f"{key}.deadline"))
        try:
            made.append(Extra(name, known[name](**options), float(deadline)))
        except (TypeError, ValueError) as error:
            raise located(settings, SettingsError(f"{key}: {error}", key)) from None
    return made


def extra_topics(settings: Settings) -> list[str]:
    """Return the topics that the annotators of the settings declare, without making one."""
    if not settings.annotator:
        return []
    known = _registered()
    return [topic for name in settings.annotator if name in known for topic in getattr(known[name], "topics", ())]


def reader(settings: Settings) -> Callable[[Article], Annotated]:
    """Return what annotates an article: Tocsin's own annotator, then those that the settings ask for, in order."""
    own = Annotator(vocabulary(settings))
    more = extras(settings)
    topics = [*own.topics, *(topic for extra in more for topic in extra.topics)]

    def annotate(article: Article) -> Annotated:
        annotated = own.annotate(article)
        for extra in more:
            annotated = extra.add(annotated, topics)
        return annotated

    return annotate


def _registered() -> dict[str, Callable[..., ExtraAnnotator]]:
    return {point.name: point.load() for point in entry_points(group=GROUP)}
