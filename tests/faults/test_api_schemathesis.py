"""What the API's description promises holds for whatever is sent (接口说明逐项试探): some examples of each operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api import caller
from tests.cast import Cast
from tests.events import event_at

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 10


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The server closes its connections between requests; the test's transaction lives in one."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_keeps_its_promises(cast: Cast, mode: GenerationMode) -> None:
    """As the dispatcher, and sometimes about a case that there is, so that more than refusals are met."""
    from linli.site.wsgi import application

    case = event_at(cast, "dispatching")
    headers = caller(cast, "dispatcher").headers
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    met: set[int] = set()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.query and not operation.body:
            continue  # there is nothing in it that could be wrong

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def tried(asked: Any) -> None:
            if "number" in asked.path_parameters and len(asked.id) % 2 == len(met) % 2:
                asked.path_parameters["number"] = case.number
            response = asked.call(headers=headers)
            met.add(response.status_code)
            wrong = mode is GenerationMode.NEGATIVE
            asked.validate_response(response, checks=[*CHECKS, *([negative_data_rejection] if wrong else [])])

        tried()
    assert met >= ({200, 404} if mode is GenerationMode.POSITIVE else {400, 422})
