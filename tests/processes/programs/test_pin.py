import pytest

from harness.lab.versions import GO_PROGRAMS, MODULES, lines, pinned
from harness.processes.programs.pin import go_mod, read

SERVER = {
    "Go": "1.24.0",
    "Godebug": [{"Key": "default", "Value": "go1.24"}],
    "Require": [{"Path": "k8s.io/api", "Version": "v0.0.0"}, {"Path": "sigs.k8s.io/yaml", "Version": "v1.4.0"}],
    "Replace": [
        {"Old": {"Path": "k8s.io/api"}, "New": {"Path": "./staging/src/k8s.io/api"}},
        {"Old": {"Path": "k8s.io/sample"}, "New": {"Path": "./staging/src/k8s.io/sample"}},
    ],
}
STORE = {
    "Go": "1.26.0",
    "Require": [{"Path": "go.etcd.io/etcd/api/v3", "Version": "v3.6.16"}],
    "Replace": [{"Old": {"Path": "go.etcd.io/etcd/api/v3"}, "New": {"Path": "../api"}}],
}


def test_what_lies_beside_a_release_is_taken_as_it_was_released():
    upstream = read(SERVER, "kubernetes", "1.33.13")
    text = go_mod("kubernetes-1.33", upstream, [("k8s.io/api", "v0.33.13"), ("k8s.io/kubernetes", "v1.33.13")])

    assert upstream.required["k8s.io/kubernetes"] == "v1.33.13"
    assert upstream.beside == {"k8s.io/api": "v0.33.13", "k8s.io/sample": "v0.33.13"}
    assert "go 1.24.0\n\ngodebug default=go1.24\n" in text
    assert "\tk8s.io/api => k8s.io/api v0.33.13\n" in text


def test_what_is_required_as_it_was_released_is_not_replaced():
    assert read(STORE, "etcd", "3.6.16").beside == {}


@pytest.mark.parametrize("product", MODULES)
def test_the_pinned_modules_are_of_this_shape(product):
    name = next(name for name, source in GO_PROGRAMS.items() if source.product == product)
    for line, release in lines(product).items():
        text = (pinned(name, line).module / "go.mod").read_text()
        assert text.startswith(f"module pivot-harness.invalid/{product}-{line}\n")
        assert f"\t{MODULES[product]} v{release}\n" in text
