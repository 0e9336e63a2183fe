"""Each page of the site: a view, a template, and what search engines and the theme read about it."""

from __future__ import annotations

from dataclasses import asdict

from markupsafe import escape

from catalog import citation
from catalog.export import to_json
from catalog.register import Catalog, File
from catalog.tournaments import Tournament
from catalog.tournaments import tournament as tournament_of
from generator import (
    api,
    bar_chart,
    charts,
    claim_charts,
    rating_charts,
    table_chart,
    timeline_chart,
    tree_chart,
    unit_chart,
)
from generator.language import Language
from generator.page import Page, way_home
from generator.page import short as _short
from generator.result_pages import measured, one_demonstration
from generator.templating import Templates
from generator.views.benchmarks import benchmarks, panel
from generator.views.claims import claims_page
from generator.views.compare import column
from generator.views.entry import entry_page
from generator.views.explorer import explorer
from generator.views.family import Node, ancestors_tree, lineage_page
from generator.views.findings import findings_page
from generator.views.home import home_page
from generator.views.lists import listing
from generator.views.published import published
from generator.views.python import python_page
from generator.views.simple import document_page, simple_page
from generator.views.timeline import timeline
from generator.views.tournament import RunView, tournament_page
from generator.views.train import recipes_json, train_page
from generator.words import word


def home(catalog: Catalog, language: Language, templates: Templates) -> Page:
    zh = language == "zh"
    page = home_page(catalog, language)
    title = (
        "按周统计的模型发布，图标表示权重的开放程度"
        if zh
        else "Models released per week, marked by how open their weights are"
    )
    described = ("，" if zh else ", ").join(f"{name} {count}" for _, name, count in page.legend)
    picture = charts.releases(page.dots, page.months, title, described)
    html = templates.render("home.html", "", page=page, picture=picture)
    description = (
        "羊驼家族大语言模型登记册，每个数字都有出处。"
        if zh
        else "The register of the alpaca family of language models. Every figure with its source."
    )
    return Page("", "羊驼谱" if zh else "Herdbook", description, html)


def explorer_page(catalog: Catalog, language: Language, templates: Templates) -> Page:
    page = explorer(catalog, language, way_home("explorer/"))
    description = (
        "全部模型：排序、筛选、选列，结果可分享。"
        if language == "zh"
        else "All models of the register: sort, filter, choose columns, share the result."
    )
    return Page(
        "explorer/",
        word("explorer", language),
        description,
        templates.render("explorer.html", "explorer/", page=page),
        search_boost=0.5,
    )


def timeline_page(catalog: Catalog, language: Language, templates: Templates) -> Page:
    zh, path = language == "zh", "timeline/"
    page = timeline(catalog, language, way_home(path))
    title = "羊驼家族的发布时间线" if zh else "Releases of the alpaca family over time"
    described = (
        "按训练方法分道，标记表示权重的开放程度；下方表格列出同样的日期。"
        if zh
        else ("Lanes by training method, markers by how open the weights are; the table below holds the same dates.")
    )
    drawn = {"broad": timeline_chart.broad, "narrow": timeline_chart.narrow} if page.releases else {}
    pictures = {name: draw(page, title, described, language) for name, draw in drawn.items()}
    description = (
        "模型与框架的发布日期，按训练方法分道。"
        if zh
        else "When each model and framework appeared, in lanes by training method."
    )
    html = templates.render("timeline.html", path, page=page, **{"broad": "", "narrow": "", **pictures})
    return Page(path, word("timeline", language), description, html)


def family_page(catalog: Catalog, language: Language, templates: Templates) -> Page:
    zh, path = language == "zh", "lineage/"
    page = lineage_page(catalog, language, way_home(path))
    trees = [
        (
            tree,
            tree_chart.family(
                tree, f"tree-{tree.id}", f"{tree.name}的后代" if zh else f"What was made from {tree.name}", ""
            ),
        )
        for tree in page.trees
    ]
    description = (
        "每个模型由什么而来，由它又衍生出什么。" if zh else "What each model was made from, and what was made from it."
    )
    return Page(
        path, word("lineage", language), description, templates.render("lineage.html", path, page=page, trees=trees)
    )


# What the page compares before anybody chose, and without JavaScript: three that share a base or a name.
FIRST_COMPARED = ("alpaca", "vicuna", "chinese-vicuna")


def compare_page(catalog: Catalog, language: Language, templates: Templates) -> Page:
    """The comparison with a first choice; the script fetches other columns from `compare_data`."""
    zh, path = language == "zh", "compare/"
    files = [f for f in catalog.files if f.kind in ("models", "frameworks")]
    first = [f for f in files if f.slug in FIRST_COMPARED] or files[:2]
    columns = [column(catalog, f, language, way_home(path)) for f in first]
    choices = [
        (word(kind, language), [(f.slug, str(getattr(f.name, language))) for f in files if f.kind == kind])
        for kind in ("models", "frameworks")
    ]
    description = "并列比较二至四个条目。" if zh else "Two to four entries side by side."
    html = templates.render("compare.html", path, columns=columns, choices=choices)
    return Page(path, word("compare", language), description, html, search_boost=0.5)


def compare_data(catalog: Catalog, language: Language) -> dict[str, bytes]:
    """compare/<slug>.json for every entry, in the page's language."""
    home = way_home("compare/")
    return {
        f"compare/{f.slug}.json": to_json(asdict(column(catalog, f, language, home))).encode()
        for f in catalog.files
        if f.kind in ("models", "frameworks")
    }


def published_page(catalog: Catalog, language: Language, templates: Templates) -> Page:
    """Every published table, grouped by kind."""
    path = "results/"
    page = published(catalog, language, way_home(path))
    description = "各项目公布的成绩表，逐格录入。" if language == "zh" else "Tables the projects printed, cell by cell."
    html = templates.render("published.html", path, page=page)
    return Page(path, word("published_page", language), description, html, search_boost=0.5)


def benchmarks_page(catalog: Catalog, language: Language, templates: Templates) -> Page:
    """All tournaments, each by itself."""
    path = "benchmarks/"
    page = benchmarks(catalog, language, way_home(path))
    html = templates.render("benchmarks.html", path, page=page)
    return Page(path, word("benchmarks", language), _short(word("benchmarks_lede", language)), html)


def ledger_page(catalog: Catalog, language: Language, templates: Templates) -> Page:
    """The claims ledger with its picture."""
    zh, path = language == "zh", "claims/"
    page = claims_page(catalog, language, way_home(path))
    title = "各时长说法意味着的峰值利用率" if zh else "Share of the peak that each claim of time implies"
    described = (
        "每行一条说法，横轴为对数刻度；下方表格列出同样的数字。"
        if zh
        else "One line a claim on a scale of powers of ten; the table below holds the same figures."
    )
    words = ("15% 至 60%", "峰值") if zh else ("15 to 60%", "peak")
    picture = claim_charts.shares(page.bars, title, described, words) if page.bars else ""
    html = templates.render("claims.html", path, page=page, picture=picture)
    description = (
        "公开的硬件、时长、显存与费用说法，逐条附算式与结论。"
        if zh
        else "Published claims of hardware, time, memory and cost, each with its arithmetic and a verdict."
    )
    return Page(path, word("claims_page", language), description, html)


def three_findings(catalog: Catalog, language: Language, templates: Templates) -> Page:
    """What only the whole register shows, each with the query that made it."""
    zh, path = language == "zh", "findings/"
    page = findings_page(catalog, language, way_home(path))
    described = (
        "每个标记为一项；旁边的表格列出同样的数字。"
        if zh
        else "One mark a thing; the table below holds the same numbers."
    )
    pictures = {one.id: unit_chart.units(one.panels, one.id, one.chart_title, described) for one in page.findings}
    html = templates.render("findings.html", path, page=page, pictures=pictures, mark=unit_chart.mark, code=escape)
    description = (
        "把全部条目合起来看：按月的开放程度、硬件与时长的披露、许可之间的矛盾，附查询语句。"
        if zh
        else "Openness by month, disclosure of hardware and time, licences at odds with their base; with the queries."
    )
    return Page(path, page.title, description, html)


def train(catalog: Catalog, language: Language, templates: Templates) -> Page:
    """What can I train on my GPU?"""
    path = "train/"
    page = train_page(catalog, language, way_home(path))
    description = (
        "按显卡、模型与方法推算显存、时长与费用。"
        if language == "zh"
        else "Memory, hours and cost of training by card, model and method, worked out in the page."
    )
    return Page(path, word("train_page", language), description, templates.render("train.html", path, page=page))


def train_data(catalog: Catalog, language: Language) -> dict[str, bytes]:
    """train/recipes.json, in the page's language."""
    return {"train/recipes.json": to_json(recipes_json(catalog, language, way_home("train/"))).encode()}


def one_tournament(catalog: Catalog, one: Tournament, language: Language, templates: Templates) -> Page:
    """The page of a tournament with its pictures."""
    zh, path = language == "zh", f"models/{one.entry}/tournament/{one.table.id}/"
    page = tournament_page(catalog, one, language, way_home(path))
    pictures = [(run, _intervals(run, zh)) for run in page.runs]
    title = "逐轮评分" if zh else "Ratings round by round"
    described = (
        "每位选手一条线；下方表格列出同样的评分。"
        if zh
        else "One line a player; the table below holds the same ratings."
    )
    rounds = rating_charts.rounds(page.trace, title, described, word("round", language)) if page.trace else ""
    html = templates.render("tournament.html", path, page=page, runs=pictures, rounds=rounds)
    description = f"{page.entry.text}{'：' if zh else ': '}{page.pool}"
    return Page(path, page.title, _short(description), html, f"catalog/{one.recipe.relative}", search_boost=1.5)


def _intervals(run: RunView, zh: bool) -> str:
    title = f"评分：{run.title}" if zh else f"Ratings: {run.title}"
    described = "; ".join(f"{row.player.text} {row.shown} {row.interval}".strip() for row in run.rows)
    return rating_charts.intervals(run, title, described)


_INTROS = {
    "datasets": ("Data that models of the family were trained or judged on.", "家族模型训练或评测所用的数据。"),
    "frameworks": ("Software that models are made or run with.", "训练或运行这些模型所用的软件。"),
    "hardware": ("The cards that published runs name, with their peaks.", "公开训练记录中出现的显卡及其峰值。"),
    "terms": ("Words of the field, as the register uses them.", "本登记册所用的术语。"),
    "sources": (
        "Texts the register leans on, with every fact taken from them, line by line.",
        "登记册所依据的文献，逐行列出摘录的事实。",
    ),
}


def list_page(catalog: Catalog, kind: str, language: Language, templates: Templates) -> Page:
    path = f"{kind}/"
    page = listing(catalog, kind, language, way_home(path))
    intro = _INTROS[kind][language == "zh"]
    return Page(path, page.title, intro, templates.render("list.html", path, page=page, intro=intro), search_boost=0.5)


def python_library_page(catalog: Catalog, language: Language, templates: Templates) -> Page:
    """Three questions, the code that answers them, and its answers."""
    zh, path = language == "zh", "python/"
    page = python_page(catalog, language, way_home(path))
    title = "各月新模型得分的中位数" if zh else "Median openness score of the models of each month"
    described = "每月一条；括号内为模型数。" if zh else "One bar a month; the number of models in brackets."
    chart = bar_chart.bars(page.bars, 14, title, described) if page.bars else ""
    html = templates.render("python.html", path, page=page, chart=chart)
    description = (
        "登记册作为 Python 库：三个问题、代码与结果。"
        if zh
        else "The register as a Python library: three questions, their code, their answers."
    )
    return Page(path, word("python_page", language), description, html)


def api_page(catalog: Catalog, language: Language, templates: Templates) -> Page:
    path = "api/v1/"
    html = templates.render("api.html", path, files=api.directory(catalog, language))
    description = "登记册的 JSON 与 CSV 文件。" if language == "zh" else "The register as JSON and CSV files."
    return Page(path, word("api", language), description, html, search_boost=0.5)


def record_page(catalog: Catalog, file: File, language: Language, templates: Templates) -> Page:
    path = f"{file.kind}/{file.slug}/"
    if file.kind == "demonstrations":
        return one_demonstration(catalog, file, language, templates)
    home = way_home(path)
    source = f"catalog/{file.relative}"
    if file.kind in ("models", "frameworks"):
        entry = entry_page(catalog, file, language, home)
        tree = ancestors_tree(catalog, file.slug, language, home)
        title = f"{entry.name}的谱系" if language == "zh" else f"Pedigree of {entry.name}"
        picture = tree_chart.pedigree(tree, title, _pedigree_words(tree)) if tree.children else ""
        cited = {make.__name__: make(file, language, templates.address) for make in (citation.text, citation.bibtex)}
        played = tournament_of(catalog, file.slug)
        html = templates.render(
            "entry.html",
            path,
            page=entry,
            pedigree_picture=picture,
            cited=cited,
            charts={table.id: table_chart.table_chart(table, word("bars", language)) for table in entry.tables},
            tournament=panel(catalog, played, language, home) if played else None,
        )
        return Page(path, entry.name, _short(entry.summary), html, source, search_boost=3.0, names=_names(file))
    if file.kind == "sources":
        document = document_page(catalog, file, language, home)
        html = templates.render("document.html", path, page=document)
        return Page(path, document.title, _short(document.summary), html, source)
    simple = simple_page(catalog, file, language, home)
    html = templates.render("simple.html", path, page=simple)
    return Page(path, simple.name, _short(simple.summary), html, source, search_boost=2.0, names=_names(file))


def _names(file: File) -> tuple[str, ...]:
    """Both names and the other spellings, each once."""
    return tuple(dict.fromkeys((file.name.en, file.name.zh, *getattr(file.record, "aliases", ()))))


def _pedigree_words(node: Node) -> str:
    """The tree in words, for the picture's description."""
    parents = [child.name for child in node.children]
    here = f"{', '.join(parents)} → {node.name}. " if parents else ""
    return here + "".join(_pedigree_words(child) for child in node.children)


OF_THE_WHOLE = (home, explorer_page, timeline_page, family_page, compare_page, published_page, benchmarks_page,
                ledger_page, three_findings, train, measured)  # fmt: skip
"""Pages about the register as a whole; each takes the catalog, the language and the templates."""
