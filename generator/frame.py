"""Where the frame around a page leads: to the root of the site, to the same page in the other language.

All addresses are relative to the page, so the site works in any folder of any host.
"""

from dataclasses import dataclass
from posixpath import join, normpath

from generator.render import LANGUAGES, Language

BELOW_ROOT: dict[Language, str] = {"en": "", "zh": "zh/"}
HREFLANG: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True)
class Frame:
    root: str
    """The folder both languages are in; the reader's settings are kept for it."""
    other: str
    """The same page in the other language, or its home page."""
    other_lang: str
    alternates: tuple[tuple[str, str], ...]
    """hreflang and absolute address of each language; empty where the site's address is not known."""
    csp: str


def frame(
    language: Language, url: str, base_url: str, pair: bool, site_url: str | None = None, live: bool = False
) -> Frame:
    """`url` is the page's address below the home page of its language, `base_url` leads from the page to that home."""
    other: Language = "zh" if language == "en" else "en"
    root = normpath(join(base_url or ".", "../" * BELOW_ROOT[language].count("/")))
    absolute = {name: below(site_url, name) + url for name in LANGUAGES} if site_url and pair else {}
    return Frame(
        root=root.rstrip("/") + "/",
        other=join(root, BELOW_ROOT[other], url if pair else ""),
        other_lang=HREFLANG[other],
        alternates=tuple((HREFLANG[name], address) for name, address in absolute.items()),
        csp=policy(live),
    )


def below(site_url: str, language: Language) -> str:
    """Absolute address of the home page of a language."""
    return site_url.rstrip("/") + "/" + BELOW_ROOT[language]


def policy(live: bool) -> str:
    """Content security policy: nothing inline, nothing from elsewhere.

    The preview that reloads by itself puts a script into each page, so it alone may run inline scripts.
    """
    script = "'self' 'unsafe-inline'" if live else "'self'"
    return (
        f"default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'"
    )
