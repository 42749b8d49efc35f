"""How much an article is about what it names follows from place and frequency alone."""

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load

CALM = "All was calm there. "


def told(title: str, text: str) -> dict[str, tuple[str, float]]:
    found = Annotator(load()).annotate(article_of({"id": "1", "lang": "en", "title": title, "text": text}))
    return {mention.id: (mention.role, mention.salience) for mention in found.mentions}


def test_a_name_of_the_title_is_what_the_article_is_about():
    assert told("Kenya votes", CALM * 4)["KEN"][0] == "about"


def test_a_name_met_late_and_once_is_only_mentioned():
    assert told("Voters go to the polls", CALM * 6 + "It rained in Peru.")["PER"][0] == "mentioned"


def test_a_name_met_early_and_twice_is_what_it_is_about_and_once_it_is_not():
    assert told("Voters queue", CALM + "Rain fell in Peru. " + CALM + "Peru waited.")["PER"][0] == "about"
    assert told("Voters queue", CALM + CALM + "Rain fell in Peru. " + CALM)["PER"][0] == "mentioned"


def test_a_name_met_six_times_anywhere_is_what_it_is_about():
    assert told("Voters queue", CALM * 5 + "Peru waited. " * 6)["PER"][0] == "about"


def test_earlier_and_oftener_is_more_salient():
    found = told("Kenya votes", CALM + "Kenya waited. Chad did too. " + CALM * 3 + "It rained in Peru.")
    assert found["KEN"][1] > found["TCD"][1] > found["PER"][1] > 0
