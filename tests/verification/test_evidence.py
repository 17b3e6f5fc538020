from rag.verification.evidence import evidence, select

BODY = [
    "江州市昨天召开会议，通报水库检查的结果。",
    "青螺水库蓄水一千二百万立方米。",
    "白鹭水库蓄水九百万立方米。",
    "会议由市长主持。",
]


def test_the_sentence_that_shares_most_comes_first():
    assert select("白鹭水库蓄水多少", BODY)[0] == 2


def test_evidence_begins_with_what_the_article_is_about():
    text = evidence("白鹭水库蓄水九百万立方米", BODY, budget=14)
    assert text.startswith("江州市昨天召开会议")
    assert "白鹭水库" in text


def test_evidence_stays_near_its_budget():
    long = ["白鹭水库" + "很好" * 40 + "。" for _ in range(20)]
    assert len(evidence("白鹭水库很好", long, budget=190)) < 190 * 1.3 + 90


def test_no_body_gives_no_evidence():
    assert evidence("白鹭水库", []) == ""
