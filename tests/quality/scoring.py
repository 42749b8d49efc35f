"""Scores mentions against labelled articles, by kind: precision, recall, F1 with bootstrap intervals over articles.

    python -m tests.quality.scoring [GOLD] [--folds 5] [--by-year] [--rules]
    python -m tests.quality.scoring --publish

Without GOLD both sets of the project's own articles are scored, each by itself.

A predicted mention is right when it overlaps a labelled one of the same kind and id, one to one, the largest overlap
first. What lies wholly inside a `furniture` span is not counted. With --rules every rule is listed with the number of
articles in which it decided and how often it was right: a rule that serves one article alone stands out. --publish puts the
figures of the project's own articles into docs/quality.md, from which test_figures.py takes what must not be lost.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load
from tocsin.streams.feeds.clean import furniture
from tocsin.streams.records import Article

SETS = {name: Path(__file__).with_name(f"entities_{name}.jsonl") for name in ("own", "ordinary")}
"""The project's own labelled articles: packed with names that mean two things, and as ordinary as news is."""
PUBLISHED = Path(__file__).parents[2] / "docs" / "quality.md"
KINDS = ("country", "nationality", "government", "person", "org", "city")
PLACES = ("country", "nationality", "government")
Counts = dict[str, tuple[int, int, int]]
"""Measure to right, predicted and labelled mentions."""


def gold(path: Path) -> list[dict[str, Any]]:
    """Read labelled articles: `title` and `text`, or a `text` with `title_len`."""
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    for item in items:
        if "title" not in item:
            size = item["title_len"]
            item["title"], item["text"] = item["text"][:size], item["text"][size + 2 :] if size else item["text"]
        whole = f"{item['title']}\n\n{item['text']}" if item["title"] else item["text"]
        assert all(whole[one["start"] : one["end"]] == one["surface"] for one in item["mentions"]), item["id"]
    return items


def article(item: Mapping[str, Any]) -> Article:
    """Return the article of an item, with the furniture that the product finds in it."""
    line = {"id": item["id"], "title": item["title"], "text": item["text"], "published": item.get("date") or ""}
    return article_of(line, furniture=furniture(item["title"], item["text"]))


def pairs(labelled: Sequence[Mapping[str, Any]], predicted: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Return which labelled and which predicted mention belong together: those that share most, one to one."""
    shared = []
    for one, left in enumerate(labelled):
        for other, right in enumerate(predicted):
            size = min(left["end"], right["end"]) - max(left["start"], right["start"])
            if size > 0:
                alike = (left["kind"] == right["kind"]) + (right["id"] in ids(left))
                shared.append((-size, -alike, one, other))
    used: tuple[set[int], set[int]] = (set(), set())
    found = []
    for _, _, one, other in sorted(shared):
        if one not in used[0] and other not in used[1]:
            used[0].add(one)
            used[1].add(other)
            found.append((one, other))
    return found


def ids(mention: Mapping[str, Any]) -> set[str]:
    """Return the ids that count as right for a labelled mention."""
    return {mention["id"], *mention.get("alt", ())}


def outside(mentions: Iterable[Mapping[str, Any]], item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the mentions that are not wholly inside furniture."""
    spans = item.get("furniture", ())
    return [one for one in mentions if not any(left <= one["start"] and one["end"] <= right for left, right in spans)]


def counts(item: Mapping[str, Any], predicted: Sequence[Mapping[str, Any]]) -> Counts:
    """Count one article."""
    labelled, predicted = outside(item["mentions"], item), outside(predicted, item)
    together = pairs(labelled, predicted)
    right = [
        labelled[one]["kind"]
        for one, other in together
        if labelled[one]["kind"] == predicted[other]["kind"] and predicted[other]["id"] in ids(labelled[one])
    ]
    found = {"link": (len(right), len(predicted), len(labelled))}
    for kind in KINDS:
        of_kind = [sum(one["kind"] == kind for one in mentions) for mentions in (predicted, labelled)]
        found[kind] = (right.count(kind), of_kind[0], of_kind[1])
    states = [{one["id"] for one in mentions if one["kind"] in PLACES} for mentions in (labelled, predicted)]
    found["countries per article"] = (len(states[0] & states[1]), len(states[1]), len(states[0]))
    senses = [(labelled[one], predicted[other]) for one, other in together]
    senses = [(left, right_) for left, right_ in senses if left["kind"] in {"city", "government"}]
    kept = sum(left["kind"] == right_["kind"] for left, right_ in senses)
    found["city or government"] = (kept, len(senses), len(senses))
    return found


def figures(rows: Sequence[Counts]) -> dict[str, tuple[float, float, float, int]]:
    """Return precision, recall, F1 and the number of labelled mentions, by measure."""
    found = {}
    for measure in rows[0]:
        right, predicted, labelled = (sum(row[measure][part] for row in rows) for part in range(3))
        precision = right / predicted if predicted else 1.0
        recall = right / labelled if labelled else 1.0
        both = precision + recall
        found[measure] = (precision, recall, 2 * precision * recall / both if both else 0.0, labelled)
    return found


def intervals(rows: Sequence[Counts], tries: int = 500) -> dict[str, tuple[float, float]]:
    """Return the range in which 95 of 100 resamplings of the articles put F1, by measure."""
    chance = random.Random(1)
    scores: dict[str, list[float]] = defaultdict(list)
    for _ in range(tries):
        for measure, found in figures(chance.choices(rows, k=len(rows))).items():
            scores[measure].append(found[2])
    return {measure: (sorted(all_)[tries // 40], sorted(all_)[-tries // 40]) for measure, all_ in scores.items()}


def annotated(items: Iterable[Mapping[str, Any]]) -> list[Counts]:
    """Annotate articles and count each."""
    annotator = Annotator(load())
    rows = []
    for item in items:
        found = annotator.annotate(article(item)).mentions
        rows.append(counts(item, [{"start": m.start, "end": m.end, "kind": m.kind, "id": m.id} for m in found]))
    return rows


def table(rows: Sequence[Counts]) -> str:
    """Return the figures as a table."""
    ranges = intervals(rows)
    lines = ["| measure | precision | recall | F1 | 95 % of F1 | labelled |", "|---|---|---|---|---|---|"]
    for measure, (precision, recall, both, labelled) in figures(rows).items():
        low, high = ranges[measure]
        lines.append(f"| {measure} | {precision:.3f} | {recall:.3f} | {both:.3f} | {low:.3f}-{high:.3f} | {labelled} |")
    return "\n".join(lines)


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->", f"<!-- /{name} -->"


def published(name: str) -> dict[str, tuple[float, float, float, int]]:
    """Read the figures of a set in docs/quality.md: measure to precision, recall, F1 and number of mentions."""
    begin, end = _marks(name)
    rows = PUBLISHED.read_text(encoding="utf-8").split(begin)[1].split(end)[0].strip().splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {cell[0]: (float(cell[1]), float(cell[2]), float(cell[3]), int(cell[5])) for cell in cells}


def publish(name: str, text: str) -> None:
    """Put the table of a set into docs/quality.md."""
    begin, end = _marks(name)
    page = PUBLISHED.read_text(encoding="utf-8")
    PUBLISHED.write_text(f"{page.split(begin)[0]}{begin}\n{text}\n{end}{page.split(end)[1]}", encoding="utf-8")


def by_rule(items: Sequence[Mapping[str, Any]]) -> str:
    """Return for every rule in how many articles it decided, how often, and how often it was right."""
    annotator = Annotator(load())
    decided: Counter[str] = Counter()
    right: Counter[str] = Counter()
    where: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for one in annotator.explain_names(article(item)):
            if not one.kind:
                continue
            near = [m for m in item["mentions"] if m["start"] < one.start + len(one.surface) and one.start < m["end"]]
            decided[one.rule] += 1
            where[one.rule].add(item["id"])
            right[one.rule] += any(m["kind"] == one.kind and one.id in ids(m) for m in near)
    lines = ["| rule | articles | mentions | right |", "|---|---|---|---|"]
    lines += [
        f"| {rule} | {len(where[rule])} | {count} | {right[rule] / count:.3f} |"
        for rule, count in decided.most_common()
    ]
    return "\n".join(lines)


def main(print_: Callable[[str], None] = print) -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="?", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--by-year", action="store_true")
    parser.add_argument("--rules", action="store_true")
    parser.add_argument("--publish", action="store_true")
    asked = parser.parse_args()
    for name, path in ({asked.gold.name: asked.gold} if asked.gold else SETS).items():
        items = gold(path)
        rows = annotated(items)
        print_(f"{name}: {len(items)} articles\n{table(rows)}")
        if asked.publish and path in SETS.values():
            publish(name, table(rows))
        for fold in range(asked.folds):
            print_(f"fold {fold + 1}: {_line(rows[fold :: asked.folds])}")
        if asked.by_year:
            years: dict[str, list[Counts]] = defaultdict(list)
            for item, row in zip(items, rows, strict=True):
                years[(item.get("date") or "none")[:4]].append(row)
            for year in sorted(years):
                print_(f"{year}: {_line(years[year])}")
        if asked.rules:
            print_(by_rule(items))


def _line(rows: Sequence[Counts]) -> str:
    return ", ".join(f"{measure} {found[2]:.3f} of {found[3]}" for measure, found in figures(rows).items())


if __name__ == "__main__":
    main()
