import threading
import time

import pytest

from rag.serving.database import Database
from rag.serving.shared_queue import SharedQueue


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path}/shared.sqlite")
    yield opened
    opened.close()


def queues(database, at_once=1, lost=20.0):
    return [SharedQueue(database, "http://model/v1", name, at_once, lost) for name in ("a", "b")]


def test_people_of_all_servers_take_turns(database):
    here, there = queues(database)
    first, again, other = here.join("甲"), here.join("甲"), there.join("乙")
    assert here.wait(first, 0) == 0
    assert here.wait(again, 0) == 1
    assert there.wait(other, 0) == 1  # before the second question of somebody who is served
    assert here.wait(again, 0) == 2
    there.leave(other)
    here.leave(first)
    assert here.wait(again, 0) == 0


def test_another_model_has_another_line(database):
    one = SharedQueue(database, "http://one/v1", "a")
    other = SharedQueue(database, "http://other/v1", "a")
    assert [one.wait(one.join("甲"), 0), other.wait(other.join("乙"), 0)] == [0, 0]


def test_several_are_served_at_once_on_all_servers_together(database):
    here, there = queues(database, at_once=2)
    places = [here.wait(here.join("甲"), 0), there.wait(there.join("乙"), 0), there.wait(there.join("丙"), 0)]
    assert places == [0, 0, 2]


def test_a_server_that_is_gone_loses_its_places(database):
    lost = SharedQueue(database, "m", "gone", lost=0.4)
    lost._keep_alive = lambda: None  # it was killed
    assert lost.wait(lost.join("甲"), 0) == 0
    left = SharedQueue(database, "m", "left", lost=0.4)
    assert left.wait(left.join("乙"), 0) == 1
    assert left.wait(next(iter(left._tickets)), 3) == 0


def test_a_long_answer_keeps_its_place(database):
    here, there = (SharedQueue(database, "m", name, lost=0.4) for name in ("a", "b"))
    served, waits = here.join("甲"), there.join("乙")
    assert here.wait(served, 0) == 0
    assert there.wait(waits, 1.0) == 1
    threading.Timer(0.1, here.leave, [served]).start()
    started = time.monotonic()
    while there.wait(waits, 3):
        assert time.monotonic() - started < 3
    there.leave(waits)


def test_without_the_database_each_server_has_its_own_line(database, tmp_path, caplog):
    here, there = queues(database)
    mine = here.join("甲")
    assert here.wait(mine, 0) == 0
    database._engine.dispose()
    (tmp_path / "shared.sqlite").unlink()
    (tmp_path / "shared.sqlite").mkdir()
    waits = there.join("乙")
    assert there.wait(waits, 0) == 0
    assert "each server has its own line" in caplog.text
    there.leave(waits)
    here.leave(mine)
