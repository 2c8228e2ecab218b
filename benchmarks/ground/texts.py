"""Words of complaints: some stand in every third case, some in few of a million. Seeded: each run has the same."""

import random
from dataclasses import dataclass

SEED = 20260505
TEXTS, PLACES = 20_000, 3_000
OPENINGS = ("您好", "本人反映", "来电人称", "请帮忙处理", "多次反映", "再次来电", "业主群里都在说", "物业一直不管")
SCENES = (
    "楼顶有人搭建玻璃房，夜间施工，影响采光", "消防通道长期停满私家车，消防车进不来", 
    "电梯三天两头困人，维保单位电话打不通",
    "楼下烧烤店深夜油烟噪音扰民", "单元门口垃圾堆放多日无人清运，气味难闻", "绿化带被人开垦种菜，物业不制止",
    "楼道堆放杂物，电动车飞线充电", "地下车库漏水，积水一直没有处理", "物业擅自提高停车费，不公示收支",
    "隔壁群租，一套房住了十几个人", "有人在小区燃放烟花爆竹", "污水井外溢，流到人行道上", "路灯不亮，晚上老人摔倒",
    "外墙瓷砖脱落，砸坏车辆", "高空抛物，差点伤人", "监控坏了半年没有修", "二次供水发黄有异味", "健身器材损坏伤了孩子",
)  # fmt: skip
WISHES = ("希望尽快处理", "要求书面答复", "请部门到现场看看", "请督促物业整改", "希望恢复原状", "请回电告知结果")
# Signs for what is named once in a while: shops, firms, roads.
SIGNS = (
    "鑫隆福祥瑞泰恒盛华宏达兴旺顺昌荣茂源丰裕嘉诚信义仁和睦雅静宁安康健乐怡欣悦朗晨曦晖映霞彩虹云海川江河湖"
    "溪泉石岩峰岭松柏杨柳桃李梅兰竹菊荷莲桂枫槐榆桑麻麦稻谷粟豆瓜果茶酒饭面饼糕糖盐油酱醋锅碗瓢盆刀叉勺筷"
    "铜铁锡铝钢银珠宝玉翠玛瑙琥珀珊瑚琉璃陶瓷砖瓦灰泥沙砾墙柱梁檩椽窗扉帘幔席毯褥枕衾被鞋帽袜裤衫袍裙褂"
)


@dataclass(frozen=True)
class Words:
    text: str
    grams: list[str]


def texts() -> list[Words]:
    from gongzhi.core.services import grams

    chance = random.Random(SEED)
    names = ["".join(chance.sample(SIGNS, 2)) for _ in range(4000)]
    weights = [1 / (rank + 1) for rank in range(len(names))]
    found = []
    for _ in range(TEXTS):
        name = chance.choices(names, weights)[0]
        scenes = chance.sample(SCENES, chance.choice((1, 1, 1, 2)))
        text = f"{chance.choice(OPENINGS)}，{'；'.join(scenes)}。靠近{name}店，{chance.choice(WISHES)}。"
        found.append(Words(text, grams(text)))
    return found


def places() -> list[Words]:
    from gongzhi.core.services import grams

    chance = random.Random(SEED + 1)
    found = []
    for _ in range(PLACES):
        place = f"{chance.randint(1, 40)}幢{chance.randint(1, 4)}单元{chance.randint(1, 33)}0{chance.randint(1, 4)}室"
        found.append(Words(place, grams(place)))
    return found


def pairs(sample: int = 40) -> tuple[list[str], list[str]]:
    """Two-sign words to look for: common ones of the scenes, rare ones of the names."""
    common = ["楼顶", "消防", "电梯", "噪音", "垃圾", "绿化", "停车", "漏水", "物业", "处理", "反映", "答复"]
    chance = random.Random(SEED)
    names = ["".join(chance.sample(SIGNS, 2)) for _ in range(4000)]
    return common, names[200::95][:sample]
