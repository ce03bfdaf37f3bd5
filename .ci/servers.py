"""Mail, files and SSH for tests/servers.rs: aiosmtpd, pyftpdlib and asyncssh on loopback. Arguments: a folder, a password, by how
much the ports are moved."""

import asyncio
import os
import ssl
import subprocess
import sys
import threading

import asyncssh
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

FOLDER, PASSWORD, SHIFT = sys.argv[1], sys.argv[2], int(sys.argv[3])
CERTIFICATE, KEY = f"{FOLDER}/server.pem", f"{FOLDER}/server.key"


def mail(port, within_tls, mechanisms_left_out=()):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)

    def authenticate(server, session, envelope, mechanism, data):
        right = data.login == b"app" and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)

    class Own(Controller):
        def factory(self):
            return SMTP(
                self.handler,
                authenticator=authenticate,
                auth_require_tls=within_tls,
                tls_context=context if within_tls else None,
                require_starttls=within_tls,
                auth_exclude_mechanism=mechanisms_left_out,
            )

    Own(object(), hostname="127.0.0.1", port=port).start()


def files(port, within_tls):
    authorizer = DummyAuthorizer()
    authorizer.add_user("app", PASSWORD, FOLDER, perm="")

    class Handler(TLS_FTPHandler if within_tls else FTPHandler):
        # Read, and not set, while no TLS is spoken (2.2.0).
        _ssl_want_read = False

    Handler.authorizer = authorizer
    Handler.auth_failed_timeout = 0
    if within_tls:
        Handler.certfile, Handler.keyfile, Handler.tls_control_required = CERTIFICATE, KEY, True
    server = FTPServer(("127.0.0.1", port), Handler, ioloop=IOLoop())
    threading.Thread(target=server.serve_forever, daemon=True).start()


def keys():
    """Keys of every kind as ssh-keygen writes them; all are let in, but the one named `stranger`."""
    folder = f"{FOLDER}/ssh"
    os.makedirs(folder, exist_ok=True)
    kinds = {"ed25519": "ed25519", "ecdsa": "ecdsa", "rsa": "rsa", "stranger": "ed25519", "host": "ed25519"}
    for name, kind in kinds.items():
        if not os.path.exists(f"{folder}/{name}"):
            command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", f"{folder}/{name}"]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    if not os.path.exists(f"{folder}/rsa_pem"):
        command = ["ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", "", "-C", "", "-f", f"{folder}/rsa_pem"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    public = [open(f"{folder}/{name}.pub").read() for name in ("ed25519", "ecdsa", "rsa", "rsa_pem")]
    with open(f"{folder}/authorized_keys", "w") as file:
        file.write("".join(public))
    return folder


async def shell():
    folder = keys()
    await asyncssh.create_server(
        asyncssh.SSHServer,
        "127.0.0.1",
        15022 + SHIFT,
        server_host_keys=[f"{folder}/host"],
        authorized_client_keys=f"{folder}/authorized_keys",
    )
    await asyncio.Event().wait()


mail(15025 + SHIFT, True)
mail(15026 + SHIFT, False, ("PLAIN",))
files(15021 + SHIFT, True)
files(15020 + SHIFT, False)
asyncio.run(shell())
