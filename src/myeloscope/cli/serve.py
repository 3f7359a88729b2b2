"""``myeloscope serve``: reader studies in the browser."""

from __future__ import annotations

import gc
import importlib
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from socket import socket

from myeloscope.cli.data import DEFAULT, add_data, opened
from myeloscope.cli.parsing import command
from myeloscope.cli.serve_demo import DEMO_DATA, Demo
from myeloscope.errors import ExitCode, InputError, UsageError
from myeloscope.server.automatic import Caretaker
from myeloscope.server.run import Address, first_link, listen, make_server
from myeloscope.server.site import IdentityProvider, ServerSettings, Site, is_loopback, make_site

RARE_COLLECTIONS = (50_000, 20, 100)
"""A large trial is a million small records that never die; to look through them takes 0.1 s."""


def parser() -> ArgumentParser:
    """Return the parser of ``myeloscope serve``."""
    made = command(
        "serve",
        "Serve reader studies to browsers until interrupted. The first start prints a link, valid\n"
        "an hour and once, that makes the administrator. Other machines reach the server over TLS\n"
        "only.",
        examples=(
            "myeloscope serve --demo",
            "myeloscope serve --data study --port 8000",
            "myeloscope serve --data study --host 0.0.0.0 --name reads.example.org \\\n"
            "      --tls-certificate cert.pem --tls-key key.pem",
        ),
    )
    add = made.add_argument
    add("--demo", action="store_true", help="a ready trial of simulated cases with its accounts "
        "printed, on this machine only")  # fmt: skip
    add("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen at "
        "(default: 127.0.0.1)")  # fmt: skip
    add("--port", type=int, default=8000, metavar="N", help="port (default: 8000; 0: a free one)")
    add("--name", action="append", default=[], metavar="HOST", help="a name browsers know the "
        "server by; requests to any other are refused; may be repeated")  # fmt: skip
    add("--tls-certificate", type=Path, metavar="FILE", help="certificate chain (PEM)")
    add("--tls-key", type=Path, metavar="FILE", help="its private key (PEM)")
    add("--proxy", metavar="ADDRESS", help="address of a proxy that does TLS; only its forwarded "
        "headers are believed")  # fmt: skip
    add(
        "--openid-issuer",
        metavar="URL",
        help="an identity provider where people may log in "
        "(OpenID Connect; needs the extra 'oidc'); it must know URL-OF-THIS-SERVER/api/openid/back",
    )
    add("--openid-client", metavar="ID", help="what the provider calls this server")
    add("--openid-secret", type=Path, metavar="FILE", help="file with the secret it gave us")
    add_data(made)
    return made


def main(argv: Sequence[str]) -> int:
    """Run ``myeloscope serve`` and return the exit code."""
    options = parser().parse_args(list(argv))
    if options.demo and not is_loopback(options.host):
        raise UsageError(
            "the demonstration is for this machine only", value=options.host, place="--host",
            remedy="leave --host out",
        )  # fmt: skip
    address = Address(
        options.host, options.port, options.tls_certificate, options.tls_key, options.proxy
    )
    data = DEMO_DATA if options.demo and options.data == DEFAULT else options.data
    bound = listen(address)
    try:
        with opened(data, options.database) as store:
            site = make_site(store, _settings(options, address), openid=_openid(options))
            base = f"{address.scheme}://{address.host}:{bound.getsockname()[1]}"
            if options.demo:
                Demo(site, _say).prepare()
            elif (secret := first_link(site)) is not None:
                link = f"{base}/set-up?administrator#{secret}"
                _say(f"make the administrator, within an hour: {link}")
            _say(f"serving {data} at {base}")
            _serve_with_company(site, address, bound, demo=options.demo)
    finally:
        bound.close()
    return ExitCode.OK


def _openid(options: Namespace) -> IdentityProvider | None:
    """Return the identity provider of the options; its libraries load only if there is one."""
    given = (options.openid_issuer, options.openid_client, options.openid_secret)
    if given == (None, None, None):
        return None
    if None in given:
        raise UsageError(
            "an identity provider needs issuer, client and secret", value="some of them",
            place="--openid-...", remedy="give all three",
        )  # fmt: skip
    try:
        openid = importlib.import_module("myeloscope.server.openid")
    except ImportError as error:
        raise UsageError(
            "an identity provider needs the extra 'oidc'", value=str(error), place="installation",
            remedy="pip install 'myeloscope[oidc]'",
        ) from error  # fmt: skip
    secret = _secret(options.openid_secret)
    settings = openid.OpenIdSettings(options.openid_issuer, options.openid_client, secret)
    found: IdentityProvider = openid.OpenId(settings)
    return found


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise InputError(
            "a secret is a readable text file", value=type(error).__name__, place=str(path),
            remedy="check the path",
        ) from error  # fmt: skip


def _serve_with_company(site: Site, address: Address, bound: socket, *, demo: bool) -> None:
    """Serve, with the algorithm reading and the demonstration growing beside it."""
    company: list[Caretaker | Demo] = [Caretaker(site.store, site.trials)]
    if demo:
        company.append(Demo(site, _say))
    for each in company:
        each.start()
    try:
        with suppress(KeyboardInterrupt):  # raised again after the server has ended as it should
            gc.set_threshold(*RARE_COLLECTIONS)
            make_server(site, address).run([bound])
    finally:
        for each in company:
            each.stop()


def _say(line: str) -> None:
    print(line, flush=True)


def _settings(options: Namespace, address: Address) -> ServerSettings:
    named = {name.lower() for name in options.name} | {address.host.lower()}
    secure = address.certificate is not None or address.proxy is not None
    return ServerSettings(hosts=ServerSettings().hosts | named, secure=secure)
