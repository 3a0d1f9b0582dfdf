"""What a site of files needs beside its documents: robots.txt, sitemaps, a page for what is not there."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from syndicator.model import Document
from syndicator.pipeline.purge import RETURNED
from syndicator.publish.archive import sitemap, sitemap_index
from syndicator.settings import Webhooks
from syndicator.store import history, listings, topics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syndicator.pipeline.archive_files import Writer
    from syndicator.pipeline.parts import Parts

PAGES = "sitemap-pages.xml"  # the front page and that of each topic; archives have lists of their own


async def write_sitemaps(parts: Parts, *, write: Writer) -> None:
    """Write what changed. The pages of an archive are listed where they are cut (`archive`)."""
    async with parts.store.read() as conn:
        archived = await history.mapped(conn)
        mailed = [slug for slug, topic in parts.current.catalog.topics.items() if topic.has_archive]
        editions = await listings.topics(conn, mailed)
    await asyncio.to_thread(_write, parts, _bodies(parts, archived, editions), write)


def _bodies(parts: Parts, archived: Iterable[str], editions: Iterable[str]) -> dict[str, bytes]:
    site = parts.settings.site
    public = sorted(slug for slug, topic in parts.current.catalog.topics.items() if topic.is_public)
    pages = [f"{site.base_url}/", *(f"{site.base_url}/topics/{slug}" for slug in public)]
    pages += [f"{site.base_url}/topics/{slug}/editions" for slug in editions]
    pages.append(f"{site.base_url}/privacy")
    lists = [f"{site.base_url}/topics/{slug}/archive/sitemap.xml" for slug in public if slug in archived]
    robots = parts.templates.render("web/robots.txt.j2", site.language, site=site)
    missing = parts.templates.render("web/error.html.j2", site.language, site=site, status=404, near=())
    return {
        "404.html": missing.encode(),
        "privacy.html": privacy(parts).encode(),
        "robots.txt": robots.encode(),
        PAGES: sitemap(pages),
        "sitemap.xml": sitemap_index([f"{site.base_url}/{PAGES}", *lists]),
    }


def privacy(parts: Parts) -> str:
    """Render what is kept of readers, and for how long."""
    settings = parts.settings
    return parts.templates.render(
        "web/privacy.html.j2",
        settings.site.language,
        site=settings.site,
        article_days=settings.retention.articles.days,
        returned_days=RETURNED.days,
        has_reports=settings.mail.returns.webhooks != Webhooks(),
    )


def _write(parts: Parts, bodies: Mapping[str, bytes], write: Writer) -> None:
    for name, body in bodies.items():
        path = parts.settings.public / name
        if not path.exists() or path.read_bytes() != body:
            etag = hashlib.sha256(body).hexdigest()
            document = Document(
                topic=topics.SITE, format=name, body=body, etag=etag, modified_at=parts.clock()
            )
            write(path, document)
