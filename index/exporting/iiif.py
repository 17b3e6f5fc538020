"""IIIF Presentation 3: an issue is a manifest, a page is a canvas, an article is a range."""

from __future__ import annotations

from urllib.parse import quote

from index.types import JsonObject

from ..article import Article
from ..regions import Box, Region, Sheet, areas
from .sheets import SheetArticles, named, region_text, sheets_of

_CONTEXT = "http://iiif.io/api/presentation/3/context.json"


def manifest(articles: list[Article], address: str, images: str, label: str) -> JsonObject | None:
    """The manifest of an issue; None if none of its articles has places.

    Args:
        address: where the manifest will be served; the ids of its parts begin with this address.
        images: where the page images are served, each under its own name.
        label: the name of the issue.
    """
    canvases = named(sheets_of(articles))
    if not canvases:
        return None
    base = address.removesuffix(".json").rstrip("/")
    dates = {article.date for article in articles} - {None}
    ids = {(place.source, place.sheet): f"{base}/canvas/{name}" for name, place in canvases.items()}
    result: JsonObject = {
        "@context": _CONTEXT,
        "id": address,
        "type": "Manifest",
        "label": {"zh": [label]},
        "items": [_canvas(name, place, base, images) for name, place in canvases.items()],
        "structures": [
            {
                "id": f"{base}/range/articles",
                "type": "Range",
                "label": {"zh": ["文章"]},
                "items": [
                    _range(article, f"{base}/range/{number}", canvases, ids)
                    for number, article in enumerate(articles, 1)
                    if article.regions
                ],
            }
        ],
    }
    if len(dates) == 1:
        result["navDate"] = f"{dates.pop()}T00:00:00Z"
    return result


def _canvas(name: str, place: SheetArticles, base: str, images: str) -> JsonObject:
    canvas = f"{base}/canvas/{name}"
    lines = [(article, region) for article, regions in place.articles for region in regions]
    page = f"第{place.page}版" if place.page is not None else place.image
    picture = {"width": place.width, "height": place.height}
    body = {"id": f"{images.rstrip('/')}/{quote(place.image)}", "type": "Image", **picture}
    return {
        "id": canvas,
        "type": "Canvas",
        "label": {"zh": [page]},
        **picture,
        "items": [
            {
                "id": f"{canvas}/picture",
                "type": "AnnotationPage",
                "items": [_annotation(f"{canvas}/picture/1", "painting", body, canvas)],
            }
        ],
        "annotations": [
            {
                "id": f"{canvas}/text",
                "type": "AnnotationPage",
                "items": [
                    _annotation(
                        f"{canvas}/text/{number}",
                        "supplementing",
                        {"type": "TextualBody", "value": text, "format": "text/plain", "language": "zh"},
                        f"{canvas}#xywh={_pixels(region.box, place)}",
                    )
                    for number, (article, region) in enumerate(lines, 1)
                    if (text := region_text(article, region))
                ],
            }
        ],
    }


def _annotation(identity: str, motivation: str, body: JsonObject, target: str) -> JsonObject:
    return {"id": identity, "type": "Annotation", "motivation": motivation, "body": body, "target": target}


def _range(
    article: Article, identity: str, canvases: dict[str, SheetArticles], ids: dict[tuple[str, Sheet], str]
) -> JsonObject:
    places = {(place.source, place.sheet): place for place in canvases.values()}

    def target(area: Region) -> str:
        key = (area.source, area.sheet)
        return f"{ids[key]}#xywh={_pixels(area.box, places[key])}"

    return {
        "id": identity,
        "type": "Range",
        "label": {"zh": [article.title or article.id]},
        "items": [{"id": target(area), "type": "Canvas"} for area in areas(article.regions)],
    }


def _pixels(box: Box, place: SheetArticles) -> str:
    left, top = int(box.left * place.width), int(box.top * place.height)
    width = max(1, round(box.right * place.width) - left)
    height = max(1, round(box.bottom * place.height) - top)
    return f"{left},{top},{width},{height}"
