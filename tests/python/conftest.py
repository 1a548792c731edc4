"""A whole Deskline from its binaries: a database of its own, a simulator, a server, a workspace and an agent.

Set up with the admin command line alone, as whoever runs a server would do it. `cargo xtask test` says in the environment where
Postgres and the programs are.
"""

import json
import os
import secrets
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

import pg8000.native
import pytest
import requests

EMAIL, PASSWORD = "ann@example.org", "correct horse battery staple"


def setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.exit(f"{name} is not set: run cargo xtask test", returncode=1)
    return value


def postgres(url: str) -> pg8000.native.Connection:
    parts = urlsplit(url)
    password = unquote(parts.password) if parts.password else None
    return pg8000.native.Connection(
        unquote(parts.username or "postgres"), parts.hostname, parts.path.lstrip("/"), parts.port or 5432, password
    )


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass
class World:
    url: str
    workspace: str
    token: str
    control_url: str
    our_number: str
    database_url: str

    def receive(self, sender: str, body: str) -> None:
        """Somebody texts our number."""
        answer = requests.post(
            f"{self.control_url}simulator/receive",
            json={"from": sender, "to": self.our_number, "body": body},
            timeout=20,
        )
        answer.raise_for_status()

    def execute(self, sql: str, **values):
        """What another program does to the shared database."""
        connection = postgres(self.database_url)
        try:
            return connection.run(sql, **values)
        finally:
            connection.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    admin_url = setting("DATABASE_URL")
    server, simulator = setting("DESKLINE_SERVER"), setting("DESKLINE_SIMULATOR")
    name = f"deskline_python_{secrets.token_hex(8)}"
    admin = postgres(admin_url)
    admin.run(f"create database {name}")
    database_url = urlunsplit(urlsplit(admin_url)._replace(path=f"/{name}"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    twilio = subprocess.Popen(
        [simulator, "serve", "--listen", "127.0.0.1:0", "--webhook", f"{url}/twilio/webhook", "--pace", "0", "0.05"],
        stdout=subprocess.PIPE,
        text=True,
    )
    announced = json.loads(twilio.stdout.readline())
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DESKLINE_BIND": f"127.0.0.1:{port}",
        "DESKLINE_PUBLIC_URL": url,
        "DESKLINE_JWT_SECRET": secrets.token_hex(32),
        "DESKLINE_SECRET_KEY": secrets.token_hex(32),
        "DESKLINE_TWILIO_URL": announced["url"],
        "DESKLINE_MEDIA_DIR": str(tmp_path_factory.mktemp("media")),
    }

    def command(*arguments: str, given: str = "") -> str:
        done = subprocess.run([server, *arguments], env=environment, input=given, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    serving = None
    try:
        command("migrate")
        workspace = command("workspace", "add", "--name", "Fernway Cycles")
        agent = ["--email", EMAIL, "--password-stdin", "--workspace", workspace, "--role", "owner"]
        command("agent", "add", *agent, given=PASSWORD)
        account = ["--workspace", workspace, "--account-sid", announced["accountSid"], "--auth-token-stdin"]
        command("twilio", "connect", *account, given=announced["authToken"])
        serving = subprocess.Popen([server, "serve"], env=environment)
        wait_until_ready(url)
        grant = requests.post(
            f"{url}/auth/v1/token?grant_type=password", json={"email": EMAIL, "password": PASSWORD}, timeout=20
        )
        assert grant.status_code == 200, grant.text
        yield World(
            url, workspace, grant.json()["access_token"], announced["controlUrl"], announced["numbers"][0], database_url
        )
    finally:
        for process in filter(None, (serving, twilio)):
            process.terminate()
            process.wait(timeout=30)
        admin.run(f"drop database {name} with (force)")
        admin.close()


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if requests.get(f"{url}/readyz", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        assert time.monotonic() < deadline, "the server never became ready"
        threading.Event().wait(0.05)
