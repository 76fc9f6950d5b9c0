// A stand-in for a user's own manager. It is started as the real ones are: flags, environment, health, metrics, caches, election and
// webhooks of the Baremetal Operator, of Cluster API Provider Metal3 or of its IP Address Manager, by what its name begins with. It
// writes nothing; instead it ends with an error where a real one would wait for ever.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

// A role is one of the three managers.
type role struct {
	options  func() ctrl.Options
	prepare  func(ctrl.Manager) error
	kinds    []kind
	webhooks func(webhook.Server)
	ready    func(ctrl.Manager) error
}

var roles = map[string]role{"bmo": operator, "capm3": provider, "ipam": addresses}

func main() {
	name, _, _ := strings.Cut(filepath.Base(os.Args[0]), "-")
	own, known := roles[name]
	if !known {
		require(fmt.Errorf("called %s, which is none of the three", name))
	}
	options := own.options()
	ctrl.SetLogger(zap.New())
	scheme := runtime.NewScheme()
	require(clientgoscheme.AddToScheme(scheme))
	require(clusterv1.AddToScheme(scheme))
	options.Scheme = scheme
	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), options)
	require(err)
	require(own.prepare(manager))
	for _, each := range own.kinds {
		require(each.watch(manager, controller.Options{MaxConcurrentReconciles: 2}))
	}
	require(own.ready(manager))
	if own.webhooks != nil && webhookPort != 0 {
		own.webhooks(manager.GetWebhookServer())
	}
	require(manager.Start(ctrl.SetupSignalHandler()))
}

func require(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "unable to start manager:", err)
		os.Exit(1)
	}
}

// Uncached, as the provider reads hosts and secrets.
func disableFor(objects ...client.Object) client.Options {
	return client.Options{Cache: &client.CacheOptions{DisableFor: objects}}
}

func only(object client.Object, of cache.ByObject) cache.Options {
	return cache.Options{ByObject: map[client.Object]cache.ByObject{object: of}}
}
