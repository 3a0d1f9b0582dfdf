"""What records say, as tables of cases: SPF, DKIM, DMARC, alignment, MX, PTR."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syndicator.deliver.standing import Answer, Missing, Question, Sending, SigningKey
from syndicator.deliver.standing.records import alignment, dkim, dmarc, mx, ptr, spf
from syndicator.deliver.standing.spf import evaluate

OURS = "198.51.100.7"
KEY = SigningKey("news.example", "s1", "v=DKIM1; k=rsa; p=QUJD")
DIRECT = Sending(
    domain="news.example", envelope="news.example", keys=(KEY,), addresses=(OURS,), is_direct=True
)
RELAYED = replace(DIRECT, is_direct=False)


def dns(zone):
    """A DNS that knows all; the kind of an answer stands before the name, TXT if none does."""
    known = {}
    for where, values in zone.items():
        kind, _, name = where.rpartition(" ")
        known[name, kind or "TXT"] = (
            values if isinstance(values, Answer) else Answer((values,) if isinstance(values, str) else values)
        )
    return lambda name, kind: known.get((name, kind), Answer())


def levels(found):
    return [one.level for one in found]


DOWN = Answer(trouble="timed out")
CHAIN = {f"i{n}.example": f"v=spf1 include:i{n + 1}.example -all" for n in range(11)} | {
    "i11.example": f"v=spf1 ip4:{OURS} -all"
}


@pytest.mark.parametrize(
    ("policy", "address", "result"),
    [
        ("v=spf1 ip4:198.51.100.7 -all", OURS, "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", OURS, "pass"),
        ("v=spf1 ip4:198.51.101.0/24 -all", OURS, "fail"),
        ("v=spf1 IP6:2001:db8::/32 ~all", "2001:db8::9", "pass"),
        ("v=spf1 ip6:2001:db8::/32 ~all", "2001:db9::9", "softfail"),
        ("v=spf1 ip6:2001:db8::/32 ?all", OURS, "neutral"),
        ("v=spf1", OURS, "neutral"),
        ("v=spf1 -ip4:198.51.100.7 +all", OURS, "fail"),
        ("v=spf1 a -all", "198.51.100.1", "pass"),
        ("v=spf1 a/24 -all", OURS, "pass"),
        ("v=spf1 a:six.example//64 -all", "2001:db8::9", "pass"),
        ("v=spf1 a:six.example -all", "2001:db8::9", "fail"),
        ("v=spf1 mx -all", "198.51.100.2", "pass"),
        ("v=spf1 mx:none.example -all", OURS, "fail"),
        ("v=spf1 include:pass.example -all", OURS, "pass"),
        ("v=spf1 include:fail.example ~all", OURS, "softfail"),
        ("v=spf1 include:nothing.example -all", OURS, "permerror"),
        ("v=spf1 redirect=pass.example", OURS, "pass"),
        ("v=spf1 redirect=fail.example", OURS, "fail"),
        ("v=spf1 redirect=nothing.example", OURS, "permerror"),
        ("v=spf1 -all redirect=pass.example", OURS, "fail"),
        ("v=spf1 exp=why.example exists:pass.example -all", OURS, "fail"),
        ("v=spf1 exists:mail.example -all", OURS, "pass"),
        ("v=spf1 exists:%{i}.list.example -all", OURS, "unknown"),
        ("v=spf1 ptr -all", OURS, "unknown"),
        ("v=spf1 ip4:198.51.100.300 -all", OURS, "permerror"),
        ("v=spf1 ip4:2001:db8::/32 -all", OURS, "permerror"),
        ("v=spf1 a/99 -all", OURS, "permerror"),
        ("v=spf1 ipv4:198.51.100.7 -all", OURS, "permerror"),
        ("v=spf1 !all", OURS, "permerror"),
        ("v=spf1 include:i2.example -all", OURS, "pass"),
        ("v=spf1 include:i1.example -all", OURS, "permerror"),
        ("v=spf1 include:loop.example -all", OURS, "permerror"),
        ("v=spf1 include:down.example -all", OURS, "temperror"),
        ("v=spf10 -all", OURS, "none"),
        ("v=spf1 include:all.example -all", "", "fail"),
        ("v=spf1 a mx include:pass.example -all", "", "fail"),
    ],
)
def test_spf_says_what_rfc_7208_says(policy, address, result):
    zone = {
        "d.example": policy, "A d.example": "198.51.100.1", "MX d.example": "10 mail.example",
        "A mail.example": "198.51.100.2", "AAAA six.example": "2001:db8::1", "down.example": DOWN,
        "pass.example": f"v=spf1 ip4:{OURS} -all", "fail.example": "v=spf1 -all",
        "all.example": "v=spf1 +all", "loop.example": "v=spf1 include:loop.example", **CHAIN,
    }  # fmt: skip
    assert evaluate("d.example", address, dns(zone)).result == result


def test_what_is_not_known_is_asked_for():
    def ask(name, kind):
        raise Missing(Question(name, kind))

    with pytest.raises(Missing) as missing:
        spf(DIRECT, ask)
    assert missing.value.question == ("news.example", "TXT")


@pytest.mark.parametrize(
    ("sending", "record", "level", "words"),
    [
        (DIRECT, f"v=spf1 ip4:{OURS} -all", ["ok"], "lets 198.51.100.7 send"),
        (DIRECT, "v=spf1 -all", ["wrong"], "198.51.100.7: fail"),
        (RELAYED, "v=spf1 -all", ["look"], "198.51.100.7: fail"),
        (DIRECT, (), ["wrong"], "no SPF record"),
        (DIRECT, ("v=spf1 -all", "v=spf1 a -all"), ["wrong"], "2 SPF records"),
        (DIRECT, "v=spf1 +all", ["wrong"], "everybody"),
        (DIRECT, f"v=spf1 ip4:{OURS}", ["ok", "look"], "send"),
        (DIRECT, "v=spf1 hello -all", ["wrong"], "'hello' is no mechanism"),
        (DIRECT, DOWN, ["look"], "timed out"),
        (replace(RELAYED, addresses=()), "v=spf1 -all", ["look"], "not known here"),
    ],
)
def test_spf_findings(sending, record, level, words):
    found = spf(sending, dns({"news.example": record}))
    assert levels(found) == level
    assert words in found[0].said
    assert all(one.remedy for one in found if one.level != "ok")


@pytest.mark.parametrize(
    ("record", "level", "words"),
    [
        ("v=DKIM1; k=rsa; p=QUJD", "ok", "holds our key"),
        ("p=QU JD", "ok", "holds our key"),
        ("v=DKIM1; h=sha1:sha256; p=QUJD", "ok", "holds our key"),
        ("v=DKIM1; k=rsa; p=QUJE", "wrong", "another key"),
        ("v=DKIM1; k=ed25519; p=QUJD", "wrong", "another key"),
        ("v=DKIM1; k=rsa; p=", "wrong", "revoked"),
        ("v=DKIM1; h=sha1; p=QUJD", "wrong", "SHA-256"),
        ("v=DKIM1; t=y:s; p=QUJD", "look", "test"),
        ("v=spf1 -all", "wrong", "no DKIM record"),
        ((), "wrong", "no record"),
        (("p=QUJD", "p=QUJE"), "wrong", "2 records"),
        (DOWN, "look", "timed out"),
    ],
)
def test_dkim_findings(record, level, words):
    (found,) = dkim(DIRECT, dns({"s1._domainkey.news.example": record}))
    assert (found.level, words in found.said) == (level, True), found


def test_without_a_key_somebody_else_must_sign():
    assert levels(dkim(replace(DIRECT, keys=()), dns({}))) == ["wrong"]
    assert levels(dkim(replace(RELAYED, keys=()), dns({}))) == ["look"]


@pytest.mark.parametrize(
    ("zone", "level", "words"),
    [
        ({"_dmarc.a.news.example": "v=DMARC1; p=reject; rua=mailto:x@y"}, "ok", "a.news.example: reject"),
        ({"_dmarc.news.example": "v=DMARC1; p=none; sp=reject; rua=x"}, "ok", "news.example: reject"),
        ({"_dmarc.news.example": "v=DMARC1; p=quarantine"}, "look", "nobody gets reports"),
        ({"_dmarc.example": "v=DMARC1; p=none; rua=x"}, "wrong", "no record"),
        ({"_dmarc.a.news.example": "v=DMARC1; p=maybe"}, "wrong", "p=maybe"),
        ({"_dmarc.a.news.example": ("v=DMARC1; p=none", "v=DMARC1; p=reject")}, "wrong", "2 records"),
        ({"_dmarc.a.news.example": DOWN}, "look", "timed out"),
        ({}, "wrong", "no record"),
    ],
)
def test_dmarc_findings(zone, level, words):
    (found,) = dmarc(replace(DIRECT, domain="a.news.example"), dns(zone))
    assert (found.level, words in found.said) == (level, True), found


@pytest.mark.parametrize(
    ("signer", "envelope", "policy", "level"),
    [
        ("a.news.example", "other.example", "p=none", "ok"),
        ("news.example", "other.example", "p=none", "ok"),
        ("b.news.example", "other.example", "p=none", "ok"),
        ("b.news.example", "other.example", "p=none; adkim=s", "wrong"),
        ("other.example", "b.news.example", "p=none", "look"),
        ("other.example", "b.news.example", "p=none; aspf=s", "wrong"),
        ("other.example", "other.example", "p=none", "wrong"),
        ("example", "xnews.example", "p=none", "wrong"),
        ("", "a.news.example", "p=none", "look"),
        ("", "other.example", "p=none", "wrong"),
    ],
)
def test_alignment(signer, envelope, policy, level):
    keys = (SigningKey(signer, "s1", KEY.record),) if signer else ()
    sending = Sending(domain="a.news.example", envelope=envelope, keys=keys)
    assert levels(alignment(sending, dns({"_dmarc.news.example": f"v=DMARC1; {policy}"}))) == [level]


@pytest.mark.parametrize(
    ("zone", "level", "words"),
    [
        ({"MX news.example": "10 m.example", "A m.example": OURS}, "ok", "m.example"),
        ({"MX news.example": ("10 m.example", "20 n.example"), "AAAA n.example": "::2"}, "look", "m.example"),
        ({"MX news.example": "10 m.example"}, "wrong", "no address"),
        ({"MX news.example": "0 ."}, "wrong", "takes no mail"),
        ({"MX news.example": "0 ", "A news.example": OURS}, "wrong", "takes no mail"),
        ({"A news.example": OURS}, "look", "stands in"),
        ({}, "wrong", "nothing can come back"),
        ({"A news.example": DOWN}, "look", "timed out"),
        ({"MX news.example": "10 m.example", "AAAA m.example": DOWN}, "look", "timed out"),
        ({"MX news.example": DOWN}, "look", "timed out"),
    ],
)
def test_mx_findings(zone, level, words):
    (found,) = mx(DIRECT, dns(zone))
    assert (found.level, words in found.said) == (level, True), found


def test_both_domains_want_an_mx():
    assert levels(mx(replace(DIRECT, envelope="b.example"), dns({}))) == ["wrong", "wrong"]


REVERSE = "PTR 7.100.51.198.in-addr.arpa"


@pytest.mark.parametrize(
    ("zone", "level"),
    [
        ({REVERSE: "mx.news.example", "A mx.news.example": OURS}, ["ok"]),
        ({REVERSE: "mx.news.example", "A mx.news.example": "198.51.100.8"}, ["wrong"]),
        ({REVERSE: "mx.news.example"}, ["wrong"]),
        ({}, ["wrong"]),
        ({REVERSE: DOWN}, ["look"]),
        ({REVERSE: "mx.news.example", "AAAA mx.news.example": DOWN}, ["look"]),
    ],
)
def test_ptr_findings(zone, level):
    assert levels(ptr(DIRECT, dns(zone))) == level
    assert ptr(RELAYED, dns(zone)) == [], "a provider's addresses are the provider's business"
