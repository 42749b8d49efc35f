"""`tocsin gazetteer`: why a name means what it means, what is known, and how it is added to."""

import gzip
import json

import pytest
from click.testing import CliRunner

from tocsin.service.cli import main
from tocsin.service.knowledge import check
from tocsin.service.settings import SettingsError
from tocsin.service.settings import load as load_settings


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


@pytest.mark.parametrize("text", ["Ola Nordmann | NOR boss 2031..\n", b"\xff\xfe"])
def test_office_holders_that_cannot_be_read_are_told_in_one_line_with_the_mend(settings, tmp_path, text):
    file = tmp_path / "data" / "gazetteer" / "people.txt"
    file.parent.mkdir(parents=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    settings.write_text(f'data = "{tmp_path / "data"}"\n')
    out = run("stats", "--config", str(settings), ok=False)
    assert str(file) in out
    assert "run 'tocsin gazetteer refresh' again, or delete the file" in out
    with pytest.raises(SettingsError, match="delete the file"):
        check(load_settings(str(settings), {}, {}))


def test_a_dump_that_is_cut_off_changes_nothing(settings, tmp_path):
    file = tmp_path / "dump.json.gz"
    file.write_bytes(gzip.compress(b"[" + b" " * 1000)[:-9])
    out = run("refresh", "--dump", str(file), "--config", str(settings), ok=False)
    assert str(file) in out
    assert "nothing changed" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["C++"], "'C++' can't be found in a text"),
        (["Acme", "--alias", ""], "'' can't be found in a text"),
        (["Acme", "--id", "a b"], "'a b' is no id"),
        (["中国石油"], "is no id; write letters, digits and hyphens"),
    ],
)
def test_what_could_never_be_found_or_asked_for_is_refused_and_nothing_is_written(settings, arguments, told):
    before = settings.read_text()
    assert told in run("add", *arguments, "--config", str(settings), ok=False)
    assert settings.read_text() == before
    assert list(settings.parent.glob("*.new")) == []


def test_an_addition_that_would_break_the_file_is_refused(settings):
    settings.write_text('watch = [{name = "Acme"}]\n')
    assert "nothing was added" in run("add", "Other", "--config", str(settings), ok=False)
    assert settings.read_text() == 'watch = [{name = "Acme"}]\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Acme Inc.", "Shares of Acme Inc fell."),
        ("Acme Inc.", "Shares of Acme Inc. fell."),
        ("O'Neill Group", "He left O\u2019Neill Group."),
        ("Acme Corp", "He left Acme\nCorp."),
        ("Bank of America", "He left Bank of America."),
        ("Russia", "He left Russia."),
        ("中国石油", "他离开了中国石油公司"),
    ],
)
def test_a_watched_name_is_found_however_its_signs_are_set_and_whatever_else_it_means(settings, name, text):
    run("add", name, "--id", "mine", "--config", str(settings))
    assert "mine" in run("why", "--config", str(settings), text)


def test_a_watched_state_is_a_state_still(settings):
    run("add", "Russia", "--id", "mine", "--config", str(settings))
    kinds = [line.split()[1] for line in run("why", "--config", str(settings), "He left Russia.").splitlines()]
    assert sorted(kinds) == ["country", "watch"]
