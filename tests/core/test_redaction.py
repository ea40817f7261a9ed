"""What is taken out as a secret, what stays, and how long that takes."""

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from dataagents.core.redaction import REDACTED, Redactor
from dataagents.core.values import read_json, write_json

SHAPES = Redactor()

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpA\nwJalrXUtn\n-----END RSA PRIVATE KEY-----"

SECRETS = [
    ("a key sk-abcdefghijklmnop1234 was used", "abcdefghijklmnop1234"),
    ("sk-proj-4Bq_xY7-aaaaaaaaaaaaaaaaaaaa", "4Bq_xY7"),
    ("sk-ant-api03-R2D2_aaaaaaaaaaaaaaaaaaaa-AA", "R2D2"),
    ("line one\nsk-proj-4Bqaaaaaaaaaaaaaaaaaaaa", "4Bq"),
    (r"line one\nsk-proj-4Bqaaaaaaaaaaaaaaaaaaaa", "4Bq"),
    ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "4eC39"),
    ("ghp_0123456789abcdefABCDEF0123456789abcd", "0123456789"),
    ("github_pat_11ABCDEFG0123456789_abcdefghij", "11ABC"),
    ("AKIAIOSFODNN7EXAMPLE", "IOSFODNN"),
    ("ASIAIOSFODNN7EXAMPLE", "IOSFODNN"),
    ("AIzaSyA-1234567890abcdefghijklmnopqrstu", "SyA-"),
    ("xoxb-1234567890-abcdefghij", "1234567890"),
    (f"cookie {JWT};", "dozjgNry"),
    ("Authorization: Bearer abc.def-123456", "abc.def"),
    ("authorization: bearer tokenOfTheBearer", "OfThe"),
    ("Authorization: Basic dXNlcjpodW50ZXIy=", "dXNlcj"),
    ("postgres://jane:hunter2@db:5432/x", "hunter2"),
    ("redis://:hunter2@cache/0", "hunter2"),
    ("https://jane:p%40ss%2Fword@host/x", "p%40ss"),
    ("mysql://jane:hun@ter2@host/x", "ter2"),
    (f"key:\n{PEM}\nend", "wJalr"),
    ("-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA and the rest is cut", "MIIE"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----b3BlbnNz-----END OPENSSH PRIVATE KEY-----", "b3Blb"),
    ("GET /x?api_key=canary42&page=2", "canary42"),
    ("OPENAI_API_KEY=canary42", "canary42"),
    ("aws_secret_access_key = canary42", "canary42"),
    ("X-Api-Key: canary42", "canary42"),
    ("apiKey: canary42", "canary42"),
    ("clientSecret=canary42", "canary42"),
    ("MYSQL_PWD=canary42", "canary42"),
    ('{"token": "canary42"}', "canary42"),
    ('{"access_token":"canary 42, with \\"more\\" in it"}', "more"),
    ("{'password': 'canary42'}", "canary42"),
    ('{"body": "{\\"refresh_token\\": \\"canary42\\"}"}', "canary42"),
    ('password="canary42 that is cut', "canary42"),
    ("password: 123456", "123456"),
    ("secret => canary42", "canary42"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_taken_out(text: str, secret: str):
    assert SHAPES.suspects(text)
    assert secret not in SHAPES.text(text)
    assert REDACTED in SHAPES.text(text)


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_suspected_in_json_too(text: str, secret: str):
    for body in ({"summary": text}, {"a": [{"b": ["x", text]}]}, {text: 1}):
        written = write_json(body).decode()
        assert SHAPES.suspects(written)
        assert secret not in str(SHAPES.object(read_json(written), written))


@pytest.mark.parametrize(
    "text",
    [
        "null_tokens: N/A, none",
        '{"rule": "null_tokens", "column": "token", "cells": 5}',
        '{"tokens":1200,"cost":0.25,"model_tokens": 7}',
        '{"token": 3, "secret": null, "api_key": true, "password": false}',
        "token: 3 of 12",
        "max_token=4096",
        "jane.doe@example.com",
        "mailto:jane.doe@example.com",
        "https://jane@example.com/x",
        "http://localhost:8080/a@b",
        "http://localhost:8080?mail=jane@example.com",
        "https://example.com:443/x?y=1:2#z@w",
        "s3://bucket/key=2025-01-01/part:1",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "0198f3c2-7a51-7cc1-b2a4-1f2e3d4c5b6a",
        "task-2025-01-01-orders-validated",
        "risk-adjusted-returns-of-2024",
        "the secretary: Mrs Smith",
        "keyboard: qwertz, secretion=high",
        "enter your password, then the token that you were given",
        "the password is wrong",
        "a bearer instrument; basic requirements; Bearer certificates",
        "key=customer_id, primary_key: order_id",
        "2025-01-01T10:30:00+00:00 and 10:30",
        r"C:\Users\jane\Documents:stream",
        "PWD=/home/someone/orders OLDPWD=/tmp",
        "eyJ is how they begin, sk- and ghp_ too",
        "12 of 1,000 rows (1.2%) break the schema: 'x' = 'y'",
        "AKIA is short, ASIA is a continent",
        '{"password": {"type": "text", "present": 100}, "token": ["", 1]}',
        "password=[redacted]",
        "",
    ],
)
def test_ordinary_text_stays(text: str):
    assert SHAPES.text(text) == text
    assert SHAPES.json({"x": [text]}) == {"x": [text]}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("postgres://jane:hunter2@db/x", f"postgres://{REDACTED}@db/x"),
        ("GET /x?api_key=canary42&page=2", f"GET /x?api_key={REDACTED}&page=2"),
        ("password=null-and-void, x", f"password={REDACTED}, x"),
        ("Bearer abcd1234 was sent", f"Bearer {REDACTED} was sent"),
    ],
)
def test_what_stands_around_a_secret_stays(text: str, left: str):
    assert SHAPES.text(text) == left


@pytest.mark.parametrize(
    "body",
    [
        {"token": "canary42", "n": 1},
        {"a": {"password": 'can"ary, 42', "then": [1]}},
        {"password": 123456},
        {"inner": '{"secret": "canary42"}'},
        {"api_key": "", "token": None},
    ],
)
def test_text_that_is_json_stays_json(body: dict[str, object]):
    for indent in (None, 2):
        clean = SHAPES.text(json.dumps(body, indent=indent))
        assert list(json.loads(clean)) == list(body)
        assert "ary" not in clean
        assert "123456" not in clean


def test_a_field_with_the_name_of_a_secret_is_taken_out_whatever_it_holds():
    body = {
        "token": "a b",
        "OpenaiApiKey": "x",
        "inner": [{"db_password": "x"}],
        "authorization": "Digest x",
        "token_count": "12",
        "tokens": ["red", "green"],
    }
    assert SHAPES.fields(body) == {
        "token": REDACTED,
        "OpenaiApiKey": REDACTED,
        "inner": [{"db_password": REDACTED}],
        "authorization": REDACTED,
        "token_count": "12",
        "tokens": ["red", "green"],
    }


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY",
        "STRIPE_KEY",
        "GITHUB_TOKEN",
        "PGPASSWORD",
        "MYSQL_PWD",
        "SECRET_KEY_BASE",
        "api_key",
        "apiKey",
        "authToken",
        "client-secret",
        "db.password",
        "api_keys",
    ],
)
def test_the_value_of_a_variable_or_option_that_is_named_like_a_secret_is_known(name: str):
    for source in (
        {name: "canary-value"},
        {"provider": {name: "canary-value"}},
        {"providers": [{"url": "x"}, {name: "canary-value"}]},
        {"providers": ({"nested": ({name: ("canary-value",)},)},)},
        {name: {"of": ["canary-value"]}},
        {name: " canary-value\n"},
    ):
        assert Redactor.of({}, source).text("it is canary-value.") == f"it is {REDACTED}."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("null_tokens", ["not available"]),
        ("MAX_TOKENS", "not available"),
        ("primary_key", "not available"),
        ("key", "not available"),
        ("key_columns", ["not available"]),
        ("PWD", "not available"),
        ("KEYBOARD", "not available"),
        ("secretary", "not available"),
        ("SSH_KEY_FILE", "not available"),
        ("debug_token", "true"),
        ("token_limit_of", 12345678),
    ],
)
def test_other_variables_and_options_blind_nothing(name: str, value: object):
    text = "it is not available: true, 12345678"
    assert Redactor.of({name: value}).text(text) == text


def test_a_secret_in_a_wrapper_and_the_password_of_an_address_are_known():
    redactor = Redactor.of(
        {"wrapped": SecretStr("canary-one"), "DATABASE_URL": "postgres://u:canary%2Dtwo@db/x"}
    )
    assert redactor.text("canary-one, canary-two, canary%2Dtwo") == ", ".join([REDACTED] * 3)


ODD = 'pä$$ "wör\\d" \n\u2028 €'


@pytest.mark.parametrize("plain", [True, False])
def test_a_known_secret_is_found_however_it_is_written(plain: bool):
    redactor, once = Redactor([ODD]), json.dumps(ODD, ensure_ascii=plain)
    assert redactor.text(json.dumps(once, ensure_ascii=plain)).strip('\\"') == REDACTED
    for text in (ODD, once, repr(ODD)):
        assert redactor.text(text).strip("\"'") == REDACTED
        for body in ({"x": text}, {text: [1]}, {"x": [text]}):
            written = write_json(body).decode()
            clean = json.dumps(redactor.object(read_json(written), written))
            assert REDACTED in clean
            assert "r\\\\" not in clean


def test_a_known_secret_is_found_in_an_address():
    redactor = Redactor(["pass/word+ä ok"])
    assert redactor.text("?k=pass%2Fword%2B%C3%A4%20ok&z") == f"?k={REDACTED}&z"
    assert redactor.text("?k=pass%2Fword%2B%C3%A4+ok&z") == f"?k={REDACTED}&z"


def test_the_longer_of_two_secrets_goes_first():
    assert (
        Redactor(["canary", "canary-long"]).text("canary-long canary") == f"{REDACTED} {REDACTED}"
    )


PIECES = st.sampled_from(
    [
        *(text for text, _ in SECRETS),
        *" \n\"'\\=:,[]{}@x",
        *("token", "password", "://", REDACTED, "KNOWN-canary", "null", "12"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=8).map("".join)
REDACTOR = Redactor(["KNOWN-canary", "12345678", "redacted"])


@given(TEXTS)
@example("password=x KNOWN-canary")
@example('token="\\')
def test_what_is_clean_stays_as_it_is(text: str):
    clean = REDACTOR.text(text)
    assert "KNOWN-canary" not in clean
    assert REDACTOR.text(clean) == clean


JSON = st.recursive(
    TEXTS | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, JSON, max_size=4))
def test_what_is_not_suspected_has_nothing_to_take_out(body: dict[str, object]):
    written = write_json(body).decode()
    parsed = read_json(written)
    clean = REDACTOR.object(parsed, written)
    assert clean == REDACTOR.fields(parsed)
    assert "KNOWN-canary" not in write_json(clean).decode()


@pytest.mark.parametrize(
    "body",
    [
        {"columns": {"id": ["id"], "token": ["token"], "password": ["passwd", "salt"]}},
        {"columns": {"token": {"type": "text", "distinct": 200}, "api_key": {"type": "integer"}}},
        {"key": ["token"], "by": {"password": 12, "token": None}},
        {"action": "validate_data", "action_input": {"dataset": "tokens"}, "tokens": 12},
    ],
)
def test_what_is_known_of_columns_with_such_names_stays(body: dict[str, object]):
    written = write_json(body).decode()
    assert SHAPES.object(read_json(written), written) == body
    assert json.loads(SHAPES.text(written)) == body


def test_an_object_without_secrets_is_not_copied():
    body = {"summary": "12 rows"}
    assert SHAPES.object(body, write_json(body).decode()) is body


@pytest.mark.parametrize(
    "unit",
    [
        "a", ":", "password", "password ", "password=", 'password:"', 'password:\\"',
        "password:'\\", "\\", '"', " ", "=", "a_", "a-", "sk-", "-sk-", "eyJ", "eyJ-", "\\neyJ",
        "eyJa.", "://", "://a:", "://:@", "Bearer ", "bearer a", "-----BEGIN ", "-----BEGIN A",
        "ghp_", "xoxb-",
        "token", "token\t", "key", "AKIA", "-----BEGIN PRIVATE KEY-----", "passwordpassword=x ",
    ],
)  # fmt: skip
def test_no_text_takes_long(unit: str):
    text = (unit * (100_000 // len(unit) + 1))[:100_000]
    began = time.process_time()
    Redactor(["aaaaaaaab"]).text(text)
    assert time.process_time() - began < 1.0
