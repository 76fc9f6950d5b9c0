"""The lab file read: YAML to a frozen lab, with every mistake told at its place."""

import ipaddress
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from bmc.address import IPMI_DRIVERS, REDFISH_DRIVERS
from bmc.credentials import CredentialsReference
from bmc.model import Tls
from bmc.redfish.personality import PERSONALITIES
from harness.files.binding import WRONG, Binder, Field, fields_of, phrase
from harness.files.problems import Problems, quote
from harness.files.yaml_tree import Scalar, Table, Value, read_yaml
from harness.lab import applied
from harness.lab import components as lab_components
from harness.lab import model as lab
from harness.lab.cluster_access import audit_access, check_addresses, check_clusters, cluster_access

FINGERPRINT = re.compile(r"[0-9a-f]{64}")
NAMESPACED = re.compile(r"(?P<namespace>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)/(?P<name>[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)")
NOT_WRITTEN = frozenset({"name", "path"})
"""Fields of a lab that come from the file's place, not from its text."""

BMC_SCHEMES = REDFISH_DRIVERS | IPMI_DRIVERS
"""BareMetalHost address schemes that are known; those of Redfish may end in `+http` or `+https`."""


def read_lab(path: Path, problems: Problems) -> lab.AnyLab | None:
    """The lab of this file, or None after adding what is wrong with it."""
    tree = read_yaml(path, problems)
    if tree is None:
        return None
    if not isinstance(tree, Table):
        problems.add(tree.place, "a lab file is a table; it begins with `clusters:` or `embedded:`")
        return None
    return _LabReader(path, problems).read(tree)


def _written(fields: Iterable[Field]) -> list[Field]:
    return [field for field in fields if field.name not in NOT_WRITTEN]


class _LabReader:
    """Reads one lab file; paths in it are relative to it."""

    def __init__(self, path: Path, problems: Problems) -> None:
        self._path = path
        self._bind = Binder(
            problems,
            {
                applied.ExistingFile: self._file,
                applied.Kubeconfig: lambda value: self._file(value, "; only a target that comes later may be `appears: true`"),
                applied.AwaitedFile: self._awaited,
                lab.ClusterAccess: lambda value: cluster_access(self._bind, value),
                applied.ExecutableFile: self._program,
                applied.ExistingPath: self._existing,
                lab.Component: lambda value: lab_components.component(self._bind, value),
                lab.Components: lambda value: lab_components.components(self._bind, value),
                lab.KubernetesVersions: lambda value: lab_components.versions(self._bind, value, "kubernetes"),
                lab.ClusterApiVersions: lambda value: lab_components.versions(self._bind, value, "cluster-api"),
                applied.IpAddress: self._address,
                applied.HttpUrl: self._http_url,
                applied.BmcUrl: self._bmc_url,
                applied.Positive: self._positive,
                applied.Count: self._count,
                applied.PersonalityName: lambda value: self._bind.choice(value, tuple(PERSONALITIES)),
                lab.RunsAs: self._runs_as,
                lab.AuditAccess: lambda value: audit_access(self._bind, value),
                Tls: self._tls,
                lab.Embedded: self._embedded,
                lab.EmbeddedBmc: lambda value: lab_components.embedded_bmc(self._bind, value),
                CredentialsReference: self._credentials,
            },
        )

    def read(self, tree: Table) -> lab.AnyLab | None:
        kinds = [kind for kind in ("clusters", "embedded", "components") if kind in tree.values]
        if kinds and kinds[0] != "clusters":
            return self._bound(tree, lab.EmbeddedLab, "an embedded lab file")
        if kinds == ["clusters"]:
            return self._bound(tree, lab.Lab, "a lab file")
        place = tree.keys[kinds[1]] if kinds else tree.place
        either = f"`clusters:` or `{kinds[1] if kinds else 'embedded'}:`"
        self._bind.problems.add(place, f"a lab has either {either}, and this has {'both' if kinds else 'neither'}")
        fields = (*fields_of(lab.Lab), *fields_of(lab.EmbeddedLab))
        self._bind.table(tree, [msgspec.structs.replace(it, required=False) for it in _written(fields)], "a lab file")
        return None

    def _bound(self, tree: Table, struct: type[lab.AnyLab], what: str) -> lab.AnyLab | None:
        bound = self._bind.table(tree, _written(fields_of(struct)), what)
        if bound is WRONG:
            return None
        made = struct(name=self._path.stem, path=self._path, **bound)
        if isinstance(made, lab.EmbeddedLab):
            made = lab_components.with_real_bmcs(self._bind, tree, made)
            made = lab_components.with_control_planes(tree, made)
            self._check_reach(tree, made)
        else:
            check_addresses(self._bind, tree, made)
            check_clusters(self._bind, tree, made)
        return made

    def _check_reach(self, tree: Table, made: lab.EmbeddedLab) -> None:
        """Can this lab's Ironic drive its BMCs?"""
        components = tree.values.get("components")
        if made.embedded.kubeadm and made.components:
            cause = "`kubeadm: true` is for labs that are emulated whole; with `components:` control planes are Machines that stand alone"
            self._bind.problems.add(components.place if components else tree.place, cause)
        if made.embedded.bmc.protocol == "ipmi" and made.components and made.components.ironic.kind != "emulated":
            place = components.values["ironic"].place if isinstance(components, Table) else tree.place
            self._bind.problems.add(
                place, "the real Ironic of a lab drives Redfish only; `bmc: {protocol: ipmi}` needs an emulated one"
            )

    def _located(self, text: str) -> Path | None:
        try:
            return self._path.parent / Path(text).expanduser()
        except (RuntimeError, ValueError):
            return None

    def _file(self, value: Value, cure: str = "") -> Any:
        text = self._bind.scalar(value, phrase(applied.ExistingFile))
        if text is None:
            return WRONG
        path = self._located(text)
        if path is None or not os.path.isfile(path):  # noqa: PTH113 (Path.is_file raises for names that are too long)
            hint = ": it is a directory" if path is not None and os.path.isdir(path) else ""  # noqa: PTH112 (the same)
            return self._bind.wrong(value, f"there is no file {quote(str(path or text))}{hint or cure}")
        return (
            path if os.access(path, os.R_OK) else self._bind.wrong(value, f"the file {quote(str(path))} may not be read by you")
        )

    def _awaited(self, value: Value) -> Any:
        """A file that may be there only later; its directory must be there."""
        text = self._bind.scalar(value, phrase(applied.AwaitedFile))
        path = self._located(text) if text is not None else None
        if text is None or (path and path.parent.is_dir() and not path.is_dir()):
            return WRONG if text is None else path
        return self._bind.wrong(value, f"{quote(str(path or text))} can be no file: its directory must be there, and it be none")

    def _program(self, value: Value) -> Any:
        path = self._file(value)
        if path is WRONG or os.access(path, os.X_OK):
            return path
        return self._bind.wrong(value, f"{quote(str(path))} is no program; try chmod +x")

    def _existing(self, value: Value) -> Any:
        text = self._bind.scalar(value, phrase(applied.ExistingPath))
        if text is None:
            return WRONG
        path = self._located(text)
        if path is None or not os.path.exists(path):  # noqa: PTH110 (Path.exists raises for names that are too long)
            return self._bind.wrong(value, f"there is no file or directory {quote(str(path or text))}")
        return path

    def _address(self, value: Value) -> Any:
        text = self._bind.scalar(value, phrase(applied.IpAddress))
        if text is None:
            return WRONG
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            return self._bind.wrong(value, f"{quote(text)} is not an IP address")

    def _url(self, value: Value, expected: str) -> tuple[str, SplitResult] | None:
        text = self._bind.scalar(value, expected)
        if text is None:
            return None
        try:
            url = urlsplit(text)
            usable = bool(url.scheme and url.hostname) and (url.port is None or url.port > 0)
        except ValueError:
            usable = False
        if not usable or re.search(r"[\s\x00-\x1f]", text):
            self._bind.wrong(value, f"this is not {expected}")
        elif "@" in url.netloc:
            self._bind.wrong(
                value, "an address holds no user and no password; write `credentials: env:NAME` or `file:path` beside it"
            )
        else:
            return text, url
        return None

    def _http_url(self, value: Value) -> Any:
        found = self._url(value, phrase(applied.HttpUrl))
        if found is None:
            return WRONG
        text, url = found
        if url.scheme not in ("http", "https"):
            return self._bind.wrong(value, f"this must be {phrase(applied.HttpUrl)}", word=url.scheme, known=("http", "https"))
        return text.rstrip("/")

    def _bmc_url(self, value: Value) -> Any:
        found = self._url(value, phrase(applied.BmcUrl))
        if found is None:
            return WRONG
        text, url = found
        family, _, transport = url.scheme.partition("+")
        if family not in BMC_SCHEMES:
            return self._bind.wrong(value, f"no BMC is spoken to by {quote(family)}", word=family, known=BMC_SCHEMES)
        if transport not in ("", "http", "https") or (transport and family in IPMI_DRIVERS):
            return self._bind.wrong(
                value, f"{quote(url.scheme)} is no address scheme of a BMC", word=transport, known=("http", "https")
            )
        return text

    def _positive(self, value: Value) -> Any:
        number = self._bind.value(value, float)
        return number if number is WRONG or number > 0 else self._bind.wrong(value, f"this must be {phrase(applied.Positive)}")

    def _count(self, value: Value) -> Any:
        number = self._bind.value(value, int)
        return number if number is WRONG or number >= 0 else self._bind.wrong(value, f"this must be {phrase(applied.Count)}")

    def _runs_as(self, value: Value) -> Any:
        expected = "{deployment: namespace/name} or {irso: namespace/name}"
        if not isinstance(value, Table) or len(value.values) != 1:
            return self._bind.wrong(value, f"`runs_as` is {expected}")
        fields = [Field(kind, kind, str, required=False) for kind in ("deployment", "irso")]
        bound = self._bind.table(value, fields, "`runs_as`")
        if bound is WRONG:
            return WRONG
        ((kind, text),) = bound.items()
        match = NAMESPACED.fullmatch(text)
        if match is None:
            return self._bind.wrong(value.values[kind], f"{quote(text)} is not namespace/name")
        return lab.RunsAs(kind, match["namespace"], match["name"])

    def _tls(self, value: Value) -> Any:
        bound = self._bind.table(value, list(fields_of(Tls)), "`tls`") if isinstance(value, Table) else {}
        if bound is WRONG:
            return WRONG
        if [bool((tls := Tls(**bound)).pin), bool(tls.ca), tls.insecure].count(True) != 1:
            return self._bind.wrong(value, '`tls` is {pin: "sha256:..."}, or {ca: FILE}, or {insecure: true, reason: ...}')
        if tls.ca and isinstance(value, Table):
            file = self._file(value.values["ca"])
            return WRONG if file is WRONG else Tls(ca=str(file))
        if tls.insecure and not tls.reason:
            return self._bind.wrong(value, "`insecure: true` needs a `reason`")
        pin = tls.pin.removeprefix("sha256:").replace(":", "").lower()
        if tls.pin and not FINGERPRINT.fullmatch(pin):
            return self._bind.wrong(value, "a pin is sha256: and the 64 hex digits of the certificate's fingerprint")
        return msgspec.structs.replace(tls, pin=f"sha256:{pin}" if pin else "")

    def _embedded(self, value: Value) -> Any:
        if isinstance(value, Scalar) and value.is_null:
            return lab.Embedded()
        embedded = self._bind.struct(value, lab.Embedded)
        if embedded is WRONG:
            return WRONG
        if not 1 <= embedded.control_planes <= embedded.hosts:
            return self._bind.wrong(value, "an embedded lab needs 1 control plane or more, and not more of them than `hosts`")
        if embedded.kubeadm and embedded.provisioned:
            cause = (
                "a lab with a KubeadmControlPlane begins with empty servers; write `provisioned: false` beside `kubeadm: true`"
            )
            return self._bind.wrong(value, cause)
        return embedded

    def _credentials(self, value: Value) -> Any:
        """A reference that can be resolved. What stands there instead is never repeated: it may be a secret."""
        cause = "credentials stand by reference only: `env:NAME` or `file:path`; never write them here"
        if not isinstance(value, Scalar):
            return self._bind.wrong(value, cause)
        kind, _, name = value.text.partition(":")
        if kind not in ("env", "file") or not name.strip():
            return self._bind.wrong(value, cause)
        path = self._located(name) if kind == "file" else None
        reference = CredentialsReference("file", str(path or name)) if kind == "file" else CredentialsReference("env", name)
        try:
            reference.resolve()
        except ValueError as error:
            return self._bind.wrong(value, str(error))
        return reference


def load_lab(path: Path) -> lab.AnyLab:
    """The lab of this file; BadFilesError, with every problem in it, where anything is wrong."""
    problems = Problems()
    lab = read_lab(path, problems)
    problems.raise_if_any()
    if lab is None:
        raise AssertionError(f"{path} was refused without a problem")
    return lab
