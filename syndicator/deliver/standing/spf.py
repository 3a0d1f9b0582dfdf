"""SPF (RFC 7208): what a domain's policy says of an address, as receivers read it.

Macros are not filled in: a term that holds one is taken for one that may match.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from syndicator.deliver.standing import Ask

LOOKUPS: Final = 10  # RFC 7208 4.6.4: terms that ask the DNS; one more is a permanent error
HOSTS: Final = 10  # of one MX

Result: TypeAlias = Literal[
    "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror", "unknown"
]
_RESULTS: Final[dict[str, Result]] = {
    "": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral",
}  # fmt: skip
_TERM = re.compile(
    r"([+?~-]?)([a-z][a-z0-9_.-]*)(?:([:=])(.*?))?((?:/[0-9]{1,3})?(?://[0-9]{1,3})?)", re.IGNORECASE
)
_PREFIX = re.compile(r"(?:/([0-9]+))?(?://([0-9]+))?")


class Verdict(NamedTuple):
    """What SPF says, the words for an error, and how many terms asked the DNS."""

    result: Result
    why: str = ""
    lookups: int = 0


class _Stop(Exception):
    def __init__(self, result: Result, why: str) -> None:
        super().__init__(why)
        self.result: Result = result
        self.why = why


def _records(domain: str, ask: Ask) -> list[str]:
    answer = ask(domain, "TXT")
    if answer.trouble:
        raise _Stop("temperror", f"{domain} cannot be asked: {answer.trouble}")
    return [value for value in answer.values if re.match(r"v=spf1(?: |$)", value, re.IGNORECASE)]


def evaluate(domain: str, address: str, ask: Ask) -> Verdict:
    """Say what the policy of `domain` says of mail from `address`.

    With an empty address nothing but `all` matches: the whole policy is read, and its errors come to light.
    """
    walk = _Walk(ip_address(address) if address else None, ask)
    try:
        result = walk.of(domain)
    except _Stop as stop:
        return Verdict(stop.result, stop.why, walk.lookups)
    if walk.is_unsure and result != "pass":
        return Verdict("unknown", "the policy holds macros", walk.lookups)
    return Verdict(result, "", walk.lookups)


class _Walk:
    """One reading of a policy with all that it includes."""

    def __init__(self, address: IPv4Address | IPv6Address | None, ask: Ask) -> None:
        self._address = address
        self._ask = ask
        self.lookups = 0
        self.is_unsure = False

    def of(self, domain: str) -> Result:
        found = _records(domain, self._ask)
        if not found:
            return "none"
        if len(found) > 1:
            raise _Stop("permerror", f"{domain} has {len(found)} SPF records")
        onward = ""
        for word in found[0].split()[1:]:
            term = _TERM.fullmatch(word)
            if term is None:
                raise _Stop("permerror", f"{domain}: '{word[:60]}' is no term")
            sign, name, mark, value, prefix = (part or "" for part in term.groups())
            if mark == "=":
                onward = value if name.lower() == "redirect" else onward
            elif self._matches(name.lower(), value, prefix, domain):
                return _RESULTS[sign]
        return self._redirected(onward) if onward else "neutral"

    def _redirected(self, domain: str) -> Result:
        if self._is_open(domain):
            return "neutral"
        self._count()
        result = self.of(domain)
        if result == "none":
            raise _Stop("permerror", f"redirect={domain[:60]} leads to no SPF record")
        return result

    def _matches(self, name: str, value: str, prefix: str, domain: str) -> bool:
        if name == "all":
            return True
        if name in ("ip4", "ip6"):
            return self._is_within(name, value + prefix)
        if name not in ("a", "mx", "include", "exists", "ptr"):
            raise _Stop("permerror", f"{domain}: '{name[:60]}' is no mechanism")
        self._count()
        if name == "ptr":
            self.is_unsure = True  # RFC 7208 5.5 asks nobody to use it, and many receivers skip it
            return False
        return not self._is_open(value) and self._asks(name, value or domain, prefix)

    def _asks(self, name: str, target: str, prefix: str) -> bool:
        if name == "include":
            return self._includes(target)
        if self._address is None:
            return False
        if name == "exists":
            return bool(self._values(target, "A"))
        return self._is_one_of(self._hosts(name, target), prefix)

    def _includes(self, domain: str) -> bool:
        result = self.of(domain)
        if result == "none":
            raise _Stop("permerror", f"include:{domain[:60]} leads to no SPF record")
        # Where nothing but `all` matches, an included +all would hide what follows.
        return result == "pass" and self._address is not None

    def _hosts(self, name: str, target: str) -> list[str]:
        if name == "a":
            return [target]
        hosts = [value.partition(" ")[2] for value in self._values(target, "MX")]
        if len(hosts) > HOSTS:
            raise _Stop("permerror", f"mx:{target} names more than {HOSTS} hosts")
        return hosts

    def _is_one_of(self, hosts: list[str], prefix: str) -> bool:
        lengths = _PREFIX.fullmatch(prefix)
        is_four = isinstance(self._address, IPv4Address)
        length = lengths[1 if is_four else 2] if lengths else None
        size = length or ("32" if is_four else "128")
        kind = "A" if is_four else "AAAA"
        return any(self._is_in(f"{value}/{size}") for host in hosts for value in self._values(host, kind))

    def _is_within(self, name: str, network: str) -> bool:
        try:
            made = ip_network(network, strict=False)
        except ValueError:
            raise _Stop("permerror", f"'{name}:{network[:60]}' is no network") from None
        if f"ip{made.version}" != name:
            raise _Stop("permerror", f"'{name}:{network[:60]}' is no network of that kind")
        return self._is_in(network)

    def _is_in(self, network: str) -> bool:
        try:
            return self._address is not None and self._address in ip_network(network, strict=False)
        except ValueError:
            raise _Stop("permerror", f"'{network[:60]}' is no network") from None

    def _values(self, name: str, kind: str) -> tuple[str, ...]:
        answer = self._ask(name, kind)
        if answer.trouble:
            raise _Stop("temperror", f"{name} cannot be asked: {answer.trouble}")
        return answer.values

    def _is_open(self, target: str) -> bool:
        self.is_unsure = self.is_unsure or "%" in target
        return "%" in target

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > LOOKUPS:
            raise _Stop("permerror", f"it takes more than {LOOKUPS} look-ups, and receivers stop there")
