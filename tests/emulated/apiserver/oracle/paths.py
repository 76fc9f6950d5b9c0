"""Where the API has what the probes speak of: collections, and the objects named `one` in three of them."""

NS, CRDS = "/api/v1/namespaces", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
IN = f"{NS}/<ns>"
CMS, SECRETS, PODS = (f"{IN}/{plural}" for plural in ("configmaps", "secrets", "pods"))
WIDGETS = "/apis/probe.test/v1/namespaces/<ns>/widgets"
GADGETS = "/apis/probe.test/v1/gadgets"
DEPLOYS = "/apis/apps/v1/namespaces/<ns>/deployments"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/<ns>/leases"
EVENTS, NEW_EVENTS = f"{IN}/events", "/apis/events.k8s.io/v1/namespaces/<ns>/events"
NODES = "/api/v1/nodes"
ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
CM, WIDGET, DEPLOY = f"{CMS}/one", f"{WIDGETS}/one", f"{DEPLOYS}/one"
