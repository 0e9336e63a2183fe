import pytest

from generator.frame import frame, policy
from generator.render import Language


@pytest.mark.parametrize(
    ("language", "url", "base_url", "root", "other"),
    [
        ("en", "", ".", "./", "./zh/"),
        ("en", "models/alpaca/", "../..", "../../", "../../zh/models/alpaca/"),
        ("zh", "", ".", "../", "../"),
        ("zh", "models/alpaca/", "../..", "../../../", "../../../models/alpaca/"),
        ("en", "", "/", "/", "/zh/"),
        ("zh", "", "/zh/", "/", "/"),
        ("zh", "", "/herdbook/zh/", "/herdbook/", "/herdbook/"),
    ],
)
def test_addresses_are_relative_to_the_page(language: Language, url: str, base_url: str, root: str, other: str) -> None:
    found = frame(language, url, base_url, pair=True)
    assert (found.root, found.other.removeprefix("./")) == (root, other.removeprefix("./"))


def test_page_of_one_language_leads_to_the_other_home_page() -> None:
    assert frame("en", "models/alpaca/", "../..", pair=False).other == "../../zh/"


def test_alternates_need_the_address_of_the_site_and_a_page_in_both_languages() -> None:
    both = (("en", "https://e.org/h/x/"), ("zh-Hans", "https://e.org/h/zh/x/"))
    assert frame("zh", "x/", "..", True, "https://e.org/h/").alternates == both
    assert frame("zh", "x/", "..", True, "").alternates == ()
    assert frame("zh", "x/", "..", False, "https://e.org/h/").alternates == ()


def test_only_the_reloading_preview_may_run_inline_scripts() -> None:
    assert "unsafe-inline" not in policy(live=False)
    assert "script-src 'self' 'unsafe-inline'" in policy(live=True)
