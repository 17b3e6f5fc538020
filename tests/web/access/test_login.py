import pytest
from fastapi.testclient import TestClient

from app import create_app, serve
from index.config import Settings
from index.errors import BaowenError
from rag.web.access.login import Passwords, set_password
from rag.web.history.history import History
from rag.web.sites.feed import Feed
from rag.web.sites.site import Site

from ..conftest import FakeEmbedder, FakeGenerator, opened

PASSWORD = "correct horse"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "passwords.txt"
    set_password(path, "甲", PASSWORD)
    return path


@pytest.fixture
def client(archive, tmp_path, file):
    """A new browser; the app is made anew for each."""
    site = Site(archive, History(tmp_path / "history.sqlite"), Passwords(file))
    with TestClient(create_app(site), follow_redirects=False) as client:
        yield client


def test_passwords_are_kept_hashed_and_for_the_owner_only(file):
    assert "correct" not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def locked(sample, tmp_path_factory):
    """A client of one site for the tests that log nobody in."""
    folder = tmp_path_factory.mktemp("locked")
    set_password(folder / "passwords.txt", "甲", PASSWORD)
    archive = opened(sample, Settings(embedder={"model": "fake"}), FakeEmbedder(), FakeGenerator())
    site = Site(archive, History(folder / "history.sqlite"), Passwords(folder / "passwords.txt"))
    with TestClient(create_app(site), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/config", "/issues", "/metrics", "/v1/models", "/en/", "/gradio_api/info", "/conversations"]
)
def test_nobody_gets_in_without_a_password(locked, path):
    assert locked.get(path).status_code == 401


def test_people_are_sent_to_the_login(locked):
    page = locked.get("/", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login")
    assert locked.get("/login").status_code == 200
    assert locked.get("/health").status_code == 200


def test_a_wrong_password_is_refused(client):
    wrong = client.post("/login", data={"username": "甲", "password": "x"}, headers={"accept": "text/html"})
    assert wrong.status_code == 401
    assert "用户名或密码不对" in wrong.text
    assert client.get("/v1/models", headers={"authorization": "Bearer 甲:x".encode()}).status_code == 401


def test_programs_send_name_and_password_as_their_key(locked):
    assert locked.get("/v1/models", headers={"authorization": f"Bearer 甲:{PASSWORD}".encode()}).status_code == 200


def test_a_person_stays_logged_in_until_removed_from_the_file(client, file):
    assert client.post("/login", data={"username": "甲", "password": PASSWORD}).status_code == 200
    assert client.get("/issues").status_code == 200
    file.write_text("", encoding="utf-8")
    assert client.get("/issues").status_code == 401


@pytest.mark.parametrize("harm", ["line", "bytes", "gone"])
def test_a_password_file_that_cannot_be_read_any_more_changes_nothing_and_is_said_once(client, file, harm, caplog):
    whole = file.read_bytes()
    client.post("/login", data={"username": "甲", "password": PASSWORD})
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(whole + ("乙\n".encode() if harm == "line" else b"\xff"))
    assert client.get("/issues").status_code == 200
    assert client.get("/v1/models", headers={"authorization": f"Bearer 甲:{PASSWORD}".encode()}).status_code == 200
    assert client.get("/health").status_code == 200
    assert caplog.text.count("the people last read stay") == 1
    file.write_text("", encoding="utf-8")
    assert client.get("/issues").status_code == 401


def test_logging_out(client):
    client.post("/login", data={"username": "甲", "password": PASSWORD})
    client.get("/logout")
    assert client.get("/issues").status_code == 401


@pytest.mark.parametrize("line", ["甲:plain", "nonsense"])
def test_a_bad_password_file_is_refused(tmp_path, line):
    (tmp_path / "p").write_text(line, encoding="utf-8")
    with pytest.raises(BaowenError, match="第 1 行"):
        Passwords(tmp_path / "p")


def test_adding_issues_to_the_open_needs_a_login(archive, tmp_path):
    feed = Feed(tmp_path / "added", tmp_path / "archive", archive.embedder, archive.settings)
    with pytest.raises(BaowenError, match="needs a login"):
        serve(archive, "0.0.0.0", 7860, feed=feed)


def test_a_session_ends_with_its_password(client, file):
    client.post("/login", data={"username": "甲", "password": PASSWORD})
    assert client.get("/issues").status_code == 200
    set_password(file, "甲", "another one")
    assert client.get("/issues").status_code == 401


def test_a_password_sent_with_a_request_makes_no_session(locked):
    assert locked.get("/v1/models", headers={"authorization": f"Bearer 甲:{PASSWORD}".encode()}).status_code == 200
    assert locked.get("/v1/models").status_code == 401
