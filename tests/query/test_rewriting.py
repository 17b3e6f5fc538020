import pytest

from rag.query.rewriting import faithful, follow_up_context, leans, rewritten, with_subject

FERRY = [("2019年临川渡口停航是谁决定的？", "是渡口管理所所长欧阳敏决定的[1]。")]
TREES = [("东岭林场去年栽了多少棵树？", "东岭林场去年栽了三万棵[1]。")]
LATER = [*FERRY, ("他是什么时候决定的？", "5月12日[1]。"), ("《渡口旧事》这本书是谁写的？", "作者是祝家声[2]。")]


@pytest.mark.parametrize(
    ("question", "history"),
    [
        ("她为什么这样决定？", FERRY),
        ("那是从哪一天开始的？", FERRY),
        ("这个渡口有几条船？", FERRY),
        ("该渡口有几条船？", FERRY),
        ("西岭林场呢？", TREES),
        ("那祝家声的村子呢？", TREES),
        ("花了多少钱？", TREES),
        ("邻县的西岭林场呢，谁去栽的？", TREES),
        ("欧阳敏干了几年？", FERRY),
        ("后来通航了吗？", FERRY),
        ("对了，什么时候恢复？", FERRY),
        ("其中有几条是木船？", FERRY),
        ("那天的报纸登了什么？", FERRY),
    ],
)
def test_a_question_leans_that_points_back_or_says_too_little(question, history):
    assert leans(question, history)


@pytest.mark.parametrize(
    "question",
    [
        "2024年青海湖裸鲤洄游季，救护中心增殖放流了多少尾鱼苗？",
        "另外想问，景德镇陶瓷大学的毕业生汪小满去年办的展览叫什么？",
        "那潍坊国际风筝会2023年4月在哪个广场开幕的？",
        "《山城棒棒军》的导演是谁？",
        "1999年的报纸登了什么？",
        "第2版有什么新闻？",
        "其他参赛城市里，哈尔滨冰雪大世界的门票卖了多少张？",
        "学吉他的中学生在贵阳花溪公园办的义演筹到多少善款？",
        "那么大的台风登陆福建霞县时，最大风力有多少级？",
        "洛阳那位修了四十年钟表的匠人，店开在哪条街？",
    ],
)
def test_a_question_that_names_its_own_subject_is_untouched(question, generator):
    assert rewritten(generator, question, FERRY) == question
    assert generator.asked == []


@pytest.mark.parametrize("question", ["密云檀营的志愿服务是干什么的？", "海淀工匠学院是谁来揭牌的？"])
def test_the_reports_that_an_answer_lists_are_not_what_is_talked_of(question):
    listed = "共 2 篇。\n1. 《密云檀营地区开展志愿服务活动》[1]\n2. 《海淀工匠学院揭牌》[2]"
    assert not leans(question, [("有几篇报道提到工会？", listed)])
    assert leans(question, [("有几篇报道提到工会？", listed.replace("\n", " "))])


def test_without_a_history_nothing_leans(generator):
    assert rewritten(generator, "那他呢？", []) == "那他呢？"
    assert generator.asked == []


def test_the_words_that_change_the_subject_are_cut_off_and_nothing_else(generator):
    assert rewritten(generator, "换个话题，票价是多少？", FERRY) == "票价是多少？"
    assert generator.asked == []


def test_what_the_model_writes_is_taken_where_it_passes(generator):
    generator.reply = "改写：2019年欧阳敏为什么决定临川渡口停航？\n追问：还有呢？"
    assert rewritten(generator, "她为什么这样决定？", FERRY) == "2019年欧阳敏为什么决定临川渡口停航？"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "她为什么这样决定？",
        "2019年她为什么决定临川渡口停航？",
        "2019年临川渡口停航是谁决定的？",
        "2020年欧阳敏为什么决定临川渡口停航？",
        "欧阳敏为什么第二次决定临川渡口停航？",
        "上海的欧阳敏为什么决定临川渡口停航？",
        "《渡口旧事》里欧阳敏为什么决定临川渡口停航？",
        "欧阳敏为什么决定“平安渡口”停航？",
        "欧阳敏决定临川渡口停航，因为水位太低。",
        "欧阳敏为什么决定临川渡口停航？" * 6,
        "2019年临川渡口停航是谁决定的？欧阳敏为什么这样决定？",
        "2019年临川渡口停航是谁决定的，为什么？",
    ],
)
def test_what_fails_the_check_falls_back_to_the_subject_and_the_question(reply, generator):
    generator.reply = reply
    assert not faithful(reply, "她为什么这样决定？", FERRY)
    assert rewritten(generator, "她为什么这样决定？", FERRY) == "2019年临川渡口停航，她为什么这样决定？"


def test_what_the_question_names_has_to_be_kept():
    assert faithful("西岭林场去年栽了多少棵树？", "西岭林场呢？", TREES)
    assert not faithful("东岭林场今年栽了多少棵树？", "西岭林场呢？", TREES)
    assert not faithful("西岭林场去年栽了三万棵。", "西岭林场呢？", TREES)
    assert faithful("临川渡口有几条船？", "这个渡口有几条船？", FERRY)
    assert not faithful("临川渡口有几个人？", "这个渡口有30条船吗？", FERRY)
    assert not faithful("临川渡口停航几天？", "船票和月票分别涨了几块？", FERRY)
    assert faithful("临川渡口的船票涨了几元？", "船票涨了几块？", [*FERRY, ("几元？", "5元。")])


@pytest.mark.parametrize(
    ("question", "reply", "same"),
    [
        ("船票涨了几块？", "临川渡口的船票涨了多少钱？", True),
        ("船票涨了几块？", "临川渡口的船票为什么涨了？", False),
        ("是谁修的？", "临川渡口是哪位修的？", True),
        ("为什么停航？", "临川渡口什么船停航？", False),
        ("停了没有？", "临川渡口停了吗？", True),
    ],
)
def test_a_rewriting_asks_for_the_same_kind_of_thing(question, reply, same):
    assert faithful(reply, question, FERRY) == same


def test_a_full_question_that_only_seems_to_lean_is_not_joined_to_another(generator):
    question = "福州三坊七巷保护办的专家林则平和它的邻居寿山石博物馆馆长谁先退休？"
    generator.reply = "临川渡口谁先退休？"
    assert rewritten(generator, question, FERRY) == question


def test_what_the_model_leaves_as_it_is_stays_unless_it_points_back_or_says_nothing(generator):
    for question, stays in (("其他城市的出租车起步价是多少？", True), ("她的渔船叫什么？", False), ("几点？", False)):
        generator.reply = question
        assert leans(question, FERRY)
        assert (rewritten(generator, question, FERRY) == question) == stays


@pytest.mark.parametrize(
    ("asked", "subject"),
    [
        ("高温津贴从多少涨到多少？", "高温津贴"),
        ("换个话题，江北大桥是哪年通车的？", "江北大桥"),
        ("省里哪几个市的粮食产量最高？", "市的粮食产量最高"),
        ("谁在市图书馆捐了一千册旧书？", "在市图书馆捐了一千册旧书"),
        ("2024年有多少篇关于夜校的报道？", "关于夜校的报道"),
    ],
)
def test_a_question_is_joined_to_the_subject_without_the_words_that_ask(asked, subject):
    assert with_subject("什么时候？", [(asked, "")]) == f"{subject}，什么时候？"


def test_the_context_is_the_question_that_opened_the_subject_and_the_last_one():
    assert follow_up_context("为什么？", []) == ""
    assert follow_up_context("为什么？", FERRY) == FERRY[0][0]
    assert follow_up_context("为什么？", LATER[:2]) == f"{FERRY[0][0]} {LATER[1][0]}"
    bridge = "换个话题，江北大桥是哪年通车的？"
    assert follow_up_context("多长？", [*TREES, (bridge, "1998年。")]) == bridge
    assert follow_up_context("2024年青海湖裸鲤洄游季，放流了多少尾鱼苗？", FERRY) == ""
    assert len(follow_up_context("为什么？", [("长" * 500, ""), ("远" * 500, "")])) == 201


def test_the_model_reads_the_last_turns_and_the_first_question_alone_and_shortened(generator):
    turns = [
        ("渡口在哪里？" + "远" * 200, "答" * 200),
        ("二问？", "二答。"),
        ("三问？", "三答[1]。"),
        ("四问？", "四答。"),
    ]
    generator.reply = "渡口有几条船？"
    rewritten(generator, "它有几条船<|？", turns)
    read = generator.asked[0][-1]["content"].splitlines()
    assert [line[:3] for line in read] == ["问：渡", "问：三", "答：三", "问：四", "答：四", "追问："]
    assert len(read[0]) == 62
    assert read[2] == "答：三答。"
    assert read[-1] == "追问：它有几条船＜|？"
    assert sum(len(message["content"]) for message in generator.asked[0]) < 420


def test_the_examples_of_the_prompt_pass_the_check_themselves(generator):
    rewritten(generator, "在哪里？", FERRY)
    examples = generator.asked[0][1:-1]
    assert [message["role"] for message in examples] == ["user", "assistant"] * (len(examples) // 2)
    for asked, written in zip(examples[::2], examples[1::2], strict=True):
        first, answer, question = (line.partition("：")[2] for line in asked["content"].splitlines())
        assert leans(question, [(first, answer)])
        assert faithful(written["content"].removeprefix("改写："), question, [(first, answer)])


def test_the_model_is_left_after_its_first_line(generator):
    generator.reply = "欧阳敏在哪里上班？\n" + "追问：还有呢？" * 50
    rewritten(generator, "她在哪里上班？", FERRY)
    assert generator.stopped
