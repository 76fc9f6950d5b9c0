package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/controllers/clustercache"
	"sigs.k8s.io/cluster-api/controllers/remote"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

const (
	clusterLabel = "cluster.x-k8s.io/cluster-name"
	ourName      = "cluster-api-provider-metal3-manager"
)

var ofProvider = []string{
	"Metal3Cluster", "Metal3ClusterTemplate", "Metal3Machine", "Metal3MachineTemplate", "Metal3DataTemplate", "Metal3Data", "Metal3DataClaim",
	"Metal3Remediation", "Metal3RemediationTemplate",
}

var provider = role{
	options: machineOptions,
	prepare: connectToWorkloads,
	kinds: join(
		[]kind{{infrastructure, "Metal3Machine", wantsOfMachine}, {infrastructure, "Metal3Data", wantsOfData}},
		kinds(infrastructure, slices.DeleteFunc(slices.Clone(ofProvider), func(name string) bool { return name == "Metal3Machine" || name == "Metal3Data" })...),
		[]kind{
			{core, "Cluster", is(&clusterv1.Cluster{})},
			{core, "Machine", is(&clusterv1.Machine{})},
			{core, "MachineSet", is(&clusterv1.MachineSet{})},
			{core, "MachineDeployment", is(&clusterv1.MachineDeployment{})},
		},
		kinds(metal3, "BareMetalHost"),
		kinds(pools, "IPPool", "IPClaim", "IPAddress"),
		kinds(claims, "IPAddressClaim", "IPAddress"),
	),
	webhooks: func(server webhook.Server) {
		for _, name := range ofProvider {
			mutate(server, infrastructure, name)
			judge(server, infrastructure, name, wrongOfProvider[name])
		}
		server.Register("/convert", convert{})
	},
	ready: readyWithWebhooks,
}

func readyWithWebhooks(manager ctrl.Manager) error {
	started := manager.GetWebhookServer().StartedChecker()
	return joined(manager.AddReadyzCheck("webhook", started), manager.AddHealthzCheck("webhook", started))
}

var workloads clustercache.ClusterCache

// By the library that the real one uses: it reads a Cluster's kubeconfig secret and keeps a connection.
func connectToWorkloads(manager ctrl.Manager) error {
	secrets, err := client.New(manager.GetConfig(), client.Options{
		HTTPClient: manager.GetHTTPClient(), Cache: &client.CacheOptions{Reader: manager.GetCache()},
	})
	if err != nil {
		return err
	}
	workloads, err = clustercache.SetupWithManager(context.Background(), manager, clustercache.Options{
		SecretClient: secrets,
		Cache:        clustercache.CacheOptions{Indexes: []clustercache.CacheOptionsIndex{clustercache.NodeProviderIDIndex}},
		Client: clustercache.ClientOptions{
			QPS: 20, Burst: 30, UserAgent: remote.DefaultClusterAPIUserAgent(ourName),
			Cache: clustercache.ClientCacheOptions{DisableFor: []client.Object{&corev1.ConfigMap{}, &corev1.Secret{}}},
		},
	}, controller.Options{MaxConcurrentReconciles: 10})
	return err
}

// is wants an object to have the fields of its type, and no others: a real one cannot even read it else.
func is(sample client.Object) demand {
	return func(_ context.Context, _ client.Reader, object *unstructured.Unstructured) string {
		typed := sample.DeepCopyObject()
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, typed, true); err != nil {
			return "fields that its type has: " + err.Error()
		}
		return ""
	}
}

func owned(object *unstructured.Unstructured, name string) string {
	for _, owner := range object.GetOwnerReferences() {
		if owner.Kind == name && strings.HasPrefix(owner.APIVersion, "cluster.x-k8s.io/") {
			return owner.Name
		}
	}
	return ""
}

// The order of the real one: owner, Cluster, its infrastructure, and only then whether all is paused.
func wantsOfMachine(ctx context.Context, reader client.Reader, ours *unstructured.Unstructured) string {
	machine := find(ctx, reader, core, "Machine", ours, owned(ours, "Machine"))
	if machine == nil {
		return "its Machine"
	}
	cluster := find(ctx, reader, core, "Cluster", ours, machine.GetLabels()[clusterLabel])
	if cluster == nil {
		return "its Cluster"
	}
	if truth(cluster, "spec", "paused") {
		return ""
	}
	if !isTrue(cluster, "InfrastructureReady", "status", "deprecated", "v1beta1", "conditions") {
		return "InfrastructureReady among its Cluster's conditions of v1beta1"
	}
	if find(ctx, reader, infrastructure, "Metal3Cluster", ours, text(cluster, "spec", "infrastructureRef", "name")) == nil {
		return "its Metal3Cluster"
	}
	if text(machine, "spec", "bootstrap", "dataSecretName") == "" {
		return "bootstrap data"
	}
	if lacks := wantsOfItsHost(ctx, reader, ours); lacks != "" {
		return lacks
	}
	return wantsOfWorkload(ctx, cluster, text(ours, "spec", "providerID"))
}

func wantsOfItsHost(ctx context.Context, reader client.Reader, ours *unstructured.Unstructured) string {
	_, name, _ := strings.Cut(ours.GetAnnotations()["metal3.io/BareMetalHost"], "/")
	host := find(ctx, reader, metal3, "BareMetalHost", ours, name)
	if host == nil || text(host, "spec", "consumerRef", "name") != ours.GetName() {
		return "its host " + name
	}
	if host.GetLabels()[clusterLabel] != ours.GetLabels()[clusterLabel] {
		return "the name of its Cluster on its host"
	}
	if text(host, "status", "provisioning", "state") != "provisioned" {
		return "its host provisioned"
	}
	if !truth(ours, "status", "initialization", "provisioned") {
		return "to be provisioned itself"
	}
	return ""
}

func wantsOfWorkload(ctx context.Context, cluster *unstructured.Unstructured, provider string) string {
	remote, err := workloads.GetClient(ctx, types.NamespacedName{Namespace: cluster.GetNamespace(), Name: cluster.GetName()})
	if err != nil {
		return err.Error()
	}
	nodes := &corev1.NodeList{}
	if err := remote.List(ctx, nodes, client.MatchingFields{"spec.providerID": provider}); err != nil {
		return err.Error()
	}
	if len(nodes.Items) != 1 {
		return fmt.Sprintf("one Node with providerID %s, not %d", provider, len(nodes.Items))
	}
	return ""
}

func wantsOfData(ctx context.Context, reader client.Reader, data *unstructured.Unstructured) string {
	cluster := find(ctx, reader, core, "Cluster", data, data.GetLabels()[clusterLabel])
	if cluster == nil {
		return "its Cluster"
	}
	if truth(cluster, "spec", "paused") {
		return ""
	}
	for field, name := range map[string]string{"claim": "Metal3DataClaim", "template": "Metal3DataTemplate"} {
		if find(ctx, reader, infrastructure, name, data, text(data, "spec", field, "name")) == nil {
			return "its " + name
		}
	}
	for _, field := range []string{"metaData", "networkData"} {
		called := types.NamespacedName{Namespace: data.GetNamespace(), Name: text(data, "spec", field, "name")}
		if err := reader.Get(ctx, called, &corev1.Secret{}); err != nil {
			return err.Error()
		}
	}
	if !truth(data, "status", "ready") {
		return "to be ready"
	}
	return ""
}

var wrongOfProvider = map[string]rule{
	"Metal3Cluster": func(_, ours *unstructured.Unstructured) string {
		if text(ours, "spec", "controlPlaneEndpoint", "host") == "" {
			return "a control plane without a host"
		}
		return ""
	},
	"Metal3Machine": func(_, ours *unstructured.Unstructured) string {
		if text(ours, "spec", "image", "url") == "" {
			return "an image without a url"
		}
		if text(ours, "spec", "image", "checksum") == "" {
			return "an image without a checksum"
		}
		return ""
	},
	"Metal3DataTemplate": unchanged("metaData", "networkData"),
	"Metal3Data":         unchanged("index", "claim", "template"),
	"Metal3DataClaim":    unchanged("template"),
}
