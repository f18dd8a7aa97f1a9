"""The DataFrames behind the findings."""

from __future__ import annotations

import examples
import pytest

from rumkit.frames import TABLES, frame
from rumkit.model import BadInput
from rumkit.trail.events import COLUMNS

COUNTED = ["sessions", "budget", "client_versions", "traces"]
TRAIL_TABLES = ["denied_put_events", "token_failures", "changes"]


@pytest.mark.parametrize("name", TRAIL_TABLES)
@pytest.mark.parametrize("rows", [[], [examples.trail_row(1)]])
def test_a_trail_table_has_the_trail_s_columns_and_dtypes(name: str, rows: list[dict]) -> None:
    made = frame(name, rows)
    assert {column: str(dtype) for column, dtype in made.dtypes.items()} == dict(COLUMNS)


@pytest.mark.parametrize("rows", [[], [{"time": "2026-03-02T08:00:00Z", "events": 3}]])
def test_arrival_has_a_utc_time_and_whole_events(rows: list[dict]) -> None:
    dtypes = {name: str(dtype) for name, dtype in frame("arrival", rows).dtypes.items()}
    assert dtypes == {"time": "datetime64[us, UTC]", "events": "int64"}


def test_arrival_beside_site_traffic_has_requests_that_may_be_unknown() -> None:
    rows = [{"time": "2026-03-02T08:00:00Z", "events": 3, "requests": None}]
    made = frame("arrival", rows)
    assert str(made["requests"].dtype) == "Int64"
    assert made["requests"].isna().all()


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("filled", [False, True])
def test_a_counted_table_has_its_columns_and_dtypes(name: str, filled: bool) -> None:
    rows = examples.broken().tables[name] if filled else ()
    dtypes = {column: str(dtype) for column, dtype in frame(name, rows).dtypes.items()}
    assert dtypes == {column: dtype for column, (dtype, _) in TABLES[name].items()}


def test_rows_are_in_the_order_of_time() -> None:
    made = frame("changes", [examples.trail_row(9), examples.trail_row(3)])
    assert list(made["time"].dt.minute) == [3, 9]


def test_an_account_id_keeps_its_leading_zero() -> None:
    made = frame("changes", [examples.trail_row(1, account="012345678901")])
    assert made["account"].item() == "012345678901"


def test_an_unknown_table_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(BadInput, match="denied_put_events"):
        frame("denied", [])
