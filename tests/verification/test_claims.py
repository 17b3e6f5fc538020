import pytest

from rag.verification.claims import Claim, alternatives, bare, claims, stated, statement

PRINTED = "8月7日，江州港吞吐量达2.3亿吨，同比增长6.1%；其中集装箱1200万标箱。"


def found(sentence, kind):
    return [claim for claim in claims(sentence) if claim.kind == kind]


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("吞吐量两亿三千万吨。", True),
        ("吞吐量2.3亿吨。", True),
        ("吞吐量23000万吨。", True),
        ("吞吐量2.3万吨。", False),
        ("集装箱1200万吨。", False),
        ("增长百分之六点一。", True),
        ("增长6.1个百分点。", False),
    ],
)
def test_a_quantity_is_stated_by_value_and_unit(sentence, supported):
    (claim,) = found(sentence, "quantity")
    assert stated(claim, [statement(PRINTED)], bare(PRINTED)) == supported


@pytest.mark.parametrize(("sentence", "supported"), [("2025年8月7日", True), ("8月9日", False), ("八月七日", True)])
def test_a_date_is_stated_as_far_as_both_say(sentence, supported):
    (claim,) = found(sentence, "date")
    assert stated(claim, [statement(PRINTED, "2025-08-08")], "") == supported


def test_what_is_printed_instead_has_the_same_unit():
    (claim,) = found("吞吐量3.2亿吨。", "quantity")
    assert alternatives(claim, [statement(PRINTED)]) == ["2.3亿吨"]


def test_quotations_and_titles_are_claims():
    kinds = {claim.kind: claim.text for claim in claims("他说“夜里也开门”，见《夜校日历》。")}
    assert kinds["quotation"] == "夜里也开门"
    assert kinds["title"] == "夜校日历"


@pytest.mark.parametrize(
    ("name", "printed", "same"),
    [
        ("江州公积金中心", "江州住房公积金管理中心", True),
        ("证监会", "证券期货监察委员会", True),
        ("江州港务局", "江州市邮政局和海关", False),
    ],
)
def test_an_organisation_may_be_named_by_its_short_form(name, printed, same):
    claim = Claim("name", name, 0, len(name), name, "organisation")
    assert stated(claim, [], bare(f"昨天，{printed}公布了办法。")) == same


def test_one_of_something_is_no_figure():
    assert found("市民在一家饭店第一次见到他。", "quantity") == []
