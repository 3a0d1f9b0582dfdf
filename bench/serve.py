"""What a request for a document costs: 304s and gzipped 200s, beside Starlette's bare route and nginx.

    .venv/bin/python bench/serve.py [--seconds N] [--rounds N] [--json]

Each server runs in a process of its own and is asked over kept-alive connections for the same feed: the
daemon, a bare Starlette route that returns constant bytes, and nginx with the daemon's own files, where it is
installed. What is compared is the server's CPU time (/proc/PID/stat) per answer; whoever asks runs beside it
and does not count. Rounds take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from newsroom import Story, rss  # noqa: E402
from program import Program, free_port  # noqa: E402

CONNECTIONS = 8
TICKS = os.sysconf("SC_CLK_TCK")
STARLETTE = """
import sys
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

BODY, PORT = open(sys.argv[1], "rb").read(), int(sys.argv[2])

async def feed(request):
    if request.headers.get("if-none-match") == '"a"':
        return Response(status_code=304, headers={"etag": '"a"'})
    headers = {"etag": '"a"', "content-encoding": "gzip"}
    return Response(BODY, headers=headers, media_type="application/rss+xml")

app = Starlette(routes=[Route("/topics/bench.rss", feed)])
uvicorn.run(app, port=PORT, log_config=None, access_log=False, lifespan="off", server_header=False)
"""
NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; types {{ application/rss+xml rss; }} gzip_static on; keepalive_requests 100000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


class Server:
    """A process that serves; `cpu` is what it has used so far, in seconds."""

    def __init__(self, name: str, port: int, process: subprocess.Popen[str]) -> None:
        self.name, self.port, self.process = name, port, process
        self.tag = ""  # of what it serves

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    async def ready(self) -> None:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                await asyncio.sleep(0.1)
            else:
                return
        raise RuntimeError(f"{self.name} does not answer")


def servers(folder: Path) -> list[Server]:
    """Start all of them on the same feed."""
    program = Program(folder / "desk")
    text = "Ships came and went, and the harbour master wrote it all down. " * 12
    stories = [Story(f"s{i}", f"Report {i} from the harbour", f"{text} {i * i}") for i in range(50)]
    (program.config / "feed.xml").write_bytes(rss("Wire", *stories))
    program.sources(wire="file:feed.xml")
    program.topic("bench", any=["harbour"], publish={"per_source": 50, "stories": "all"})
    program.once()
    program.start()
    assert program.process
    found = [Server("ours", program.port, program.process)]
    public = folder / "desk" / "var" / "public"
    packed = public / "topics" / "bench.rss.gz"
    port = free_port()
    command = [sys.executable, "-c", STARLETTE, str(packed), str(port)]
    found.append(Server("starlette", port, subprocess.Popen(command, text=True)))
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx:
        port = free_port()
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=port, root=public))
        found.append(Server("nginx", port, subprocess.Popen([nginx, "-c", str(config)], text=True)))
    return found


async def ask(port: int, headers: str, seconds: float) -> tuple[int, bytes]:
    """Ask over `CONNECTIONS` kept-alive connections; return how many answers came, and one of them."""
    question = (
        f"GET /topics/bench.rss HTTP/1.1\r\nHost: desk.example\r\nAccept-Encoding: gzip\r\n{headers}\r\n"
    )
    end = time.monotonic() + seconds

    async def talk() -> tuple[int, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count, data = 0, question.encode()
        while time.monotonic() < end:
            writer.write(data)
            head = await reader.readuntil(b"\r\n\r\n")
            at = head.lower().find(b"content-length:")
            if at >= 0 and b" 304 " not in head[:20]:
                await reader.readexactly(int(head[at + 15 : head.index(b"\r", at)]))
            count += 1
        writer.close()
        return count, head

    done = await asyncio.gather(*(talk() for _ in range(CONNECTIONS)))
    return sum(count for count, _ in done), done[0][1]


async def tag_of(server: Server) -> str:
    _, head = await ask(server.port, "", 0.05)
    at = head.lower().index(b"etag:")
    return head[at + 5 : head.index(b"\r", at)].decode().strip()


async def measure(found: list[Server], seconds: float, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Take turns; CPU in µs per answer, by kind and server."""
    samples: dict[str, dict[str, list[float]]] = {"304": {}, "200": {}}
    for server in found:
        await server.ready()
        server.tag = await tag_of(server)
    for _ in range(rounds):
        for kind, by_server in samples.items():
            for server in found:
                headers = f"If-None-Match: {server.tag}\r\n" if kind == "304" else ""
                before = server.cpu()
                count, head = await ask(server.port, headers, seconds)
                used = server.cpu() - before
                assert head.startswith(f"HTTP/1.1 {kind}".encode()), head
                by_server.setdefault(server.name, []).append(1e6 * used / count)
    return samples


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seconds", type=float, default=3, help="for each measure (3)")
    options.add_argument("--rounds", type=int, default=5, help="turns (5)")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = servers(Path(name))
        try:
            samples = asyncio.run(measure(found, given.seconds, given.rounds))
            size = (Path(name) / "desk/var/public/topics/bench.rss").stat().st_size
        finally:
            for server in found:
                server.process.send_signal(signal.SIGTERM)
            for server in found:
                server.process.wait(20)
    report(samples, size, as_json=given.json)


def report(samples: dict[str, dict[str, list[float]]], size: int, *, as_json: bool) -> None:
    made = {
        kind: {
            "cpu_us": {name: median(values) for name, values in by_server.items()},
            "ratio_to_ours": {
                name: median(ours / other for ours, other in zip(by_server["ours"], values, strict=True))
                for name, values in by_server.items()
                if name != "ours"
            },
        }
        for kind, by_server in samples.items()
    }
    if as_json:
        print(json.dumps({"bytes": size, **made}, indent=2))
        return
    print(f"a feed of {size:,} bytes, CPU of the server per answer")
    for kind, told in made.items():
        print(f"{'304' if kind == '304' else '200, gzip'}")
        for name, value in told["cpu_us"].items():
            against = f"   ours is {told['ratio_to_ours'][name]:.2f} of it" if name != "ours" else ""
            print(f"  {name:<10} {value:6.1f} µs{against}")


if __name__ == "__main__":
    main()
