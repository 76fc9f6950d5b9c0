import asyncio
import ssl
import stat

import pytest

from harness.processes.parts.certificates import Authority

pytestmark = pytest.mark.dated


async def serve(certificate, key) -> tuple[asyncio.Server, int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.77.1.1", 0, ssl=context)
    return server, server.sockets[0].getsockname()[1]


async def reach(address: str, port: int, authority: Authority) -> None:
    trust = ssl.create_default_context(cafile=str(authority.certificate))
    trust.verify_flags |= ssl.VERIFY_X509_STRICT
    _, writer = await asyncio.open_connection("127.77.1.1", port, ssl=trust, server_hostname=address)
    writer.close()
    await writer.wait_closed()


async def test_a_server_is_trusted_at_its_address_by_its_own_authority_only(tmp_path):
    authority, other = Authority(tmp_path / "a"), Authority(tmp_path / "b")
    server, port = await serve(*authority.issue("etcd", ("127.77.1.1",)))
    try:
        await reach("127.77.1.1", port, authority)
        with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
            await reach("127.77.1.2", port, authority)
        with pytest.raises(ssl.SSLCertVerificationError):
            await reach("127.77.1.1", port, other)
    finally:
        server.close()
        await server.wait_closed()


def test_all_files_are_their_owners_only_and_the_authoritys_key_is_nowhere(tmp_path):
    authority = Authority(tmp_path / "a")
    authority.issue("etcd", ("127.0.0.1",))
    authority.signing_key("service-accounts")
    authority.write("auth/ironic/password", b"secret")
    files = {path.name for path in (tmp_path / "a").rglob("*") if path.is_file()}

    assert files == {"ca.crt", "etcd.crt", "etcd.key", "service-accounts.key", "password"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a").rglob("*") if path.is_file()} == {0o600}
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
