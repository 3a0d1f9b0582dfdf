"""`syndicator dkim`: the keys that sign mail."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import Annotated, Literal

import typer

app = typer.Typer(
    help="Keys that sign mail (DKIM): make one, and tell the DNS records.", no_args_is_help=True
)

RSA_BITS = 2048  # what RFC 8301 asks of signers; resolvers carry it in one answer


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the private key.")],
    kind: Annotated[
        Literal["rsa", "ed25519"],
        typer.Option(help="`rsa`, which every receiver verifies, or `ed25519`, as a second key."),
    ] = "rsa",
    selector: Annotated[str, typer.Option(help="The key's name in the DNS.")] = "news",
    domain: Annotated[str, typer.Option(help="The domain that signs: that of `mail.from`.")] = "example.org",
) -> None:
    """Make a key, write it where only you can read it, and tell the DNS record and the lines of the config.

    A file that exists is left alone.

    Example: `syndicator dkim new config/dkim.pem --selector s2026 --domain example.org`
    """
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from syndicator.cli.common import say
    from syndicator.digest.dkim import Signer, write_key

    key = Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, RSA_BITS)
    _write(file, write_key(key))
    say(f"{file}: a new key. Publish this record, then add the key to `mail` in syndicator.yaml:")
    say(f"  dkim: {{domain: {domain}, selector: {selector}, key_file: {file.name}}}")
    print(_record(Signer(domain=domain, selector=selector, key=key)))  # noqa: T201


@app.command("show")
def show(ctx: typer.Context) -> None:
    """Print the DNS records of the keys in syndicator.yaml, as a zone file has them.

    Example: `syndicator dkim show`
    """
    from syndicator.assembly import signers_of
    from syndicator.cli.common import say

    signers = signers_of(ctx.obj.settings(sends=True))
    for signer in signers:
        print(_record(signer))  # noqa: T201
    if not signers:
        say("no key signs mail yet\n  try: syndicator dkim new config/dkim.pem")


def _record(signer: object) -> str:
    from syndicator.digest.dkim import Signer

    assert isinstance(signer, Signer)  # noqa: S101
    text = signer.record()  # a string of a record holds 255 octets, RFC 1035 3.3.14
    strings = " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))
    return f"{signer.selector}._domainkey.{signer.domain}. IN TXT ( {strings} )"


def _write(file: Path, pem: str) -> None:
    """Write a new file that only its owner can read."""
    import os

    from syndicator.errors import SyndicatorError

    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:  # noqa: PTH123
            target.write(pem)
    except FileExistsError:
        raise SyndicatorError(
            f"{file}: is there already",
            hint="choose another name; `syndicator dkim show` tells the record of a key in use",
        ) from None
    except OSError as error:
        raise SyndicatorError(f"{file}: {error.strerror}", hint="name a file that can be written") from error
