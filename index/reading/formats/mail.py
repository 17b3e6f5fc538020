"""E-mail messages, and web pages saved as one file: .eml, .mht."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

from ..blocks import markdown_blocks
from ..content.files import UnreadableFileError, decoded, read_bytes
from ..content.recognition import plain
from ..facts.dates import iso_date
from ..facts.known import facts
from . import web
from .base import FileText, Format, Options, PageText

_MOST_PARTS = 200


def read_mail(path: Path, _options: Options) -> FileText:
    """Read the text of a message, or the web page saved in it.

    Raises:
        UnreadableFileError: it is not a message, or contains no text.
    """
    try:
        message = email.message_from_bytes(read_bytes(path), policy=email.policy.default)
        parts = [part for part in list(message.walk())[:_MOST_PARTS] if isinstance(part, EmailMessage)]
        bodies = [
            (part.get_content_type(), _text(path, part)) for part in parts if part.get_content_maintype() == "text"
        ]
    except UnreadableFileError:
        raise
    except Exception as error:  # the library raises many kinds of errors for broken headers and encodings
        raise UnreadableFileError(f"{path}: 不是可读的邮件或网页存档 (cannot read): {type(error).__name__}") from error
    pages = next((body for kind, body in bodies if kind == "text/html"), "")
    text = next((body for kind, body in bodies if kind == "text/plain"), "")
    title = re.sub(
        r"^(?:(?:re|fw|fwd|回复|转发|答复)\s*[:：]\s*)+", "", str(message.get("subject") or ""), flags=re.IGNORECASE
    ).strip()
    if not pages and not text.strip():
        raise UnreadableFileError(f"{path}: 邮件里没有文字 (no text in it)")
    date = message.get("date")
    sent = facts(
        "the message's head", date=date.datetime.date().isoformat() if date and date.datetime else iso_date(str(date))
    )
    if pages and (message.get_content_type() == "multipart/related" or not text.strip()):
        page = web.page(pages)
        return FileText([replace(page, facts=page.facts.over(sent), title=page.title or title)])
    return FileText([PageText({}, markdown_blocks(plain(text)), facts=sent, title=title)])


def _text(path: Path, part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        return ""
    declared = part.get_content_charset()
    return decoded(path, data, declared)[0]


def _is_mhtml(head: bytes) -> bool:
    return (
        b"multipart/related" in head and re.search(rb"^MIME-Version:", head, re.MULTILINE | re.IGNORECASE) is not None
    )


FORMATS = (Format("mail", (".eml", ".mht", ".mhtml"), read_mail, _is_mhtml),)
