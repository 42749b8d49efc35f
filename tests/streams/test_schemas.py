import json
from pathlib import Path

import msgspec
import pytest

from tocsin.streams.codec import decode, encode
from tocsin.streams.schemas import export
from tocsin.streams.topics import CATALOGUE

FOLDER = Path(__file__).parents[2] / "streams" / "schemas_v1"
SAMPLES = [json.loads(line) for line in (Path(__file__).parent / "samples_v1.jsonl").read_text("utf-8").splitlines()]
RECORDS = {topic.name: topic.record for topic in CATALOGUE if topic.record}


def test_the_committed_schemas_are_those_of_the_code():
    """After a change that is meant: `python -m tocsin.streams.schemas streams/schemas_v1`. Within v1 only add."""
    committed = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    assert committed == export()


def test_every_topic_has_a_schema_and_an_old_sample():
    assert {sample["topic"] for sample in SAMPLES} == set(RECORDS)
    assert set(export()) == {f"{record.__name__.lower()}.json" for record in RECORDS.values()}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["topic"])
def test_old_samples_decode_for_ever_and_lose_nothing(sample):
    """Never change a line of the samples: add one."""
    record = decode(RECORDS[sample["topic"]], json.dumps(sample["value"]).encode())
    assert json.loads(encode(record)) == sample["value"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["topic"])
def test_a_reader_passes_over_fields_that_a_newer_writer_added(sample):
    record = RECORDS[sample["topic"]]
    newer = sample["value"] | {"added_later": {"x": 1}}
    assert decode(record, json.dumps(newer).encode()) == decode(record, json.dumps(sample["value"]).encode())


@pytest.mark.parametrize("record", RECORDS.values(), ids=lambda record: record.__name__)
def test_a_schema_requires_exactly_the_fields_without_a_default(record):
    schema = json.loads(export()[f"{record.__name__.lower()}.json"])
    own = schema["$defs"][record.__name__]
    required = {field.name for field in msgspec.structs.fields(record) if field.required}
    assert set(own["required"]) == required
    assert set(own["properties"]) == set(record.__struct_fields__)
