"""Settings: defaults, then ``baowen.toml`` in the working folder, then ``BAOWEN_*`` environment variables.

Nested names use two underscores: ``BAOWEN_GENERATOR__MODEL``. Unknown keys and out-of-range values are rejected.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path
from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from index.types import JsonObject

from .errors import BaowenError
from .secret import shown, without_logins

CONFIG_FILE = Path("baowen.toml")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _sendable(value: SecretStr | None) -> SecretStr | None:
    """Check that a secret can be sent in a header."""
    text = value.get_secret_value() if value else ""
    if not (text.isascii() and text.isprintable()) or text != text.strip():
        raise PydanticCustomError("header", "只能有 ASCII 字符，两端没有空格 (ASCII characters only, no spaces around)")
    return value


_HeaderSecret = Annotated[SecretStr | None, AfterValidator(_sendable)]


class ServerSettings(_Section):
    """Settings of a model that OpenAI-compatible servers run, if ``url`` is given."""

    url: str | None = Field(
        None,
        description="base URL of an OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1; "
        "several servers of the same model are separated by commas",
    )
    api_key: _HeaderSecret = None
    timeout: float = Field(120.0, ge=0.1, le=3600, description="seconds to wait for data from the server")
    retries: int = Field(3, ge=0, le=20, description="further attempts after a failure that may be temporary")
    in_flight: int = Field(8, ge=1, le=1024, description="requests in progress at the same time")


class EmbedderSettings(ServerSettings):
    """The sentence model.

    ``model`` is ``packaged:NAME``, a sentence-transformers folder, a hub name, or the model's name on the server at
    ``url``. The prompts apply only to texts that this server embeds; other models have their own.
    """

    model: str = "packaged:multilingual-e5-small"
    backend: Literal["auto", "onnx", "torch"] = "auto"
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1 …")
    batch_size: int = Field(64, ge=1, le=4096)
    query_prompt: str = Field("", description="prefix for questions embedded by a server, e.g. 'query: '")
    passage_prompt: str = Field("", description="prefix for passages embedded by a server, e.g. 'passage: '")


class PassageSettings(_Section):
    """How articles are cut into passages; lengths are in characters."""

    length: int = Field(250, ge=40, le=2000, description="a passage is closed before it would exceed this")
    longest_sentence: int = Field(400, ge=40, le=4000, description="a longer sentence is split")


class RetrievalSettings(_Section):
    """How the dense and the lexical retriever search."""

    candidates: int = Field(50, ge=1, le=1000, description="hits of each retriever that are ranked")
    rerank: int = Field(10, ge=0, le=100, description="best passages that the trained model reranks; 0: none")


class SearchSettings(_Section):
    """The exhaustive search, which finds every match."""

    names: bool = Field(True, description="find people, organisations and places while indexing articles")


class MilvusSettings(_Section):
    """How to reach archives in Milvus (``archive = "milvus://host:port/name"``)."""

    token: _HeaderSecret = Field(None, description="user:password, or a token")
    tls: bool = False
    certificate: Path | None = Field(None, description="the server's certificate, if no known authority signed it")
    timeout: float = Field(30.0, ge=1, le=3600, description="seconds within which Milvus must reply")


class GeneratorSettings(ServerSettings):
    """The language model.

    ``model`` is ``packaged:NAME``, a ``.gguf`` file, a transformers folder or hub name, or, for ``openai``, the model's
    name on the server. ``auto`` runs a ``.gguf`` file in llama.cpp, and the packaged models in transformers on CUDA, in
    ONNX Runtime on x86 CPUs and in llama.cpp elsewhere.
    """

    backend: Literal["auto", "onnx", "llama", "transformers", "openai"] = "auto"
    model: str = "packaged:qwen2.5-coder-1.5b-instruct"
    device: str = "auto"
    context_tokens: int = Field(4096, ge=512, le=131072)
    max_tokens: int = Field(256, ge=1, le=4096)
    at_once: int = Field(1, ge=1, le=1024, description="answers that a server generates at the same time")
    threads: int | None = Field(None, ge=1, le=256, description="None: one per usable core")


class AnswerSettings(_Section):
    """What the language model reads, and when to answer, quote or decline."""

    passages: int = Field(10, ge=1, le=50, description="passages that the trained model reads")
    context_characters: int = Field(1500, ge=200, le=20000, description="most characters that the language model reads")
    first_token_seconds: float = Field(6.0, ge=0.5, le=600, description="less is read if this would take longer")
    answered: float | None = Field(
        None, ge=0, le=1, description="an answer is given at or above this probability of being right; None: as fitted"
    )
    quoted: float | None = Field(
        None,
        validation_alias=AliasChoices("quoted", "told"),  # the name before 0.2.0 was ``told``
        ge=0,
        le=1,
        description="otherwise the newspaper is quoted at or above this; None: as fitted",
    )
    divide: bool = Field(True, description="questions that ask for several things are answered part by part")
    calibrated_for: str = Field(
        "", description="the generator.model for which `baowen calibrate` fitted `answered` and `quoted`"
    )
    time_limit: float = Field(120.0, ge=1, le=3600, description="seconds that an answer may take, excluding the wait")
    longest_wait: float = Field(
        600.0, ge=1, le=86400, description="seconds in the queue after which a request is turned away"
    )
    finishing_seconds: float = Field(
        20.0, ge=0, le=3600, description="seconds that answers in progress have to finish when the server stops"
    )
    max_question: int = Field(1000, ge=10, le=100000, description="longest question accepted, in characters")


class AuditSettings(_Section):
    """The audit log: who did what, from where, when."""

    folder: Path | None = Field(None, description="folder of the log, one file per day; None: no log")
    questions: bool = Field(False, description="also log the text of questions")
    days: int = Field(365, ge=1, le=36500, description="days after which a file is deleted")


class ArchiveSettings(_Section):
    """One of a server's archives; the lists name groups, people, or ``*`` for everybody who is allowed in."""

    path: Path
    read: tuple[str, ...] = Field(("*",), description="who may ask questions about it and see that it exists")
    add: tuple[str, ...] = Field((), description="who may add issues to it, if --feed allows that")
    correct: tuple[str, ...] | None = Field(None, description="who may correct texts and names; None: as for add")


class OpenIDSettings(_Section):
    """Login by OpenID Connect."""

    issuer: str = Field(description="https://login.example/realms/paper, where /.well-known/openid-configuration is")
    client_id: str
    client_secret: SecretStr
    name_claim: str = Field("preferred_username", description="the claim with the person's name")


class AccessSettings(_Section):
    """Who people are and which groups they belong to; each way to log in is off until it is configured."""

    groups: dict[str, tuple[str, ...]] = Field({}, description="the members of each group")
    administrators: tuple[str, ...] = Field((), description="groups or people who may do everything")
    keys: Path = Field(Path("data/keys.json"), description="hashes of API keys (baowen key)")
    header: str = Field(
        "",
        pattern="^[A-Za-z0-9-]*$",
        description="header in which a proxy sends the logged-in user, e.g. X-Remote-User",
    )
    proxies: tuple[str, ...] = Field(("127.0.0.1", "::1"), description="addresses whose headers are trusted")
    openid: OpenIDSettings | None = None


class LimitSettings(_Section):
    """What the server accepts from one person, identified by login, API key or else address."""

    requests: int = Field(3000, ge=0, description="requests per minute, without the page's files; 0: no limit")
    calls: int = Field(1200, ge=0, description="requests per minute that ask or change something; 0: no limit")
    request_mb: int = Field(8, ge=1, le=1024, description="the largest request")
    request_seconds: float = Field(30.0, ge=0.1, le=3600, description="seconds within which a request must be sent")
    upload_mb: int = Field(128, ge=1, le=4096, description="the largest upload, all files together")
    upload_seconds: float = Field(600.0, ge=1, le=86400, description="seconds within which an upload must be sent")


class AlertSettings(_Section):
    """How people are notified of new hits of their saved searches."""

    seconds: float = Field(15.0, ge=0.05, le=3600, description="seconds between two checks for a new publication")
    address: str = Field("", description="the server's own address, for links: https://archive.example")
    sender: str = Field("baowen@localhost", description="the sender of e-mails")
    smtp_host: str = Field("", description="mail server; empty: no e-mail")
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    allow_internal: tuple[str, ...] = Field((), description="internal hosts that webhooks may call")


_ArchiveName = Annotated[str, Field(pattern=r"^[\w-]{1,40}$")]


class Settings(BaseSettings):
    """Everything that can be configured. ``Settings.load()`` reads the file and the environment."""

    model_config = SettingsConfigDict(
        env_prefix="BAOWEN_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=CONFIG_FILE
    )

    archive: Path = Path("data/archive")
    history: Path = Field(Path("data/history.sqlite"), description="the chat's questions and who asked them")
    database: SecretStr | None = Field(
        None, description="URL of a database shared by several servers, instead of the file `history`"
    )
    cache: Path = Field(default_factory=lambda: user_cache_path("baowen"))
    weights_mirror: str | None = Field(
        None,
        description="folder or http(s) address with the packaged models' complete files, used if packages are missing",
    )
    language: Literal["zh", "en"] = "zh"
    embedder: EmbedderSettings = EmbedderSettings()
    passages: PassageSettings = PassageSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    search: SearchSettings = SearchSettings()
    milvus: MilvusSettings = MilvusSettings()
    images: bool = Field(True, description="keep page images next to the archive if the sources have them")
    generator: GeneratorSettings = GeneratorSettings()
    answers: AnswerSettings = AnswerSettings()
    archives: dict[_ArchiveName, ArchiveSettings] = Field({}, description="several archives on one server, by name")
    access: AccessSettings = AccessSettings()
    audit: AuditSettings = AuditSettings()
    limits: LimitSettings = LimitSettings()
    kept: Path = Field(Path("data/kept.sqlite"), description="saved searches and collections of each person")
    alerts: AlertSettings = AlertSettings()
    root_path: str = Field(
        default_factory=lambda: os.environ.get("GRADIO_ROOT_PATH", ""),
        pattern=r"^(/[A-Za-z0-9._~-]+)*/?$",
        description="path under which a proxy serves the page, if it does not send X-Forwarded-Prefix",
    )
    logs: Literal["text", "json"] = Field("text", description="format of the messages on standard error")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Explicit values take precedence over the environment, which takes precedence over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @classmethod
    def load(cls) -> Settings:
        """Read the settings from the file and the environment.

        Raises:
            BaowenError: a key is unknown or a value is out of range; the message names it.
        """
        _refuse_unknown_variables(set(cls.model_fields))
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            value = shown(first["input"], first["loc"], cls)
            problem = f"{key}{f' = {value}' if value else ''}: {first['msg']}"
            raise BaowenError(f"配置有误 (bad setting) {problem}；请改 {CONFIG_FILE} 或 BAOWEN_* 环境变量") from error
        except ValueError as error:
            raise BaowenError(f"读不懂 {CONFIG_FILE} (cannot read it): {error}") from error


def without_secrets(settings: Settings) -> JsonObject:
    """The settings given in the file or the environment, without secrets and without this machine's folders."""
    given = settings.model_dump(
        mode="json", exclude_unset=True, exclude={"archive", "archives", "history", "kept", "cache"}
    )
    return _public(given, settings)


def _public(values: JsonObject, section: BaseModel) -> JsonObject:
    kept: JsonObject = {}
    for name, value in values.items():
        held = getattr(section, name)
        if value is None or isinstance(held, SecretStr):
            continue
        if isinstance(held, BaseModel):
            kept[name] = _public(value, held)
        else:
            kept[name] = without_logins(value) if isinstance(value, str) else value
    return kept


def _refuse_unknown_variables(fields: set[str]) -> None:
    for variable in os.environ:
        if variable.startswith("BAOWEN_") and variable[7:].lower().split("__")[0] not in fields:
            known = ", ".join(sorted(f"BAOWEN_{field.upper()}" for field in fields))
            raise BaowenError(f"未知的环境变量 {variable} (unknown); 可用的有 (known): {known}")
