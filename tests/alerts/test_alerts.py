"""New hits are told once, whoever is killed and whatever is down."""

import json
import random
import socket
import threading
import time
from collections import Counter

import pytest

from index.config import AlertSettings
from index.errors import BaowenError
from rag.alerts import outbox
from rag.alerts.outbox import NotSentError, deliver, gather
from rag.alerts.running import Runner, run_once
from rag.alerts.sending import Sender, check_target, resolved


class Killed(BaseException):
    """As if the process had been killed here."""


def always(search):
    return True


def test_new_hits_are_mailed_and_posted_once_and_old_ones_never(kept, press, mailbox, hook, options):
    archives = {"": press.publish("1", "a")}
    kept.save("xiaowang", press.search_all("夜校"), "夜校的事", email="w@paper.example", webhook=hook.url)
    assert run_once(kept, archives, options) == (0, 0)  # what is there when it is saved
    press.publish("2", "a", "b", "c")
    assert run_once(kept, archives, options) == (2, 0)
    assert run_once(kept, archives, options) == (0, 0)
    press.publish("3", "a")  # rolled back
    run_once(kept, archives, options)
    press.publish("4", "a", "b", "c")
    assert run_once(kept, archives, options) == (0, 0)
    [mail] = mailbox.mails
    assert (mail["To"], "夜校的事" in mail["Subject"]) == ("w@paper.example", True)
    assert "https://archive.example/articles/b" in mail.get_content()
    [(_, host, post)] = hook.posts
    assert host.startswith("127.0.0.1:")
    assert [a["id"] for a in post["articles"]] == ["c", "b"]
    assert post["total"] == 2


def test_100_publications_with_kills_in_between_tell_each_hit_once(kept, press, mailbox, hook, options, monkeypatch):
    rng = random.Random(3)
    kept.save("xiaowang", press.search_all("夜校"), email="w@paper.example", webhook=hook.url)
    settle = outbox._settle
    killed_between = 0

    def settle_or_die(*arguments):
        nonlocal killed_between
        if rng.random() < 0.1:  # taken by the other side, not noted yet
            killed_between += 1
            raise Killed
        settle(*arguments)

    def now_or_die():
        if rng.random() < 0.1:  # inside the transaction that notes what is new
            raise Killed
        return "2025-04-18T00:00:00+00:00"

    monkeypatch.setattr(outbox, "_settle", settle_or_die)
    monkeypatch.setattr(outbox, "now", now_or_die)
    ids = []
    for publication in range(1, 101):
        ids += [f"{publication}-{k}" for k in range(rng.randint(0, 2))]
        press.publish(str(publication), *ids)
        hook.status = rng.choice([200, 200, 200, 503])
        mailbox.refusing = rng.random() < 0.2
        for _ in range(2):
            try:
                run_once(kept, {"": press}, options)
            except Killed:
                continue
    hook.status, mailbox.refusing = 200, False
    monkeypatch.setattr(outbox, "_settle", settle)
    monkeypatch.setattr(outbox, "now", lambda: "2025-04-18T00:00:00+00:00")
    run_once(kept, {"": press}, options)
    search = press.store.search
    sender = Sender(options, lambda m: search.articles(search.numbers_of(m.told)))
    deliver(kept, sender, at=lambda: time.time() + 1e7)  # what was put off is due
    posts = {key: post for key, _, post in hook.posts}
    told = Counter(a["id"] for post in posts.values() for a in post["articles"])
    assert told == Counter(ids)
    mails = {mail["Message-ID"]: mail.get_content() for mail in mailbox.mails}
    assert (
        Counter(line.rsplit("/", 1)[1] for m in mails.values() for line in m.splitlines() if "/articles/" in line)
        == told
    )
    again = len(hook.posts) - len(posts) + len(mailbox.mails) - len(mails)
    assert 0 < again <= killed_between  # the same message under the same id, by which the other side knows it


def test_a_refused_message_waits_longer_each_time_and_is_given_up(kept, press):
    kept.save("w", press.search_all("夜校"), email="w@paper.example")
    gather(kept, press.publish("2", "a"), always)
    tried = []

    def refuse(message):
        tried.append(message.id)
        raise NotSentError("down")

    moment = time.time()
    for _ in range(20):
        moment += 25 * 3600
        deliver(kept, refuse, at=lambda now=moment: now)
    assert len(tried) == 7
    assert len(set(tried)) == 1


def test_what_was_there_before_a_search_of_an_earlier_version_is_looked_at_is_not_told(kept, press):
    kept.save("w", press.search_all("夜校"), email="w@paper.example")
    with kept.opened() as database:
        database.execute("UPDATE searches SET snapshot = NULL")
    assert gather(kept, press.publish("1", "a"), always) == 0
    assert gather(kept, press.publish("2", "a", "b"), always) == 1


def test_a_search_that_fails_and_a_reader_without_rights_stop_nobody(kept, press):
    kept.save("w", press.search_all("夜校"), email="w@paper.example")
    other = kept.save("x", press.search_all("夜校"), email="x@paper.example")
    broken = kept.save("y", press.search_all("夜校"), email="y@paper.example")
    with kept.opened() as database:
        database.execute("UPDATE searches SET query = '(' WHERE id = ?", (broken.id,))
    assert gather(kept, press.publish("2", "a"), lambda search: search.id != other.id) == 1


def test_a_search_that_is_dropped_sends_no_more_and_belongs_to_one(kept, press):
    search = kept.save("w", press.search_all("夜校"), email="w@paper.example")
    gather(kept, press.publish("2", "a"), always)
    with pytest.raises(BaowenError, match="nothing kept"):
        kept.drop("somebody else", search.id)
    kept.drop("w", search.id)
    assert deliver(kept, lambda message: pytest.fail("sent")) == (0, 0)


def test_a_slow_mail_server_holds_up_no_publication(kept, press):
    kept.save("w", press.search_all("夜校"), email="w@paper.example")
    begun, go_on = threading.Event(), threading.Event()

    def slow(message):
        begun.set()
        assert go_on.wait(10)

    gather(kept, press.publish("2", "a"), always)
    sending = threading.Thread(target=deliver, args=(kept, slow))
    sending.start()
    assert begun.wait(10)
    assert gather(kept, press.publish("3", "a", "b"), always) == 1  # the file is free
    assert deliver(kept, lambda message: pytest.fail("sent twice")) == (0, 0)  # one process sends
    go_on.set()
    sending.join(10)


def test_the_runner_goes_on_after_an_error_and_ends(kept, press, mailbox, options, monkeypatch):
    kept.save("w", press.search_all("夜校"), email="w@paper.example")
    press.publish("1", "a")
    problems = iter([RuntimeError("once")])

    def store():
        for problem in problems:
            raise problem
        return press.state

    monkeypatch.setattr(press, "_store", store)
    runner = Runner(kept, {"": press}, options.model_copy(update={"seconds": 0.05}), always)
    runner.start()
    deadline = time.monotonic() + 20
    while not mailbox.mails and time.monotonic() < deadline:
        time.sleep(0.02)
    runner.stop()
    runner.join(10)
    assert len(mailbox.mails) == 1
    assert not runner.is_alive()


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x",
        "http://[::1]:80/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:192.168.1.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://localhost/",
    ],
)
def test_webhooks_to_internal_addresses_are_refused(address):
    with pytest.raises(NotSentError, match=r"internal|resolved"):
        check_target(address)


@pytest.mark.parametrize(
    "address", ["ftp://example.org/", "file:///etc/passwd", "http://user:p@1.1.1.1/", "nonsense", "http://-.报/"]
)
def test_what_is_no_web_address(address):
    with pytest.raises(BaowenError, match="not an http"):
        check_target(address)


def test_the_number_that_was_looked_at_is_the_one_that_is_called(monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *a, **k: [(0, 0, 0, "", ("93.184.216.34", 443))])
    called, named = resolved("https://hook.example:8443/a?b=c")
    assert (called, named.netloc) == ("https://93.184.216.34:8443/a?b=c", b"hook.example:8443")


def test_one_message_that_fails_stops_no_other(kept, press, caplog):
    for person in ("w", "x"):
        kept.save(person, press.search_all("夜校"), email=f"{person}@paper.example")
    gather(kept, press.publish("1", "a"), always)
    sent = []

    def send(message):
        if message.search.person == "w":
            raise ValueError("what nobody thought of")
        sent.append(message.target)

    assert deliver(kept, send) == (1, 1)
    assert sent == ["x@paper.example"]
    assert deliver(kept, send) == (0, 0)
    assert deliver(kept, sent.append, at=lambda: time.time() + 90) == (1, 0)
    with kept.opened() as database:
        attempts = database.execute("SELECT attempts, problem FROM messages ORDER BY attempts").fetchall()
    assert attempts == [(0, ""), (1, "")]
    assert "ValueError: what nobody thought of" in caplog.text


def test_a_webhook_may_have_a_name_in_chinese(kept, press, hook, options, monkeypatch):
    look_up = socket.getaddrinfo
    known = dict.fromkeys(("报社.example", "xn--4ruy61c.example"), "127.0.0.1")
    monkeypatch.setattr("socket.getaddrinfo", lambda host, *a, **k: look_up(known.get(host, host), *a, **k))
    address = hook.url.replace("127.0.0.1", "报社.example")
    settings = options.model_copy(update={"allow_internal": ("报社.example",)})
    check_target(address, settings.allow_internal)
    check_target(address, tuple(known)[1:])
    kept.save("w", press.search_all("夜校"), webhook=address)
    assert run_once(kept, {"": press.publish("1", "a")}, settings) == (1, 0)
    [(_, host, _)] = hook.posts
    assert host.startswith("xn--4ruy61c.example:")


def test_a_webhook_that_leads_elsewhere_is_not_followed(kept, press, hook, options):
    kept.save("w", press.search_all("夜校"), webhook=hook.url)
    hook.status = 302
    assert run_once(kept, {"": press.publish("2", "a")}, options) == (0, 1)


def test_without_a_mail_server_it_says_so(kept, press):
    kept.save("w", press.search_all("夜校"), email="w@paper.example")
    assert run_once(kept, {"": press.publish("2", "a")}, AlertSettings()) == (0, 1)
    with kept.opened() as database:
        assert "smtp_host" in database.execute("SELECT problem FROM messages").fetchone()[0]


def test_what_a_person_keeps_is_erased(kept, press):
    from rag.alerts.collections import Collections

    kept.save("w", press.publish("1", "a").search_all("夜校的秘密"), email="w@paper.example")
    mine = Collections(kept, "w")
    made = mine.make("给王总编")
    mine.put(made.id, "a", "要核实")
    assert kept.forget("w") == 2
    assert kept.searches() == []
    with kept.opened() as database:
        assert not [
            table
            for table in ("seen", "messages", "collected")
            if database.execute(f"SELECT 1 FROM {table}").fetchone()
        ]
    assert json.dumps([c.as_dict() for c in mine.all()]) == "[]"
