from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.fetch.links import MAX_LINKS, targets

BASE = "https://news.example/a/feed"


@pytest.mark.parametrize(
    ("fields", "hubs"),
    [
        (['<https://hub.example/>; rel="hub"'], ["https://hub.example/"]),
        (["<https://hub.example/>; rel=hub, <https://b.example/>; rel=hub"], ["https://hub.example/", "https://b.example/"]),
        (['</hub>;REL="self HUB"'], ["https://news.example/hub"]),
        (['<https://hub.example/?a=1,2;rel=x>; title="a, b"; rel="hub"'], ["https://hub.example/?a=1,2;rel=x"]),
        (["<https://a.example/>; rel=next; rel=hub"], []),  # RFC 8288 3.3: the first counts
        (["<https://a.example/>; rel=hub"] * 2, ["https://a.example/"]),
        (["<javascript:alert(1)>; rel=hub", "<http://[::1>; rel=hub", "<http://>; rel=hub"], []),
        (["https://a.example/; rel=hub", "<", "<>", ">;rel=hub", ""], []),
        (["<https://a.example/" + "x" * 3000 + ">; rel=hub"], []),
    ],
)  # fmt: skip
def test_links(fields: list[str], hubs: list[str]) -> None:
    assert list(targets(fields, "hub", base=BASE)) == hubs


def test_their_number_is_limited() -> None:
    field = ", ".join(f"<https://{n}.example/>; rel=hub" for n in range(500))
    assert len(targets([field], "hub", base=BASE)) == MAX_LINKS


@given(st.lists(st.text(alphabet='<>;,=" relhub/:x\n', max_size=60), max_size=4))
def test_any_text(fields: list[str]) -> None:
    assert all(url.startswith(("http://", "https://")) for url in targets(fields, "hub", base=BASE))
