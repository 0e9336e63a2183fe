"""What the tables and columns of the SQLite file hold, in both languages; columns of figures say their unit."""

from __future__ import annotations

from collections.abc import Mapping

Both = tuple[str, str]

DATABASE = "The register of the alpaca family of language models: every figure with its source."

_ENTRY = (
    "publisher", "released", "parameters", "base", "method", "languages", "code", "data", "weights", "openness_score",
    "commercial_use", "hardware", "duration", "gpu_hours", "cost", "datasets",
)  # fmt: skip

# Flat columns between the summary and the path, by table.
FLAT: Mapping[str, tuple[str, ...]] = {
    "models": ("kind", *_ENTRY),
    "datasets": ("kind", "publisher", "released", "languages", "examples", "tokens", "bytes", "licence"),
    "frameworks": _ENTRY,
    "hardware": ("family", "vendor", "memory", "bandwidth", "fp16", "bf16", "fp32"),
    "terms": (),
    "sources": ("language", "as_of", "accessed", "lines", "sha256", "url"),
    "demonstrations": (),
    "outside": ("kind", "licence", "url"),
}  # fmt: skip

TABLES: Mapping[str, Both] = {
    "models": ("One row a model or family of models.", "每个模型或模型系列一行。"),
    "datasets": ("One row a data set.", "每个数据集一行。"),
    "frameworks": ("One row a framework.", "每个框架一行。"),
    "hardware": ("One row a card.", "每种显卡一行。"),
    "terms": ("One row a term.", "每个术语一行。"),
    "sources": ("Documents that many records cite.", "被多条记录引用的文献。"),
    "demonstrations": (
        "What shows that the machinery runs; no models, and in no count.",
        "用来演示流程能够运行的条目；不是模型，不计入统计。",
    ),
    "outside": ("What entries lean on without an entry of its own.", "条目所依据、但没有独立条目的模型与数据。"),
    "claims": (
        "Every claim on record, the accepted and the others, with its evidence.",
        "全部说法，采信的与未采信的，附证据。",
    ),
    "variants": ("One row a set of weights of a model or framework.", "模型或框架的每组权重一行。"),
    "runs": ("One row a training run, by accepted claims.", "每次训练一行，取采信的说法。"),
    "openness": (
        "One row a component of an entry, judged in the record or derived from it.",
        "条目的每个组成部分一行，由记录判定或推得。",
    ),
    "licence_links": (
        "One row a licence on the way from a set of weights up to its bases and data.",
        "从一组权重上溯到基座与数据，途中每个许可一行。",
    ),
    "descriptions": ("What tables and columns hold.", "各表各列的含义。"),
}

CLAIMS: Mapping[str, Both] = {
    "kind": ("Table the record stands in", "记录所在的表"),
    "id": ("Id of the record", "记录的标识"),
    "path": ("Place of the fact in the record", "该事实在记录中的位置"),
    "field": ("Last name of the path: hardware, duration, ...", "路径末尾的字段名"),
    "accepted": ("1 where this claim is believed", "采信为 1"),
    "status": ("stated, or why there is no value", "stated，或没有数值的原因"),
    "said": ("As the source prints it", "来源中的原样写法"),
    "value": ("The number in base units; null for a range or for words", "以基本单位表示的数值；范围或文字为空"),
    "low": ("Lower end in base units", "下限，基本单位"),
    "high": ("Upper end in base units", "上限，基本单位"),
    "unit": ("Base unit: parameters, examples, tokens, bytes, hours, ...", "基本单位"),
    "qualifier": ("exactly, about, at most, ...", "确切、约、至多等"),
    "as_of": ("When this was so", "说法的日期"),
    "evidence": ("Source and place in it, separated by `; `", "来源及其中位置"),
    "reason_en": ("Why it is believed", "采信理由（英文）"),
    "reason_zh": ("Why it is believed, in Chinese", "采信理由（中文）"),
    "note_en": ("What a reader must know", "注（英文）"),
    "note_zh": ("What a reader must know, in Chinese", "注（中文）"),
}

# Columns of the tables below an entry; `kind` and `id` lead to it.
_OF = {
    "kind": ("Table the entry stands in", "条目所在的表"),
    "id": ("Id of the entry", "条目的标识"),
}
_STATUS = (
    "stated, not-disclosed, unknown, not-applicable; null where the record has no such field",
    "stated、not-disclosed、unknown 或 not-applicable；记录没有该字段则为空",
)
PARTS: Mapping[str, Mapping[str, Both]] = {
    "variants": {
        **_OF,
        "variant": ("Id of the set of weights", "权重的标识"),
        "name": ("Name in English", "英文名"),
        "name_zh": ("Name in Chinese", "中文名"),
        "released": ("Date of its own release as it was said", "该版本的发布日期，按来源所写"),
        "parameters": ("Parameter count as it was said", "参数量，按来源所写"),
        "base": ("Id of what its weights started from", "基座的标识"),
        "form": (
            "full, delta, adapter, merged, quantised, api; none for what was never released",
            "full、delta、adapter、merged、quantised、api；从未发布的为 none",
        ),
    },
    "runs": {
        **_OF,
        "variant": (
            "Id of the set of weights; null where the run is told of the whole entry",
            "权重的标识；就整个条目而言的训练为空",
        ),
        "stage": ("Name of the run in the record", "训练阶段"),
        "role": (
            "released, or example for a run that is only suggested to users",
            "released；仅作示范的训练为 example",
        ),
        "method": (
            "full, lora, qlora, lora-8bit, pre-training, ...; null where it is not known",
            "训练方法；未知则为空",
        ),
        "hardware": ("Cards as they were said", "显卡，按来源所写"),
        "hardware_status": _STATUS,
        "duration": ("Training time as it was said", "训练时长，按来源所写"),
        "duration_status": _STATUS,
        "gpu_hours": ("GPU-hours as they were said", "GPU 小时，按来源所写"),
        "gpu_hours_status": _STATUS,
    },
    "openness": {
        **_OF,
        "component": ("One of the fourteen components", "十四个组成部分之一"),
        "level": (
            "open, partial, gated, closed, unknown or not-applicable",
            "open、partial、gated、closed、unknown 或 not-applicable",
        ),
    },
    "licence_links": {
        **_OF,
        "variant": ("Id of the set of weights at the lower end of the chain", "许可链下端的权重"),
        "link": (
            "Id of the set of weights, data set or outside model that carries the licence",
            "带有该许可的权重、数据集或外部模型",
        ),
        "part": ("weights, code, data or output", "weights、code、data 或 output"),
        "licence": ("Id of the licence; null where none is on record", "许可标识；没有记录则为空"),
        "commercial_use": ("What this licence alone says: yes, conditions, no or unknown", "仅就该许可而言可否商用"),
        "distance": ("Steps up the chain; 0 is its own licence", "上溯的步数；0 为自身的许可"),
        "through": (
            "own, base (reached over bases alone) or data (over training data)",
            "own；base 为只经基座到达，data 为经训练数据到达",
        ),
        "decides": ("1 where it leads to the answer for the whole chain", "决定整条链结论的为 1"),
    },
}

_COLUMNS: Mapping[str, Both] = {
    "id": ("Id, unique among its kind", "标识，同类中唯一"),
    "name": ("Name in English", "英文名"),
    "name_zh": ("Name in Chinese", "中文名"),
    "summary": ("One sentence in English", "英文简介"),
    "summary_zh": ("One sentence in Chinese", "中文简介"),
    "path": ("File of the record in the repository", "记录在仓库中的文件"),
    "record": ("The whole record as JSON, every claim with its evidence", "完整记录（JSON），含全部说法与证据"),
    "kind": ("Kind of the thing", "种类"),
    "publisher": ("Organisation or project handle", "发布者：机构或项目账号"),
    "released": ("Date of release as it was said", "发布日期，按来源所写"),
    "parameters": ("Parameter counts of the variants as they were said", "各版本参数量，按来源所写"),
    "base": ("What it was made from", "基座"),
    "method": ("How it was trained", "训练方法"),
    "languages": ("Language codes", "语言代码"),
    "code": ("How open the code is", "代码的开放程度"),
    "data": ("How open the data are", "数据的开放程度"),
    "weights": ("How open the weights are", "权重的开放程度"),
    "openness_score": ("0 to 14: open counts 1, partial and gated 0.5", "0 至 14：开放计 1，部分与须申请计 0.5"),
    "commercial_use": (
        "yes, conditions, no or unknown, by the strictest licence of the chain",
        "可否商用：以许可链上最严格的一环为准",
    ),
    "gpu_hours": ("GPU-hours as they were said", "GPU 小时，按来源所写"),
    "duration": ("Training time as it was said", "训练时长，按来源所写"),
    "cost": ("Cost as it was said", "花费，按来源所写"),
    "hardware": ("Cards it was trained on", "训练所用显卡"),
    "datasets": ("Ids of the training data", "训练数据的标识"),
    "examples": ("Number of examples", "样本数"),
    "tokens": ("Number of tokens", "token 数"),
    "bytes": ("Size in bytes", "字节数"),
    "licence": ("Id of the licence", "许可标识"),
    "family": ("Cards named without memory size share a family", "未注明显存的同类显卡"),
    "vendor": ("Maker of the card", "厂商"),
    "memory": ("Memory in bytes", "显存，字节"),
    "bandwidth": ("Memory bandwidth in bytes/s", "显存带宽，字节每秒"),
    "fp16": ("Dense tensor peak, fp16, FLOP/s", "fp16 稠密张量峰值，FLOP/s"),
    "bf16": ("Dense tensor peak, bf16, FLOP/s", "bf16 稠密张量峰值，FLOP/s"),
    "fp32": ("Peak, fp32, FLOP/s", "fp32 峰值，FLOP/s"),
    "language": ("Language of the document", "文献语言"),
    "as_of": ("Day of the text", "文本日期"),
    "accessed": ("Day it was read", "查阅日期"),
    "lines": ("Number of lines", "行数"),
    "sha256": ("SHA-256 of its bytes", "字节的 SHA-256"),
    "url": ("Address", "地址"),
    "table_name": ("Name of the table", "表名"),
    "column_name": ("Name of the column; empty for the table itself", "列名；空为表本身"),
    "en": ("Description in English", "英文说明"),
    "zh": ("Description in Chinese", "中文说明"),
}


def column(table: str, name: str) -> Both:
    """What a column holds; raises KeyError for one that nobody described."""
    own = CLAIMS if table == "claims" else PARTS.get(table, _COLUMNS)
    return own[name]
