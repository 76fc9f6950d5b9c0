"""What moves, in which order, and what stays behind: on the object graphs that Cluster API's own tests of move use."""

import random

import pytest

from harness.emulated.mover.graph import (
    BLOCK_MOVE,
    DISCOVERED,
    MOVE,
    MOVE_HIERARCHY,
    Graph,
    class_of,
    movable_types,
)

NS = "ns1"
GROUPS = {
    "Cluster": "cluster.x-k8s.io",
    "ClusterClass": "cluster.x-k8s.io",
    "Machine": "cluster.x-k8s.io",
    "MachineSet": "cluster.x-k8s.io",
    "MachineDeployment": "cluster.x-k8s.io",
    "MachinePool": "cluster.x-k8s.io",
    "ClusterResourceSet": "addons.cluster.x-k8s.io",
    "ClusterResourceSetBinding": "addons.cluster.x-k8s.io",
    "InfraCluster": "infrastructure.cluster.x-k8s.io",
    "InfraMachine": "infrastructure.cluster.x-k8s.io",
    "InfraTemplate": "infrastructure.cluster.x-k8s.io",
    "Config": "bootstrap.cluster.x-k8s.io",
    "ConfigTemplate": "bootstrap.cluster.x-k8s.io",
    "ControlPlane": "controlplane.cluster.x-k8s.io",
    "Identity": "infrastructure.cluster.x-k8s.io",
    "External": "external.example",
    "GlobalExternal": "external.example",
    "Unlabelled": "foreign.example",
}
LABELS = {"External": [MOVE], "GlobalExternal": [MOVE], "Identity": [MOVE_HIERARCHY]}
GLOBAL = {"Identity", "GlobalExternal"}


def definition(kind):
    labels = {} if kind == "Unlabelled" else dict.fromkeys([DISCOVERED, *LABELS.get(kind, [])], "")
    return {
        "metadata": {"labels": labels},
        "spec": {
            "group": GROUPS[kind],
            "names": {"kind": kind},
            "scope": "Cluster" if kind in GLOBAL else "Namespaced",
            "versions": [{"name": "v1beta1"}, {"name": "v1beta2", "storage": True}],
        },
    }


def api_version(kind):
    return f"{GROUPS[kind]}/v1beta2" if kind in GROUPS else "v1"


def thing(kind, name, *owners, namespace=NS, labels=(), annotations=(), **spec):
    """An object; its uid is its kind, namespace and name. Owners are objects."""
    references = [
        {"apiVersion": one["apiVersion"], "kind": one["kind"], "name": one["metadata"]["name"], "uid": one["metadata"]["uid"]}
        for one in owners
    ]
    return {
        "apiVersion": api_version(kind),
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": "" if kind in GLOBAL else namespace,
            "uid": f"{kind} {namespace}/{name}",
            "labels": dict.fromkeys(labels, ""),
            "annotations": dict.fromkeys(annotations, ""),
            "ownerReferences": references,
        },
        "spec": spec,
    }


def cluster(name="c", *, namespace=NS, kubeconfig=True, **spec):
    """A Cluster with its infrastructure, its CA (nobody's by reference) and, unless a control plane has it, its kubeconfig."""
    root = thing("Cluster", name, namespace=namespace, **spec)
    parts = [root, thing("InfraCluster", name, root, namespace=namespace), thing("Secret", f"{name}-ca", namespace=namespace)]
    return [*parts, thing("Secret", f"{name}-kubeconfig", root, namespace=namespace)] if kubeconfig else parts


def machine(name, owner, *, bootstrap=True, generates_sa=False):
    it = thing("Machine", name, owner)
    parts = [it, thing("InfraMachine", name, it)]
    if bootstrap:
        config = thing("Config", name, it)
        parts += [config, thing("Secret", name, config)]
        if generates_sa:
            parts.append(thing("Secret", f"{owner['metadata']['name']}-sa", config))
    return parts


def graph_of(objects, *, namespace=NS, elsewhere=()):
    graph = Graph(movable_types(map(definition, GROUPS)))
    for body in objects:
        graph.add(body)
    graph.close(namespace, [*elsewhere, *(body for body in objects if body["kind"] == "Cluster")])
    return graph


def groups(objects, **how):
    return [sorted(f"{node.kind}/{node.name}" for node in group) for group in graph_of(objects, **how).predict().groups]


# --- the scenarios of upstream's move tests ---


def test_a_cluster_moves_first_and_its_parts_after_it():
    assert groups(cluster()) == [["Cluster/c"], ["InfraCluster/c", "Secret/c-ca", "Secret/c-kubeconfig"]]


def test_a_class_moves_before_the_cluster_that_is_made_of_it():
    made_of = thing("ClusterClass", "class1")
    templates = [thing("InfraTemplate", "t", made_of), thing("ConfigTemplate", "t", made_of)]
    assert groups([*cluster(topology={"class": "class1"}), made_of, *templates]) == [
        ["ClusterClass/class1"],
        ["Cluster/c", "ConfigTemplate/t", "InfraTemplate/t"],
        ["InfraCluster/c", "Secret/c-ca", "Secret/c-kubeconfig"],
    ]


def test_an_unused_class_moves_all_the_same():
    assert groups([*cluster(), thing("ClusterClass", "unused")])[0] == ["Cluster/c", "ClusterClass/unused"]


def test_a_secret_labelled_to_move_goes_beside_the_cluster():
    assert groups([*cluster(), thing("Secret", "cloud", labels=[MOVE])])[0] == ["Cluster/c", "Secret/cloud"]


def test_machines_come_before_their_configurations_and_those_before_their_secrets():
    parts = cluster()
    parts += machine("m1", parts[0], generates_sa=True) + machine("m2", parts[0])
    assert groups(parts) == [
        ["Cluster/c"],
        ["InfraCluster/c", "Machine/m1", "Machine/m2", "Secret/c-ca", "Secret/c-kubeconfig"],
        ["Config/m1", "Config/m2", "InfraMachine/m1", "InfraMachine/m2"],
        ["Secret/c-sa", "Secret/m1", "Secret/m2"],
    ]


@pytest.mark.parametrize(
    ("deployment", "bootstrap", "count"),
    [(False, True, 5), (True, True, 6), (True, False, 5)],
    ids=["set", "deployment", "static"],
)
def test_machine_sets_and_deployments_add_a_group_each(deployment, bootstrap, count):
    parts = cluster()
    owner = parts[0]
    if deployment:
        owner = thing("MachineDeployment", "md", owner)
        parts.append(owner)
    machines = thing("MachineSet", "ms", owner)
    parts += [machines, thing("InfraTemplate", "t", parts[0])]
    parts += machine("m1", machines, bootstrap=bootstrap) + machine("m2", machines, bootstrap=bootstrap)
    found = groups(parts)
    assert len(found) == count
    assert sum(map(len, found)) == len(parts)


def test_a_control_plane_owns_the_kubeconfig_and_so_it_moves_with_the_machines():
    parts = cluster(kubeconfig=False)
    plane = thing("ControlPlane", "cp", parts[0])
    parts += [plane, thing("InfraTemplate", "cp", parts[0])]
    parts += [thing("Secret", "c-kubeconfig", plane), thing("Secret", "c-sa", plane), *machine("m1", plane)]
    found = groups(parts)
    assert len(found) == 5
    assert found[2] == ["Machine/m1", "Secret/c-kubeconfig", "Secret/c-sa"]


def test_a_machine_pool_is_one_group_under_its_cluster():
    parts = cluster()
    parts += [
        thing("MachinePool", "mp", parts[0]),
        thing("InfraTemplate", "mp", parts[0]),
        thing("ConfigTemplate", "mp", parts[0]),
    ]
    assert len(groups(parts)) == 2


def test_two_clusters_move_together_and_what_they_share_moves_once():
    one, two = cluster("one"), cluster("two")
    shared = thing("InfraTemplate", "shared", one[0], two[0])
    found = groups([*one, *two, shared])
    assert found[0] == ["Cluster/one", "Cluster/two"]
    assert found[1].count("InfraTemplate/shared") == 1
    assert len(found) == 2


def test_a_resource_set_takes_its_resources_and_bindings_along():
    sets = thing("ClusterResourceSet", "crs")
    binding = thing("ClusterResourceSetBinding", "c", sets, clusterName="c")
    resources = [thing("Secret", "crs-secret", sets), thing("ConfigMap", "crs-map", sets)]
    assert groups([*cluster(), sets, binding, *resources]) == [
        ["Cluster/c", "ClusterResourceSet/crs"],
        [
            *["ClusterResourceSetBinding/c", "ConfigMap/crs-map", "InfraCluster/c"],
            *["Secret/c-ca", "Secret/c-kubeconfig", "Secret/crs-secret"],
        ],
    ]


def test_an_external_kind_moves_where_its_definition_says_so():
    assert groups([thing("External", "e")]) == [["External/e"]]


def test_a_cluster_scoped_object_is_copied_and_kept():
    prediction = graph_of([thing("GlobalExternal", "e")]).predict()
    assert [node.name for node in prediction.moved] == ["e"]
    assert prediction.deleted == []


def test_what_a_global_identity_owns_is_copied_and_kept():
    identity = thing("Identity", "id")
    secret = thing("Secret", "id-credentials", identity, namespace="infra1-system")
    prediction = graph_of([identity, secret]).predict()
    assert [[node.name for node in group] for group in prediction.groups] == [["id"], ["id-credentials"]]
    assert prediction.deleted == []


def test_groups_are_deleted_in_reverse():
    kinds = [node.kind for node in graph_of(cluster()).predict().deleted]
    assert kinds[-1] == "Cluster"
    assert len(kinds) == 4


# --- graph rules ---


def test_the_order_of_listing_changes_no_group():
    parts = cluster()
    parts += machine("m1", parts[0]) + machine("m2", parts[0])
    expected = groups(parts)
    for seed in range(20):
        random.Random(seed).shuffle(parts)
        assert groups(parts) == expected


def test_an_owner_that_was_never_listed_keeps_its_children_behind():
    gone = thing("InfraCluster", "gone")
    orphan = thing("Secret", "orphan", gone, labels=[MOVE])
    child = thing("Secret", "child", orphan, labels=[MOVE])
    prediction = graph_of([*cluster(), orphan, child]).predict()
    assert sorted(node.name for node in prediction.obstacles) == ["child", "orphan"]
    obstacles = {node.name: [str(owner) for owner in owners] for node, owners in prediction.obstacles.items()}
    assert obstacles == {"orphan": ["InfraCluster gone"], "child": ["Secret ns1/orphan"]}


def test_an_owner_of_a_kind_that_does_not_move_keeps_its_child_behind():
    parts = cluster()
    parts.append(thing("Secret", "shared", parts[0], thing("Unlabelled", "foreign")))
    assert [node.name for node in graph_of(parts).predict().obstacles] == ["shared"]


def test_a_cycle_of_owners_under_a_cluster_ends_and_stays_behind():
    parts = cluster()
    first, second = thing("InfraMachine", "a", parts[0]), thing("Config", "b")
    second = thing("Config", "b", first)
    first = thing("InfraMachine", "a", parts[0], second)
    prediction = graph_of([*parts, first, second]).predict()
    assert sorted(node.name for node in prediction.obstacles) == ["a", "b"]
    assert all(node.tenants for node in prediction.obstacles)


def test_a_virtual_owner_becomes_real_when_it_is_listed_and_keeps_the_version_of_the_reference():
    parts = cluster()
    child = thing("InfraMachine", "m", parts[0])
    child["metadata"]["ownerReferences"][0]["apiVersion"] = "cluster.x-k8s.io/v1beta1"
    (node,) = graph_of([child, *parts]).of(("cluster.x-k8s.io", "Cluster"))
    assert not node.virtual
    assert node.api_version == "cluster.x-k8s.io/v1beta1"


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        ("c-kubeconfig", True),
        ("c-etcd", True),
        ("c-proxy", True),
        ("c-apiserver-etcd-client", False),
        ("other-ca", False),
        ("c-cloud", False),
    ],
)
def test_a_secret_without_owner_belongs_to_the_cluster_its_name_says(name, moves):
    graph = graph_of([thing("Cluster", "c"), thing("Secret", name)])
    assert [node.name for node in graph.predict().moved] == (["c", name] if moves else ["c"])


def test_secrets_that_no_cluster_claims_are_told():
    graph = Graph(movable_types(map(definition, GROUPS)))
    for body in [thing("Cluster", "c"), thing("Secret", "c-ca"), thing("Secret", "boot", labels=[MOVE])]:
        graph.add(body)
    assert graph.close(NS) == ["boot"]


def test_an_object_that_nothing_claims_is_left_out_without_a_word():
    prediction = graph_of([*cluster(), thing("ConfigMap", "kube-root-ca.crt")]).predict()
    assert "kube-root-ca.crt" not in [node.name for node in [*prediction.moved, *prediction.obstacles]]


def test_a_class_of_another_namespace_is_copied_and_kept_with_its_templates():
    used = cluster(topology={"classRef": {"name": "shared", "namespace": "classes"}})
    made_of = thing("ClusterClass", "shared", namespace="classes")
    template = thing("InfraTemplate", "t", made_of, namespace="classes")
    prediction = graph_of([*used, made_of, template]).predict()
    assert {node.name for node in prediction.moved} - {node.name for node in prediction.deleted} == {"shared", "t"}


def test_a_class_that_clusters_elsewhere_use_is_copied_and_kept():
    made_of, own = thing("ClusterClass", "shared"), thing("ClusterClass", "own")
    elsewhere = thing("Cluster", "far", namespace="ns2", topology={"classRef": {"name": "shared", "namespace": NS}})
    prediction = graph_of([made_of, own], elsewhere=[elsewhere]).predict()
    assert [node.name for node in prediction.deleted] == ["own"]


def test_an_object_labelled_as_a_hierarchy_takes_along_what_it_owns():
    root = thing("ConfigMap", "root", labels=[MOVE_HIERARCHY])
    assert groups([root, thing("Secret", "below", root)]) == [["ConfigMap/root"], ["Secret/below"]]


def test_an_object_labelled_to_move_does_not_take_along_what_it_owns():
    root = thing("ConfigMap", "root", labels=[MOVE])
    assert groups([root, thing("Secret", "below", root)]) == [["ConfigMap/root"]]


def test_a_block_is_seen_at_discovery():
    graph = graph_of([thing("External", "blocked", annotations=[BLOCK_MOVE]), thing("External", "free")])
    assert [node.name for node in graph if node.blocking] == ["blocked"]


def test_types_take_the_storage_version_and_the_forced_kinds():
    types = {(one.api_version, one.kind): one for one in movable_types(map(definition, GROUPS))}
    assert types["cluster.x-k8s.io/v1beta2", "Cluster"].hierarchy
    assert types["v1", "Secret"].move is False
    assert types["infrastructure.cluster.x-k8s.io/v1beta2", "Identity"].namespaced is False
    assert ("foreign.example/v1beta2", "Unlabelled") not in types


@pytest.mark.parametrize(
    ("topology", "found"),
    [
        (None, None),
        ({"class": "old"}, (NS, "old")),
        ({"classRef": {"name": "new"}}, (NS, "new")),
        ({"classRef": {"name": "new", "namespace": "far"}}, ("far", "new")),
    ],
)
def test_the_class_of_a_cluster(topology, found):
    assert class_of(thing("Cluster", "c", **({"topology": topology} if topology else {}))) == found
