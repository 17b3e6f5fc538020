"""Sends messages by SMTP or to a webhook."""

from __future__ import annotations

import ipaddress
import json
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import quote

import httpx

from index.article import Article
from index.config import AlertSettings
from rag.results import printed_date

from .outbox import Message, NotSentError

_TIMEOUT_S = 20.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # maps IPv4 addresses
_LEAD = 80  # characters of a report's body

Find = Callable[[Message], Sequence[Article]]  # the articles of a message that are still in the archive


class Sender:
    """Sends messages as configured.

    Args:
        settings: the mail server, and the internal hosts that webhooks may use.
        articles: returns the articles that a message lists.
    """

    def __init__(self, settings: AlertSettings, articles: Find) -> None:
        self._settings = settings
        self._articles = articles

    def __call__(self, message: Message) -> None:
        """Send a message.

        Raises:
            NotSentError: the recipient did not accept it.
        """
        articles = self._articles(message)
        if message.channel == "email":
            self._mail(message, articles)
        else:
            self._post(message, articles)

    def _mail(self, message: Message, articles: Sequence[Article]) -> None:
        s = self._settings
        if not s.smtp_host:
            raise NotSentError("没有配置 alerts.smtp_host (no mail server)")
        mail = EmailMessage()
        mail["Subject"] = f"报问：“{message.search.name[:60]}”有 {len(message.articles)} 篇新报道"
        mail["From"], mail["To"] = s.sender, message.target
        mail["Message-ID"] = f"<{message.id}@baowen>"
        mail["Date"] = formatdate()
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self._text(message, articles))
        try:
            kind = smtplib.SMTP_SSL if s.smtp_security == "tls" else smtplib.SMTP
            with kind(s.smtp_host, s.smtp_port, timeout=_TIMEOUT_S) as server:
                if s.smtp_security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if s.smtp_user and s.smtp_password:
                    server.login(s.smtp_user, s.smtp_password.get_secret_value())
                server.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSentError(f"{type(error).__name__}: {error}") from error

    def _text(self, message: Message, articles: Sequence[Article]) -> str:
        lines = [f"检索式 (query)：{message.search.query}", ""]
        for article in articles:
            where = " ".join(part for part in (article.paper, printed_date(article.date)) if part)
            lines += [f"《{article.title or article.id}》 {where}", article.body[:_LEAD], self.link(article), ""]
        if len(message.articles) > len(articles):
            lines.append(f"共 {len(message.articles)} 篇新报道 (new reports)。")
        return "\n".join(lines)

    def link(self, article: Article) -> str:
        """Return the address of an article's page, or its id if the server's own address is not configured."""
        base = self._settings.address.rstrip("/")
        return f"{base}/articles/{quote(article.id, safe='/')}" if base else article.id

    def _post(self, message: Message, articles: Sequence[Article]) -> None:
        told = {
            "id": message.id,
            "search": {"id": message.search.id, "name": message.search.name, "query": message.search.query},
            "total": len(message.articles),
            "articles": [
                {"id": a.id, "title": a.title, "date": a.date, "paper": a.paper, "page": a.page, "url": self.link(a)}
                for a in articles
            ],
        }
        address, named = resolved(message.target, self._settings.allow_internal)
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.id, "Host": named.netloc.decode()}
        body = json.dumps(told, ensure_ascii=False).encode()
        try:
            secure = address.scheme == "https"  # http needs no certificates
            with httpx.Client(verify=secure, timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
                asked = {"sni_hostname": named.raw_host.decode()}
                reply = client.post(address, content=body, headers=headers, extensions=asked)
        except httpx.HTTPError as error:
            raise NotSentError(f"{type(error).__name__}: {error}") from error
        if not reply.is_success:
            raise NotSentError(f"HTTP {reply.status_code}")


def check_target(address: str, internal: Sequence[str] = ()) -> None:
    """Check that a webhook may use this address.

    Raises:
        NotSentError: it is not an http(s) address, or it points to this machine or an internal network.
    """
    resolved(address, internal)


def resolved(address: str, internal: Sequence[str] = ()) -> tuple[httpx.URL, httpx.URL]:
    """Return the address twice: with the IP address of its host instead of the name, and with the name.

    The request goes to the IP address that was checked, so that the name cannot resolve differently in between. A
    Chinese name is resolved and requested in its DNS form (``xn--…``).

    Args:
        address: an http or https address.
        internal: hosts that are allowed to be internal.

    Raises:
        NotSentError: it is not an http(s) address, or its host has no IP address or an internal one.
    """
    url = _parsed(address)
    try:
        found = socket.getaddrinfo(url.raw_host.decode(), url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSentError(f"找不到 {address[:80]} (cannot be resolved): {error}") from error
    numbers = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if {url.host, url.raw_host.decode()}.isdisjoint(internal) and not all(_is_public(number) for number in numbers):
        raise NotSentError(f"{url.host} 是内部地址，不发送 (an internal address)；确要发送请配置 alerts.allow_internal")
    return url.copy_with(host=str(numbers[0])), url


def _parsed(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
        usable = url.scheme in ("http", "https") and url.host and not url.userinfo and (url.port or 0) < 1 << 16
    except (httpx.InvalidURL, UnicodeError):
        usable = False
    if not usable:
        raise NotSentError(f"{address[:80]!r} 不是 http(s) 网址 (not an http(s) address)")
    return url


def _is_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(number, "ipv4_mapped", None) or getattr(number, "sixtofour", None)
    if number in _NAT64:
        mapped = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    return number.is_global and not number.is_multicast and (mapped is None or mapped.is_global)
