"""No secret is in an error, in what a command prints, or in a message."""

import json
import logging
import traceback

import pytest

from index.config import Settings, without_secrets
from index.errors import BaowenError
from index.secret import without_logins
from rag.doctor import examine
from rag.llm import load_generator
from rag.logs import AsJson
from tests.model_server import model_server

SECRET = "hunter2-not-to-be-shown"


def refusal():
    with pytest.raises(BaowenError) as refused:
        Settings.load()
    return str(refused.value)


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        (f'[access.openid]\nclient_id = "x"\nclient_secret = "{SECRET}"', "access.openid.issuer"),
        (
            f'[access.openid]\nclient_id = "x"\nissuer = "y"\nclient_secret = "z"\nkeys = "{SECRET}"',
            "access.openid.keys",
        ),
        (f'[generator]\napi_key = ["{SECRET}"]', "generator.api_key"),
        (f'[generator]\nretries = "http://me:{SECRET}@host"', "generator.retries = 'http://host'"),
        (f'generator = "{SECRET}"', "generator"),
        (f'databas = "postgresql://me:{SECRET}@host/x"', "databas"),
        (f'[generator]\napi_key = "密钥{SECRET}"', "generator.api_key: 只能有 ASCII 字符"),
        (f'[embedder]\napi_key = "{SECRET}\\n"', "embedder.api_key: 只能有 ASCII 字符"),
        (f'[milvus]\ntoken = "root：{SECRET}"', "milvus.token: 只能有 ASCII 字符"),
        ('[access]\nheader = "用户"', "access.header = '用户'"),
        ("[alerts]\nsmtp_password = 12345678", "alerts.smtp_password"),
        ("language = 'fr'", "language = 'fr'"),
    ],
)
def test_a_bad_setting_is_named_without_what_may_be_a_secret(tmp_path, toml, named):
    (tmp_path / "baowen.toml").write_text(toml)
    said = refusal()
    assert named in said
    assert SECRET not in said
    assert "12345678" not in said


def test_a_misspelt_variable_is_named_without_its_value(monkeypatch):
    monkeypatch.setenv("BAOWEN_GENERATOR__API_KEYY", SECRET)
    said = refusal()
    assert "api_keyy" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"http://me:{SECRET}@a/v1,https://you:p@ss@b:80/v1 x", "http://a/v1,https://b:80/v1 x"),
        ("milvus://token@host:1/n", "milvus://host:1/n"),
        ("http://host/a@b?mail=c@d e@f", "http://host/a@b?mail=c@d e@f"),
        ("见 http://host，或写信给 a@b", "见 http://host，或写信给 a@b"),
    ],
)
def test_an_address_is_shown_without_the_login_in_it(text, shown):
    assert without_logins(text) == str(BaowenError(text)) == shown


def test_the_doctor_and_a_packed_configuration_show_a_server_without_its_login():
    url = f"http://me:{SECRET}@127.0.0.1:9/v1,http://127.0.0.1:10/v1"
    settings = Settings(generator={"url": url, "backend": "openai"})
    found = [finding for finding in examine(settings, "127.0.0.1", 0) if "generator" in finding.what]
    assert "@ http://127.0.0.1:9/v1,http://127.0.0.1:10/v1" in found[0].found
    assert SECRET not in str(found)
    assert without_secrets(settings)["generator"]["url"] == "http://127.0.0.1:9/v1,http://127.0.0.1:10/v1"


def test_a_server_that_fails_is_told_without_login_and_key():
    def echoes(handler, body):
        handler.reply(json.dumps({"error": {"message": f"bad key {SECRET}-key"}}).encode(), 401)

    with model_server(echoes) as server:
        url = server.url.replace("://", f"://me:{SECRET}@")
        model = load_generator(Settings(generator={"url": url, "api_key": f"{SECRET}-key", "retries": 0}))
        with pytest.raises(BaowenError, match="模型服务 http://127") as failed:
            list(model.stream([{"role": "user", "content": "你好"}], 9))
    assert SECRET not in "".join(traceback.format_exception_only(failed.value))


def test_messages_show_no_login():
    record = logging.LogRecord("baowen", logging.WARNING, "", 0, "%s", (f"ftp://me:{SECRET}@host",), None)
    assert json.loads(AsJson().format(record))["message"] == "ftp://host"
