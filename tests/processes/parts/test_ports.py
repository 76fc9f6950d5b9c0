import socket

from harness.processes.parts import ports


def test_a_port_is_given_once_and_none_that_an_outgoing_connection_could_take():
    given = [ports.free_port("127.77.1.1") for _ in range(50)]

    assert len(set(given)) == 50
    assert all(10_000 <= port < ports._first_ephemeral() for port in given)


def test_a_port_at_which_somebody_listens_anywhere_is_not_free_everywhere():
    port = ports.free_port("0.0.0.0")
    with socket.create_server(("127.77.1.1", port)):
        assert not ports._is_free("0.0.0.0", port)
        assert ports._is_free("127.77.2.1", port)
