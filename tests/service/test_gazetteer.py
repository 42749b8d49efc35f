"""`tocsin gazetteer`: why a name means what it means, what is known, and how it is added to."""

import json

import pytest
from click.testing import CliRunner

from tocsin.service.cli import main


def run(*arguments, ok=True):
    result = CliRunner().invoke(main, ["gazetteer", *arguments])
    assert (result.exit_code == 0) is ok, result.output
    return result.output


def test_why_shows_sense_and_rule():
    found = run("why", "Moscow said it would answer. Rain fell in Moscow.").splitlines()
    assert [line.split() for line in found] == [
        ["Moscow", "government", "RUS", "government.subject"],
        ["Moscow", "city", "moscow-rus", "city.preposition"],
    ]


def test_why_tells_by_date_and_what_else_a_name_could_be():
    assert "george-h-w-bush" in run("why", "--date", "1990", "President Bush spoke.")
    assert "george-w-bush" in run("why", "--date", "2004", "President Bush spoke.")
    found = run("why", "Reading is good for you.")
    assert "could be: city reading-gbr" in found


def test_why_of_nothing_says_so():
    assert run("why", "A quiet day.") == "no name that is known\n"


def test_a_wrong_date_is_refused():
    assert "published: 'May' is no date" in run("why", "--date", "May", "x", ok=False)


def test_stats_count_by_kind():
    found = run("stats")
    assert "terms of office" in found
    for kind in ("country", "people", "org", "person", "city", "seat", "capital"):
        assert any(line.startswith(f"{kind} ") for line in found.splitlines())


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "tocsin.toml"
    path.write_text('# mine\ndata = "d"\n')
    return path


def test_what_is_added_is_found_and_the_file_keeps_its_comments(settings):
    out = run("add", 'Acme "A" Corp', "--alias", "ACME", "--config", str(settings))
    assert "entity:acme-a-corp" in out
    assert settings.read_text().startswith("# mine\n")
    assert "acme-a-corp" in run("why", "--config", str(settings), "Shares of ACME fell.")


def test_what_is_watched_for_already_is_refused(settings):
    run("add", "Acme", "--config", str(settings))
    assert "acme is watched for already" in run("add", "Acme", "--config", str(settings), ok=False)


def test_a_settings_file_that_is_not_there_is_named_with_the_mend(tmp_path):
    assert "'tocsin init' writes one" in run("add", "Acme", "--config", str(tmp_path / "none.toml"), ok=False)


def test_a_watch_list_reaches_annotate(settings, tmp_path):
    run("add", "Acme", "--config", str(settings))
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps({"id": "1", "title": "", "text": "Acme sued Norway."}) + "\n")
    result = CliRunner().invoke(main, ["annotate", "--config", str(settings), str(lines)])
    entities = json.loads(result.output)["entities"]
    assert [(one["kind"], one["id"]) for one in entities] == [("watch", "acme"), ("country", "NOR")]


def claim(value, **qualifiers):
    made = {name: [{"datavalue": {"value": {"time": time, "precision": 11}}}] for name, time in qualifiers.items()}
    return {"rank": "normal", "mainsnak": {"datavalue": {"value": value}}, "qualifiers": made}


def test_refresh_reads_a_dump_and_what_it_writes_is_in_force(settings, tmp_path):
    item = {"id": "Q11"}
    dump = [
        {"id": "Q20", "labels": {"en": {"value": "Norway"}}, "claims": {"P298": [claim("NOR")]}},
        {
            "id": "Q11",
            "labels": {"en": {"value": "Prime Minister of Norway"}},
            "claims": {"P1001": [claim({"id": "Q20"})]},
        },
        {
            "id": "Q30",
            "labels": {"en": {"value": "Ola Nordmann"}},
            "claims": {"P31": [claim({"id": "Q5"})], "P39": [claim(item, P580="+2031-02-03T00:00:00Z")]},
        },
    ]
    file = tmp_path / "dump.json"
    file.write_text("[\n" + ",\n".join(json.dumps(one) for one in dump) + "\n]\n")
    data = tmp_path / "data"
    settings.write_text(f'data = "{data}"\n')
    assert "1 people, 1 terms of office" in run("refresh", "--dump", str(file), "--config", str(settings))
    assert (data / "gazetteer" / "people.txt").read_text() == "Ola Nordmann [ola-nordmann] | NOR pm 2031-02-03..\n"
    assert "ola-nordmann" in run("why", "--config", str(settings), "--date", "2032", "Prime Minister Nordmann spoke.")


def test_a_file_that_is_no_dump_is_refused(settings, tmp_path):
    file = tmp_path / "dump.json"
    file.write_text("{}\n")
    assert "is it a Wikidata JSON dump?" in run("refresh", "--dump", str(file), "--config", str(settings), ok=False)
