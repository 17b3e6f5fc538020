"""Names joined from words, with words that a tagger might give: 江州/LOC 市民/n."""

import re

import pytest

from index.text.joining import NewsNames
from index.text.names import Word


class Cut:
    """Gives the words and tags that are written in the text: 江州/LOC 证券/n."""

    def __init__(self, written):
        self._words, at = [], 0
        self.text = ""
        for piece in written.split(" "):
            word, _, tag = piece.rpartition("/")
            self._words.append(Word(at, at + len(word), tag))
            self.text += word
            at += len(word)

    def words(self, text):
        assert text == self.text
        return self._words


def found(written):
    cut = Cut(written)
    names = NewsNames(cut).names(cut.text)
    assert all(cut.text[name.start : name.end] == name.text for name in names)
    return [(name.text, name.kind) for name in names]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("江桥/ORG 证券/n 表示/v", "江桥证券"),
        ("江州/LOC 消费品/n 质量/n 安全/an 促进会/n", "江州消费品质量安全促进会"),
        ("云桥/LOC 社会党/n 和/c", "云桥社会党"),
        ("云桥国防部/LOC 消息/n", "云桥国防部"),
        ("柳河/LOC 省委书记/n 彭望舒/PER", "柳河省委"),
        ("江州新闻网/nz 报道/v", "江州新闻网"),
        ("江河台正/ORG 敦促/v", "江河台"),
        ("江州军分区政委/ORG 彭望舒/PER", "江州军分区"),
        ("江州/LOC 人民/n 建议/v 征集/v 办公室/n", "江州人民建议征集办公室"),
        ("云桥/nz 称/v", "云桥"),
        ("江桥/n 新闻/n 记者/n", "江桥新闻"),
        ("江桥/ORG 新闻/n 获悉/v", "江桥新闻"),
    ],
)
def test_an_organisation_is_its_longest_name_without_posts_and_adverbs(written, name):
    assert (name, "organisation") in found(written)
    assert [kind for text, kind in found(written) if text in name] == ["organisation"]


@pytest.mark.parametrize(
    "written",
    [
        "张某/PER 驾驶/v",
        "宋某某/PER",
        "蒋女士/PER 说/v",
        "小唐/PER 说/v",
        "南昌/LOC 起义/n",
        "中国/LOC 专利/n 金奖/n",
        "中日/LOC 两/m 国/n",
        "纪委监委/ORG 举报/v",
        "县政府/ORG 要求/v",
        "天主教/ORG",
    ],
)
def test_who_is_only_hinted_at_and_what_others_are_called_after_is_not_named(written):
    assert found(written) == []


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("武汉市新洲区/LOC 开会/v", ["武汉市", "新洲区"]),
        ("巴西里约热内卢/LOC", ["巴西", "里约热内卢"]),
        ("新北/LOC 市长/n 侯有余/PER", ["新北市"]),
        ("柳河北/LOC 收费站/n", ["柳河北收费站"]),
        ("江州南部/LOC 有/v 雨/n", ["江州"]),
        ("尼日尔/PER 发生/v", ["尼日尔"]),
        ("沈北新区/LOC", ["沈北新区"]),
        ("北京云桥区/LOC", ["北京", "云桥区"]),
        ("上海/LOC 云桥/LOC 保护区/n", ["上海", "云桥保护区"]),
        ("广西壮族自治区/LOC", ["广西壮族自治区"]),
        ("云桥/LOC 当局/n", ["云桥"]),
    ],
)
def test_places_are_one_name_a_level(written, names):
    assert [text for text, kind in found(written) if kind == "place"] == names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张国强先生/PER 说/v", "张国强"),
        ("纳瓦兹/PER ·/w 谢里夫/nz 上台/v", "纳瓦兹·谢里夫"),
        ("Novakova/nz 说/v", "Novakova"),
        ("记者/n 史全/n 新/a 。/w", "史全新"),
    ],
)
def test_people_have_their_whole_names_without_titles(written, name):
    assert found(written) == [(name, "person")]


def test_the_sender_of_a_dateline_is_an_organisation():
    assert found("云桥/nz 新闻/n 8月14日/TIME 讯/w") == [("云桥新闻", "organisation")]


@pytest.mark.models
def test_the_packaged_tagger_with_long_texts_cuts_at_signs():
    from index.search.names import news_names

    text = "江州市总工会主席彭望舒在会上讲话。" * 60
    names = news_names().names(text)
    assert sum(name.text == "彭望舒" for name in names) == 60
    assert {name.text for name in names if name.kind == "organisation"} == {"江州市总工会"}
    assert not [name for name in names if re.search("[。，]", name.text)]
