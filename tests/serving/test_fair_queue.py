import threading

from rag.serving.fair_queue import FairQueue


def test_one_is_served_and_the_others_see_their_place():
    queue = FairQueue()
    first, second, third = queue.join("a"), queue.join("b"), queue.join("c")
    assert queue.wait(first, 0) == 0
    assert [queue.wait(second, 0), queue.wait(third, 0)] == [1, 2]
    queue.leave(first)
    assert [queue.wait(second, 0), queue.wait(third, 0)] == [0, 1]
    assert len(queue) == 2


def test_several_questions_of_one_person_wait_behind_the_first_of_others():
    queue = FairQueue()
    served, again, once_more, other = queue.join("a"), queue.join("a"), queue.join("a"), queue.join("b")
    assert queue.wait(served, 0) == 0
    assert [queue.wait(t, 0) for t in (other, again, once_more)] == [1, 2, 3]


def test_leaving_while_waiting_makes_room():
    queue = FairQueue()
    served, gone, last = queue.join("a"), queue.join("b"), queue.join("c")
    queue.wait(served, 0)
    with gone:
        pass
    assert queue.wait(last, 0) == 1


def test_whoever_waits_is_woken_when_it_is_their_turn():
    queue = FairQueue()
    first, second = queue.join("a"), queue.join("b")
    queue.wait(first, 0)
    done = threading.Event()

    def wait():
        assert list(second.places(30))[-1:] in ([], [1])
        done.set()

    threading.Thread(target=wait, daemon=True).start()
    queue.leave(first)
    assert done.wait(5)


def test_two_can_be_served_at_once():
    queue = FairQueue(2)
    tickets = [queue.join(name) for name in "abc"]
    assert [queue.wait(ticket, 0) for ticket in tickets] == [0, 0, 2]
