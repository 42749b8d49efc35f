"""What is deployed fits the code: options, variables, files, metrics and their labels."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from tocsin.service.cli import main
from tocsin.service.health import health_app
from tocsin.service.settings import ENVIRONMENT, load
from tocsin.streams import metrics
from tocsin.streams.topics import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
RULES = [
    rule for group in yaml.safe_load((DEPLOY / "prometheus/rules.yml").read_text())["groups"] for rule in group["rules"]
]
BOARD = json.loads((DEPLOY / "grafana/dashboards/tocsin.json").read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
ROLES = {"poller", "worker", "web"}
SCRAPED = {"instance", "job"}
"""Labels that Prometheus adds to whatever it reads."""


def _known() -> dict[str, set[str]]:
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Gauge | Histogram):
            name, labels = metric.describe()[0].name, set(metric._labelnames) | SCRAPED
            ends = {Counter: ["_total"], Gauge: [""], Histogram: ["_bucket", "_sum", "_count"]}[type(metric)]
            found |= {name + end: labels | ({"le"} if end == "_bucket" else set()) for end in ends}
    return found


KNOWN = _known()


def _faults(expression: str, legend: str = "") -> list[str]:
    """Return metrics and labels of an expression that the code does not have."""
    names = set(re.findall(r"\btocsin_\w+", expression))
    faults = sorted(names - set(KNOWN))
    for name, selector in re.findall(r"\b(tocsin_\w+)\{([^}]*)\}", expression):
        used = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
        faults += sorted(f"{name}: {label}" for label in used - KNOWN.get(name, set()))
    grouped = {label.strip() for labels in re.findall(r"\bby \(([^)]*)\)", expression) for label in labels.split(",")}
    everywhere = set.intersection(*(KNOWN[name] for name in names & set(KNOWN))) if names & set(KNOWN) else set()
    faults += sorted(f"by {label}" for label in (grouped | set(re.findall(r"\{\{(\w+)\}\}", legend))) - everywhere)
    return faults


def test_the_check_of_expressions_sees_a_wrong_metric_and_a_wrong_label() -> None:
    assert _faults("rate(tocsin_articles[5m])") == ["tocsin_articles"]
    assert _faults('tocsin_articles_total{feed="x"}') == ["tocsin_articles_total: feed"]
    assert _faults("sum by (stage) (tocsin_articles_total)") == ["by stage"]
    assert _faults("tocsin_articles_total", "{{channel}}") == ["by channel"]
    assert _faults('sum by (le, outcome) (tocsin_articles_total{outcome!="x"})') == ["by le"]
    assert _faults('sum by (le) (tocsin_alert_latency_seconds_bucket{severity=~"a|b"})', "{{instance}}") == []


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_composed_role_is_a_command_with_options_that_it_has(name: str) -> None:
    role, *arguments = COMPOSE["services"][name]["command"]
    command = main.commands[role]
    with click.Context(command) as context:
        parsed, left, _ = command.make_parser(context).parse_args(list(arguments))
    assert role == name
    assert left == []
    assert parsed["config"] == "/etc/tocsin/tocsin.toml"


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_composed_role_sets_only_variables_that_the_settings_know(name: str) -> None:
    variables = COMPOSE["services"][name]["environment"]
    assert set(variables) <= set(ENVIRONMENT)
    plain = {key: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for key, value in variables.items()}
    assert load(None, plain, {}).broker == "kafka:9092"


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_composed_role_is_asked_for_its_health_where_it_answers(name: str) -> None:
    service = COMPOSE["services"][name]
    asked = re.search(r"http://127\.0\.0\.1:(\d+)(/\S+)'", service["healthcheck"]["test"][-1])
    assert asked
    app = health_app(role=name, live=lambda: (True, ""), ready=lambda: (True, ""))
    assert asked[2] in {resource.canonical for resource in app.router.resources()}
    assert f"0.0.0.0:{asked[1]}" in service["command"]


def test_the_mounted_settings_are_settings() -> None:
    load(str(DEPLOY / "tocsin.toml"), {}, {})


def test_every_file_that_compose_names_is_there() -> None:
    named = []
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            place = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", volume).split(":")[0]
            if place.startswith("."):
                named.append(place)
            else:
                assert place in COMPOSE["volumes"]
        if "build" in service:
            named.append(service["build"]["dockerfile"])
    assert len(named) >= len(ROLES)
    assert [place for place in named if not (ROOT / place).exists()] == []


def test_no_port_is_open_beyond_this_machine() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose_runs_the_kafka_that_the_tests_run() -> None:
    pom = (ROOT / "tests/kafka/pom.xml").read_text()
    tested = re.search(r"<artifactId>kafka_[\d.]+</artifactId>\s*<version>([\d.]+)</version>", pom)
    assert tested
    assert COMPOSE["services"]["kafka"]["image"] == f"apache/kafka:{tested[1]}"


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = [
        part for line in lines if line.startswith("COPY ") and "--from" not in line for part in line.split()[1:-1]
    ]
    allowed = [line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"]
    assert sorted(copied) == sorted(allowed)
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_prometheus_asks_every_role_at_the_port_where_it_answers() -> None:
    [job] = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    [source] = job["dns_sd_configs"]
    assert set(source["names"]) == ROLES
    for name in ROLES:
        command = COMPOSE["services"][name]["command"]
        assert command[command.index("--metrics") + 1] == f"0.0.0.0:{source['port']}"


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_uses_metrics_and_labels_that_there_are_and_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["targets"]
    for target in panel["targets"]:
        assert _faults(target["expr"], target["legendFormat"]) == []
        assert target["datasource"]["uid"] == "${source}"


def test_panels_have_their_own_ids_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    cells: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        own = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not own & cells
        cells |= own


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_uses_what_there_is_says_what_to_do_and_is_tried(rule: dict[str, Any]) -> None:
    assert _faults(rule["expr"]) == []
    assert rule["labels"]["severity"] in {"warning", "critical"}
    text = rule["annotations"]["summary"] + rule["annotations"]["runbook"]
    assert set(re.findall(r"\btocsin_\w+", text)) <= set(KNOWN) | {name.removesuffix("_count") for name in KNOWN}
    assert set(re.findall(r"\btocsin\.\w+\.v\d+", text)) <= {topic.name for topic in CATALOGUE}
    assert set(re.findall(r"`tocsin (\w+)", text)) <= set(main.commands)
    assert rule["alert"] in (DEPLOY / "prometheus/rules_test.yml").read_text()


def _promtool(*arguments: str) -> None:
    tool = shutil.which("promtool")
    if tool is None:
        reason = "no promtool on PATH (Debian: it is in the package prometheus)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False, cwd=DEPLOY / "prometheus")
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_configuration_with_its_rules() -> None:
    _promtool("check", "config", "prometheus.yml")


def test_each_rule_speaks_where_it_must_and_is_silent_where_it_must() -> None:
    _promtool("test", "rules", "rules_test.yml")


def test_prometheus_understands_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    expressions = [target["expr"] for panel in PANELS for target in panel["targets"]]
    plain = [text.replace("$__rate_interval", "5m").replace("$__range", "1h") for text in expressions]
    rules = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(plain)]
    path = tmp_path / "panels.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    _promtool("check", "rules", str(path))
