"""A real time-stamping authority on a port of this machine: certificates of its own, answers by `openssl ts`."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

OPENSSL = shutil.which("openssl")
CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
"""


@dataclass
class Authority:
    url: str
    roots: Path
    requests: list[bytes] = field(default_factory=list)
    answer: bytes | None = None  # instead of the real one
    status: int = 200


def _certificate(name, key, *, issuer, issuer_key, ca):
    now = datetime.now(UTC)  # noqa: TID251 - the authority is a clock
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        stamping = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def set_up(folder: Path, *, curve: bool = False) -> None:
    root_key = rsa.generate_private_key(65537, 2048)
    key = ec.generate_private_key(ec.SECP256R1()) if curve else rsa.generate_private_key(65537, 2048)
    root = _certificate("Test Root", root_key, issuer="Test Root", issuer_key=root_key, ca=True)
    mine = _certificate("Test TSA", key, issuer="Test Root", issuer_key=root_key, ca=False)
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "tsa.pem").write_bytes(mine.public_bytes(Encoding.PEM))
    (folder / "tsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))


def reply(folder: Path, query: bytes) -> bytes:
    (folder / "query.tsq").write_bytes(query)
    command = [OPENSSL, "ts", "-reply", "-config", "tsa.cnf", "-section", "one", "-queryfile", "query.tsq"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout


@contextmanager
def serving(folder: Path, *, curve: bool = False) -> Iterator[Authority]:
    set_up(folder, curve=curve)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            found.requests.append(query)
            with lock:
                body = reply(folder, query) if found.answer is None else found.answer
            self.send_response(found.status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Authority(f"http://127.0.0.1:{server.server_port}/", folder / "root.pem")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
