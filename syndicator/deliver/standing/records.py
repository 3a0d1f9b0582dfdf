"""What the DNS says of our mail: SPF, DKIM (RFC 6376), DMARC (RFC 7489) with alignment, MX and PTR."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple

from syndicator.deliver.standing import Answer, Finding, tags
from syndicator.deliver.standing.spf import Verdict, evaluate

if TYPE_CHECKING:
    from syndicator.deliver.standing import Ask, Judge, Sending, SigningKey

LABELS: Final = 8  # a DMARC record is looked for under so many parents
POLICIES: Final = ("none", "quarantine", "reject")


def spf(sending: Sending, ask: Ask) -> list[Finding]:
    """Judge the policy of the envelope's domain, and what it says of the addresses that we know."""
    domain = sending.envelope
    whole = evaluate(domain, "", ask)
    known = " ".join(f"ip{ip_address(each).version}:{each}" for each in sending.addresses)
    example = f"v=spf1 {known or 'include:YOUR-PROVIDER'} -all"
    match whole.result:
        case "none":
            return [_wrong("spf", f"{domain} has no SPF record", f'publish at {domain}: TXT "{example}"')]
        case "permerror":
            todo = f"mend the one TXT record v=spf1 of {domain}; until then receivers read it as none"
            return [_wrong("spf", whole.why, todo)]
        case "temperror":
            return [_unasked("spf", whole.why)]
        case "pass":
            return [_wrong("spf", f"{domain} lets everybody send in its name (+all)", "end it with -all")]
    found = [_spf_of(sending, each, evaluate(domain, each, ask), example) for each in sending.addresses]
    if whole.result == "neutral":
        found.append(_look("spf", f"{domain} says nothing of other senders", "end its record with -all"))
    if not sending.addresses:
        said = f"{domain} has a policy ({whole.lookups} look-ups); which address sends is not known here"
        found.append(_look("spf", said, "syndicator doctor --sending ADDRESS, as receivers see it"))
    return found


def _spf_of(sending: Sending, address: str, verdict: Verdict, example: str) -> Finding:
    if verdict.result == "pass":
        return Finding("spf", "ok", f"{sending.envelope} lets {address} send")
    if verdict.result == "temperror":
        return _unasked("spf", verdict.why)
    said = f"{sending.envelope} says of {address}: {verdict.result}"
    said += f" ({verdict.why})" if verdict.why else ""
    if sending.is_direct and verdict.result != "unknown":
        return _wrong("spf", said, f'add it, as in "{example}"')
    return _look("spf", said, "if your provider sends from there, add the include: that it tells you")


def dkim(sending: Sending, ask: Ask) -> list[Finding]:
    """Compare the record of each key with the key that signs."""
    if not sending.keys:
        said = "no key signs here (mail.dkim)"
        todo = "unless your mail server signs: syndicator dkim new config/dkim.pem"
        return [_wrong("dkim", said, todo) if sending.is_direct else _look("dkim", said, todo)]
    return [_dkim_of(key, ask) for key in sending.keys]


def _dkim_of(key: SigningKey, ask: Ask) -> Finding:
    name = f"{key.selector}._domainkey.{key.domain}"
    answer = ask(name, "TXT")
    if answer.trouble:
        return _unasked("dkim", f"{name} cannot be asked: {answer.trouble}")
    if fault := _fault(answer.values, tags(key.record)):
        return _wrong("dkim", f"{name} {fault}", "publish, alone, what `syndicator dkim show` prints")
    if "y" in tags(answer.values[0]).get("t", "").split(":"):
        return _look("dkim", f"{name} says that it is a test (t=y)", "drop t=y when signatures verify")
    return Finding("dkim", "ok", f"{name} holds our key")


def _fault(records: tuple[str, ...], ours: dict[str, str]) -> str:
    """Say why no receiver can verify our signatures by these records; empty if they can."""
    if len(records) != 1:
        return f"has {len(records)} records" if records else "has no record, so no receiver can verify"
    has = tags(records[0])
    faults = {
        "is no DKIM record": "p" not in has or has.get("v", "DKIM1") != "DKIM1",
        "is revoked (p= is empty)": has.get("p") == "",
        "holds another key than the one that signs": (
            (has.get("k", "rsa"), has.get("p")) != (ours.get("k", "rsa"), ours["p"])
        ),
        f"does not allow SHA-256 (h={has.get('h')})": "sha256" not in has.get("h", "sha256").split(":"),
    }
    return next((words for words, holds in faults.items() if holds), "")


class _Policy(NamedTuple):
    domain: str
    records: tuple[str, ...]
    trouble: str = ""


def _policy(domain: str, ask: Ask) -> _Policy | None:
    """Find the nearest DMARC record, at the domain or at a parent that has a dot."""
    labels = domain.split(".")
    for at in range(min(len(labels) - 1, LABELS)):
        name = ".".join(labels[at:])
        answer = ask(f"_dmarc.{name}", "TXT")
        if answer.trouble:
            return _Policy(name, (), answer.trouble)
        found = tuple(each for each in answer.values if tags(each).get("v", "").upper() == "DMARC1")
        if found:
            return _Policy(name, found)
    return None


def dmarc(sending: Sending, ask: Ask) -> list[Finding]:
    """Judge the DMARC record that counts for From."""
    policy = _policy(sending.domain, ask)
    at = f"_dmarc.{sending.domain}"
    todo = f'publish at {at}: TXT "v=DMARC1; p=none; rua=mailto:YOU", and tighten p later'
    if policy is None:
        return [_wrong("dmarc", f"{at} has no record; large receivers want one of bulk mail", todo)]
    name = f"_dmarc.{policy.domain}"
    if policy.trouble:
        return [_unasked("dmarc", f"{name} cannot be asked: {policy.trouble}")]
    if len(policy.records) > 1:
        return [_wrong("dmarc", f"{name} has {len(policy.records)} records, which count as none", todo)]
    has = tags(policy.records[0])
    wanted = has.get("p", "")
    if policy.domain != sending.domain:
        wanted = has.get("sp", wanted)
    if wanted.lower() not in POLICIES:
        return [_wrong("dmarc", f"{name} has no policy that is known (p={wanted[:20]})", todo)]
    if "rua" not in has:
        said = f"{name}: {wanted}, and nobody gets reports"
        return [_look("dmarc", said, "add rua=mailto:YOU: reports say who sends in your name")]
    return [Finding("dmarc", "ok", f"{name}: {wanted}")]


def alignment(sending: Sending, ask: Ask) -> list[Finding]:
    """Judge whether a signature or the envelope speaks for the domain of From, as DMARC asks."""
    policy = _policy(sending.domain, ask)
    has = tags(policy.records[0]) if policy and policy.records else {}
    strict_dkim, strict_spf = (has.get(name, "r").lower() == "s" for name in ("adkim", "aspf"))
    top = policy.domain if policy and policy.records and has.get("psd", "n") != "y" else sending.domain
    signs = any(_aligned(key.domain, sending.domain, top, strict=strict_dkim) for key in sending.keys)
    sends = _aligned(sending.envelope, sending.domain, top, strict=strict_spf)
    signers = ", ".join(sorted({key.domain for key in sending.keys})) or "none"
    said = f"From {sending.domain}, signed by {signers}, envelope {sending.envelope}"
    if signs:
        return [Finding("alignment", "ok", said)]
    if sends:
        todo = "sign with mail.dkim (or at your mail server) for the domain of From: forwarding breaks SPF"
        return [_look("alignment", f"{said}: only SPF speaks for From", todo)]
    todo = "sign with mail.dkim for the domain of From, or take mail.returns.address from it"
    return [_wrong("alignment", f"{said}: neither speaks for From", todo)]


def _aligned(domain: str, sender: str, top: str, *, strict: bool) -> bool:
    """Whether two domains are the same, or below one owner; who has the DMARC record is the owner."""
    if domain == sender:
        return True
    if strict:
        return False
    below = (domain == top or domain.endswith(f".{top}")) and (sender == top or sender.endswith(f".{top}"))
    return below or (sender.endswith(f".{domain}") and "." in domain)


def mx(sending: Sending, ask: Ask) -> list[Finding]:
    """Judge whether answers to From, and bounces, can come back."""
    return [_mx_of(domain, ask) for domain in dict.fromkeys((sending.domain, sending.envelope))]


def _mx_of(domain: str, ask: Ask) -> Finding:
    answer = ask(domain, "MX")
    todo = f"publish an MX record of {domain} that names your mail server"
    if answer.trouble:
        return _unasked("mx", f"{domain} cannot be asked: {answer.trouble}")
    hosts = [value.partition(" ")[2] for value in answer.values]
    if hosts in (["."], [""]):
        said = f"{domain} says that it takes no mail (RFC 7505): receivers refuse mail from there"
        return _wrong("mx", said, todo)
    if not hosts:
        return _without_mx(domain, _addresses(domain, ask), todo)
    found = {host: _addresses(host, ask) for host in hosts}
    lost = [host for host, answer in found.items() if not answer.values and not answer.trouble]
    if lost:
        said = f"{domain}: {', '.join(lost)} has no address"
        mend = "mend the MX record, or the name that it points to"
        return _wrong("mx", said, mend) if len(lost) == len(found) else _look("mx", said, mend)
    if trouble := next((each.trouble for each in found.values() if not each.values), ""):
        return _unasked("mx", f"{domain}: its servers cannot be asked for: {trouble}")
    return Finding("mx", "ok", f"{domain}: {', '.join(hosts)}")


def _without_mx(domain: str, own: Answer, todo: str) -> Finding:
    if own.values:
        return _look("mx", f"{domain} has no MX record; its own address stands in", todo)
    if own.trouble:
        return _unasked("mx", f"{domain} cannot be asked: {own.trouble}")
    return _wrong("mx", f"{domain} has neither MX nor address: nothing can come back", todo)


def ptr(sending: Sending, ask: Ask) -> list[Finding]:
    """Judge the names of the addresses that we send from ourselves: there, and leading back (FCrDNS)."""
    return [_ptr_of(each, ask) for each in sending.addresses] if sending.is_direct else []


def _ptr_of(address: str, ask: Ask) -> Finding:
    answer = ask(ip_address(address).reverse_pointer, "PTR")
    todo = "have your provider set it to the name that your mail server says in EHLO"
    if answer.trouble:
        return _unasked("ptr", f"{address} cannot be asked: {answer.trouble}")
    if not answer.values:
        return _wrong("ptr", f"{address} has no name (PTR); large receivers refuse such mail", todo)
    back = {name: _addresses(name, ask) for name in answer.values}
    for name, found in back.items():
        if ip_address(address) in {ip_address(each) for each in found.values}:
            return Finding("ptr", "ok", f"{address} is {name}, and back")
    if trouble := next((found.trouble for found in back.values() if found.trouble), ""):
        return _unasked("ptr", f"the name of {address} cannot be asked: {trouble}")
    names = ", ".join(answer.values)
    return _wrong(
        "ptr", f"{address} is called {names}, which does not lead back", f"{todo}, and an address of it"
    )


def _addresses(name: str, ask: Ask) -> Answer:
    """Ask for both kinds of address; there is trouble if one of them could not be had."""
    four, six = ask(name, "A"), ask(name, "AAAA")
    return Answer(four.values + six.values, four.trouble or six.trouble)


def _wrong(check: str, said: str, remedy: str) -> Finding:
    return Finding(check, "wrong", said, remedy)


def _look(check: str, said: str, remedy: str) -> Finding:
    return Finding(check, "look", said, remedy)


def _unasked(check: str, said: str) -> Finding:
    return Finding(check, "look", said, "try again, or ask another name server with --dns ADDRESS")


JUDGES: Final[tuple[Judge, ...]] = (spf, dkim, dmarc, alignment, mx, ptr)
