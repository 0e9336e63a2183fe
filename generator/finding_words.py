"""What the page of findings says around its figures, in both languages; no figure stands here."""

from __future__ import annotations

Both = tuple[str, str]

TITLE: Both = ("Three findings", "三点发现")
LEDE: Both = (
    "What can be seen only when the entries are read together. Each finding is a query to the register that was run "
    "when this page was built: its sentence, chart and table hold what the query returned, and whoever runs it on the "
    "same register gets the same rows.",
    "把条目合在一起读才能看到的事。每一点都是对登记册的一次查询，在建站时运行：文字、图与表都取自查询结果，"
    "任何人对同一份登记册运行同一查询，得到的行相同。",
)
COVER: tuple[Both, ...] = (
    (
        "They speak of the entries registered here and of nothing else. The register holds the wave of models that "
        "LLaMA set off, to the end of 2023, as far as it could be read at its sources; it is no random sample, and "
        "CURATION.md lists what was left out.",
        "以下只就登记在册的条目而言。登记册收录 LLaMA 引发的这一波模型，止于 2023 年底，以能在出处读到者为限；"
        "它不是随机样本，未收录的见 CURATION.md。",
    ),
    (
        "They count and do not explain: that two things go together here does not say that one made the other.",
        "这里只计数，不解释：两件事同时出现，并不说明一件导致另一件。",
    ),
    (
        '"Not disclosed" means that the sources on record were read and do not say. "Unknown" means that nobody has '
        "looked, or that what was found is not clear.",
        "“未披露”指已读过有记录的来源而其中没有说明；“未知”指尚无人查证，或查到的内容不明确。",
    ),
)

OPENNESS: dict[str, Both] = {
    "title": ("How open the releases of each month are", "各月发布的模型有多开放"),
    "chart": ("Models released per month, and how many of them are open", "各月发布的模型，其中开放的各有多少"),
    "open": ("Open", "开放"),
    "other": ("Anything else, from partial to unknown", "其余，从部分开放到未知"),
    "month": ("Month", "月份"),
    "models": ("Models", "模型数"),
    "weights": ("Open weights", "权重开放"),
    "training_code": ("Open training code", "训练代码开放"),
    "data": ("Open data", "数据开放"),
    "all_three": ("All three", "三者皆开放"),
    "undated": ("not known to the month", "月份不详"),
}  # fmt: skip
OPENNESS_CAVEATS: tuple[Both, ...] = (
    (
        "Open means that anyone can have it under terms that do not limit its use. Weights under terms that bar some "
        "users or uses count as partial, those on application as gated, and neither is counted here.",
        "开放指任何人可得，且条款不限制用途。条款限制用户或用途的权重计为部分开放，须申请的另计，两者都不在此列。",
    ),
    (
        "The level is the latest on record, not that of the day of release: what was opened or withdrawn later is "
        "counted as it stands now.",
        "开放程度取记录中的最新状态，而非发布当日：后来公开或撤下的，按现状计。",
    ),
    (
        "Data are the tuning data, or the pre-training data where nothing was tuned.",
        "数据指微调数据；没有微调的，指预训练数据。",
    ),
    (
        "Months differ in size, and one with a handful of models says little by itself; hence the sum of the months up "
        "to June and from July on.",
        "各月数量悬殊，只有几个模型的月份单独看意义不大，因此另按 6 月及以前、7 月及以后合计。",
    ),
)

DISCLOSURE: dict[str, Both] = {
    "title": ("Who says on what it was trained, and for how long", "谁说明了用什么硬件、训练了多久"),
    "chart": ("Models by method, and what they say of hardware and time", "按训练方法看模型对硬件与时长的说明"),
    "both": ("Hardware and time", "硬件与时长俱全"),
    "one": ("One of the two", "仅有其一"),
    "method": ("Method", "方法"),
    "models": ("Models", "模型数"),
    "hardware_only": ("Hardware only", "仅硬件"),
    "time_only": ("Time only", "仅时长"),
    "not_disclosed": ("Not disclosed", "未披露"),
    "unknown": ("Unknown", "未知"),
    "all": ("every model once", "每个模型计一次"),
    "lora": ("LoRA, QLoRA", "LoRA、QLoRA"),
    "rlhf": ("RLHF, reward model", "RLHF、奖励模型"),
    "method_unknown": ("method not stated", "方法未说明"),
}
DISCLOSURE_CAVEATS: tuple[Both, ...] = (
    (
        "A model stands once under each method that its released runs used, so the rows add up to more than the "
        'models; "hardware and time" may come from two runs of one method.',
        "一个模型在其所用的每种方法下各计一次，各行之和因此大于模型总数；“俱全”可能来自同一方法的两次训练。",
    ),
    (
        "Time is training time or GPU-hours. Only what a source states counts, not what the ledger derives.",
        "时长含训练时长与 GPU 小时。只计来源写明的，说法台账推算的不计。",
    ),
    (
        'Papers and cards of some projects were not read (CURATION.md names the kinds), so "not disclosed" is at times '
        "that of the README alone.",
        "部分项目的论文与模型卡没有读到（见 CURATION.md），因此“未披露”有时只就 README 而言。",
    ),
)

LICENCES: dict[str, Both] = {
    "title": ("Licences that allow what a licence above them forbids", "自身许可允许商用，上游许可却禁止"),
    "chart": (
        "Sets of weights by their own licence, and what the licences above them say of commercial use",
        "按自身许可看权重，及其上游许可对商用的规定",
    ),
    "forbidden_by_base": ("Forbidden by a base", "基座许可禁止"),
    "forbidden_by_data": ("Forbidden by training data alone", "仅训练数据许可禁止"),
    "unknown_above": ("A licence above is missing or unclear", "上游有许可缺失或不明"),
    "nothing_against_it": ("Nothing against it", "没有禁止"),
    "licence": ("Own licence", "自身许可"),
    "weights": ("Sets of weights", "权重数"),
    "others": ("all other licences", "其余许可合计"),
    "id": ("Model", "模型"),
    "form": ("Form", "形式"),
    "through": ("Through", "经由"),
    "forbidding": ("What forbids it", "禁止商用的上游"),
    "base": ("base", "基座"),
    "only_data": ("data alone", "仅数据"),
    "list": ("The entries", "涉及的条目"),
}
LICENCES_CAVEATS: tuple[Both, ...] = (
    (
        "The rule is strict: one link that forbids commercial use outweighs all others. Whether the licence of "
        "training data binds the weights made from them is not settled law, so the two ways are counted apart. This is "
        "no legal advice.",
        "规则从严：链上有一环禁止商用，即以之为准。训练数据的许可是否约束由其训练的权重，法律上尚无定论，因此两种途径分开统计。"
        "以上不是法律意见。",
    ),
    (
        "An adapter or a difference contains none of the base's weights. Its own licence may be quite right for what "
        "it covers; only using it takes the base too.",
        "适配器与权重差不含基座权重，其自身许可就所涵盖的部分而言或许并无不妥，只是使用时离不开基座。",
    ),
    (
        "Counted are released sets of weights (a size, an edition, a quantisation each for itself) whose own licence "
        "allows commercial use, freely or with conditions. Weights without a licence on record are not among them.",
        "统计对象为已发布、且自身许可允许商用（自由或附条件）的权重，各规模、各版本、各量化分别计数；没有许可记录的不在其中。",
    ),
    (
        "Licences are those on record; each entry's page says from which file and day.",
        "许可以记录为准，取自哪个文件、何日，见各条目页面。",
    ),
)
