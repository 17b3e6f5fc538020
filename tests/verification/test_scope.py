import pytest

from rag.verification.claims import bare, statement
from rag.verification.scope import scope_mismatches

PRINTED = (
    "2025年江州模拟法庭审理了一起劳动争议。第13次长跑赛领队王小满说，江州银行东岭分行的职工都来了。"
    "江州要按2024—2026年的计划建成三座劳动公园。"
)


@pytest.mark.parametrize(
    ("question", "mismatches"),
    [
        ("2023年的模拟法庭审的是什么？", ["2023年"]),
        ("2025年的模拟法庭审的是什么？", []),
        ("2025年的模拟法庭比2023年多审几起？", []),
        ("2024年到底要建成几座公园？", []),
        ("第12次长跑赛的领队是谁？", ["第12次"]),
        ("第13次长跑赛的领队是谁？", []),
        ("江州银行西河分行来了多少职工？", ["江州银行西河分行"]),
        ("江州银行东岭分行来了多少职工？", []),
        ("三座公园叫什么？", []),
    ],
)
def test_what_the_newspaper_gives_of_another_is_a_mismatch(question, mismatches):
    found = scope_mismatches(question, [statement(PRINTED, "2025-06-01")], bare(PRINTED))
    assert [claim.text for claim in found] == mismatches
