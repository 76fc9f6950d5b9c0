"""Field numbers of the built-in messages that clients send: {number: (JSON name, type)}.

Types: a scalar, another message of this table, or either with `list:` or `map:` before it (maps are keyed by strings).
Source: the generated.proto files of the Kubernetes API, whose numbers never change.
"""

Message = dict[int, tuple[str, str]]

MESSAGES: dict[str, Message] = {
    "ObjectMeta": {
        1: ("name", "string"), 2: ("generateName", "string"), 3: ("namespace", "string"), 5: ("uid", "string"),
        6: ("resourceVersion", "string"), 7: ("generation", "int"), 8: ("creationTimestamp", "time"),
        9: ("deletionTimestamp", "time"), 10: ("deletionGracePeriodSeconds", "int"), 11: ("labels", "map:string"),
        12: ("annotations", "map:string"), 13: ("ownerReferences", "list:OwnerReference"), 14: ("finalizers", "list:string"),
    },
    "OwnerReference": {
        1: ("kind", "string"), 3: ("name", "string"), 4: ("uid", "string"), 5: ("apiVersion", "string"), 6: ("controller", "bool"),
        7: ("blockOwnerDeletion", "bool"),
    },
    "ObjectReference": {
        1: ("kind", "string"), 2: ("namespace", "string"), 3: ("name", "string"), 4: ("uid", "string"), 5: ("apiVersion", "string"),
        6: ("resourceVersion", "string"), 7: ("fieldPath", "string"),
    },
    "LocalObjectReference": {1: ("name", "string")},
    "Namespace": {1: ("metadata", "ObjectMeta"), 2: ("spec", "NamespaceSpec"), 3: ("status", "NamespaceStatus")},
    "NamespaceSpec": {1: ("finalizers", "list:string")},
    "NamespaceStatus": {1: ("phase", "string")},
    "ConfigMap": {1: ("metadata", "ObjectMeta"), 2: ("data", "map:string"), 3: ("binaryData", "map:bytes"), 4: ("immutable", "bool")},
    "Secret": {
        1: ("metadata", "ObjectMeta"), 2: ("data", "map:bytes"), 3: ("type", "string"), 4: ("stringData", "map:string"),
        5: ("immutable", "bool"),
    },
    "ServiceAccount": {
        1: ("metadata", "ObjectMeta"), 2: ("secrets", "list:ObjectReference"),
        3: ("imagePullSecrets", "list:LocalObjectReference"), 4: ("automountServiceAccountToken", "bool"),
    },
    "Lease": {1: ("metadata", "ObjectMeta"), 2: ("spec", "LeaseSpec")},
    "LeaseSpec": {
        1: ("holderIdentity", "string"), 2: ("leaseDurationSeconds", "int"), 3: ("acquireTime", "microtime"),
        4: ("renewTime", "microtime"), 5: ("leaseTransitions", "int"),
    },
    "EventSource": {1: ("component", "string"), 2: ("host", "string")},
    "EventSeries": {1: ("count", "int"), 2: ("lastObservedTime", "microtime")},
    "Event": {
        1: ("metadata", "ObjectMeta"), 2: ("involvedObject", "ObjectReference"), 3: ("reason", "string"), 4: ("message", "string"),
        5: ("source", "EventSource"), 6: ("firstTimestamp", "time"), 7: ("lastTimestamp", "time"), 8: ("count", "int"),
        9: ("type", "string"), 10: ("eventTime", "microtime"), 11: ("series", "EventSeries"), 12: ("action", "string"),
        13: ("related", "ObjectReference"), 14: ("reportingComponent", "string"), 15: ("reportingInstance", "string"),
    },
    "NewEvent": {
        1: ("metadata", "ObjectMeta"), 2: ("eventTime", "microtime"), 3: ("series", "EventSeries"),
        4: ("reportingController", "string"), 5: ("reportingInstance", "string"), 6: ("action", "string"), 7: ("reason", "string"),
        8: ("regarding", "ObjectReference"), 9: ("related", "ObjectReference"), 10: ("note", "string"), 11: ("type", "string"),
        12: ("deprecatedSource", "EventSource"), 13: ("deprecatedFirstTimestamp", "time"), 14: ("deprecatedLastTimestamp", "time"),
        15: ("deprecatedCount", "int"),
    },
    "ResourceAttributes": {
        1: ("namespace", "string"), 2: ("verb", "string"), 3: ("group", "string"), 4: ("version", "string"), 5: ("resource", "string"),
        6: ("subresource", "string"), 7: ("name", "string"),
    },
    "NonResourceAttributes": {1: ("path", "string"), 2: ("verb", "string")},
    "AccessReviewSpec": {1: ("resourceAttributes", "ResourceAttributes"), 2: ("nonResourceAttributes", "NonResourceAttributes")},
    "SubjectAccessReviewSpec": {
        1: ("resourceAttributes", "ResourceAttributes"), 2: ("nonResourceAttributes", "NonResourceAttributes"),
        3: ("user", "string"), 4: ("groups", "list:string"), 6: ("uid", "string"),
    },
    "SelfSubjectAccessReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "AccessReviewSpec")},
    "SubjectAccessReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "SubjectAccessReviewSpec")},
    "SelfSubjectReview": {1: ("metadata", "ObjectMeta")},
    "TokenReviewSpec": {1: ("token", "string"), 2: ("audiences", "list:string")},
    "TokenReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "TokenReviewSpec")},
    "Preconditions": {1: ("uid", "string"), 2: ("resourceVersion", "string")},
    "DeleteOptions": {
        1: ("gracePeriodSeconds", "int"), 2: ("preconditions", "Preconditions"), 3: ("orphanDependents", "bool"),
        4: ("propagationPolicy", "string"), 5: ("dryRun", "list:string"),
    },
    "Scale": {1: ("metadata", "ObjectMeta"), 2: ("spec", "ScaleSpec"), 3: ("status", "ScaleStatus")},
    "ScaleSpec": {1: ("replicas", "int")},
    "ScaleStatus": {1: ("replicas", "int"), 3: ("selector", "string")},
    "Deployment": {1: ("metadata", "ObjectMeta"), 2: ("spec", "DeploymentSpec")},
    "DeploymentSpec": {
        1: ("replicas", "int"), 2: ("selector", "LabelSelector"), 3: ("template", "PodTemplateSpec"), 4: ("strategy", "Strategy"),
        5: ("minReadySeconds", "int"), 6: ("revisionHistoryLimit", "int"), 7: ("paused", "bool"), 9: ("progressDeadlineSeconds", "int"),
    },
    "Strategy": {1: ("type", "string"), 2: ("rollingUpdate", "RollingUpdate")},
    "RollingUpdate": {1: ("maxUnavailable", "intorstring"), 2: ("maxSurge", "intorstring")},
    "LabelSelector": {1: ("matchLabels", "map:string"), 2: ("matchExpressions", "list:LabelSelectorRequirement")},
    "LabelSelectorRequirement": {1: ("key", "string"), 2: ("operator", "string"), 3: ("values", "list:string")},
    "PodTemplateSpec": {1: ("metadata", "ObjectMeta"), 2: ("spec", "PodSpec")},
    "Pod": {1: ("metadata", "ObjectMeta"), 2: ("spec", "PodSpec")},
    "PodSpec": {
        2: ("containers", "list:Container"), 3: ("restartPolicy", "string"), 4: ("terminationGracePeriodSeconds", "int"),
        6: ("dnsPolicy", "string"), 7: ("nodeSelector", "map:string"), 8: ("serviceAccountName", "string"), 10: ("nodeName", "string"),
        11: ("hostNetwork", "bool"), 20: ("initContainers", "list:Container"),
    },
    "Container": {
        1: ("name", "string"), 2: ("image", "string"), 3: ("command", "list:string"), 4: ("args", "list:string"),
        5: ("workingDir", "string"), 6: ("ports", "list:ContainerPort"), 7: ("env", "list:EnvVar"),
        8: ("resources", "ResourceRequirements"), 14: ("imagePullPolicy", "string"),
    },
    "ContainerPort": {1: ("name", "string"), 2: ("hostPort", "int"), 3: ("containerPort", "int"), 4: ("protocol", "string")},
    "EnvVar": {1: ("name", "string"), 2: ("value", "string")},
    "ResourceRequirements": {1: ("limits", "map:quantity"), 2: ("requests", "map:quantity")},
}  # fmt: skip

KINDS: dict[tuple[str, str], str] = {
    ("v1", "Namespace"): "Namespace",
    ("v1", "ConfigMap"): "ConfigMap",
    ("v1", "Secret"): "Secret",
    ("v1", "ServiceAccount"): "ServiceAccount",
    ("v1", "Pod"): "Pod",
    ("v1", "Event"): "Event",
    ("events.k8s.io/v1", "Event"): "NewEvent",
    ("coordination.k8s.io/v1", "Lease"): "Lease",
    ("apps/v1", "Deployment"): "Deployment",
    ("autoscaling/v1", "Scale"): "Scale",
    ("authorization.k8s.io/v1", "SelfSubjectAccessReview"): "SelfSubjectAccessReview",
    ("authorization.k8s.io/v1", "SubjectAccessReview"): "SubjectAccessReview",
    ("authentication.k8s.io/v1", "SelfSubjectReview"): "SelfSubjectReview",
    ("authentication.k8s.io/v1", "TokenReview"): "TokenReview",
    ("", "DeleteOptions"): "DeleteOptions",
}
