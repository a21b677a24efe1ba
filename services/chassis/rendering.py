"""Pages from templates: escaped, in the reader's language, with nothing undefined let through."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlencode

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from schemas.codes import LOCALES, OWN_NAMES
from services.chassis import dates
from services.chassis.assets import Assets
from services.chassis.contact_points import shown_phone
from services.chassis.languages import (
    DEFAULT,
    Wording,
    direction,
    known,
    preferred,
)

FOLDER: Final = Path(__file__).parent / "templates"
COOKIE: Final = "language"


class CompiledOnce(BytecodeCache):
    """Keeps compiled templates in memory: every language has an environment, the code is one."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket with what is kept, if its template is still the same."""
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED: Final = CompiledOnce()


class Templates:
    """Templates of a service and of the chassis, one environment per language."""

    def __init__(
        self, folders: Sequence[Path], wording: Wording, assets: Assets, *, default: str = DEFAULT
    ) -> None:
        """Of two folders with the same template the first wins."""
        self.wording = wording
        self._default = default
        self._locales: tuple[str, ...] = LOCALES
        self._environments: dict[str, Environment] = {
            locale: _environment(folders, wording, assets, locale) for locale in LOCALES
        }

    def with_notice(self, sentence: str) -> Self:
        """The same, with a sentence on every page that shows a notice and has none of its own."""
        for environment in self._environments.values():
            environment.globals["notice"] = sentence
        return self

    def speaking(self, *locales: str) -> Self:
        """The same, for pages whose words are there in these languages alone: no page mixes two."""
        made = copy(self)
        made._locales = locales
        made._default = self._default if self._default in locales else locales[0]
        return made

    def page(
        self,
        request: Request,
        name: str,
        /,
        *,
        status: int = 200,
        locale: str | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """A page; `locale` is what is known of the reader, whose own choice goes before it."""
        spoken = self.locale(request, locale)
        body = self.text(name, spoken, **(self._around(request, spoken) | context))
        response = HTMLResponse(body, status, headers={"Vary": "Cookie, Accept-Language"})
        _remember_choice(request, response, spoken)
        return response

    def fragment(
        self,
        request: Request,
        name: str,
        block: str,
        /,
        *,
        locale: str | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """One block of a page, to be swapped in place."""
        spoken = self.locale(request, locale)
        template = self._environments[spoken].get_template(name)
        return HTMLResponse(_block(template, block, self._around(request, spoken) | context))

    def text(self, name: str, locale: str, /, **context: Any) -> str:
        """A template filled in, in one language."""
        return self._environments[locale].get_template(name).render(context)

    def say(self, locale: str, message: str) -> str:
        """A sentence of the code in one language."""
        return self.wording.of(locale).gettext(message)

    def locale(self, request: Request, of_reader: str | None = None) -> str:
        """The language to answer in: chosen, of the reader, of the browser, or the default."""
        chosen = request.query_params.get(COOKIE) or request.cookies.get(COOKIE)
        for each in (known(chosen), known(of_reader)):
            if each in self._locales:
                return str(each)
        accepted = request.headers.get("accept-language", "")
        return preferred(accepted, self._default, self._locales)

    def _around(self, request: Request, locale: str) -> dict[str, Any]:
        """What every page is given; where there is one language, there is none to choose."""
        offered = self._locales if len(self._locales) > 1 else ()
        return {
            "here": request.url.path,
            "path": request.app.url_path_for,
            "tongues": [_tongue(request, each, is_current=each == locale) for each in offered],
        }


def templates(
    folder: Path,
    catalogues: Iterable[Path],
    *,
    assets: Assets,
    default: str = DEFAULT,
    notice: str = "",
) -> Templates:
    """The templates of a service's folder and the shared ones, worded by the catalogues.

    `notice` is a sentence on every staff page, such as what time the demo has.
    """
    made = Templates((folder, FOLDER), Wording(catalogues), assets, default=default)
    return made.with_notice(notice) if notice else made


def _environment(
    folders: Sequence[Path], wording: Wording, assets: Assets, locale: str
) -> Environment:
    made = Environment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=COMPILED,
        optimized=False,  # it works out constants, some by filters that differ by language
        extensions=["jinja2.ext.i18n"],
    )
    # Macros are imported without context, so the language belongs to the environment.
    made.install_gettext_translations(wording.of(locale), newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {"static": assets.address, "lang": locale, "dir": direction(locale)}
    made.filters |= {
        "phone": shown_phone,
        "day": partial(_with_locale, dates.day, locale),
        "hour": partial(_with_locale, dates.hour, locale),
        "moment": partial(_with_locale, dates.moment, locale),
        "distance": lambda at, now: dates.distance(at, now, locale),
    }
    return made


def _with_locale(says: Any, locale: str, value: Any, *more: Any) -> str:
    return str(says(value, locale, *more))


def _tongue(request: Request, locale: str, *, is_current: bool) -> dict[str, Any]:
    return {
        "text": OWN_NAMES[locale],
        "lang": locale,
        "dir": direction(locale),
        "href": f"{request.url.path}?{urlencode(_with_choice(request, locale))}",
        "current": is_current,
    }


def _with_choice(request: Request, locale: str) -> Mapping[str, str]:
    return {**request.query_params, COOKIE: locale}


def _remember_choice(request: Request, response: HTMLResponse, spoken: str) -> None:
    """Keep a choice for this part of the site alone: staff and family may share a machine."""
    if known(request.query_params.get(COOKIE)) == spoken:
        part = "/" + request.url.path.lstrip("/").partition("/")[0]
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, spoken, path=part, httponly=True, samesite="lax", secure=secure)


def _block(template: Template, name: str, context: dict[str, Any]) -> str:
    """Render the page and keep what the block gave: its imports stand outside of it."""
    running = template.new_context(context)
    inner = running.blocks[name][0]
    kept: list[str] = []

    def keep(context: Context) -> Iterator[str]:
        text = "".join(inner(context))
        kept.append(text)
        yield text

    running.blocks[name][0] = keep
    for _ in template.root_render_func(running):
        pass
    return "".join(kept)
