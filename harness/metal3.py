"""The names that Metal3, Cluster API and clusterctl give to their annotations, labels and Deployments, each written once."""

PAUSED = "baremetalhost.metal3.io/paused"
"""Holds back every Baremetal Operator from a host; its value says who set it."""

PAUSED_BY_CAPM3 = "metal3.io/capm3"
STATUS = "baremetalhost.metal3.io/status"
"""A host's status on its way into another cluster, where the Baremetal Operator takes it over."""

DETACHED = "baremetalhost.metal3.io/detached"
REBOOT, INSPECT = "reboot.metal3.io", "inspect.metal3.io"
"""Orders to a Baremetal Operator; each may be followed by a suffix."""

CAPI = "cluster.x-k8s.io"
"""The API group of Cluster API's core, and the end of the names of its other groups."""

CLUSTER_PAUSED = "cluster.x-k8s.io/paused"
CONTROL_PLANE = "cluster.x-k8s.io/control-plane"
CLUSTER_NAME = "cluster.x-k8s.io/cluster-name"
"""The label that names the Cluster that an object belongs to."""

CLUSTERCTL = "clusterctl.cluster.x-k8s.io"
"""The label by which clusterctl finds the definitions of what it moves, and the group of its own names."""

MOVE = f"{CLUSTERCTL}/move"
MOVE_HIERARCHY = f"{CLUSTERCTL}/move-hierarchy"
"""Also moves all that depends on the object."""

BLOCK_MOVE = f"{CLUSTERCTL}/block-move"
DELETE_FOR_MOVE = f"{CLUSTERCTL}/delete-for-move"

BMO_DEPLOYMENT = "baremetal-operator-controller-manager"
IRONIC_DEPLOYMENT = "ironic"
BMO_NAMESPACE = "baremetal-operator-system"

HOSTS_PATH = "/apis/metal3.io/v1alpha1/namespaces/{namespace}/baremetalhosts"
DEFINITIONS_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
