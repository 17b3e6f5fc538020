"""Patterns for the endings, beginnings and contexts of names in newspapers; used by ``index.text.joining``."""

from __future__ import annotations

import re

from .surnames import SURNAMES

# How the last word of an organisation's name ends.
HEAD = re.compile(
    r"(?:公司|集团|股份|银行|证券|保险|信托|期货|基金|基金会|委员会|委|组委会|促进会|协会|学会|商会|联合会|总会|理事会|议会|国会|"
    r"联盟|工会|妇联|残联|工商联|党|政府|法院|检察院|公安|公安局|公安厅|派出所|支队|大队|总队|中队|分局|总局|(?<!当)局|厅|署|办公室|"
    r"(?<![东西南北中内外顶头胸腹上下全大])部|研究院|科学院|研究所|事务所|交易所|大学|学院|学校|中学|小学|幼儿园|医院|中心|"
    r"支行|分行|共同体|军分区|交警|消防|图书馆|博物馆|美术馆|纪念馆|文化馆|少年宫|动物园|出版社|报社|通讯社|电视台|电台|日报|晚报|时报|早报|晨报|"
    r"俱乐部|车队|服务队|工作队|突击队|足球队|篮球队|排球队|国家队|女足|男足|女排|男排|女篮|男篮|代表团|代表队|救援队|消防队|乐团|剧院|剧团|法庭|海关|"
    r"使馆|领事馆|警方|军区|合作社)$|^队$"
)
GENERIC = re.compile(
    r"(?:[省市县区州乡镇村]|各级|各地|全国|全省|全市|中央|地方|当地|人民|相关|有关|本|该|我)*"
    r"(?:纪委|监委|党委|市委|省委|县委|区委|政府|人大|政协|常委会|妇联|公安|公安局|公安机关|法院|检察院|派出所|医院|学校|公司|集团|委员会|警方|法庭)+"
)
# A word that the tagger calls a name of unknown kind (nz), but whose ending shows that it is an organisation.
NAMED_HEAD = re.compile(
    r"(?:公司|集团|证券|银行|基金会|委员会|协会|联合会|日报|晚报|时报|电视台|通讯社|之家|车队|俱乐部|大学|学院|医院|股份|党)$"
    r"|(?<!互联)(?<!物联)(?<!局域)(?<!以太)(?<![电官路水管联蛛外内])网$"
)
EVENT = re.compile(
    r"(?:奖|杯|起义|战争|战役|事变|大会|峰会|论坛|博览会|运动会|大运会|奥运会|亚运会|冬奥会|世博会|世界杯|马拉松|锦标赛|公开赛|联赛|"
    r"大奖赛|对话会|邀请赛|艺术节|电影节|文化节|旅游节)$"
)
SITE = re.compile(
    r"(?:收费站|机场|火车站|高铁站|地铁站|大桥|特大桥|隧道|水库|水电站|景区|风景区|旅游区|度假区|开发区|高新区|自贸区|产业园|工业园|"
    r"街道|社区|小区|镇|乡|村|码头|服务区|保护区|校区|古镇|古城|大道|国家公园|湿地公园|森林公园)$"
)
NOMINAL = re.compile(
    r"(?:征集|建议|帮扶|援助|管理|服务|保护|控制|促进|监督|救援|推广|研究|开发|投资|建设|发展|交流|合作|检验|检测|监测|应急|教育|培训)$"
)
POST = re.compile(
    r"(?<=..)(?:副?(?:政委|司令员?|主任|书记|局长|院长|校长|部长|厅长|署长|会长|秘书长|总裁|董事长|总经理)|发言人|负责人|党委|党组)$"
)
DIRECTION = re.compile(r"(?<=..)(?:[东西南北中]部|大部|[东西南北]{2}部|一带|境内|城区|全境|沿线|周边)$")
LEVELS = re.compile(
    r"(?P<upper>.+?(?:省|自治区|市|县|(?<![新发验护])区|州))(?P<lower>.{1,}(?:市|区|县|镇|乡|街道|街|村|社区))"
)
# A province's short name, or a municipality, and the level below it: 北京 and 门头沟区.
PROVINCE = re.compile(
    r"(?P<upper>北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|"
    r"陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆)(?![省市]|.*自治区)(?P<lower>.{2,})"
)
NO_COUNTRY = ("UN", "EU", "EZ", "QO", "ZZ")  # entries in babel's list that are not countries
RELIGION = re.compile(r"[^大]教")
INSIDE = frozenset({"n", "nz", "vn", "an", "LOC", "ORG", "PER", "nw", "s", "f", "j"})
COMMITTEE = re.compile(
    r"(?P<body>[省市县区州]委|[省市县区州]政府|[省市县区州]纪委|[省市县区州]人大|[省市县区州]政协)(?=.)"
)
MAYOR = re.compile(r"[省市县区州镇乡村](?=长)")
STATES = "中美俄乌英法德日韩朝印澳加欧台港以伊巴土意西越泰"
PAIR = re.compile(rf"[{STATES}格新]{{2,4}}|[{STATES}][军方]")
MASKED = re.compile(r"某|[×*＊X]{1,2}$")
TITLE = re.compile(
    r"(?:女士|先生|小姐|同志|老师|医生|大夫|教授|师傅|大爷|大妈|大叔|大姐|大哥|阿姨|奶奶|爷爷|警官|法官|律师|主任|局长|校长|总)$"
)
NICKNAME = re.compile(r"[小老阿大].|.[氏姓]")
ADVERB = re.compile(r"(?<=..)[正将已也就还又再均曾]$")
LATIN = re.compile(r"[A-Z][a-z]+(?:[ ·\-][A-Z][a-zA-Z]+){0,3}(?=\s?(?:说|称|表示|认为|指出|写道|解释|补充|介绍|告诉))")
FULL_NAME = rf"(?:[{SURNAMES}][\u4e00-\u9fff]{{1,2}}|(?:欧阳|司马|上官|诸葛|公孙)[\u4e00-\u9fff]{{1,2}})"
AFTER_POST = re.compile(
    r"(?:(?<!名)记者|通讯员|主任|政委|司令员|[副总]?书记|局长|院长|校长|[市县省区镇乡州]长|教授|处长|科长|队长|站长|所长|会长|经理|主席|审核|编辑)"
    rf"[ :：]?(?P<names>{FULL_NAME}(?:[ 、]{FULL_NAME})*)(?=[，。、；）)]| |$)"
)
MEDIA = re.compile(r"(?:网|报|社|台|新闻|客户端|频道)$")
SENT = re.compile(r"\s*(?:讯|电|消息)")
SPEAKS = re.compile(r"(?:官方)?(?:称|表示|宣布|回应|介绍)")  # after an organisation
REPORTS = re.compile(r"记者|讯|获悉|报道")  # after a newsroom
