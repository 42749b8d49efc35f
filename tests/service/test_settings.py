"""Settings: where they come from, and how a wrong one is named."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tocsin.service.settings import Settings, SettingsError, line_of, load


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "tocsin.toml"
    path.write_text(text)
    return str(path)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    config = write(tmp_path, 'data = "file"\nlisten = "127.0.0.1:1"\nworkers = 3\n')
    found = load(config, {"TOCSIN_LISTEN": "127.0.0.1:2", "TOCSIN_WORKERS": "4"}, {"workers": 5, "data": None})
    assert (found.data, found.listen, found.workers) == ("file", "127.0.0.1:2", 5)


def test_without_anything_every_default_holds() -> None:
    assert load(None, {}, {}) == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'data = "x"\n\n[[feed]]\nurl = "https://a.example/"\nevry = 3.0\n',
            "line 5: feed.evry: there is no such setting; did you mean every?",
        ),
        ('[[feed]]\nurl = "https://a.example/"\n[[feed]]\nurl = 7\n', "line 4: feed.url: expected `str`, got `int`"),
        ('[[subscription]]\nname = "x"\n', "line 1: subscription: object missing required field `query`"),
        ('listen = "8010"\n', "line 1: listen: '8010' is no address; write it as 127.0.0.1:8010"),
        ('data = "x"\nallow_net = ["10.0.0.1/8"]\n', "line 2: allow_net: '10.0.0.1/8' is no network"),
        ('since = "yesterday"\n', "line 1: since: 'yesterday' is no day; write it as 2026-01-31"),
        ("workers = 0\n", "line 1: workers: 0 is not from 1 to 64"),
        ('[endpoint.desk]\nurl = "https://x.example/"\n', "line 1: endpoint.desk: says no channel"),
        ("workers = \n", "not TOML"),
        ('[[feed]]\nurl = "example.org/feed"\n', "line 2: feed.url: 'example.org/feed' is no address"),
        ('[operator]\nendpoint = "desk"\n', "line 2: operator.endpoint: there is no [endpoint.desk]"),
        ('config = "other.toml"\n', "line 1: config: there is no such setting"),
        (
            '[[subscription]]\nquery = "a"\n[[subscription]]\nquery = "b"\nendpoints = ["desk"]\n',
            "line 5: subscription.endpoints: there is no [endpoint.desk]; there are terminal",
        ),
    ],
)
def test_a_wrong_setting_is_named_by_file_line_key_and_mend(tmp_path: Path, text: str, said: str) -> None:
    config = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(config, {}, {})
    assert str(caught.value).startswith(config)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_subscription_to_an_endpoint_that_is_not_there_is_refused(tmp_path: Path) -> None:
    config = write(tmp_path, '[[subscription]]\nquery = "a"\nendpoints = ["desk"]\n')
    with pytest.raises(SettingsError, match=r"there is no \[endpoint.desk\]; there are terminal"):
        load(config, {}, {})


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TOCSIN_BORKER": "x:1"}, "TOCSIN_BORKER: no such variable; there are TOCSIN_ALLOW_NET, TOCSIN_BROKER"),
        ({"TOCSIN_WORKERS": "many"}, "TOCSIN_WORKERS: 'many' is not a number"),
        ({"TOCSIN_LISTEN": "here"}, "listen: 'here' is no address"),
    ],
)
def test_a_wrong_variable_is_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(None, environment, {})
    assert said in str(caught.value)


def test_a_value_from_elsewhere_is_not_laid_at_the_door_of_the_file(tmp_path: Path) -> None:
    config = write(tmp_path, 'listen = "127.0.0.1:1"\n')
    with pytest.raises(SettingsError) as caught:
        load(config, {}, {"listen": "here"})
    assert str(caught.value).startswith("listen: 'here'")


def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_bytes(b"workers = 1\ndata = '\xff'\n")
    with pytest.raises(SettingsError, match="line 2: not UTF-8"):
        load(str(path), {}, {})


def test_an_endpoint_of_the_command_line_may_be_named_in_the_file(tmp_path: Path) -> None:
    config = write(tmp_path, '[[subscription]]\nquery = "a"\nendpoints = ["webhook"]\n')
    found = load(config, {}, {"endpoint": {"webhook": {"channel": "webhook", "url": "http://127.0.0.1:1/"}}})
    assert found.subscription[0].endpoints == ("webhook",)


def test_a_secret_is_in_no_error(tmp_path: Path) -> None:
    config = write(tmp_path, '[endpoint.desk]\nurl = "https://h.example/s3cr3t"\nsecrets = ["whsec_s3cr3t"]\n')
    with pytest.raises(SettingsError) as caught:
        load(config, {}, {})
    assert "s3cr3t" not in str(caught.value)


def test_the_example_file_is_valid_as_it_is_and_with_every_line_switched_on(tmp_path: Path) -> None:
    text = files("tocsin.service").joinpath("tocsin.example.toml").read_text()
    assert msgspec.structs.replace(load(write(tmp_path, text), {}, {}), config="") == Settings()
    lines = [
        line.removeprefix("# ")
        for line in text.splitlines()
        if (line.startswith(("# [", "# ")) and "=" in line) or line.startswith("# [")
    ]
    found = load(write(tmp_path, "\n".join(lines)), {}, {})
    assert found.feed
    assert found.subscription
    assert set(found.endpoint) == {"desk", "newsroom"}


@pytest.mark.parametrize(("key", "line"), [("a", 1), ("t.b", 4), ("l.0.c", 6), ("l.1.c", 8), ("l.1.none", 7)])
def test_a_key_is_found_on_its_line(key: str, line: int) -> None:
    text = "a = 1\n\n[t]\nb = 2\n[[l]]\nc = 3\n[[l]]\nc = 4\n"
    assert line_of(text, key) == line


def test_options_make_feeds_a_subscription_and_a_webhook(monkeypatch: Any) -> None:
    from tocsin.service.options import settings_from

    monkeypatch.delenv("TOCSIN_CONFIG", raising=False)
    options = {
        "feeds": ("http://127.0.0.1:1/a.xml",),
        "queries": ("topic:summit",),
        "webhook": "http://127.0.0.1:1/hook",
        "webhook_secret": "whsec_x",
        "slack": None,
        "every": 2.0,
        "allow_net": ("127.0.0.0/8",),
        "since": "2000-01-01",
    }
    found = settings_from(options)
    assert [(feed.url, feed.every) for feed in found.feed] == [("http://127.0.0.1:1/a.xml", 2.0)]
    assert [(one.query, one.severity) for one in found.subscription] == [("topic:summit", "high")]
    assert found.endpoint["webhook"]["url"] == "http://127.0.0.1:1/hook"
    assert found.since_day is not None
