import pytest

from benchmarks.search_oracle import Scanned
from index.build import build
from index.config import PassageSettings
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder
from tests.conftest import FakeEmbedder
from tests.search.corpus import NAMES, KnownNames, write_corpus


@pytest.fixture(scope="session")
def made_up_folder(tmp_path_factory):
    """An archive of made-up articles; not to be changed."""
    folder = tmp_path_factory.mktemp("made-up")
    write_corpus(folder / "a.jsonl")
    build([folder / "a.jsonl"], folder / "archive", FakeEmbedder(), PassageSettings(), tagger=KnownNames)
    return folder / "archive"


@pytest.fixture
def made_up(made_up_folder):
    return LocalStore(ArchiveFolder(made_up_folder).require_current())


@pytest.fixture
def scanned(made_up):
    return [Scanned.of(article, NAMES) for article in made_up.articles(100_000)]
