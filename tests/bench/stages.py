"""CPU of each stage's own work, as articles per CPU-second and as a ratio to a floor measured in the same run.

The floor is `re.findall(r"\\w+")` over the same text: what it costs to look at every word once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.bench.corpus import articles, queries
from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.lexicon.load import load
from tocsin.agents.match.query import parse
from tocsin.service.names import query_names
from tocsin.service.wiring import Subscribed, agents
from tocsin.streams.codec import decode, encode
from tocsin.streams.contract import Cause, Item, Origin
from tocsin.streams.records import Subscription
from tocsin.streams.topics import CATALOGUE


class _Endpoints:
    values = ("bench",)


def subscribed(count: int) -> Subscribed:
    """Return so many subscriptions, one of which matches what is looked for."""
    found = Subscribed()
    for number, query in enumerate(["topic:expulsion", *queries(count - 1)]):
        group = parse(query, names=query_names()).group
        found.change(str(number), Subscription(id=str(number), query=query, group=group, endpoints=("bench",)))
    return found


def cpu(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what the work returns and the CPU seconds it took."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def measure(words: int, count: int = 600) -> None:
    """Print one table for articles of a length."""
    made = articles(count, words)
    size = sum(len(encode(article)) for article in made) / count
    _, floor = cpu(lambda: [re.findall(r"\w+", article.reading_text) for article in made])
    print(f"\n{words}-word articles ({size / 1000:.1f} kB on the wire), {count} of them; floor re.findall(r'\\w+'): "
          f"{count / floor:,.0f} articles per CPU-second")  # fmt: skip
    print(f"{'stage':<12}{'articles/CPU-s':>16}{'ms each':>10}{'x floor':>9}")
    chain = agents(Annotator(load()).annotate, subscribed(1000), _Endpoints(), None, "")  # type: ignore[arg-type]
    records: dict[str, list[Any]] = {"tocsin.articles.v1": list(made)}
    total = 0.0
    for agent in chain[:5]:
        inputs = records.get(agent.source.name, [])
        memory = agent.memory()
        wire = [encode(record) for record in inputs]

        def run(agent: Any = agent, wire: list[bytes] = wire, memory: Any = memory) -> list[Any]:
            out = []
            for start in range(0, len(wire), 64):
                at = datetime.now(UTC)
                batch = [
                    Item(
                        record=decode(agent.source.record, value),
                        key="",
                        time=at,
                        cause=Cause(origin=Origin("t", 0, start + n)),
                    )
                    for n, value in enumerate(wire[start : start + 64])
                ]
                result = agent.handle(batch, memory, at)
                memory.apply(result.changes)
                out += [(send.topic.name, send.record, encode(send.record)) for send in result.sends]
            return out

        sent, seconds = cpu(run)
        total += seconds
        for name, record, _ in sent:
            if any(topic.name == name for topic in CATALOGUE):
                records.setdefault(name, []).append(record)
        print(
            f"{agent.name:<12}{count / max(seconds, 1e-9):>16,.0f}{1000 * seconds / count:>10.3f}{seconds / floor:>9.1f}"
        )
    print(f"{'all five':<12}{count / total:>16,.0f}{1000 * total / count:>10.3f}{total / floor:>9.1f}")


if __name__ == "__main__":
    measure(230)
    measure(500)
