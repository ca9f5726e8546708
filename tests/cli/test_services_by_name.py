"""Which services there are of ours; tests of installed ones are in plugins/."""

from __future__ import annotations

import pytest
from galileo_bus.service import Service
from galileo_cli.service_table import SERVICES, service_class


@pytest.mark.parametrize("name", SERVICES)
def test_each_name_of_ours_is_a_service_that_says_the_same_of_itself(name: str) -> None:
    found = service_class(name)
    assert issubclass(found, Service)
    assert found.name == name
    assert found.__doc__
