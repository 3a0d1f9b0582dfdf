"""A reader who wants text alone gets it, with the same header, links and signature as everybody."""

from __future__ import annotations

import re

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from lobby import ADA, NOW, lobby

from syndicator.digest.dkim import Signer
from syndicator.model import Edition
from syndicator.pipeline import deliver
from syndicator.pipeline.letters import marks_of
from syndicator.store import deliveries, editions, preferences


async def test_text_alone_to_who_wants_it_and_html_to_the_others(tmp_path, smtp_server):
    signer = Signer(domain="news.example", selector="s1", key=generate_private_key(65537, 1024))
    async with lobby(tmp_path, smtp_server) as desk:
        desk.parts.signers = (signer,)
        plain, rich = await desk.reader(), await desk.reader("bo@reader.example")
        marks = marks_of("e1", desk.parts.mark_key)
        told = f"电信诈骗 {marks['address']}\n{marks['preferences']}#pause\n{marks['unsubscribe']}\n"
        made = Edition(
            id="e1", slot="daily@07:00@UTC", subject="China: rain", html=f"<p>{told}</p>", text=told,
            topics=("china",), language="en", articles=1, created_at=NOW,
        )  # fmt: skip
        async with desk.parts.store.write() as conn:
            await preferences.choose(conn, plain, slot=None, language="", format_="text", now=NOW)
            await preferences.bind_anew(conn, rich, "s3cret")
            await editions.add(conn, 1, made)
            await deliveries.plan(conn, "e1", [(plain, ADA), (rich, "bo@reader.example")], now=NOW)
        assert (await deliver(desk.parts)).sent == 2
        mails = {mail.recipients[0]: mail for mail in smtp_server.mails}
        one, other = (mails[address].message for address in (ADA, "bo@reader.example"))
        assert (one.get_content_type(), other.get_content_type()) == ("text/plain", "multipart/alternative")
        assert [*one.keys()] == [*other.keys(), "Content-Transfer-Encoding"]
        for address, mail in mails.items():
            assert dkim.verify(mail.data, dnsfunc=lambda *_, **__: signer.record().encode())
            text = mail.message.get_body(("plain",)).get_content()
            assert f"电信诈骗 {address}" in text
            (path,) = re.findall(rf"{re.escape(desk.base_url)}(/preferences/\S+)#pause", text)
            assert (await desk.get(path))[0] == 200
            (path,) = re.findall(rf"{re.escape(desk.base_url)}(/unsubscribe/\S+)", text)
            assert path in mail.message["List-Unsubscribe"]
