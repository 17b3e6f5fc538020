import threading

from rag.line import Line


def test_one_is_served_and_the_others_see_their_place():
    line = Line()
    first, second, third = line.join("a"), line.join("b"), line.join("c")
    assert line.wait(first, 0) == 0
    assert [line.wait(second, 0), line.wait(third, 0)] == [1, 2]
    line.leave(first)
    assert [line.wait(second, 0), line.wait(third, 0)] == [0, 1]
    assert len(line) == 2


def test_several_questions_of_one_person_wait_behind_the_first_of_others():
    line = Line()
    served, again, once_more, other = line.join("a"), line.join("a"), line.join("a"), line.join("b")
    assert line.wait(served, 0) == 0
    assert [line.wait(t, 0) for t in (other, again, once_more)] == [1, 2, 3]


def test_leaving_while_waiting_makes_room():
    line = Line()
    served, gone, last = line.join("a"), line.join("b"), line.join("c")
    line.wait(served, 0)
    with gone:
        pass
    assert line.wait(last, 0) == 1


def test_whoever_waits_is_woken_when_it_is_their_turn():
    line = Line()
    first, second = line.join("a"), line.join("b")
    line.wait(first, 0)
    done = threading.Event()

    def wait():
        assert list(second.places(30))[-1:] in ([], [1])
        done.set()

    threading.Thread(target=wait, daemon=True).start()
    line.leave(first)
    assert done.wait(5)


def test_two_can_be_served_at_once():
    line = Line(2)
    tickets = [line.join(name) for name in "abc"]
    assert [line.wait(ticket, 0) for ticket in tickets] == [0, 0, 2]
