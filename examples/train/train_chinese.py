#!/usr/bin/env python3
"""Train the Chinese encoder of examples/chinese: what does 它 stand for?"""

import common
import coreference
import transformer
from coreference import Sentence

CLASSES = {
    "动物": "小狗 小猫 小马 小牛 狐狸 兔子 小熊 猴子 小羊 驴 狼 鸭子".split(),
    "感觉": "累 饿 怕 困 渴 弱 懒 急".split(),
    "地方": "马路 小河 大桥 街道 花园 广场 草地 山谷 公园".split(),
    "样子": "宽 陡 黑 滑 吵 挤 远 脏".split(),
    "动作": "过 进 走 去 看".split(),
    "东西": "球 书 台灯 椅子 钟 雨伞 鼓 花瓶 画".split(),
    "容器": "箱子 书包 盒子 抽屉 汽车 柜子 篮子".split(),
    "大": "大 长 高 厚 粗".split(),
    "小": "小 短 窄 浅 薄".split(),
    "食物": "苹果 鱼 面包 米饭 汤 萝卜".split(),
    "味道": "硬 咸 酸 辣 烫 苦".split(),
    "男": "爸爸 哥哥 弟弟 爷爷 叔叔".split(),
    "女": "妈妈 姐姐 妹妹 奶奶 阿姨".split(),
    "时候": "今天 昨天 早上 晚上".split(),
}

TEMPLATES = [
    "{a:动物} 没有 {动作} {地方} ， 因为 它>a 太 {感觉} 了 。",
    "{动物} 没有 {动作} {b:地方} ， 因为 它>b 太 {样子} 了 。",
    "{时候} {a:动物} 没有 {动作} {地方} ， 因为 它>a 很 {感觉} 。",
    "{时候} {动物} 没有 {动作} {b:地方} ， 因为 它>b 很 {样子} 。",
    "因为 它>a 太 {感觉} 了 ， {a:动物} 没有 {动作} {地方} 。",
    "因为 它>b 太 {样子} 了 ， {动物} 没有 {动作} {b:地方} 。",
    "{a:东西} 放 不 进 {容器} ， 因为 它>a 太 {大} 了 。",
    "{东西} 放 不 进 {b:容器} ， 因为 它>b 太 {小} 了 。",
    "{a:动物} 吃 了 {食物} ， 因为 它>a 很 {感觉} 。",
    "{动物} 没有 吃 {b:食物} ， 因为 它>b 太 {味道} 了 。",
    "{a:女} 谢谢 {b:男} ， 因为 他>b 帮 了 她>a 。",
    "{a:男} 谢谢 {b:女} ， 因为 她>b 帮 了 他>a 。",
]

SHOWN = [
    Sentence("小狗 没有 过 马路 ， 因为 它 太 累 了 。".split(), [(6, 0)]),
    Sentence("小狗 没有 过 马路 ， 因为 它 太 宽 了 。".split(), [(6, 3)]),
    Sentence("花瓶 放 不 进 书包 ， 因为 它 太 高 了 。".split(), [(7, 0)]),
    Sentence("妹妹 谢谢 爷爷 ， 因为 他 帮 了 她 。".split(), [(5, 2), (8, 0)]),
]


def main():
    watch = common.Stopwatch()
    transformer.start(4)
    corpus = coreference.Corpus(TEMPLATES, CLASSES, SHOWN, seed=4)
    model = coreference.Encoder(transformer.Vocabulary(corpus.words()), 3, 4, 64)
    coreference.train(model, corpus, steps=500, batch=64)
    layer, head = coreference.report(model, corpus, SHOWN)
    coreference.write("chinese", {
        "title": "中文",
        "about": "Chinese words in a small encoder. In the first sentence 它 stands for 小狗, "
                 "in the second, where 宽 replaces 累, for 马路.",
        "d_model": 64,
        "settings": {"view": "lines", "lines.layout": "horizontal", "layer": layer, "head": head},
    }, model, SHOWN, (layer, head), common.InlineBase64())
    print(f"chinese: {watch}")


if __name__ == "__main__":
    main()
