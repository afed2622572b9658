"""PyPI's clickhouse-connect against the server: `check.py PORT DATABASE`."""

import datetime as dt
import decimal
import io
import sys
import uuid

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.external import ExternalData

PORT, DATABASE = int(sys.argv[1]), sys.argv[2]
checks = []


def check(function):
    checks.append(function)
    return function


def connect(**options):
    return clickhouse_connect.get_client(host="127.0.0.1", port=PORT, database=DATABASE, **options)


def table(client, name, columns, engine="MergeTree ORDER BY tuple()"):
    client.command(f"DROP TABLE IF EXISTS {name}")
    client.command(f"CREATE TABLE {name} ({columns}) ENGINE = {engine}")


@check
def connection():
    client = connect()
    assert client.ping()
    assert client.server_version.startswith("2"), client.server_version
    assert client.command("SELECT currentDatabase()") == DATABASE
    assert client.command("SELECT 1") == 1


@check
def types_both_ways():
    client = connect()
    table(client, "py_types", "i Int64, f Float64, s String, l LowCardinality(String), n Nullable(UInt8), d Date, t DateTime64(3, 'UTC'), "
          "a Array(String), m Map(String, UInt32), u UUID, x Decimal(18, 4), e Enum8('a' = 1, 'b' = 2)")
    row = [-5, 1.5, "ä'\\\n\t\0", "low", None, dt.date(2026, 2, 28), dt.datetime(2026, 2, 28, 12, 30, 1, 123000, dt.timezone.utc),
           ["x", ""], {"k": 7}, uuid.uuid4(), decimal.Decimal("12.3400"), "b"]
    client.insert("py_types", [row, row])
    result = client.query("SELECT * FROM py_types")
    assert result.row_count == 2, result.row_count
    read = list(result.result_rows[0])
    read[6] = read[6].replace(tzinfo=dt.timezone.utc)
    assert read == row, (read, row)
    assert result.summary["read_rows"] == "2", result.summary


@check
def compression_each_way():
    for method in ("lz4", "zstd", "gzip", "br", True, False):
        try:
            client = connect(compress=method)
        except Exception as error:  # an encoder that is not installed
            assert "brotli" in str(error).lower() or "br" == method, error
            continue
        table(client, "py_compress", "a UInt32, b String")
        client.insert("py_compress", [[i, str(i) * 5] for i in range(50_000)], column_names=["a", "b"])
        rows = client.query("SELECT count(), sum(a), sum(length(b)) FROM py_compress").result_rows
        assert rows == [(50_000, 1249975000, 5 * sum(len(str(i)) for i in range(50_000)))], (method, rows)
        assert client.query("SELECT * FROM py_compress ORDER BY a").result_columns[0][-1] == 49_999


@check
def streams():
    client = connect()
    total = 0
    with client.query_row_block_stream("SELECT number FROM numbers(1000000)", settings={"max_block_size": 10_000}) as stream:
        for block in stream:
            total += sum(row[0] for row in block)
    assert total == 499999500000, total
    with client.raw_stream("SELECT number FROM numbers(3)", fmt="CSVWithNames") as stream:
        assert b"".join(stream) == b'"number"\n0\n1\n2\n'
    assert client.raw_query("SELECT 1 AS a", fmt="JSONEachRow") == b'{"a":1}\n'
    client.raw_insert("py_compress", insert_block=io.BytesIO(b"1,x\n2,y\n"), fmt="CSV")


@check
def parameters():
    client = connect()
    parameters = {"s": "it's\ta \\ test", "n": 5, "d": dt.datetime(2026, 1, 2, 3, 4, 5), "l": ["a", "b'c"]}
    sql = "SELECT {s:String}, {n:UInt8} + 1, {d:DateTime}, {l:Array(String)}"
    for encode in (False, True):
        client = connect(form_encode_query_params=encode)
        row = client.query(sql, parameters=parameters).first_row
        assert row[0] == parameters["s"] and row[1] == 6 and row[2] == parameters["d"] and list(row[3]) == parameters["l"], row


@check
def settings_do_not_leak():
    client = connect()
    question = "SELECT getSetting('max_threads')"
    before = client.command(question)
    assert client.command(question, settings={"max_threads": 1}) == 1
    assert connect(settings={"max_threads": 3}).command(question) == 3
    assert connect(autogenerate_session_id=False).command(question) == before
    try:
        client.query("SELECT sleepEachRow(0.2) FROM numbers(50)", settings={"max_execution_time": 1, "max_block_size": 1})
        raise AssertionError("no timeout")
    except DatabaseError as error:
        assert "159" in str(error), error


@check
def sessions():
    client = connect(session_id=f"py-{uuid.uuid4()}")
    client.command("CREATE TEMPORARY TABLE py_temporary (a UInt8)")
    client.insert("py_temporary", [[1], [2]], column_names=["a"], column_type_names=["UInt8"])
    assert client.command("SELECT sum(a) FROM py_temporary") == 3
    client.command("SET max_threads = 5")
    assert client.command("SELECT getSetting('max_threads')") == 5


@check
def external_tables():
    client = connect()
    data = ExternalData(file_name="ext", data=b"1,a\n2,b\n", fmt="CSV", structure=["x UInt8", "y String"])
    assert client.query("SELECT sum(x), max(y) FROM ext", external_data=data).first_row == (3, "b")


@check
def errors():
    client = connect()
    for sql, code in (("SELEC 1", "62"), ("SELECT * FROM py_no_such_table", "60"), ("SELECT py_no_such_function()", "46")):
        try:
            client.query(sql)
            raise AssertionError(f"{sql} did not fail")
        except DatabaseError as error:
            assert f"ode: {code}" in str(error) or f"code {code}" in str(error), error
    try:
        client.insert("py_compress", [["no number", 1]], column_names=["a", "b"])
        raise AssertionError("a wrong type was inserted")
    except Exception as error:
        assert not isinstance(error, AssertionError), error
    try:
        list(client.query("SELECT throwIf(number = 900000) FROM numbers(1000000)").result_rows)
        raise AssertionError("an exception in the middle of data was not seen")
    except Exception as error:
        assert not isinstance(error, AssertionError) and "395" in str(error), error


@check
def empty_results():
    client = connect()
    assert client.query("SELECT number FROM numbers(0)").result_rows == []
    summary = client.command("CREATE TABLE IF NOT EXISTS py_empty (a UInt8) ENGINE = Memory")
    assert summary.written_rows == 0
    client.insert("py_empty", [[1]], column_names=["a"])


for function in checks:
    function()
    print("ok", function.__name__)
