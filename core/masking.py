"""Personal data as they are shown to those who do not need them whole."""

# Surnames of two characters: those at the end of the Hundred Family Surnames (百家姓), and others that are still borne
# by the Ministry of Public Security's report on names of 2020 (《二〇二〇年全国姓名报告》) and among northern peoples.
LISTED = """
万俟 司马 上官 欧阳 夏侯 诸葛 闻人 东方 赫连 皇甫 尉迟 公羊 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 公孙 仲孙 轩辕 令狐
钟离 宇文 长孙 慕容 鲜于 闾丘 司徒 司空 亓官 司寇 仉督 子车 颛孙 端木 巫马 公西 漆雕 乐正 壤驷 公良 拓跋 夹谷 宰父 谷梁
段干 百里 东郭 南门 呼延 羊舌 微生 梁丘 左丘 东门 西门 南宫 第五 独孤 太史 即墨 达奚 褚师 贺兰 豆卢 耶律 完颜 纳兰 叶赫
那拉 富察 佟佳 司馬 歐陽 諸葛 鮮于 尉遲 東方
"""
COMPOUND_SURNAMES = frozenset(LISTED.split())


def mask_name(name: str) -> str:
    """The surname and a star for each further character: 张三 is 张*, 欧阳明 is 欧阳*, 阿依·买提 is 阿****.

    A name of two characters is a surname and a given name, also where both together are a compound surname (欧阳 may be
    Ou Yang): its second character is hidden.
    """
    name = "".join(name.split())
    shown = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:shown] + "*" * (len(name) - shown)


def mask_phone(phone: str) -> str:
    """The ends of a number without its extension; nothing of one that is too short to hide its middle."""
    number = phone.partition("转")[0]
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 8 else ""
