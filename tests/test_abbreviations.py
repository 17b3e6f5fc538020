import pytest

from rag.abbreviations import says


@pytest.mark.parametrize(
    ("text", "word", "said"),
    [
        ("法国网球公开赛今天开赛。", "法网", True),
        ("工业和信息化部发文。", "工信部", True),
        ("人力资源和社会保障部发文。", "人社部", True),
        ("中国国家男子足球队", "中国男足", True),
        ("世界乒乓球团体锦标赛", "世锦赛", True),
        ("首次商业飞行", "首飞", True),
        ("夜校开班", "夜校", True),
        ("我国研发经费投入增长", "中国", True),
        ("中国女足出线", "我国", True),
        ("我校女足出线", "中国", False),
        ("法国，网球公开赛", "法网", False),
        ("男子足球队", "女足", False),
        ("夜里有人在校园散步", "夜人", False),
        ("江州职工夜校", "江校", False),
        ("5月28日", "5日", False),
        ("", "夜校", False),
    ],
)
def test_a_name_in_short_is_said_where_it_is_written_out(text, word, said):
    assert says(text, word) is said
