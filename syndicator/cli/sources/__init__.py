"""`syndicator sources`: where we pull from, how that goes, and finding, adding and exchanging more.

looking.py   list
showing.py   show
finding.py   probe, add (asked.py checks what is wanted, describing.py says what is found)
sharing.py   import, export (OPML)
acting.py    pull, release, notices, clear
"""

from __future__ import annotations

import typer

from syndicator.cli.sources import acting, finding, looking, sharing, showing

app = typer.Typer(help="Sources: where articles come from.", no_args_is_help=True)

app.command("list")(looking.list_)
app.command("show")(showing.show)
app.command("probe")(finding.probe)
app.command("add")(finding.add)
app.command("import")(sharing.import_)
app.command("export")(sharing.export)
app.command("pull")(acting.pull)
app.command("release")(acting.release)
app.command("notices")(acting.notices)
app.command("clear")(acting.clear)
