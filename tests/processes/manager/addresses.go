package main

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

var addresses = role{
	options: addressOptions,
	prepare: func(ctrl.Manager) error { return nil },
	kinds: join(
		[]kind{{pools, "IPPool", wantsOfPool}, {pools, "IPClaim", wantsOfClaim}},
		kinds(pools, "IPAddress"),
		kinds(claims, "IPAddressClaim", "IPAddress"),
		kinds(core, "Cluster"),
	),
	webhooks: func(server webhook.Server) {
		for name, wrong := range map[string]rule{
			"IPPool": unchanged("namePrefix"), "IPClaim": unchanged("pool"), "IPAddress": unchanged("pool", "address", "claim"),
		} {
			mutate(server, pools, name)
			judge(server, pools, name, wrong)
		}
	},
	ready: readyWithWebhooks,
}

func wantsOfPool(ctx context.Context, reader client.Reader, pool *unstructured.Unstructured) string {
	if cluster := text(pool, "spec", "clusterName"); cluster != "" && find(ctx, reader, core, "Cluster", pool, cluster) == nil {
		return "its Cluster " + cluster
	}
	return ""
}

func wantsOfClaim(ctx context.Context, reader client.Reader, claim *unstructured.Unstructured) string {
	pool := find(ctx, reader, pools, "IPPool", claim, text(claim, "spec", "pool", "name"))
	if pool == nil {
		return "its IPPool"
	}
	if cluster := find(ctx, reader, core, "Cluster", claim, text(pool, "spec", "clusterName")); cluster == nil || truth(cluster, "spec", "paused") {
		return ""
	}
	address := find(ctx, reader, pools, "IPAddress", claim, text(claim, "status", "address", "name"))
	if address == nil || text(address, "spec", "claim", "name") != claim.GetName() {
		return "its IPAddress"
	}
	indexes, _, _ := unstructured.NestedStringMap(pool.Object, "status", "indexes")
	if indexes[claim.GetName()] != text(address, "spec", "address") {
		return "its address among the pool's indexes"
	}
	return ""
}
