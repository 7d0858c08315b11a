"""What the demo city's reporters write: short sentences, made up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORDED = 0.7

SENTENCES: dict[str, tuple[str, ...]] = {
    "fire_lane_blocked": (
        "消防通道又被车堵住了，救护车都进不来。", "楼下通道停了两辆面包车，人都要侧着走。",
        "黄色禁停线上停满了车。", "通道口堆了一排货筐，早上就在了。", "消防车道被三轮车占了。",
    ),
    "manhole_cover": (
        "井盖没了，晚上很危险。", "窨井盖翘起来了，车压过去哐哐响。", "井盖裂了一条大缝。",
        "下水道盖子被撬走，先拿树枝挡着。", "路中间井盖下沉，电动车差点摔倒。",
    ),
    "ebike_charging": (
        "楼道里有人给电动车充电，线从三楼拉下来。", "电瓶拎上楼充电，味道很大。",
        "飞线充电，雨天看着害怕。", "单元门口停了五六辆电动车在充电。", "车棚没人管，都在楼道充。",
    ),
    "gas_hazard": (
        "楼道里有煤气味。", "隔壁店里液化气瓶放在灶台边上。", "燃气管子老化了，接口在响。",
        "小饭店后门放了七八个气瓶。",
    ),
    "fire_hazard": (
        "安全出口锁着。", "灭火器过期两年了。", "仓库里货堆到了顶，线路很乱。",
        "厂房楼梯间住了人。", "应急灯都不亮。",
    ),
    "garbage": (
        "垃圾桶满了两天没人清。", "装修垃圾倒在绿化带里。", "路口又堆了一堆旧家具。",
        "厨余垃圾漏了一地，苍蝇很多。", "拐角那里总有人半夜倒垃圾。", "桶边堆得比桶还高。",
    ),
    "pavement_occupied": (
        "水果摊摆到人行道上，走路要下马路。", "烧烤摊占了整条人行道。", "店门口桌椅摆出来三排。",
        "流动摊贩堵在路口。", "菜摊一直摆到公交站。",
    ),
    "street_light": (
        "路灯三天没亮了。", "一排路灯都不亮，晚上走路看不清。", "路灯一直闪。", "灯杆歪了。",
    ),
    "abandoned_vehicle": (
        "一辆没牌照的面包车停了几个月。", "废弃汽车轮胎都瘪了，占着车位。", "僵尸车又多了一辆。",
        "旧三轮车扔在绿化带边上。", "车身都长青苔了，没人来挪。",
    ),
    "illegal_building": (
        "楼顶在搭阳光房。", "院子里又在砌墙。", "一楼把公共绿地围起来了。", "车库改成了小卖部。",
    ),
    "river_debris": (
        "河里漂着一片水草和泡沫箱。", "河面有死鱼，有味道。", "桥洞下面积了很多垃圾。",
        "上游冲下来好多塑料瓶。",
    ),
    "flooding": (
        "路上积水到小腿了。", "下穿通道进水，车熄火了。", "小区门口一下雨就淹。",
        "雨水井堵了，水往店里流。",
    ),
    "road_damage": (
        "路面有个大坑。", "人行道砖松了，一踩溅一身水。", "护栏被撞断了一截。",
        "修完路没填平，颠得厉害。",
    ),
    "illegal_parking": (
        "公交站台停了一排车。", "路口违停，转弯看不见。", "小区大门被车堵了一半。",
        "盲道上停满电动车。",
    ),
    "noise": (
        "半夜还在唱歌，睡不着。", "广场舞音响太响。", "施工到夜里十一点。",
        "楼下烧烤店吵到后半夜。", "低音炮震得窗户响。",
    ),
    "construction_site": (
        "工地没洒水，灰很大。", "渣土车不盖篷布，一路撒。", "围挡倒了一块。",
        "出口没冲洗，路上全是泥。",
    ),
    "food_safety": (
        "熟食没有罩子，苍蝇在上面。", "买到过期的面包。", "后厨地上洗菜。", "肉摊没有检疫章。",
    ),
    "neighbour_dispute": (
        "楼上漏水，一直谈不拢。", "为了车位吵起来了。", "走廊堆东西，说了也不听。",
        "养狗的事两家闹得很僵。",
    ),
    "labour_dispute": ("工资拖了两个月。", "加班费没有算。", "辞职了押金不退。"),
    "property_dispute": ("物业费涨了没有公示。", "电梯坏了一个月没修。", "地下车库漏水物业不管。"),
    "legal_advice": ("想问租房合同到期押金怎么要。", "借条怎么写才有效。", "想咨询宅基地继承。"),
    "policy_advice": ("老人补贴到哪里办？", "医保异地怎么备案？", "新居民积分入学怎么申请？",
                      "加装电梯有补助吗？"),
    "other": (
        "这里请来看一下。", "公园的座椅坏了。", "树枝压到电线了。", "有只流浪狗一直在这一带。",
    ),
}  # fmt: skip
PLAIN = ("请来看一下。", "已经好几天了。", "麻烦处理一下，谢谢。")


def sentences(rng: np.random.Generator, categories: Sequence[str]) -> NDArray[np.object_]:
    """A sentence for some of the reports by their category, "" for the others."""
    worded = rng.random(len(categories)) < WORDED
    pick = rng.random(len(categories))
    found = np.full(len(categories), "", dtype=object)
    for at in np.flatnonzero(worded):
        known = SENTENCES.get(categories[int(at)], PLAIN)
        found[at] = known[int(float(pick[at]) * len(known))]
    return found
