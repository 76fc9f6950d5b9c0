"""What collects garbage and empties deleted namespaces in a real cluster: two controllers of our own build, or all that are asked for."""

from pathlib import Path

from harness.processes.parts.ports import free_port

CONTROLLERS = "garbage-collector-controller,namespace-controller"


def collector(program: Path, kubeconfig: Path) -> tuple[str, ...]:
    """Our small program, which runs just the two."""
    return (str(program), f"--kubeconfig={kubeconfig}")


def controller_manager(program: Path, flags: tuple[str, ...], *, kubeconfig: Path, address: str, files: Path) -> tuple[str, ...]:
    """The whole kube-controller-manager, told to run just the two; the user's flags may ask for more."""
    own = (
        *(f"--kubeconfig={kubeconfig}", f"--authentication-kubeconfig={kubeconfig}", f"--authorization-kubeconfig={kubeconfig}"),
        *(f"--bind-address={address}", f"--secure-port={free_port(address)}", f"--cert-dir={files}"),
        *("--leader-elect=false", f"--controllers={CONTROLLERS}"),
    )
    return (str(program), *own, *flags)
