"""The program itself: its start, its files, its stop, and calls at the same time."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from banksim.testing import BankSim
from banksim.tests.paybox_wire import SITE
from banksim.tests.systempay_wire import SHOP
from banksim.tests.wire import Service

pytestmark = pytest.mark.process


def test_it_keeps_its_state_from_one_run_to_the_next(tmp_path):
    with BankSim.start(tmp_path) as sim:
        sim.add_client("090909")
        sim.shift_clock(600)
        service = Service(sim.service_url, notify="http://127.0.0.1:1/n", back="http://127.0.0.1:1/r")
        idop = service.open()
        assert sim.stop() == 0
    with BankSim.start(tmp_path) as again:
        assert [payment["idop"] for payment in again.payments()] == [idop]
        clock = requests.get(f"{again.base_url}/sim/api/clock", timeout=10).json()
        assert clock["offset_seconds"] == 600


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_even_while_a_call_hangs(tmp_path, order):
    sim = BankSim.start(tmp_path)
    sim.add_client("090909")
    sim.set_fault("*", "timeout", seconds=60)
    question = threading.Thread(target=_ask_and_be_cut, args=(sim,))
    question.start()
    assert any(sim.journal() for _ in range(2000))
    sim._process.send_signal(order)
    assert sim.stop() == 0
    question.join()


def _ask_and_be_cut(sim):
    service = Service(sim.service_url, notify="", back="")
    with pytest.raises(requests.ConnectionError):
        service.client("090909")


def test_clients_and_port_come_from_the_command_line_and_the_environment(tmp_path):
    clients = tmp_path / "clients.json"
    clients.write_text(json.dumps([{"numcli": "123456", "label_1": "Commune", "secured": False}]))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PREAU_BANKSIM_PORT": str(port),
        "BANKSIM_DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "another.program.settings",
    }
    command = [sys.executable, "-m", "banksim", "serve", "--clients", str(clients)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout.readline() == f"Simulateur bancaire : http://127.0.0.1:{port}/\n"
            known = requests.get(f"http://127.0.0.1:{port}/sim/api/clients", timeout=10).json()["clients"]
            assert [(client["numcli"], client["secured"]) for client in known] == [("123456", False)]
        finally:
            program.terminate()
    assert (tmp_path / "data" / "banksim.sqlite3").exists()


def test_one_file_declares_the_merchants_of_every_gateway(tmp_path):
    merchants = tmp_path / "merchants.json"
    declared = {"payfip": [{"numcli": "123456", "label_1": "Commune"}], "paybox": [SITE], "systempay": [SHOP]}
    merchants.write_text(json.dumps(declared))
    command = [sys.executable, "-m", "banksim", "serve", "--port", "0", "--data", str(tmp_path), "--clients"]
    with subprocess.Popen([*command, str(merchants)], stdout=subprocess.PIPE, text=True) as program:
        try:
            api = f"{program.stdout.readline().split(' : ')[1].strip()}sim/api"
            assert requests.get(f"{api}/clients", timeout=10).json()["clients"][0]["numcli"] == "123456"
            for gateway, account in (("paybox", SITE), ("systempay", SHOP)):
                (known,) = requests.get(f"{api}/{gateway}/accounts", timeout=10).json()["accounts"]
                assert {name: known[name] for name in account} == account
        finally:
            program.terminate()
    merchants.write_text(json.dumps({"monbanque": []}))
    refused = subprocess.run([*command, str(merchants)], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr) == (1, "passerelle inconnue : monbanque\n")


def test_the_key_pair_is_made_once_and_kept(tmp_path):
    with BankSim.start(tmp_path) as sim:
        first = sim.bank("paybox").public_key()
    with BankSim.start(tmp_path) as again:
        assert again.bank("paybox").public_key() == first
    with BankSim.start(tmp_path / "autre") as other:
        assert other.bank("paybox").public_key() != first
    assert first.startswith("-----BEGIN PUBLIC KEY-----\nMIGf")


def test_a_journal_from_before_signatures_is_completed(tmp_path):
    with BankSim.start(tmp_path) as sim:
        sim.add_client("090909")
    with sqlite3.connect(tmp_path / "banksim.sqlite3") as connection:
        connection.execute("ALTER TABLE journal DROP COLUMN signed")
    connection.close()
    with BankSim.start(tmp_path) as again:
        service = Service(again.service_url, notify="", back="")
        service.client("090909")
        assert [entry["signed"] for entry in again.journal()] == [""]


def test_it_says_why_it_did_not_start(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(RuntimeError, match="banksim did not start"):
            BankSim.start(tmp_path, port=taken.getsockname()[1])
    assert "Address already in use" in (tmp_path / "banksim.log").read_text()


def test_it_listens_on_the_loopback_address_only(sim):
    port = int(sim.base_url.rsplit(":", 1)[1])
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    listening = [columns[1] for columns in sockets if columns[3] == "0A"]
    assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


def test_calls_at_the_same_time_all_succeed(sim, service):
    opened = []
    callers = [threading.Thread(target=lambda: opened.append(service.open())) for _ in range(24)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(set(opened)) == 24
    assert len(sim.payments()) == 24
