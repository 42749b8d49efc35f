"""Which town is meant: by the state after it, by what stands around it, and by what the article said before."""

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load


def cities(text: str) -> list[str]:
    article = article_of({"id": "1", "lang": "en", "text": text})
    return [one.id for one in Annotator(load()).annotate(article).mentions if one.kind == "city"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A fire broke out in Paris, Texas.", ["paris-usa"]),
        ("A fire broke out in Paris.", ["paris-fra"]),
        ("PARIS, Mo. - A fire broke out. Paris is calm.", ["paris-usa", "paris-usa"]),
        ("TORRINGTON - A fire broke out. Torrington is calm.", ["torrington-usa", "torrington-usa"]),
        ("Rain fell on Birmingham, Ala., and on Birmingham, England.", ["birmingham-usa", "birmingham-gbr"]),
        ("Troops entered Jenin at dawn.", ["jenin-pse"]),
        ("They live in Matias Romero, Oaxaca State.", ["matias-romero-mex"]),
        ("It is made at GM's Bowling Green, Kentucky, plant.", ["bowling-green-usa"]),
        ("Floods hit the Peruvian village of Santa Rosa de Quives.", ["santa-rosa-de-quives-per"]),
        ("Floods hit Monastir Governorate, Tunisia.", []),
        ("Chelsea beat Liverpool in the league final.", []),
        ("Dallas police made an arrest.", ["dallas-usa"]),
        ("The Birmingham City striker scored.", []),
    ],
)
def test_the_town_that_is_meant(text, expected):
    assert cities(text) == expected


def test_a_town_that_is_named_in_one_state_only_is_never_put_into_another():
    assert cities("A fire broke out in Kabul, Ohio.") == ["kabul-usa"]
