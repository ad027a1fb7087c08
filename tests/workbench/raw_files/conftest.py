"""A local server, with every other host unknown and no proxy."""

import socket

import pytest

from helpers.raw_files import Server


@pytest.fixture
def server(monkeypatch):
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    look_up = socket.getaddrinfo

    def look_up_local(host, *args, **given):
        if host in ("127.0.0.1", "localhost"):
            return look_up(host, *args, **given)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up_local)
    server = Server()
    yield server
    server.close()


@pytest.fixture
def output(tmp_path):
    return tmp_path / "results" / "raw" / "a.dat"
