"""Chinese names by chance. Nobody is meant: surnames and given names are drawn apart."""

from __future__ import annotations

import numpy as np

# The commoner ones first, as in the county.
SURNAMES = (
    "陈", "王", "张", "徐", "沈", "李", "周", "胡", "朱", "孙", "吴", "黄", "施", "谢", "郑", "史",
    "鲁", "韩", "杨", "诸", "叶", "杜", "宋", "严", "赵", "俞", "许", "戚", "邵", "方", "岑", "柴",
    "蒋", "钱", "毛", "龚", "冯", "任", "干", "魏",
)  # fmt: skip
FIRST = (
    "建", "志", "国", "海", "丽", "晓", "雪", "永", "美", "小", "立", "亚", "伟", "秋", "文", "利",
    "春", "世", "红", "明", "佩", "泽", "素", "一", "爱", "少", "云", "惠", "炳", "玉", "金", "新",
    "佳", "思", "嘉", "俊", "宇", "梦", "雅", "子",
)  # fmt: skip
SECOND = (
    "国", "强", "波", "萍", "东", "芬", "康", "娟", "平", "燕", "群", "民", "月", "静", "锋", "梅",
    "杰", "霞", "远", "芳", "珍", "鸣", "华", "军", "飞", "君", "南", "良", "琴", "峰", "英", "林",
    "怡", "涵", "磊", "敏", "洁", "涛", "莹", "辉",
)  # fmt: skip
# A third of the names have one character after the surname.
SHORT_SHARE = 0.3


def person_names(rng: np.random.Generator, count: int) -> list[str]:
    """So many names; among thousands some come twice, as in life."""
    often = 1 / np.arange(1, len(SURNAMES) + 1) ** 0.6
    surname = rng.choice(SURNAMES, count, p=often / often.sum())
    first, second = rng.choice(FIRST, count), rng.choice(SECOND, count)
    short = rng.random(count) < SHORT_SHARE
    return [
        f"{a}{c}" if brief else f"{a}{b}{c}"
        for a, b, c, brief in zip(surname, first, second, short, strict=True)
    ]
