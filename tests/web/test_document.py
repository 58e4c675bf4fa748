"""The OpenAPI document says what the server does: what fits it is answered as it says, and what does not is refused."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as drawn

EXAMPLES = 8
"""For each operation and kind of data: every run draws the same, so that few do."""

SLOW = ("/analyses/", "/claims", "/export/report")
"""What computes for seconds is asked here with wrong data alone, which is refused before anything is computed."""


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").json()


def test_the_document_names_every_address(document):
    assert set(document["paths"]) >= {
        f"/api/v1/{name}"
        for name in (
            "schema",
            "packages",
            "levers",
            "parameters",
            "evidence",
            "evidence/{record_id}",
            "claims",
            "claims/{number}",
            "backtest",
            "published",
            "simulate",
            "analyses/compare",
            "analyses/attribution",
            "export/csv",
            "export/json",
            "export/python",
        )
    }
    text = json.dumps(document)
    assert "#/components/schemas/HTTPValidationError" not in text
    references = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert references <= set(document["components"]["schemas"])


def test_the_interface_is_told_to_a_reader_by_this_server_alone(client, document):
    found = client.get("/docs")
    assert found.headers["content-type"].startswith("text/html")
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in found.text
    assert "worldview, prior, couplings" in found.text
    assert "://" not in found.text
    assert "<script" not in found.text


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_address_keeps_to_the_document(server, document, mode):
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=server.url)
    checks = [
        schemathesis.checks.not_a_server_error,
        schemathesis.specs.openapi.checks.status_code_conformance,
        schemathesis.specs.openapi.checks.content_type_conformance,
        schemathesis.specs.openapi.checks.response_schema_conformance,
    ]
    if mode == "negative":
        checks.append(schemathesis.specs.openapi.checks.negative_data_rejection)
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode == "positive" and any(part in operation.path for part in SLOW):
            continue
        if mode == "negative" and not [*operation.body, *operation.query, *operation.path_parameters]:
            continue
        cases = operation.as_strategy(generation_mode=schemathesis.GenerationMode(mode))

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        )
        @drawn(case=cases)
        def asked(case):
            case.call_and_validate(checks=checks, timeout=60)

        asked()
